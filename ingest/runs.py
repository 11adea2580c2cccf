"""A run: everything for one `as_of`, seen with the knowledge of one moment.

What enters: a date, a moment, the landed deliveries. What leaves: which deliveries may be used.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import date, datetime, time
from pathlib import Path

from ingest.consistency import require_consistent
from ingest.deliveries import Delivery, load_delivery
from ingest.forms import load_forms
from ingest.landing import all_landed
from ingest.orders import nearest_order, reference_at
from ingest.reference import Reference
from ingest.settings import MOSCOW, Settings


class NotReadYet(Exception):
    """A landed delivery has not been through the reader."""


@dataclass(frozen=True)
class RunContext:
    """What identifies a run and where it writes."""

    settings: Settings
    reference: Reference
    as_of: date
    known_at: datetime

    @property
    def run_id(self) -> str:
        """Name of the run's folders, e.g. `2024-09-30__20241003T235959`."""
        return f"{self.as_of}__{self.known_at:%Y%m%dT%H%M%S}"

    @property
    def accepted_dir(self) -> Path:
        """Accepted rows and outcome tables of the run."""
        return self.settings.accepted / self.run_id

    @property
    def quarantine_dir(self) -> Path:
        """Rejected rows and findings with values (restricted)."""
        return self.settings.quarantine / self.run_id

    @property
    def outcomes_dir(self) -> Path:
        """Validation results and Data Docs of the run."""
        return self.settings.outcomes / self.run_id

    @property
    def returned_dir(self) -> Path:
        """Answers to senders."""
        return self.settings.returned / self.run_id


def freeze_moment(reference: Reference, as_of: date) -> datetime:
    """Default `known_at`: end of the n-th working day after `as_of` (Q-10, Q-17)."""
    last_day = reference.calendar.add_working_days(as_of, reference.number("freeze_lag_wd"))
    return datetime.combine(last_day, time(23, 59, 59), tzinfo=MOSCOW)


def make_run(settings: Settings, as_of: date, known_at: datetime | None = None) -> RunContext:
    """The run of a date; without `known_at` it sees what had come by the freeze.

    Raises:
        AsOfOutsideOrder: no order is in force on the date.
        SeedsDisagree: the seeds of its order contradict one another.
        CalendarYearMissing: the production calendar of the year is not loaded.
    """
    reference = reference_at(as_of)
    require_consistent(reference.order_id)
    moment = known_at or freeze_moment(reference, as_of)
    return RunContext(settings, reference, as_of, moment.astimezone(MOSCOW))


def visible_deliveries(run: RunContext) -> list[Delivery]:
    """Every read delivery of the run's order received by `known_at`, oldest first.

    Raises:
        NotReadYet: a landed file was not read; the receiving step has to finish first.
    """
    found: list[Delivery] = []
    for landed in all_landed(run.settings):
        if landed.received_at > run.known_at:
            continue
        delivery = load_delivery(run.settings, landed.delivery_id)
        if delivery is None:
            raise NotReadYet(
                f"delivery {landed.delivery_id} was landed but not read; run the receiving step"
            )
        if _is_of_order(delivery, run.reference):
            found.append(delivery)
    return found


def _is_of_order(delivery: Delivery, reference: Reference) -> bool:
    """Files of another year are that year's business; one without a date is everybody's."""
    if delivery.as_of is None:
        return True
    return nearest_order(delivery.as_of).order_id == reference.order_id


def late_deliveries(run: RunContext) -> int:
    """How many landed files came after `known_at` and wait for the next run."""
    return sum(landed.received_at > run.known_at for landed in all_landed(run.settings))


def line_of(delivery: Delivery) -> tuple[int, str]:
    """Which deliveries replace one another: those of a sender, and of a month if it reports one."""
    form = load_forms().get(delivery.form_code or "")
    is_period = form is not None and form.kind == "period"
    return delivery.sender_territory_id or 0, (delivery.period or "") if is_period else ""


def duplicates(deliveries: list[Delivery]) -> dict[str, str]:
    """Deliveries that say what the sender's last one for the same date said → that one's id.

    A file that was only saved anew says the same in other bytes (D-60). Bytes that could not be
    used then (too early a date) may be usable now: they are no duplicate; nor is a return to a
    version before the last.
    """
    last: dict[tuple[object, ...], tuple[object, str]] = {}
    later: dict[str, str] = {}
    for item in deliveries:
        line = (item.form_code, item.sender_territory_id, item.as_of, item.period, item.is_readable)
        said = (item.content or item.sha256, item.is_zero_report)
        before = last.get(line)
        if before and before[0] == said:
            later[item.delivery_id] = before[1]
        else:
            last[line] = (said, item.delivery_id)
    return later


def _may_serve(delivery: Delivery, run: RunContext, period_form: bool) -> bool:
    if delivery.as_of is None or not delivery.is_readable:
        return False
    if period_form:
        return (delivery.period or "") <= f"{run.as_of:%Y-%m}"
    # A territory closes its register at the month's end also for a control date inside the month.
    return delivery.as_of <= run.as_of or (
        delivery.sender_territory_id != 0 and delivery.period == f"{run.as_of:%Y-%m}"
    )


def candidates(run: RunContext, visible: list[Delivery] | None = None) -> dict[str, list[Delivery]]:
    """Deliveries each form may be built from, newest first: by date of content, then of receipt.

    Snapshots and registers: the newest up to `as_of` (last known good); reports for a period:
    every month of the order's year up to the run's. Duplicates and unreadable files are none.

    Args:
        run: date and moment.
        visible: what `visible_deliveries` gave, if it was asked already.
    """
    forms = load_forms()
    visible = visible_deliveries(run) if visible is None else visible
    same = duplicates(visible)
    found: dict[str, list[Delivery]] = defaultdict(list)
    for item in visible:
        form = forms.get(item.form_code or "")
        if form is None or item.delivery_id in same:
            continue
        if _may_serve(item, run, form.kind == "period"):
            found[form.code].append(item)
    return {
        code: sorted(
            found[code],
            key=lambda d: (d.as_of or date.min, d.received_at, d.version, d.delivery_id),
            reverse=True,
        )
        for code in forms
    }
