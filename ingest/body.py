"""Which rows below a header are data: sections, repeated headers and signatures are told apart.

What enters: a header and its sheet. What leaves: rows of data, one by one, each with the header
that reads it; whatever is left out is counted and named to the sender (defects D-11 … D-22).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Any

from ingest.cells import text_of
from ingest.forms import ColumnType, FormVersion
from ingest.formulas import computed
from ingest.header import Header, match_stack
from ingest.limits import most, within
from ingest.names import split_name
from ingest.sheets import Row
from ingest.words import SCHOOL, SIGNATURE, TOTALS

Place = tuple[str, int]  # label of a sheet, number of a row

_NOTHING = ("", None)
_SPARSE = 2  # so few filled cells are looked at: a line of a letter, not of a table
_REPEATED_SHARE = 0.6  # of the titles above, in a row that repeats the header


@dataclass
class RowCount:
    """How many rows were kept and which were left out on purpose, by sheet and number."""

    listed: str | None = None  # column that the blank came with filled in
    kept: int = 0
    untouched: list[Place] = field(default_factory=list)  # rows as the blank came
    totals: list[Place] = field(default_factory=list)
    # Rows of csv whose delimiters do not fit: header, row, how many cells.
    broken: list[tuple[Header, int, int]] = field(default_factory=list)
    sections: list[Place] = field(default_factory=list)
    headers: list[Place] = field(default_factory=list)
    notes: list[Place] = field(default_factory=list)
    # Cells with a formula that nobody computed: header, row, title.
    unknown_formulas: list[tuple[Header, int, str]] = field(default_factory=list)
    computed_formulas: int = 0
    # Cells with an error of Excel in a column of text: header, row, title, error.
    errors: list[tuple[Header, int, str, str]] = field(default_factory=list)
    # Totals that equal no sum: header, row, title, as written, the sum.
    wrong_totals: list[tuple[Header, int, str, int, int]] = field(default_factory=list)


def is_numbering(cells: list[Any]) -> bool:
    """A row «1 2 3 …» under the header, as in printed forms (D-12)."""
    filled = [cell for cell in cells if cell not in _NOTHING]
    try:
        return len(filled) > 1 and [float(c) for c in filled] == [*range(1, len(filled) + 1)]
    except (ValueError, TypeError, OverflowError):
        return False


class Body:
    """The rows of one table; `rows` goes over them once."""

    def __init__(self, header: Header, version: FormVersion, count: RowCount) -> None:
        self.header = header
        self.version = version
        self.count = count
        required = {c.name for c in version.columns if c.required and not c.section}
        named = sorted(header.positions)
        anchors = [p for p in named if header.positions[p] in required]
        # Two filled cells where every row must have some: nothing more is asked of such a row.
        self.anchors = tuple((anchors + [p for p in named if p not in anchors])[:2])
        self.titles = set(header.cells)
        self.section_names = {c.name for c in version.columns if c.section}
        merged = header.sheet.merged() if self.section_names else []
        self.wide = {top for top, left, _, right in merged if right > left}
        self.n_tables = 1
        self.section: str | None = None
        self.pending: list[tuple[Row, bool]] = []
        self.after_gap = False

    def rows(self) -> Iterator[tuple[Header, Row]]:
        """Rows of data and the header that each is read by."""
        for number, cells in self._patched():
            if not any(cells) and all(cell in _NOTHING for cell in cells):
                self.after_gap = True
                continue
            if self._is_dense(cells):
                if self._is_header(number, cells):
                    continue
                yield from self._released()
                yield self._placed(number, cells)
            else:
                self._keep_back(number, cells)
            self.after_gap = False
        yield from self._released(at_end=True)

    def _place(self, number: int) -> Place:
        return self.header.label, number

    def _is_dense(self, cells: list[Any]) -> bool:
        return all(len(cells) > p and cells[p] not in _NOTHING for p in self.anchors)

    def _is_header(self, number: int, cells: list[Any]) -> bool:
        """A header that stands again among the rows begins another table (D-19)."""
        first = cells[self.anchors[0]]
        if not (isinstance(first, str) and first in self.titles):
            return False
        again = match_stack(self.header.sheet, number, [cells], self.version)
        found = {p: n for p, n in again.positions.items() if self.header.spans(p)}
        if len(found) < _REPEATED_SHARE * len(self.header.positions):
            return False
        self.count.headers.append(self._place(number))
        self.pending.clear()  # a title above a second table is no row
        positions = self.header.positions | found
        if set(found.values()) >= set(positions.values()):
            positions = found
        if positions != self.header.positions:
            self.n_tables = within("tables", self.n_tables + 1)
            self.header = replace(self.header, positions=positions)
        return True

    def _keep_back(self, number: int, cells: list[Any]) -> None:
        """A row with few cells: the head of a section, or data unless it turns out a signature."""
        start, end = self.header.range
        inside = [c for c in cells[start:end] if c not in _NOTHING]
        if len(inside) == 1 and isinstance(inside[0], str) and self._heads(number, inside[0]):
            self.section = inside[0]
            self.count.sections.append(self._place(number))
            return
        self.pending.append(((number, cells), self.after_gap))

    def _heads(self, number: int, text: str) -> bool:
        if not self.section_names or TOTALS.search(text):
            return False
        return number in self.wide or bool(SCHOOL.search(text))

    def _released(self, *, at_end: bool = False) -> Iterator[tuple[Header, Row]]:
        """Rows kept back: data, unless the table ended with them (D-13)."""
        is_over = False
        for (number, cells), after_gap in self.pending:
            filled = [c for c in cells if c not in _NOTHING]
            signed = any(isinstance(c, str) and SIGNATURE.search(c) for c in filled)
            is_over = is_over or (at_end and (signed or (after_gap and len(filled) <= _SPARSE)))
            if is_over and not any(isinstance(c, str) and TOTALS.search(c) for c in filled):
                self.count.notes.append(self._place(number))
            else:
                yield self._placed(number, cells)
        self.pending.clear()

    def _placed(self, number: int, cells: list[Any]) -> tuple[Header, Row]:
        """A row with what stands elsewhere in the sheet put into its own columns."""
        named, put = self.header.positions, {}
        position = next((p for p, name in named.items() if name in self.section_names), None)
        if self.section is not None and position is not None:
            is_empty = len(cells) <= position or cells[position] in _NOTHING
            put = {position: self.section} if is_empty else {}
        if self.header.full_name_at is not None and self.version.full_name:
            whole = text_of(cells[self.header.full_name_at]) or ""
            places = {name: p for p, name in named.items()}
            parts = zip(self.version.full_name.into, split_name(whole), strict=True)
            put |= {places[name]: part for name, part in parts}
        return self.header, (number, _with(cells, put) if put else cells)

    def _patched(self) -> Iterator[Row]:
        """Rows below the header, with what the reader of values leaves out put back."""
        sheet, header = self.header.sheet, self.header
        numbers = {c.name for c in self.version.columns if c.type is ColumnType.INT}
        # A text stands for all the rows it reaches over; a number there may be their sum.
        down = [
            (top, left, bottom, right)
            for top, left, bottom, right in sheet.merged()[: most("merged")]
            if bottom > top > header.row
            and header.spans(left)
            and header.positions.get(left) not in numbers
        ]
        look = sheet.look()
        known, unknown = computed(sheet, look)
        self.count.computed_formulas += len(known)
        self.count.unknown_formulas += [
            (header, row, self.version.column(header.positions[position]).title)
            for row, position in sorted(unknown)
            if row > header.row and position in header.positions
        ]
        patches: dict[int, dict[int, Any]] = defaultdict(dict)
        for (row, position), value in {**look.errors, **known}.items():
            if header.spans(position):
                patches[row][position] = value
        rows = _without_numbering(sheet.rows(), header, self.count)
        return _patch(rows, patches, down) if patches or down else rows


def _without_numbering(rows: Iterator[Row], header: Header, count: RowCount) -> Iterator[Row]:
    is_first = True
    for number, cells in rows:
        if number <= header.row:
            continue
        if is_first and any(cell not in _NOTHING for cell in cells):
            is_first = False
            if is_numbering(cells):
                count.totals.append((header.label, number))
                continue
        yield number, cells


def _patch(
    rows: Iterator[Row], patches: dict[int, dict[int, Any]], down: list[tuple[int, int, int, int]]
) -> Iterator[Row]:
    """Rows with cells put in, and cells merged downwards said in each of their rows (D-11)."""
    reaching: dict[int, set[int]] = defaultdict(set)
    # Areas that lie over one another, which no honest program makes, are gone over once.
    for top, left, bottom, _ in set(down):
        for row in range(top + 1, min(bottom, top + most("merged")) + 1):
            reaching[row].add(left)
    above: list[Any] = []
    for number, cells in rows:
        put = {p: above[p] for p in reaching.get(number, ()) if p < len(above)}
        put |= patches.get(number, {})
        above = _with(cells, put) if put else cells
        yield number, above


def _with(cells: list[Any], put: dict[int, Any]) -> list[Any]:
    full = list(cells) + [""] * (max(put) + 1 - len(cells))
    for position, value in put.items():
        full[position] = value
    return full
