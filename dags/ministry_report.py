"""Monthly run: files of a month → answers to senders, warehouse, ministry report."""

from pathlib import Path

from airflow import sdk

from bvb import pipeline_tasks, which_run
from ingest.runs import RunContext


def this_run() -> RunContext:
    context = sdk.get_current_context()
    params, dag_run = context["params"], context["dag_run"]
    as_of = which_run.resolve_as_of(params["as_of"], dag_run.partition_key, dag_run.run_after)
    return which_run.open_run(as_of, params["known_at"])


# The fifth of the month, for the month before: its last day is the run's date.
MONTHLY = sdk.CronPartitionTimetable(
    "0 6 5 * *", timezone="Europe/Moscow", run_offset=-1, key_format="%Y-%m"
)


@sdk.dag(
    schedule=MONTHLY,
    params=pipeline_tasks.run_params(),
    max_active_runs=1,
    catchup=False,
    tags=["ministry", "monthly"],
    doc_md=Path(__file__).with_suffix(".md").read_text(encoding="utf-8"),
    default_args=pipeline_tasks.DEFAULTS,
)
def ministry_report() -> None:
    pipeline_tasks.build(this_run)


ministry_report()
