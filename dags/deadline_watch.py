"""Every morning: what falls due soon and who still owes it, and the letters about that."""

from datetime import date
from pathlib import Path

from airflow import sdk
from airflow.providers.standard.operators.empty import EmptyOperator
from airflow.sdk import chain, task

from bvb import letter_steps, pipeline_tasks, watch_steps
from ingest.settings import MOSCOW

DAY = {"title": "День", "description": "Пусто — день запуска"}


@sdk.dag(
    schedule=sdk.CronTriggerTimetable("0 7 * * *", timezone="Europe/Moscow"),
    params={"day": sdk.Param(None, type=["null", "string"], format="date", **DAY)},
    max_active_runs=1,
    catchup=False,
    tags=["ministry", "deadlines"],
    doc_md=Path(__file__).with_suffix(".md").read_text(encoding="utf-8"),
    default_args=pipeline_tasks.DEFAULTS,
)
def deadline_watch() -> None:
    def day() -> str:
        context = sdk.get_current_context()
        asked_at = context["dag_run"].run_after.astimezone(MOSCOW)
        return context["params"]["day"] or f"{asked_at:%Y-%m-%d}"

    @task.branch
    def list_deadlines() -> str:
        counts = watch_steps.watch_counts(day())
        print(counts)  # the log of the task is where the duty engineer looks
        return "something_due" if any(counts.values()) else "nothing_due"

    @task
    def receive_files() -> None:
        print(letter_steps.receive())

    @task
    def send_letters() -> None:
        pipeline_tasks.send_or_skip(day=date.fromisoformat(day()))

    endings = [EmptyOperator(task_id=name) for name in ("something_due", "nothing_due")]
    chain(list_deadlines(), endings)
    chain(receive_files(), send_letters())


deadline_watch()
