"""The verdict on each delivery of a run: its status, what it replaces, whose date it is for.

What enters: the deliveries that a run sees and the outcomes of their checks. What leaves: one
`Verdict` a delivery; nothing here reads rows.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from expectations.scan import RowCounts
from expectations.selection import Candidates, Outcome, sender_of
from ingest.deliveries import Delivery, Status
from ingest.forms import Sender, load_forms
from ingest.runs import (
    RunContext,
    candidates,
    duplicates,
    freeze_moment,
    line_of,
    visible_deliveries,
)
from ingest.schedule import monthly_forms
from ingest.settings import MOSCOW


@dataclass(frozen=True)
class Received:
    """The deliveries of a run, sorted by what is to be done with them."""

    to_check: dict[str, Candidates]
    unreadable: tuple[Delivery, ...]
    repeated: tuple[Delivery, ...]  # the same bytes again
    replies: tuple[Delivery, ...] = ()  # answers of ours that came back since the last freeze
    older_replies: tuple[Delivery, ...] = ()
    visible: tuple[Delivery, ...] = ()  # all of them, in their order


@dataclass(frozen=True)
class Verdict:
    """What became of one delivery; `counts` is None when its rows were not looked at."""

    delivery: Delivery
    status: Status
    is_selected: bool = False
    counts: RowCounts | None = None
    supersedes: str | None = None


@dataclass(frozen=True)
class Window:
    """The time in which a run's files arrive: from the last freeze to this one."""

    after: datetime
    until: datetime
    month: str

    def holds(self, delivery: Delivery) -> bool:
        """Whether the sender waits for this run's answer, whatever date the file is for."""
        if delivery.as_of is not None and f"{delivery.as_of:%Y-%m}" == self.month:
            return True
        return self.after < delivery.received_at <= self.until


def window_of(run: RunContext) -> Window:
    """The window of a run; that of the order's first month opens with the order's validity."""
    opens = date.fromisoformat(run.reference.order["valid_from"])
    last_month = run.as_of.replace(day=1) - timedelta(days=1)
    if last_month < opens:
        after = datetime.combine(opens, time(), tzinfo=MOSCOW)
    else:
        after = freeze_moment(run.reference, last_month)
    return Window(after, freeze_moment(run.reference, run.as_of), f"{run.as_of:%Y-%m}")


def sort_received(run: RunContext) -> Received:
    """Sort what the run sees: may serve, of another date, unreadable, repeated.

    The platform's exports of other dates are left to the runs of those dates: they are large, and
    their sender gets the answer there.
    """
    window = window_of(run)
    visible = visible_deliveries(run)
    same = duplicates(visible)
    serving = candidates(run, visible)
    known = {item.delivery_id for found in serving.values() for item in found} | same.keys()
    forms = load_forms()
    monthly = monthly_forms(run.reference)
    others: dict[str, list[Delivery]] = defaultdict(list)
    unreadable: list[Delivery] = []
    for item in visible:
        form = forms.get(item.form_code or "")
        # What has a day of its own is owed until it is accepted, however long ago it was refused.
        waits = window.holds(item) or (form is not None and form.code not in monthly)
        is_apart = item.is_unpacked or item.replies is not None
        if item.delivery_id in known or is_apart or not waits:
            continue
        if not item.is_readable or form is None:
            unreadable.append(item)
        elif form.sender is not Sender.PLATFORM:
            others[form.code].append(item)
    replies = [d for d in visible if d.replies is not None and d.delivery_id not in same]
    return Received(
        to_check={
            code: Candidates(tuple(serving[code]), tuple(others.get(code, ()))) for code in serving
        },
        unreadable=tuple(unreadable),
        repeated=tuple(d for d in visible if d.delivery_id in same and window.holds(d)),
        replies=tuple(d for d in replies if window.holds(d)),
        older_replies=tuple(d for d in replies if not window.holds(d)),
        visible=tuple(visible),
    )


def status_of(outcome: Outcome, *, has_remarks: bool) -> Status:
    """The status of a delivery that was a candidate or of another date."""
    counts = outcome.counts
    if counts is None:
        return Status.SUPERSEDED
    if outcome.finding is not None:
        return Status.REJECTED
    if counts.rejected:
        return Status.PARTIALLY_ACCEPTED
    return Status.ACCEPTED_WITH_REMARKS if has_remarks else Status.ACCEPTED


def _replaced(outcomes: Iterable[Outcome]) -> dict[str, str]:
    """Selected delivery → the next older candidate of the same sender."""
    older: dict[str, str] = {}
    waiting: dict[tuple[str | None, tuple[int, str]], str] = {}
    for outcome in outcomes:
        delivery = outcome.delivery
        line = (delivery.form_code, line_of(delivery))
        if outcome.is_selected:
            waiting[line] = delivery.delivery_id
        elif line in waiting:
            older.setdefault(waiting[line], delivery.delivery_id)
    return older


def verdicts(
    received: Received, outcomes: Iterable[Outcome], remarks: Mapping[str, int]
) -> list[Verdict]:
    """One verdict a delivery, ordered by form, sender and receipt.

    Args:
        received: all deliveries of the run.
        outcomes: of those whose turn came in the checks.
        remarks: delivery → number of errors and warnings about it.
    """
    outcomes = list(outcomes)
    replaced = _replaced(outcomes)
    found = [
        Verdict(
            outcome.delivery,
            status_of(outcome, has_remarks=bool(remarks.get(outcome.delivery.delivery_id))),
            outcome.is_selected,
            outcome.counts,
            replaced.get(outcome.delivery.delivery_id),
        )
        for outcome in outcomes
    ]
    nothing = RowCounts(0, 0, 0)
    found += [Verdict(item, Status.REJECTED, counts=nothing) for item in received.unreadable]
    found += [Verdict(item, Status.DUPLICATE) for item in received.repeated]
    found += [Verdict(item, Status.REPLY) for item in received.replies]
    return sorted(
        found,
        key=lambda v: (
            v.delivery.form_code or "",
            sender_of(v.delivery),
            v.delivery.received_at,
            v.delivery.delivery_id,
        ),
    )
