"""Finding the table in a sheet: the row that carries the form's titles (defects D-13, D-16, D-18).

What enters: a sheet and a form's layout. What leaves: where the header is and which column is what.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from ingest.forms import Column, Form, FormVersion
from ingest.sheets import Sheet
from ingest.text import fold, without_years

_EXAMPLES = ("образец", "пример", "инструкция", "справочник", "паспорт", "итог")
# A row with a single known word is more often a title than a header.
_FEWEST_TITLES = 2


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

    @property
    def score(self) -> tuple[int, int]:
        """Better headers miss fewer required columns and know more titles."""
        return (-len(self.missing), len(self.positions))

    @property
    def is_complete(self) -> bool:
        """Whether rows below can be read."""
        return not self.missing and not self.doubled


@lru_cache(maxsize=4096)
def _folded(title: str) -> str:
    return fold(title)


def match_row(sheet: Sheet, number: int, cells: Iterable[Any], version: FormVersion) -> Header:
    """Read one row as if it were the header."""
    texts = [cell if isinstance(cell, str) else "" for cell in cells]
    positions: dict[int, str] = {}
    unknown: dict[int, str] = {}
    doubled: list[str] = []
    for position, text in enumerate(texts):
        folded = _folded(text)
        if not folded:
            continue
        name = version.by_title.get(folded) or version.by_yearless_title.get(without_years(folded))
        if name is None:
            unknown[position] = text
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
        cells=tuple(text for text in texts if text),
    )


def find_header(sheet: Sheet, version: FormVersion) -> Header | None:
    """The best header row among the first 30 filled rows, if any knows two titles."""
    headers = [match_row(sheet, number, cells, version) for number, cells in sheet.head()]
    likely = [header for header in headers if len(header.positions) >= _FEWEST_TITLES]
    return max(likely, key=lambda header: header.score, default=None)


def data_sheets(sheets: list[Sheet]) -> list[Sheet]:
    """Sheets that may hold data: visible ones that are not passports or examples.

    Hidden sheets are looked at only when nothing else is there (D-17).
    """
    useful = [s for s in sheets if not _folded(s.name).startswith(_EXAMPLES)]
    visible = [s for s in useful if s.visible]
    return visible or useful


def find_headers(sheets: list[Sheet], version: FormVersion) -> list[Header]:
    """Headers of all sheets that fit the form completely, else the single best one."""
    found = [h for s in data_sheets(sheets) if (h := find_header(s, version)) is not None]
    complete = [header for header in found if header.is_complete]
    if complete:
        return complete
    return [max(found, key=lambda header: header.score)] if found else []


def form_by_header(sheets: list[Sheet], forms: dict[str, Form]) -> str | None:
    """The only form whose required titles are all in some sheet; None if none or several fit."""
    fits: Counter[str] = Counter()
    for code, form in forms.items():
        headers = find_headers(sheets, form.latest)
        if headers and headers[0].is_complete:
            fits[code] = len(headers[0].positions)
    best = fits.most_common(2)
    if not best or (len(best) == 2 and best[0][1] == best[1][1]):
        return None
    return best[0][0]
