"""What people decided, as tables in `decisions/`: waivers, confirmations, mappings, withdrawals.

What enters: csv or xlsx files that a person keeps there, and the moment of a run. What leaves:
lines that were decided by that moment, and those that nobody understands: they are answered, too.
"""

from __future__ import annotations

import csv
import hashlib
import io
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any

from ingest.cells import text_of
from ingest.deliveries import write_atomically
from ingest.settings import MOSCOW, Settings
from ingest.sheets import Sheet, UnreadableTable, decode, delimiter_of, open_sheets
from ingest.sniff import READABLE, sniff
from ingest.text import clean, fold
from ingest.yaml_files import read_yaml

FOLDER = "decisions"
_DAYS = ("%d.%m.%Y", "%Y-%m-%d")
_MOMENTS = tuple(f"{day}{time}" for day in _DAYS for time in (" %H:%M", " %H:%M:%S", "T%H:%M:%S"))


@dataclass(frozen=True)
class Line:
    """One understood line; values are typed by `decisions.yml`, empty cells are None."""

    kind: str
    file: str
    number: int
    decided_at: datetime
    values: Mapping[str, Any]

    def __getitem__(self, name: str) -> Any:
        """The value of a column."""
        return self.values[name]


@dataclass(frozen=True)
class BadLine:
    """A line, or a whole file (0), that was not applied; the message is for who wrote it."""

    kind: str
    file: str
    number: int
    message: str


@dataclass(frozen=True)
class Decisions:
    """What was decided by a moment."""

    lines: tuple[Line, ...] = ()
    bad: tuple[BadLine, ...] = ()

    def of(self, kind: str) -> tuple[Line, ...]:
        """Lines of a kind, the oldest decision first."""
        return tuple(line for line in self.lines if line.kind == kind)


class _NotUnderstood(Exception):
    """A cell that is not what its column asks for."""


@cache
def decision_words() -> dict[str, Any]:
    """`decisions.yml`."""
    path = Path(__file__).with_name("decisions.yml")
    words: dict[str, Any] = read_yaml(path)
    return words


def problem(problem_id: str, /, **facts: object) -> str:
    """What is said about a line."""
    text: str = decision_words()["problems"][problem_id]
    return text.format_map(facts)


def _moment(text: str) -> datetime:
    """A day without a time counts from its first minute."""
    for pattern in (*_MOMENTS, *_DAYS):
        try:
            return datetime.strptime(text, pattern).replace(tzinfo=MOSCOW)
        except ValueError:
            continue
    raise _NotUnderstood


def _typed(kind: str, text: str) -> Any:
    if kind == "moment":
        return _moment(text)
    if kind == "day":
        return _moment(text).date()
    if kind == "number":
        if not text.isdigit():
            raise _NotUnderstood
        return int(text)
    return text


def _cells(columns: Iterable[dict[str, Any]], texts: Mapping[str, str]) -> dict[str, Any]:
    """Typed cells of a line, or `_NotUnderstood` with what to say."""
    cells: dict[str, Any] = {}
    for column in columns:
        name, title = column["name"], column["titles"][0]
        text = texts.get(name, "")
        if not text:
            if column.get("required"):
                raise _NotUnderstood(problem("empty", title=title))
            cells[name] = None
            continue
        try:
            cells[name] = _typed(column["kind"], text)
        except _NotUnderstood:
            expected = decision_words()["kinds"][column["kind"]]
            said = problem("not_understood", title=title, expected=expected, text=text)
            raise _NotUnderstood(said) from None
    return cells


def _header(kind: str, titles: list[str]) -> tuple[dict[int, str], list[str]]:
    """Column by place in the file, and titles of required columns that are not there."""
    columns = decision_words()["files"][kind]["columns"]
    by_title = {fold(title): c["name"] for c in columns for title in c["titles"]}
    found = {n: by_title[fold(t)] for n, t in enumerate(titles) if fold(t) in by_title}
    missing = [
        c["titles"][0] for c in columns if c.get("required") and c["name"] not in found.values()
    ]
    return found, missing


def _texts(cells: list[Any]) -> list[str]:
    return [clean(text).removeprefix("'") if (text := text_of(cell)) else "" for cell in cells]


def _shielded(text: str) -> str:
    """A text that no spreadsheet takes for a formula; reading drops the mark."""
    return f"'{text}" if text.startswith(("=", "+", "-", "@")) else text


