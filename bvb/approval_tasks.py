"""A human stands between the ministry's report and its sending.

What enters: a finished report. What leaves: `outcomes/<run>/approval.json`, who said what, when and
why, and, if it was yes, the letter to the ministry. Runs without a human leave the tasks out.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from airflow import sdk
from airflow.providers.standard.operators.hitl import HITLOperator
from airflow.sdk import chain, task
from airflow.sdk.exceptions import AirflowSkipException

from bvb.airflow import APPROVAL
from bvb.approval_steps import KEEP, SEND, remember, send
from ingest.runs import RunContext

# The next run of the DAG waits for this one: no answer is a no.
LONGEST = timedelta(days=5)
_BODY = """Отчёт готов: `reports/`, книга и страница последней даты. Посмотрите их и решите,
отправлять ли министерству. Ответ, время и примечание остаются в
`outcomes/<прогон>/approval.json`."""


def approval_param() -> dict[str, sdk.Param]:
    """What the form of a run asks about the approval."""
    about = {
        "title": "Спросить перед отправкой министерству",
        "description": "Нет — отчёт делается, но никому не отправляется",
    }
    return {APPROVAL: sdk.Param(True, type="boolean", **about)}


def approve_and_send(this_run: Callable[[], RunContext], report: sdk.XComArg) -> None:
    """Define the tasks after the report: ask, remember, send."""

    @task.short_circuit(ignore_downstream_trigger_rules=True)  # type: ignore[untyped-decorator]
    def is_someone_asked() -> bool:
        return bool(sdk.get_current_context()["params"][APPROVAL])

    @task
    def send_to_ministry(answer: dict[str, Any]) -> None:
        run = this_run()
        approval = remember(run, answer)
        if not approval.is_yes:
            raise AirflowSkipException(f"решено не отправлять: {approval.why or 'без примечания'}")
        done = send(run)
        if not done["sent"]:
            raise AirflowSkipException(done["reason"])
        print(done)  # the log of the task is where the duty engineer looks

    question = HITLOperator(
        task_id="approve_report",
        subject="Отправить отчёт министерству?",
        body=_BODY,
        options=[SEND, KEEP],
        defaults=[KEEP],
        response_timeout=LONGEST,
        params={"why": sdk.Param("", type="string", title="Примечание")},
    )
    chain(report, is_someone_asked(), question)
    send_to_ministry(question.output)
