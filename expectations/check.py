"""The verdict on files before they are sent: the same reading and the same rules as in a run.

What enters: paths. What leaves: a `FileVerdict` each; nothing stays on the disk.
"""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

from expectations.checks import Checked, run_checks
from expectations.compile import make_setup
from expectations.database import open_database
from expectations.models import Beside, Severity, Stage
from expectations.outcomes import add_file_findings
from expectations.selection import Candidates, Outcome, sender_of
from expectations.split import Finding, read_findings
from expectations.verdicts import status_of
from ingest.deliveries import Delivery, FileFinding, Landed, Status
from ingest.forms import load_forms
from ingest.orders import reference_at
from ingest.read import load_knowledge, read_bytes

_OLDER, _OF_OTHERS = "прежний файл", "файлы других отправителей"


@dataclass(frozen=True)
class FileVerdict:
    """What a run would say of a file; `not_checked` names the rules that need other files."""

    path: Path
    status: Status
    findings: tuple[Finding, ...]
    not_checked: tuple[str, ...]


def _landed(path: Path, data: bytes, number: int, now: datetime) -> Landed:
    digest = hashlib.sha256(data).hexdigest()
    return Landed(
        delivery_id=f"{number:04d}-{digest[:16]}",
        sha256=digest,
        size=len(data),
        channel="check",
        source=f"{path.resolve().parent.name}/{path.name}",
        received_at=now,
        landed_at=now,
    )


def _read(paths: Sequence[Path], now: datetime, place: Path) -> list[Delivery]:
    known = load_knowledge()
    read = []
    for number, path in enumerate(paths):
        data = path.read_bytes()
        landed = _landed(path, data, number, now)
        read.append(read_bytes(landed, data, known, place / f"{number}.parquet"))
    return read


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
    return f"{title}, {_OF_OTHERS if older == Beside.OTHERS else _OLDER}" if older else title


def _not_checked(checked: Checked, form_code: str) -> tuple[str, ...]:
    available = checked.selection.available | {form_code}
    missing: dict[str, list[str]] = defaultdict(list)
    for rule in checked.compiled[form_code].rules:
        if rule.is_active and not rule.can_be_checked(available):
            needed = ", ".join(_needed(name) for name in sorted(rule.needs - available))
            missing[needed].append(rule.rule.id)
    return tuple(
        f"{', '.join(rules)} — нужны «{needed}»" for needed, rules in sorted(missing.items())
    )


def _verdict(
    path: Path, status: Status, found: list[Finding], rest: tuple[str, ...]
) -> FileVerdict:
    found.sort(key=lambda f: (Severity(f.severity).rank, f.sheet or "", f.row or 0))
    return FileVerdict(path, status, tuple(found), rest)


def _file_finding(delivery: Delivery, found: FileFinding) -> Finding:
    return Finding(
        form_code=delivery.form_code or "",
        rule_id=found.code,
        severity=found.severity,
        stage=str(Stage.FILE),
        sheet=found.sheet,
        row=found.row,
        column_name=None,
        column_title=None,
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

    def __init__(self, paths: Sequence[Path], deliveries: list[Delivery], place: Path) -> None:
        self.place = place
        self.paths = {d.delivery_id: p for d, p in zip(deliveries, paths, strict=True)}
        self.verdicts: dict[str, FileVerdict] = {}

    def check(self, as_of: date, deliveries: list[Delivery]) -> None:
        """Check one round."""
        candidates: dict[str, list[Delivery]] = defaultdict(list)
        for item in deliveries:
            candidates[item.form_code or ""].append(item)
        con = open_database(None, self.place)
        try:
            setup = make_setup(reference_at(as_of), as_of)
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
        self.verdicts[key] = _verdict(self.paths[key], status, own, rest)

    def refuse(self, delivery: Delivery) -> None:
        """A file that cannot be read: what was found while reading is the whole answer."""
        own = [_file_finding(delivery, found) for found in delivery.file_findings]
        key = delivery.delivery_id
        # An answer of ours that comes back is no form and needs no check.
        status = Status.REJECTED if delivery.replies is None else Status.ACCEPTED
        self.verdicts[key] = _verdict(self.paths[key], status, own, ())


def check_files(paths: Sequence[Path], now: datetime) -> list[FileVerdict]:
    """Judge files as a run would; files given together are read beside one another.

    Args:
        paths: files of any forms, dates and senders; the name of the folder they lie in is used
            as a drop folder's name is.
        now: the moment of the check: no snapshot can be of a later date.

    Returns:
        one verdict a path, in the given order.
    """
    with TemporaryDirectory(prefix="bvb-check-") as folder:
        place = Path(folder)
        deliveries = _read(paths, now, place)
        checker = _Checker(paths, deliveries, place)
        for as_of, group in _rounds(deliveries):
            checker.check(as_of, group)
        for delivery in deliveries:
            if delivery.delivery_id not in checker.verdicts:
                checker.refuse(delivery)
        return [checker.verdicts[d.delivery_id] for d in deliveries]
