"""The verdict on files before they are sent: the same reading and the same rules as in a run.

What enters: paths. What leaves: a `FileVerdict` each; nothing stays on the disk.
"""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

from expectations.checks import Checked, run_checks
from expectations.compile import make_setup
from expectations.database import open_database
from expectations.models import Beside, Rule, Severity, Stage
from expectations.outcomes import add_file_findings
from expectations.scan import RowCounts
from expectations.selection import Candidates, Outcome, sender_of
from expectations.split import Finding, read_findings
from expectations.verdicts import status_of
from ingest.archives import members_if_archive
from ingest.decisions import Decisions
from ingest.deliveries import Delivery, FileFinding, Landed, Status
from ingest.forms import load_forms
from ingest.knowledge import load_knowledge
from ingest.landing import plain_name
from ingest.limits import most
from ingest.mappings import read_mappings
from ingest.orders import reference_at
from ingest.read import read_bytes

_OLDER, _OF_OTHERS = "прежний файл", "файлы других отправителей"


@dataclass(frozen=True)
class Given:
    """A file to judge; the folder it lies in is used as a drop folder's name is."""

    path: Path
    data: bytes
    inside: str = ""  # of which archive at `path` it is a member

    @property
    def source(self) -> str:
        """Its path as a channel would say it."""
        source = f"{self.path.parent.name}/{self.path.name}"
        return f"{source}/{self.inside}" if self.inside else source


@dataclass(frozen=True)
class NotChecked:
    """Rules that need files which were not given."""

    needed: str
    rules: tuple[Rule, ...]

    @property
    def text(self) -> str:
        """«форма «…»: what is compared with it»."""
        titles = "; ".join(rule.title for rule in self.rules)
        return f"{self.needed}: {titles}."


@dataclass(frozen=True)
class FileVerdict:
    """What a run would say of a file, and what it says only beside other files."""

    path: Path
    status: Status
    findings: tuple[Finding, ...]
    not_checked: tuple[NotChecked, ...]
    delivery: Delivery
    counts: RowCounts | None = None


def _landed(given: Given, number: int, now: datetime) -> Landed:
    digest = hashlib.sha256(given.data).hexdigest()
    return Landed(
        delivery_id=f"{number:04d}-{digest[:16]}",
        sha256=digest,
        size=len(given.data),
        channel="check",
        source=plain_name(given.source),
        received_at=now,
        landed_at=now,
    )


def _unpacked(files: Iterable[Given]) -> Iterator[Given]:
    """The files; an archive gives what lies in it instead, unless it cannot be unpacked."""
    for given in files:
        found = members_if_archive(given.data)
        for member in found:
            yield Given(given.path, member.data, member.path)
        if not found:
            yield given


def _read(files: Iterable[Given], now: datetime, place: Path) -> list[Delivery]:
    known = load_knowledge()
    return [
        read_bytes(_landed(given, number, now), given.data, known, place / f"{number}.parquet")
        for number, given in enumerate(files)
    ]


def _rounds(deliveries: Iterable[Delivery]) -> list[tuple[date, list[Delivery]]]:
    """Groups to check together: of one date, and of each form and sender one file at most.

    Two versions of a file are each judged, so the later ones take turns beside the other forms.
    """
    rounds: list[tuple[date, list[Delivery]]] = []
    by_date: dict[date, list[Delivery]] = defaultdict(list)
    for item in deliveries:
        if item.is_readable and item.as_of is not None:
            by_date[item.as_of].append(item)
    for day, items in sorted(by_date.items()):
        first: dict[tuple[str | None, int], Delivery] = {}
        later = []
        for item in items:
            place = (item.form_code, sender_of(item))
            if first.setdefault(place, item) is not item:
                later.append((place, item))
        rounds.append((day, list(first.values())))
        rounds += [(day, list((first | {place: item}).values())) for place, item in later]
    return rounds


def _needed(name: str) -> str:
    """What a sender calls a form, or other deliveries of one (`P03__previous`)."""
    code, _, older = name.partition("__")
    title = load_forms()[code].title
    if older:
        return f"{_OF_OTHERS if older == Beside.OTHERS else _OLDER} формы «{title}»"
    return f"форма «{title}»"


def _not_checked(checked: Checked, form_code: str) -> tuple[NotChecked, ...]:
    available = checked.selection.available | {form_code}
    missing: dict[str, list[Rule]] = defaultdict(list)
    for rule in checked.compiled[form_code].rules:
        if rule.is_active and not rule.can_be_checked(available):
            needed = ", ".join(_needed(name) for name in sorted(rule.needs - available))
            missing[needed].append(rule.rule)
    return tuple(NotChecked(needed, tuple(rules)) for needed, rules in sorted(missing.items()))


