"""Monthly run: files of a date → answers to senders, warehouse, ministry report."""

from datetime import timedelta
from pathlib import Path

from airflow import sdk
from airflow.providers.standard.operators.empty import EmptyOperator
from airflow.sdk import RetryAction, chain, task
from airflow.sdk.exceptions import AirflowSkipException

from bvb import steps

# Only what may pass by itself is repeated; the same bad data would give the same answer.
PASSING = sdk.RetryRule([ConnectionError, "duckdb.IOException"], RetryAction.RETRY)
POLICY = sdk.ExceptionRetryPolicy([PASSING], default=RetryAction.FAIL)
DAY = {"title": "Дата среза (as_of)", "description": "Пусто — последний день прошлого месяца"}
MOMENT = {"title": "Что было известно (known_at)", "description": "Пусто — заморозка; latest — всё"}
AS_OF = sdk.Param(None, type=["null", "string"], format="date", **DAY)
KNOWN_AT = sdk.Param(None, type=["null", "string"], **MOMENT)


def this_run() -> steps.RunContext:
    context = sdk.get_current_context()
    params, dag_run = context["params"], context["dag_run"]
    as_of = steps.resolve_as_of(params["as_of"], dag_run.partition_key, dag_run.run_after)
    return steps.open_run(as_of, params["known_at"])


# The fifth of the month, for the month before: its last day is the run's date.
MONTHLY = sdk.CronPartitionTimetable(
    "0 6 5 * *", timezone="Europe/Moscow", run_offset=-1, key_format="%Y-%m"
)


@sdk.dag(
    schedule=MONTHLY,
    params={"as_of": AS_OF, "known_at": KNOWN_AT},
    max_active_runs=1,
    catchup=False,
    tags=["ministry", "monthly"],
    doc_md=Path(__file__).with_suffix(".md").read_text(encoding="utf-8"),
    default_args={"retries": 2, "retry_delay": timedelta(minutes=1), "retry_policy": POLICY},
)
def ministry_report() -> None:
    @task
    def land_files() -> list[dict[str, str]]:
        return steps.land()["files"]

    @task(map_index_template="{{ file_label }}")
    def read_file(file: dict[str, str]) -> None:
        outcome = steps.read(file["delivery_id"])
        sdk.get_current_context()["file_label"] = steps.outcome_label(file["label"], outcome)
        if outcome["blocked_by"]:
            raise AirflowSkipException(f"файл не принят: {', '.join(outcome['blocked_by'])}")

    @task.short_circuit(trigger_rule="none_failed", ignore_downstream_trigger_rules=True)
    def anything_new() -> bool:
        return steps.has_work(this_run())

    @task
    def run_step(step: str) -> None:
        steps.STEPS[step](this_run())

    @task.branch
    def verdict() -> str:
        return steps.finish(this_run())["verdict"]

    def step(name: str, pool: str = "default_pool") -> sdk.XComArg:
        return run_step.override(task_id=name, pool=pool)(name)

    layers = [step(name, pool="duckdb_writer") for name in ("staging", "facts", "marts")]
    endings = [EmptyOperator(task_id=name) for name in ("all_files_accepted", "with_rejections")]
    checked, closed = step("validate"), verdict()
    chain(read_file.expand(file=land_files()), anything_new(), checked)
    chain(checked, step("answer_senders"), closed)
    chain(checked, *layers, step("publish"), step("report"), closed, endings)


ministry_report()
