"""Every quarter of an hour: new files from the channels, and an answer to each that came."""

from datetime import timedelta
from pathlib import Path

from airflow import sdk
from airflow.providers.standard.operators.empty import EmptyOperator
from airflow.sdk import task

from bvb import pipeline_tasks

LONGEST = timedelta(minutes=30)


@sdk.dag(
    schedule=sdk.CronTriggerTimetable("*/15 * * * *", timezone="Europe/Moscow"),
    max_active_runs=1,
    catchup=False,
    tags=["ministry", "channels"],
    doc_md=Path(__file__).with_suffix(".md").read_text(encoding="utf-8"),
    default_args=pipeline_tasks.DEFAULTS,
)
def pull_channels() -> None:
    @task
    def list_channels() -> list[str]:
        from bvb.pulling import channel_names

        return channel_names()

    @task(map_index_template="{{ channel_label }}", execution_timeout=LONGEST)
    def pull_channel(channel: str) -> None:
        from bvb import pulling

        context = sdk.get_current_context()
        context["channel_label"] = channel  # also when the channel does not answer
        line = f"{channel} — {pulling.in_words(pulling.pull_channel(channel))}"
        context["channel_label"] = line
        print(line)  # the log of the task is where the duty engineer looks

    # Also when a channel did not answer, and when there are none: `incoming/` is always there.
    @task(trigger_rule="all_done", execution_timeout=LONGEST)
    def answer_arrivals() -> None:
        from bvb import arrival_steps

        print(arrival_steps.in_words(arrival_steps.answer_arrivals()))

    # A channel that failed makes the run red, although its senders' neighbours were answered.
    pulled = EmptyOperator(task_id="channels_pulled", trigger_rule="none_failed")
    sdk.chain(pull_channel.expand(channel=list_channels()), [answer_arrivals(), pulled])


pull_channels()
