"""Finding the table in a sheet: the row that carries the form's titles (defects D-13, D-16, D-18).

What enters: a sheet and a form's layout. What leaves: where the header is and which column is what.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache
from itertools import islice, zip_longest
from typing import Any

from ingest.forms import Column, Form, FormVersion
from ingest.limits import most
from ingest.sheets import Sheet
from ingest.text import fold, without_years
from ingest.words import WORDS

_EXAMPLES = ("образец", "пример", "инструкция", "справочник", "паспорт", "итог")
# A row with a single known word is more often a title than a header.
_FEWEST_TITLES = 2
_DEEPEST_HEADER = 3
_LONGEST_TITLE = 1000  # letters; nobody's title is longer


@dataclass(frozen=True)
class Header:
    """A header row: its number and what stands in each position."""

    sheet: Sheet
    row: int
    positions: dict[int, str]  # cell position → canonical column
    unknown: dict[int, str]  # cell position → title that the form does not know
    doubled: tuple[str, ...] = ()  # titles that name a column already found
    missing: tuple[Column, ...] = ()  # required columns that are not there
    cells: tuple[str, ...] = field(default=())
    part: str = ""  # which of several tables beside one another
    full_name_at: int | None = None  # where a whole name stands, to be split into its columns

    @property
    def label(self) -> str:
        """Name of the sheet, and of the table if it holds several."""
        return f"{self.sheet.name}{self.part}"

    @property
    def range(self) -> tuple[int, int]:
        """First position of the table and the one after the last."""
        known = [*self.positions, *self.unknown]
        return min(known), max(known) + 1

    def spans(self, position: int) -> bool:
        """Whether a position lies inside the table."""
        start, end = self.range
        return start <= position < end

    @property
    def score(self) -> tuple[int, int]:
        """Better headers miss fewer required columns and know more titles."""
        return (-len(self.missing), len(self.positions))

    @property
    def is_complete(self) -> bool:
        """Whether rows below can be read."""
        return not self.missing and not self.doubled


@lru_cache(maxsize=1 << 15)
def _folded(title: str) -> str:
    return fold(title[:_LONGEST_TITLE])


@lru_cache(maxsize=1 << 15)
def _yearless(folded: str) -> str:
    return without_years(folded)


def _column_of(titles: list[str], version: FormVersion, exact: set[str]) -> str | None:
    """Which column a stack of header cells names: the lowest cell that is a title decides."""
    for folded in titles:
        name = version.by_title.get(folded)
        if name is None:
            # «Статус 2023» beside «Статус 2024» is another column, not the same one twice.
            name = version.by_yearless_title.get(_yearless(folded))
            name = None if name in exact else name
        if name is not None:
            return name
    return None


def match_stack(
    sheet: Sheet, number: int, rows: Sequence[Iterable[Any]], version: FormVersion
) -> Header:
    """Read a row, and the cells above it where it says nothing, as the header (D-11, D-12)."""
    columns = most("columns")
    texts = [
        [c if isinstance(c, str) else "" for c in islice(row, columns)] for row in reversed(rows)
    ]
    stacks = list(zip_longest(*texts, fillvalue=""))
    titles = [[folded for text in stack if (folded := _folded(text))] for stack in stacks]
    exact = {version.by_title[t] for stack in titles for t in stack if t in version.by_title}
    positions: dict[int, str] = {}
    unknown: dict[int, str] = {}
    doubled: list[str] = []
    for position, (stack, known) in enumerate(zip(stacks, titles, strict=True)):
        if not known:
            continue
        name = _column_of(known, version, exact)
        text = next(text for text in stack if _folded(text))
        if name is None:
            unknown[position] = text if text not in unknown.values() else f"{text} ({position + 1})"
        elif name in positions.values():
            doubled.append(text)
        else:
            positions[position] = name
    found = set(positions.values())
    return Header(
        sheet=sheet,
        row=number,
        positions=positions,
        unknown=unknown,
        doubled=tuple(doubled),
        missing=tuple(c for c in version.columns if c.required and c.name not in found),
        cells=tuple(text for stack in stacks for text in stack[:1] if text),
    )


def find_header(sheet: Sheet, version: FormVersion) -> Header | None:
    """The best header row among the first 30 filled rows, if any knows two titles.

    A header of two or three lines wins only if it knows more titles than any single row.
    """
    head = sheet.head()
    best: Header | None = None
    for depth in range(1, _DEEPEST_HEADER + 1):
        stacks = [head[end - depth : end] for end in range(depth, len(head) + 1)]
        headers = [
            match_stack(sheet, stack[-1][0], [cells for _, cells in stack], version)
            for stack in stacks
        ]
        likely = [header for header in headers if len(header.positions) >= _FEWEST_TITLES]
        found = max(likely, key=lambda header: header.score, default=None)
        if found and (best is None or found.score > best.score):
            best = found
        if best and len(best.positions) == len(version.columns):
            break  # no header knows more titles than there are
    return best


def data_sheets(sheets: list[Sheet]) -> list[Sheet]:
    """Sheets that may hold data: visible ones that are not passports or examples.

    Hidden sheets are looked at only when nothing else is there (D-17).
    """
    useful = [s for s in sheets if not _folded(s.name).startswith(_EXAMPLES)]
    visible = [s for s in useful if s.visible]
    # A sheet with a misleading name is better than none.
    return visible or useful or [s for s in sheets if not _folded(s.name).startswith("паспорт")]


def _beside(header: Header, version: FormVersion) -> list[Header]:
    """Two tables beside one another under one row of titles (D-19); else the header itself."""
    if not header.doubled:
        return [header]
    row = next(cells for number, cells in header.sheet.rows() if number == header.row)
    places = [p for p, cell in enumerate(row) if cell == header.doubled[0]]
    cut = places[1] if len(places) > 1 else len(row)
    blank = [""] * cut
    left = match_stack(header.sheet, header.row, [row[:cut]], version)
    right = match_stack(header.sheet, header.row, [blank + row[cut:]], version)
    if not (left.is_complete and right.is_complete):
        return [header]
    return [replace(left, part=", левая таблица"), replace(right, part=", правая таблица")]


def _with_sections(header: Header, version: FormVersion) -> Header:
    """A column that is missing because its values head the rows below them (D-15)."""
    absent = header.missing
    if not absent or not all(column.section for column in absent):
        return header
    merged = header.sheet.merged()
    if not any(top > header.row and right > left for top, left, _, right in merged):
        return header
    positions = header.positions | {header.range[1]: absent[0].name}
    return replace(header, positions=positions, missing=())


def _with_full_name(header: Header, version: FormVersion) -> Header:
    """Columns of a name that are missing because it is written whole (D-38)."""
    name, missing = version.full_name, {column.name for column in header.missing}
    if name is None or not missing or not missing <= set(name.into):
        return header
    known = {_folded(title) for title in name.titles}
    at = next((p for p, title in header.unknown.items() if _folded(title) in known), None)
    if at is None:
        return header
    end = header.range[1]
    positions = header.positions | {end + n: column for n, column in enumerate(name.into)}
    unknown = {p: title for p, title in header.unknown.items() if p != at}
    return replace(header, positions=positions, unknown=unknown, missing=(), full_name_at=at)


def find_headers(sheets: list[Sheet], version: FormVersion) -> list[Header]:
    """Headers of all sheets that fit the form completely, else the single best one."""
    found = [
        _with_sections(_with_full_name(part, version), version)
        for sheet in data_sheets(sheets)
        if (header := find_header(sheet, version)) is not None
        for part in _beside(header, version)
    ]
    complete = [header for header in found if header.is_complete]
    if complete:
        return complete
    return [max(found, key=lambda header: header.score)] if found else []


def month_of(name: str) -> int | None:
    """The only month that the name of a sheet says, if it says one."""
    said = [n for n, stem in enumerate(WORDS["months"], 1) if re.search(stem, name.lower())]
    return said[0] if len(said) == 1 else None


def of_other_months(headers: list[Header], month: int) -> list[Header]:
    """Of several tables those on sheets named after another month than the file's (D-16)."""
    others = [h for h in headers if (said := month_of(h.sheet.name)) and said != month]
    return others if len(others) < len(headers) else []


