"""A verdict as the page shows it: what was understood, what is wrong, the repeated ones together.

What enters: verdicts of `expectations.check`. What leaves: objects for the templates and the same
as JSON. Nothing is judged here.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime
from itertools import groupby
from typing import Any

from desk.blanks import newest_duty
from desk.marks import is_worth_marking
from desk.page.sending import said_sender, shown_sender
from desk.page.words import page_words
from desk.told import Problem, Told, problems, told_of
from expectations.check import FileVerdict
from expectations.protocol import protocol_words
from expectations.split import Finding
from ingest.deliveries import Delivery, Status
from ingest.forms import load_forms
from ingest.orders import order_at, reference_at
from reports.formats import day, month


@dataclass(frozen=True)
class Group:
    """One problem: its first places, and all others as lists of rows."""

    problem: Problem

    @property
    def rule_id(self) -> str:
        """The broken rule."""
        return self.problem.first.rule_id

    @property
    def findings(self) -> tuple[Finding, ...]:
        """All its places."""
        return self.problem.findings

    @property
    def first(self) -> tuple[Finding, ...]:
        """Those that are shown one by one."""
        return self.findings[: page_words()["first_places"]]

    @property
    def rest(self) -> tuple[Finding, ...]:
        """Those that are shown as lists of rows."""
        return self.findings[page_words()["first_places"] :]

    @property
    def more(self) -> str:
        """How many are not shown one by one."""
        return str(page_words()["more"].format(count=len(self.rest)))

    @property
    def places(self) -> list[str]:
        """Rows of the rest by sheet and column: «лист «Данные», столбец «Класс»: строки 5, 7–9»."""
        words = page_words()
        found = sorted(self.rest, key=_place)
        lines = []
        for (sheet, column), items in groupby(found, key=lambda f: _place(f)[:2]):
            rows = [finding.row for finding in items if finding.row]
            texts = [words["rows_at"].format(sheet=sheet)] if sheet else []
            texts += [words["rows_in"].format(column=column)] if column else []
            texts += [words["rows_list"].format(rows=ranges(rows))] if rows else []
            lines.append("".join(texts))
        return lines


def _place(finding: Finding) -> tuple[str, str, int]:
    return finding.sheet or "", finding.column_title or "", finding.row or 0


def ranges(rows: Sequence[int]) -> str:
    """Growing row numbers, neighbours joined: [5, 7, 8, 9] -> «5, 7–9»."""
    words = page_words()
    found: list[list[int]] = []
    for row in rows:
        if found and row <= found[-1][1] + 1:
            found[-1][1] = row
        else:
            found.append([row, row])
    texts = [f"{a}" if a == b else f"{a}–{b}" for a, b in found[: words["most_ranges"]]]
    rest = [words["too_many_rows"]] if len(found) > words["most_ranges"] else []
    return ", ".join(texts + rest)


@dataclass(frozen=True)
class Section:
    """Findings of one severity, problem by problem."""

    severity: str
    title: str
    tone: str
    groups: tuple[Group, ...]

    @property
    def count(self) -> int:
        """Findings in it."""
        return sum(len(group.findings) for group in self.groups)


def sections(findings: Sequence[Finding]) -> list[Section]:
    """Problems by their severity, the gravest first."""
    tones = protocol_words()["severities"]
    return [
        Section(
            severity=str(severity),
            title=page_words()["severities"][severity],
            tone=tones[severity]["tone"],
            groups=tuple(map(Group, found)),
        )
        for severity, found in groupby(problems(findings), key=lambda p: p.severity)
    ]


@dataclass(frozen=True)
class VerdictView:
    """One file's verdict and what was understood of it."""

    verdict: FileVerdict
    number: int  # of the file in its archive
    now: datetime

    @property
    def status(self) -> str:
        """Its status, as the check gave it."""
        return str(self.verdict.status)

    @property
    def tone(self) -> str:
        """Its tone, as in the answers."""
        return str(protocol_words()["statuses"][self.status]["tone"])

    @property
    def headline(self) -> str:
        """The verdict in one line."""
        return str(page_words()["statuses"][self.status]["headline"])

    @property
    def todo(self) -> str:
        """What to do now."""
        counts = self.verdict.counts
        numbers = (counts.rejected, counts.received) if counts else ("", "")
        facts = dict(zip(("n_rejected", "n_received"), numbers, strict=True))
        return str(page_words()["statuses"][self.status]["todo"].format_map(facts))

    @property
    def name(self) -> str:
        """The file's own name."""
        return self.verdict.path.name

    @property
    def told(self) -> Told:
        """The same for the marked workbook."""
        return told_of(self.verdict)

    @property
    def has_marks(self) -> bool:
        """Whether a marked workbook would show more than the page: something has a place in it."""
        return is_worth_marking(self.verdict.findings) and any(
            finding.sheet for finding in self.verdict.findings
        )

    @property
    def sections(self) -> list[Section]:
        """Its findings."""
        return sections(self.verdict.findings)

    @property
    def facts(self) -> Iterator[tuple[str, str]]:
        """What was understood: (word, value)."""
        words, delivery = page_words()["facts"], self.verdict.delivery
        form = load_forms().get(delivery.form_code or "")
        sender = delivery.sender_territory_id is not None or form is not None
        yield words["form"], self.told.form_title or words["unknown"]
        known = shown_sender(said_sender(self.verdict), self.now) if sender else words["unknown"]
        yield words["sender"], known
        yield words["period"], _when(delivery) or words["unknown"]
        if form and delivery.as_of and order_at(delivery.as_of):
            yield words["due"], self._due(delivery)

    def _due(self, delivery: Delivery) -> str:
        words, as_of = page_words()["facts"], delivery.as_of or date.min
        territory = delivery.sender_territory_id or 0
        duty = newest_duty(
            load_forms()[delivery.form_code or ""], territory, as_of, reference_at(as_of)
        )
        if duty is None:
            return str(words["no_due"])
        shown = day(duty.due_on)
        is_over = duty.due_on < self.now.date()
        return str(words["overdue"].format(day=shown)) if is_over else shown


