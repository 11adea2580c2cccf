"""Runs of the order's control dates: the steps of the monthly run on the days of the roadmap."""

from pathlib import Path

from airflow import sdk
from airflow.timetables.events import EventsTimetable  # the one of airflow.sdk cannot be serialised

from bvb import pipeline_tasks, which_run
from ingest.runs import RunContext


def this_run() -> RunContext:
    context = sdk.get_current_context()
    params, dag_run = context["params"], context["dag_run"]
    # A backfill runs long after its event: the event is the logical date.
    asked_at = dag_run.logical_date or dag_run.run_after
    as_of = which_run.resolve_control_date(params["as_of"], asked_at)
    return which_run.open_run(as_of, params["known_at"])


# The morning after each control date's freeze; the dates come from the order's schedule.
EVENTS = EventsTimetable(
    event_dates=sorted(which_run.control_moments()),
    description="Утро после заморозки каждой контрольной даты распоряжения",
)


@sdk.dag(
    schedule=EVENTS,
    params=pipeline_tasks.run_params(),
    max_active_runs=1,
    catchup=False,
    tags=["ministry", "control-dates"],
    doc_md=Path(__file__).with_suffix(".md").read_text(encoding="utf-8"),
    default_args=pipeline_tasks.DEFAULTS,
)
def control_dates() -> None:
    pipeline_tasks.build(this_run)


control_dates()
