"""Every hour: is everything well? What is not is told to the duty engineer once."""

from pathlib import Path

from airflow import sdk
from airflow.sdk import task

from bvb import duty_steps, pipeline_tasks


@sdk.dag(
    schedule=sdk.CronTriggerTimetable("20 * * * *", timezone="Europe/Moscow"),
    max_active_runs=1,
    catchup=False,
    tags=["ministry", "operations"],
    doc_md=Path(__file__).with_suffix(".md").read_text(encoding="utf-8"),
    default_args=pipeline_tasks.DEFAULTS,
)
def ops_watch() -> None:
    @task
    def look_around() -> None:
        print(duty_steps.watch_health())  # the log is where the duty engineer looks

    look_around()


ops_watch()