def is_transposed(sheets: list[Sheet], version: FormVersion) -> bool:
    """Whether the titles stand under one another instead of beside (D-20)."""
    required = {column.name for column in version.columns if column.required}
    for sheet in data_sheets(sheets):
        columns = zip_longest(*(cells[:3] for _, cells in sheet.head()), fillvalue="")
        for cells in columns:
            named = {version.by_title.get(_folded(c)) for c in cells if isinstance(c, str)}
            if len(named & required) >= max(_FEWEST_TITLES, len(required) / 2):
                return True
    return False


def _words_of(sheets: list[Sheet]) -> set[str]:
    """Everything that could be a title in the first rows of the sheets."""
    rows = (cells for sheet in data_sheets(sheets) for _, cells in sheet.head())
    cells = (cell for row in rows for cell in islice(row, most("columns")))
    return {_yearless(_folded(cell)) for cell in cells if isinstance(cell, str)}


def form_by_header(sheets: list[Sheet], forms: dict[str, Form]) -> str | None:
    """The only form whose required titles are all in some sheet; None if none or several fit."""
    fits: Counter[str] = Counter()
    seen = _words_of(sheets)
    for code, form in forms.items():
        if len(seen & form.latest.by_yearless_title.keys()) < _FEWEST_TITLES:
            continue  # matching row by row is slow
        headers = find_headers(sheets, form.latest)
        if headers and headers[0].is_complete:
            fits[code] = len(headers[0].positions)
    best = fits.most_common(2)
    if not best or (len(best) == 2 and best[0][1] == best[1][1]):
        return None
    return best[0][0]