def _of_sheet(kind: str, file: str, sheet: Sheet) -> Iterator[Line | BadLine]:
    rows = ((number, _texts(cells)) for number, cells in sheet.rows())
    filled = ((number, texts) for number, texts in rows if any(texts))
    head = next(filled, None)
    if head is None:
        return
    places, missing = _header(kind, head[1])
    if missing:
        yield BadLine(kind, file, 0, problem("no_column", missing=", ".join(missing)))
        return
    columns = decision_words()["files"][kind]["columns"]
    for number, texts in filled:
        named = {name: texts[place] for place, name in places.items() if place < len(texts)}
        # A line of the queue that nobody has filled in yet.
        if kind == "mappings" and not any(named.get(name) for name in ("decision", "author")):
            continue
        try:
            cells = _cells(columns, named)
        except _NotUnderstood as error:
            yield BadLine(kind, file, number, f"{error}")
        else:
            yield Line(kind, file, number, cells["decided_at"], cells)


def _of_file(kind: str, path: Path) -> Iterator[Line | BadLine]:
    data = path.read_bytes()
    content = sniff(data)
    try:
        if content not in READABLE:
            raise UnreadableTable(f"{content}")
        for sheet in open_sheets(data, content)[:1]:
            yield from _of_sheet(kind, path.name, sheet)
    except UnreadableTable:
        yield BadLine(kind, path.name, 0, problem("unreadable"))


def decision_files(settings: Settings, kind: str) -> list[Path]:
    """`decisions/<kind>*.csv` and `.xlsx`, without what a spreadsheet keeps beside an open file."""
    folder = settings.data_dir / FOLDER
    return [p for p in sorted(folder.glob(f"{kind}*")) if p.suffix.lower() in (".csv", ".xlsx")]


def load_decisions(settings: Settings, known_at: datetime | None = None) -> Decisions:
    """Everything decided by `known_at`, the oldest first; what was decided later is not seen.

    Lines that cannot be understood have no moment and are told to every run.
    """
    lines: list[Line] = []
    bad: list[BadLine] = []
    for kind in decision_words()["files"]:
        for path in decision_files(settings, kind):
            for item in _of_file(kind, path):
                if isinstance(item, BadLine):
                    bad.append(item)
                elif known_at is None or item.decided_at <= known_at:
                    lines.append(item)
    lines.sort(key=lambda line: (line.decided_at, line.kind, line.file, line.number))
    return Decisions(tuple(lines), tuple(bad))


def decisions_fingerprint(settings: Settings, known_at: datetime) -> str:
    """One hash over what a run sees of the decisions."""
    found = load_decisions(settings, known_at)
    said = [
        *((x.kind, x.file, x.number, sorted(x.values.items(), key=str)) for x in found.lines),
        *((x.kind, x.file, x.number, x.message) for x in found.bad),
    ]
    return hashlib.sha256(repr(said).encode()).hexdigest()


def last_decided_at(settings: Settings) -> datetime | None:
    """Moment of the newest decision."""
    return max((line.decided_at for line in load_decisions(settings).lines), default=None)


def add_mapping(settings: Settings, values: Mapping[str, str], now: datetime) -> Path:
    """Append a decision to `decisions/mappings.csv`; what stands there stays as it is."""
    return add_line(settings, "mappings", values, now)


def add_line(settings: Settings, kind: str, values: Mapping[str, str], now: datetime) -> Path:
    """Append a decision to `decisions/<kind>.csv`; what stands there stays as it is.

    Args:
        settings: whose decisions.
        kind: which file.
        values: cells by column name, without the moment.
        now: when it was decided.

    Returns:
        the file.
    """
    columns = decision_words()["files"][kind]["columns"]
    path = settings.data_dir / FOLDER / f"{kind}.csv"
    cells = {**values, "decided_at": f"{now.astimezone(MOSCOW):%d.%m.%Y %H:%M:%S}"}
    text = decode(path.read_bytes()) if path.exists() else ""
    # A file that somebody keeps in her own shape keeps it.
    head = next(csv.reader(io.StringIO(text), delimiter=delimiter_of(text)), [])
    places, _ = _header(kind, head)
    names = [places.get(n, "") for n in range(len(head))] or [c["name"] for c in columns]
    stream = io.StringIO(newline="")
    writer = csv.writer(stream, delimiter=delimiter_of(text) if text else ";", lineterminator="\n")
    if not text:
        writer.writerow(column["titles"][0] for column in columns)
    writer.writerow(_shielded(cells.get(name, "")) for name in names)
    kept = text if not text or text.endswith("\n") else f"{text}\n"
    write_atomically(path, f"{kept}{stream.getvalue()}".encode("utf-8-sig"))
    return path