def _when(delivery: Delivery) -> str:
    form = load_forms().get(delivery.form_code or "")
    if form and form.kind != "period" and delivery.as_of:
        return f"на {day(delivery.as_of)}"
    return f"{month(delivery.period)} {delivery.period[:4]} г." if delivery.period else ""


def worst(verdicts: Sequence[FileVerdict]) -> str:
    """The status that speaks for several files of one archive."""
    order: list[str] = page_words()["order"]
    return max((str(v.status) for v in verdicts), key=order.index)


@dataclass(frozen=True)
class Banner:
    """The verdict on all that was given, in one line."""

    status: str
    tone: str
    headline: str
    todo: str


def banner(views: Sequence[VerdictView]) -> Banner:
    """The one file's own verdict; of an archive with rejected files, how many are accepted."""
    status = worst([view.verdict for view in views])
    worst_view = next(view for view in views if view.status == status)
    rejected = sum(view.verdict.status is Status.REJECTED for view in views)
    if len(views) == 1 or not rejected:
        return Banner(status, worst_view.tone, worst_view.headline, worst_view.todo)
    words = page_words()["archive"]
    entry = words["none" if rejected == len(views) else "some"]
    headline = entry["headline"].format(accepted=len(views) - rejected, total=len(views))
    return Banner(status, entry["tone"], headline, words["todo"])


def as_json(verdict: FileVerdict) -> dict[str, Any]:
    """A verdict for programs: nothing that the page would not show, under the check's own names."""
    delivery = verdict.delivery
    return {
        "status": str(verdict.status),
        "form_code": delivery.form_code,
        "sender_territory_id": delivery.sender_territory_id,
        "period": delivery.period,
        "as_of": delivery.as_of and f"{delivery.as_of}",
        "counts": verdict.counts and asdict(verdict.counts),
        "findings": [
            {key: value for key, value in asdict(found).items() if key != "delivery_id"}
            for found in verdict.findings
        ],
        "not_checked": [item.text for item in verdict.not_checked],
    }
