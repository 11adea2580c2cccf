"""Older versions of a file, checked for what their sender has mended since.

What enters: the deliveries of a run and their outcomes. What leaves: `Versions` (which delivery
follows which, which ones speak for their line today) and `findings_before`, the findings of
versions that a newer one replaced before this run looked at them.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import pairwise

from expectations.checks import Checked
from expectations.database import Connection
from expectations.details import add_details, create_details
from expectations.outcomes import add_file_findings
from expectations.scan import check_form
from expectations.selection import Outcome, missing_reference, refusal, source_of
from expectations.tables import load_rows
from expectations.verdicts import Verdict
from ingest.deliveries import Delivery, Status
from ingest.runs import line_of

BEFORE = "findings_before"
DETAIL = f"{BEFORE}_detail"
_Key = tuple[object, ...]


@dataclass(frozen=True)
class Versions:
    """What the versions of each file are to one another; by delivery id."""

    months: dict[str, str]  # of every delivery; empty unless its form reports a month
    previous: dict[str, str]  # the version before, of the same form, sender, date and month
    current: frozenset[str]  # those whose findings hold today
    unseen: tuple[Delivery, ...]  # older versions that the run passed over


def _newest_last(verdict: Verdict) -> tuple[date, object, str]:
    delivery = verdict.delivery
    day = delivery.as_of or delivery.received_at.date()
    return day, delivery.received_at, delivery.delivery_id


def _current(line: Sequence[Verdict]) -> set[str]:
    """The versions of a line that serve, and the last one, when it was refused."""
    taken = [v for v in line if v.counts is not None and v.status is not Status.REJECTED]
    speaking = [v for v in line if v.is_selected] + taken[-1:] + [line[-1]]
    return {verdict.delivery.delivery_id for verdict in speaking}


def versions_of(found: Iterable[Verdict]) -> Versions:
    """Sort the deliveries of a run, repeated ones left out, into versions of the same file."""
    lines: dict[_Key, list[Verdict]] = defaultdict(list)
    for verdict in sorted(found, key=_newest_last):
        item = verdict.delivery
        if verdict.status not in (Status.DUPLICATE, Status.REPLY):
            routed = item.form_code and item.sender_territory_id is not None
            key: _Key = (item.form_code, *line_of(item)) if routed else (item.delivery_id,)
            lines[key].append(verdict)
    previous: dict[str, str] = {}
    unseen: list[Delivery] = []
    current: set[str] = set()
    for line in lines.values():
        current |= _current(line)
        of_date: dict[object, list[Verdict]] = defaultdict(list)
        for verdict in line:
            of_date[line_of(verdict.delivery)[1] or verdict.delivery.as_of].append(verdict)
        for same in of_date.values():
            for older, newer in pairwise(same):
                previous[newer.delivery.delivery_id] = older.delivery.delivery_id
            # Nobody asks what became of a version when nothing newer of its date was looked at.
            if same[-1].counts is not None:
                unseen += [v.delivery for v in same if v.status is Status.SUPERSEDED]
    everyone = [verdict.delivery for line in lines.values() for verdict in line]
    months = {item.delivery_id: line_of(item)[1] for item in everyone}
    return Versions(months, previous, frozenset(current), tuple(unseen))


def _check(con: Connection, checked: Checked, items: Sequence[Delivery]) -> list[Outcome]:
    """Findings of a form's older versions by its own rules; nothing of it stays in the checks."""
    compiled = checked.compiled[items[0].form_code or ""]
    code, selection = compiled.rules_of_form.form, checked.selection
    if missing_reference(compiled, selection.available):
        return []
    sources = [source_of(item, selection) for item in items]
    numbers = [source.delivery_no for source in sources]
    load_rows(con, checked.setup, code, sources)
    counts = check_form(con, compiled, selection.available, numbers)
    add_details(con, checked.setup, compiled, DETAIL, numbers)
    listed = ", ".join(map(str, numbers))
    for table in ("found", "rejected"):
        con.execute(
            f"delete from {code}__{table} where ord in"
            f" (select ord from {code}__all where delivery_no in ({listed}))"
        )
    return [
        Outcome(item, counts[number], refusal(checked.setup, counts[number]))
        for item, number in zip(items, numbers, strict=True)
    ]


def check_unseen(con: Connection, checked: Checked, unseen: Iterable[Delivery]) -> None:
    """Fill `findings_before`.

    Rules that compare forms are left out: an older version never stood beside the others.
    """
    create_details(con, DETAIL)
    by_form: dict[str, list[Delivery]] = defaultdict(list)
    for item in unseen:
        by_form[item.form_code or ""].append(item)
    for code, items in by_form.items():
        if code not in checked.reuse.same:
            outcomes = _check(con, checked, items)
            add_file_findings(con, outcomes, items, DETAIL)
    checked.reuse.keep_findings(con, DETAIL)
