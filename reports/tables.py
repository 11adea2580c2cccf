"""A table of `sheets.yml` over a mart, resolved to columns and cells for sheet and page alike.

What enters: a `TableSpec` and a `MartSet`. What leaves: `Table` with typed values, Russian texts
and tones; no formatting library is known here.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from reports.config import words
from reports.errors import BadReportConfig
from reports.formats import day, half_up, moment, month, number, shown_percent
from reports.marts import ANCHOR, MartSet, Row, Value, decimal, integer, text
from reports.order import OrderCard, fill_in
from reports.places import file_names
from reports.specs import AlarmSpec, ColumnSpec, Kind, PivotSpec, TableSpec

CellValue = str | int | Decimal | date | datetime | None
NUMERIC: frozenset[Kind] = frozenset({"int", "signed", "dec1", "dec2", "pct", "share"})
TOTAL = "total"  # the key of a pivot under which the mart keeps a sum
LOOKED_UP = ("territory_name", "indicator_short_name")  # known for every key, in the mart or not


@dataclass(frozen=True)
class Alarm:
    """A threshold with its look; exactly one of the operators."""

    operator: str
    limit: int
    tone: str
    mark: str

    def rings(self, value: CellValue) -> bool:
        """Whether the value is to be marked."""
        if not isinstance(value, (int, Decimal)):
            return False
        if self.operator == "above":
            return value > self.limit
        return value < self.limit if self.operator == "below" else value == self.limit


@dataclass(frozen=True)
class TableColumn:
    """One shown column: where it comes from and how it is headed."""

    spec: ColumnSpec
    title: str
    group: str
    alarm: Alarm | None
    pivot_value: str | None = None

    @property
    def is_number(self) -> bool:
        """Whether values are right-aligned numbers."""
        return self.spec.kind in NUMERIC


@dataclass(frozen=True)
class Cell:
    """Value for sorting and for Excel, text for people, look."""

    value: CellValue
    shown: str
    tone: str = ""
    mark: str = ""


@dataclass(frozen=True)
class Table:
    """A finished table; `total` is the region's row."""

    spec: TableSpec
    note: str
    columns: tuple[TableColumn, ...]
    rows: tuple[tuple[Cell, ...], ...]
    total: tuple[Cell, ...] | None


def _limit(spec: AlarmSpec, card: OrderCard) -> Alarm:
    for operator in ("above", "below", "equals"):
        limit = getattr(spec, operator)
        if limit is None:
            continue
        if not isinstance(limit, int):
            limit = card.parameters[limit.parameter]
        if isinstance(limit, bool) or not isinstance(limit, int):
            raise BadReportConfig("sheets.yml", "alarm", f"expected a number, found {limit!r}")
        return Alarm(operator, limit, spec.tone, spec.mark)
    raise BadReportConfig("sheets.yml", "alarm", "expected above, below or equals")


def _column(spec: ColumnSpec, card: OrderCard) -> TableColumn:
    alarm = _limit(spec.alarm, card) if spec.alarm else None
    return TableColumn(spec, fill_in(spec.title, card), fill_in(spec.group, card), alarm)


def _label(pivot: PivotSpec, key: str, label: str) -> str:
    if pivot.label_words:
        return words().word(pivot.label_words, key).label
    return month(label) if pivot.label_kind == "month" and label != TOTAL else label


def _pivot_columns(pivot: PivotSpec, rows: list[Row], card: OrderCard) -> list[TableColumn]:
    """Columns of every value of the key, sums last."""
    labels: dict[str, str] = {}
    for row in rows:
        key = text(row[pivot.key])
        is_empty = pivot.drop_empty and row.get(pivot.drop_empty) is None
        if not key or key in pivot.exclude or is_empty:
            continue
        labels.setdefault(key, _label(pivot, key, text(row.get(pivot.label)) or key))
    return [
        TableColumn(base.spec, base.title, labels[key], base.alarm, key)
        for key in sorted(labels, key=lambda key: (key == TOTAL, key))
        for base in (_column(spec, card) for spec in pivot.columns)
    ]


def _percent(spec: ColumnSpec, row: Row, value: Value) -> Decimal | None:
    found = decimal(value)
    if found is None:
        return None
    percent = found * 100 if spec.kind == "share" else found
    part, whole = decimal(row.get(spec.part)), decimal(row.get(spec.whole))
    if part is None or whole is None:
        return half_up(percent)
    return shown_percent(percent, complete=part >= whole)


def _typed(spec: ColumnSpec, row: Row) -> CellValue:
    value = row.get(spec.column)
    if not _fits(row, spec.when):
        return None
    if spec.kind in ("pct", "share"):
        return _percent(spec, row, value)
    if value is None:
        return None
    if spec.kind in ("int", "signed"):
        return integer(value)
    if spec.kind in ("dec1", "dec2"):
        found = decimal(value)
        places = Decimal("0.1") if spec.kind == "dec1" else Decimal("0.01")
        return None if found is None else half_up(found, places)
    if isinstance(value, (date, datetime)):
        return value
    if spec.kind == "month":
        return words().word("month", TOTAL).label if value == TOTAL else month(text(value))
    return _cut(text(value), spec.limit)


