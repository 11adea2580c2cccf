"""What is told of one file: verdict, facts and findings, from a check or from a run.

What enters: a `FileVerdict`, or a row of a run's deliveries. What leaves: a `Told` for those who
put it into words: the marked workbook, the page, the command line.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from expectations.check import FileVerdict
from expectations.models import Severity
from expectations.scan import RowCounts
from expectations.split import Finding
from ingest.deliveries import Delivery, Status
from ingest.forms import load_forms
from ingest.orders import nearest_order
from ingest.reference import load_reference


@dataclass(frozen=True)
class Told:
    """One file's answer; times are aware, `due_on` is None when the schedule names no day."""

    delivery: Delivery
    status: Status
    counts: RowCounts | None
    findings: tuple[Finding, ...]
    todo: str = ""  # in a run's words; empty: what a check says
    due_on: date | None = None
    received_at: datetime | None = None
    contacts: tuple[str, ...] = ()  # whom to ask, where the blanks lie

    @property
    def form_title(self) -> str | None:
        """«M04 Реестр…», None when nobody knows the form."""
        form = load_forms().get(self.delivery.form_code or "")
        return f"{form.code} {form.title}" if form else None

    @property
    def is_monthly(self) -> bool:
        """Whether the file speaks of a month, not of a day."""
        form = load_forms().get(self.delivery.form_code or "")
        return form is None or form.kind != "snapshot"

    @property
    def territory_name(self) -> str | None:
        """Name of the sender's territory; None for the platform, the operator and the unknown."""
        number = self.delivery.sender_territory_id
        if not number:
            return None
        day = self.delivery.as_of or self.delivery.received_at.date()
        return load_reference(nearest_order(day).order_id).territory(number).name


@dataclass(frozen=True)
class Problem:
    """Findings of one rule about one column, told once."""

    findings: tuple[Finding, ...]

    @property
    def first(self) -> Finding:
        """The first place."""
        return self.findings[0]

    @property
    def severity(self) -> Severity:
        """How grave it is."""
        return Severity(self.first.severity)

    @property
    def is_the_same(self) -> bool:
        """Whether every place is told in the same words."""
        return len({finding.message for finding in self.findings}) == 1


def problems(findings: Sequence[Finding]) -> list[Problem]:
    """Findings gathered by rule and column: the gravest first, then the most frequent."""
    groups: dict[tuple[str, str, str], list[Finding]] = {}
    for found in findings:
        key = (found.severity, found.rule_id, found.column_title or "")
        groups.setdefault(key, []).append(found)
    gathered = [Problem(tuple(group)) for group in groups.values()]
    return sorted(gathered, key=lambda p: (p.severity.rank, -len(p.findings)))


def told_of(
    verdict: FileVerdict, received_at: datetime | None = None, contacts: tuple[str, ...] = ()
) -> Told:
    """What a check tells of a file; nobody has received it yet unless `received_at` says so."""
    found = (verdict.delivery, verdict.status, verdict.counts, verdict.findings)
    return Told(*found, received_at=received_at, contacts=contacts)