def _in_order(found: list[Finding]) -> tuple[Finding, ...]:
    """The gravest first, then as they stand in the file."""
    return tuple(
        sorted(found, key=lambda f: (Severity(f.severity).rank, f.sheet or "", f.row or 0))
    )


def _file_finding(delivery: Delivery, found: FileFinding) -> Finding:
    return Finding(
        form_code=delivery.form_code or "",
        rule_id=found.code,
        severity=found.severity,
        stage=str(Stage.FILE),
        sheet=found.sheet,
        row=found.row,
        column_name=None,
        column_title=found.column_title,
        value=None,
        message=found.message,
        expected=None,
        how_to_fix=found.how_to_fix,
        clause=None,
        sender_territory_id=sender_of(delivery),
        territory_id=delivery.sender_territory_id,
        delivery_id=delivery.delivery_id,
    )


class _Checker:
    """Verdicts of one call, filled round by round; the first verdict on a file stands."""

    def __init__(
        self, files: list[Given], deliveries: list[Delivery], place: Path, decisions: Decisions
    ) -> None:
        self.place = place
        self.decisions = decisions
        self.paths = {
            d.delivery_id: g.path / g.inside for d, g in zip(deliveries, files, strict=True)
        }
        self.verdicts: dict[str, FileVerdict] = {}

    def check(self, as_of: date, deliveries: list[Delivery]) -> None:
        """Check one round."""
        candidates: dict[str, list[Delivery]] = defaultdict(list)
        for item in deliveries:
            candidates[item.form_code or ""].append(item)
        con = open_database(None, self.place)
        try:
            reference = reference_at(as_of)
            setup = make_setup(reference, as_of, read_mappings(self.decisions, reference))
            given = {code: Candidates(tuple(items)) for code, items in candidates.items()}
            checked = run_checks(con, setup, given, require_references=False)
            add_file_findings(con, checked.selection.outcomes, deliveries)
            findings = read_findings(con)
        finally:
            con.close()
        for outcome in checked.selection.outcomes:
            self._judge(checked, outcome, findings)

    def _judge(self, checked: Checked, outcome: Outcome, findings: list[Finding]) -> None:
        key = outcome.delivery.delivery_id
        if key in self.verdicts:
            return
        own = [f for f in findings if f.delivery_id == key]
        status = status_of(outcome, has_remarks=any(Severity(f.severity).is_remark for f in own))
        rest = _not_checked(checked, outcome.delivery.form_code or "")
        self.verdicts[key] = FileVerdict(
            self.paths[key], status, _in_order(own), rest, outcome.delivery, outcome.counts
        )

    def refuse(self, delivery: Delivery) -> None:
        """A file that cannot be read: what was found while reading is the whole answer."""
        own = _in_order([_file_finding(delivery, found) for found in delivery.file_findings])
        key = delivery.delivery_id
        # An answer of ours that comes back is no form and needs no check.
        status = Status.REJECTED if delivery.replies is None else Status.ACCEPTED
        self.verdicts[key] = FileVerdict(self.paths[key], status, own, (), delivery)


def check_given(
    files: Iterable[Given], now: datetime, decisions: Decisions | None = None
) -> list[FileVerdict]:
    """Judge files as a run would; files given together are read beside one another.

    Args:
        files: files of any forms, dates and senders; archives are judged by what lies in them.
        now: the moment of the check: no snapshot can be of a later date.
        decisions: what an operator decided about names and words, where the data is at hand.

    Returns:
        one verdict a file, in the given order.
    """
    with TemporaryDirectory(prefix="bvb-check-") as folder:
        place = Path(folder)
        whole = list(_unpacked(files))
        deliveries = _read(whole, now, place)
        checker = _Checker(whole, deliveries, place, decisions or Decisions())
        for as_of, group in _rounds(deliveries):
            checker.check(as_of, group)
        for delivery in deliveries:
            if delivery.delivery_id not in checker.verdicts:
                checker.refuse(delivery)
        return [checker.verdicts[d.delivery_id] for d in deliveries]


def _start_of(path: Path) -> bytes:
    """The bytes of a file; of one that is too large only enough to see that it is."""
    with path.open("rb") as stream:
        return stream.read(most("file_bytes") + 1)


def check_files(paths: Sequence[Path], now: datetime) -> list[FileVerdict]:
    """Judge files on the disk; see `check_given`."""
    return check_given((Given(path.resolve(), _start_of(path)) for path in paths), now)