def _cut(value: str, limit: int) -> str:
    """A text of at most so many signs, whole words, if there is a limit."""
    if not limit or len(value) <= limit:
        return value
    return f"{value[:limit].rsplit(' ', 1)[0].rstrip(' ,(«–')}…"


def _shown(spec: ColumnSpec, value: CellValue) -> str:
    if isinstance(value, datetime):
        return moment(value)
    if isinstance(value, date):
        return day(value)
    if isinstance(value, Decimal):
        return number(value, 2 if spec.kind == "dec2" else 1)
    if isinstance(value, int):
        return f"+{number(value)}" if spec.kind == "signed" and value > 0 else number(value)
    return text(value)


def _cell(column: TableColumn, row: Row | None) -> Cell:
    spec = column.spec
    raw = None if row is None else _typed(spec, row)
    if raw is None or raw == "":
        return Cell(None, spec.empty, "mute")
    if spec.kind == "code":
        word = words().word(spec.words, str(raw).lower())
        return Cell(word.shown, word.shown, word.tone if word.mark else "", "")
    if column.alarm and column.alarm.rings(raw):
        return Cell(raw, _shown(spec, raw), column.alarm.tone, column.alarm.mark)
    return Cell(raw, _shown(spec, raw))


def _sort_key(spec: TableSpec, row: Row) -> tuple[tuple[int, int, str], ...]:
    # Numbers before texts, so that mixed keys never compare int with str.
    return tuple(
        (0, value, "") if isinstance(value := row[key], int) else (1, 0, text(value))
        for key in spec.order_by
    )


def _needed(spec: TableSpec) -> set[str]:
    columns = list(spec.columns) + (list(spec.pivot.columns) if spec.pivot else [])
    names = {c.column for c in columns} | {c.part for c in columns} | {c.whole for c in columns}
    names |= set(spec.order_by) | set(spec.where) | set(spec.only) | set(spec.unless)
    names |= {name for c in columns for name in c.when}
    if spec.pivot:
        names |= {spec.pivot.key, spec.pivot.line}
    return names - {"", *LOOKED_UP}


def _fits(row: Row, wanted: Mapping[str, str]) -> bool:
    return all(text(row.get(name)) == value for name, value in wanted.items())


def addresses(marts: MartSet) -> Callable[[Value], str | None]:
    """How «delivery:sheet:row» is told: the file by its public name, the sheet, the row."""
    names = file_names(marts)

    def told(value: Value) -> str | None:
        delivery, _, rest = text(value).partition(":")
        sheet, _, row = rest.rpartition(":")
        if not delivery:
            return None
        return f"{names.get(delivery, delivery)}, {sheet}, строка {row}"

    return told


def _chosen(marts: MartSet, spec: TableSpec) -> list[Row]:
    """Rows of the mart that the table is about, with what other marts know about their keys."""
    short = {item.indicator_id: item.short_name for item in marts.card.indicators}
    names = {text(row["territory_id"]): text(row["territory_name"]) for row in marts.rows(ANCHOR)}
    told = [column.column for column in spec.columns if column.kind == "address"]
    address = addresses(marts) if told else None
    return [
        {
            "indicator_short_name": short.get(text(row.get("indicator_id")), ""),
            "territory_name": names.get(text(row.get("territory_id")), ""),
            **row,
            **({name: address(row[name]) for name in told} if address else {}),
        }
        for row in marts.rows(spec.mart)
        if _fits(row, spec.only) and not (spec.unless and _fits(row, spec.unless))
    ]


def _lines(spec: TableSpec, rows: list[Row]) -> list[dict[str | None, Row]]:
    """Rows that make one line: the base row under None, pivoted ones under their key."""
    lines: dict[object, dict[str | None, Row]] = {}
    for position, row in enumerate(sorted(rows, key=lambda item: _sort_key(spec, item))):
        line = lines.setdefault(row[spec.pivot.line] if spec.pivot else position, {})
        if _fits(row, spec.where):
            line.setdefault(None, row)
        if spec.pivot:
            line[text(row[spec.pivot.key])] = row
    return [line for line in lines.values() if None in line]


def _is_total(spec: TableSpec, line: dict[str | None, Row]) -> bool:
    return bool(spec.total) and _fits(line[None], spec.total)


def resolve(spec: TableSpec, marts: MartSet) -> Table:
    """Turn a table description and a mart into cells.

    Raises:
        MartColumnMissing: the mart lacks a column of the description.
        UnknownCode: a code has no Russian word.
    """
    marts.require(spec.mart, _needed(spec))
    card = marts.card
    rows = _chosen(marts, spec)
    columns = [_column(item, card) for item in spec.columns]
    if spec.pivot:
        columns += _pivot_columns(spec.pivot, rows, card)
    body, total = [], None
    for line in _lines(spec, rows):
        cells = tuple(_cell(column, line.get(column.pivot_value)) for column in columns)
        if _is_total(spec, line):
            total = cells
        else:
            body.append(cells)
    return Table(spec, fill_in(spec.note, card), tuple(columns), tuple(body), total)
