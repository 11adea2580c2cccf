"""The tasks of a run, wired once for every DAG that makes runs.

What enters: how a DAG finds its run. What leaves: tasks and their order inside the DAG being
defined. Only Airflow is imported here; everything heavy waits inside the tasks.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

from airflow import sdk
from airflow.providers.standard.operators.empty import EmptyOperator
from airflow.sdk import RetryAction, chain, task
from airflow.sdk.exceptions import AirflowSkipException

from bvb import duty_steps, letter_steps, steps
from bvb.approval_tasks import approval_param, approve_and_send
from ingest.runs import RunContext

# Only what may pass by itself is repeated; the same bad data would give the same answer.
PASSING = sdk.RetryRule([ConnectionError, "duckdb.IOException"], RetryAction.RETRY)
POLICY = sdk.ExceptionRetryPolicy([PASSING], default=RetryAction.FAIL)
DEFAULTS = {
    "retries": 2,
    "retry_delay": timedelta(minutes=1),
    "retry_policy": POLICY,
    "on_failure_callback": duty_steps.on_failure,
}
DAY = {"title": "Дата среза (as_of)", "description": "Пусто — дата по расписанию"}
MOMENT = {"title": "Что было известно (known_at)", "description": "Пусто — заморозка; latest — всё"}
WRITER = "duckdb_writer"


def run_params() -> dict[str, sdk.Param]:
    """What the form of a run asks for."""
    return {
        "as_of": sdk.Param(None, type=["null", "string"], format="date", **DAY),
        "known_at": sdk.Param(None, type=["null", "string"], **MOMENT),
        **approval_param(),
    }


def send_or_skip(kinds: letter_steps.Kinds | None = None, day: date | None = None) -> None:
    """Send letters of a day; without a mail connection the task is skipped."""
    counts = letter_steps.send_or_lay_out(day, kinds)
    print(counts)  # the log of the task is where the duty engineer looks
    if not counts["is_connected"]:
        raise AirflowSkipException("почта не подключена (docs/letters.md); письма: bvb letters")


def _publish_postgres(this_run: Callable[[], RunContext]) -> sdk.XComArg:
    @task
    def publish_postgres() -> None:
        from bvb.server import publish_if_connected

        said = publish_if_connected(this_run().settings)
        if said is None:
            raise AirflowSkipException("сервер не подключён (docs/server.md)")
        print(said)  # the log of the task is where the duty engineer looks

    return publish_postgres()


def build(this_run: Callable[[], RunContext]) -> None:
    """Define the tasks of a run in the DAG at hand.

    Args:
        this_run: called inside each task; gives the run of the DAG run's context.
    """

    @task
    def land_files() -> list[dict[str, Any]]:
        senders: list[dict[str, Any]] = steps.land()["senders"]
        return senders

    @task(map_index_template="{{ sender_label }}")  # type: ignore[untyped-decorator]
    def read_files(sender: dict[str, Any]) -> None:
        outcome = steps.read_sender(sender)
        sdk.get_current_context()["sender_label"] = outcome["label"]
        if outcome["refused"]:
            raise AirflowSkipException(f"не приняты: {'; '.join(outcome['refused'])}")

    @task.short_circuit(  # type: ignore[untyped-decorator]
        trigger_rule="none_failed", ignore_downstream_trigger_rules=True
    )
    def anything_new() -> bool:
        return steps.has_work(this_run())

    @task
    def run_step(step: str) -> None:
        steps.STEPS[step](this_run())

    @task
    def send_letters() -> None:
        send_or_skip(letter_steps.ABOUT_FILES)

    @task.branch
    def verdict() -> str:
        run = this_run()
        closed = steps.finish(run)
        print(duty_steps.tell_not_taken(run))  # after it: a run does not wait for a mail server
        return str(closed["verdict"])

    def step(name: str, pool: str = "default_pool") -> sdk.XComArg:
        return run_step.override(task_id=name, pool=pool)(name)

    endings = [EmptyOperator(task_id=name) for name in ("all_files_accepted", "with_rejections")]
    checked, counted = step("validate"), step("great_expectations")
    answered, closed = step("answer_senders"), verdict()
    chain(read_files.expand(sender=land_files()), anything_new(), checked)
    layers = [step(name, pool=WRITER) for name in ("staging", "facts", "marts", "publish")]
    # The second count stands beside the build; nobody is told anything before both agree.
    chain(checked, counted, [answered, layers[-1]])
    chain(answered, [closed, send_letters()])
    reported = step("report")
    chain(checked, *layers, reported, closed, endings)
    approve_and_send(this_run, reported)
    chain(layers[-1], _publish_postgres(this_run))
