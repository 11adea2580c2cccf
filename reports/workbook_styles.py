"""How cells of the workbook look, and the one place that hands values to XlsxWriter.

What enters: values with a `Look`. What leaves: cells of a sheet; every text is written as a text,
so nothing that a sender wrote can become a formula or a link.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal
from functools import lru_cache
from math import ceil
from typing import Any

from ingest.text import FORMULA_STARTS
from reports.config import words
from reports.tables import CellValue

FONT = "Arial"
SIZE = 10
LINE = 13.2  # points a line of text of that size
INDENT = 1.4  # characters that the indent of a text and its margins take
BOLD = 0.93  # how many of the bold characters fit where one plain does
LINE_COLOUR = "#B9C2CC"
HEAD_FILL, HEAD_INK = "#DCE6F1", "#1F3A5F"
TOTAL_FILL = "#EEF2F6"
NUMBER_FORMATS = {
    "int": "#,##0",
    "signed": '+#,##0;"−"#,##0;0',
    "dec1": "#,##0.0",
    "dec2": "#,##0.00",
    "pct": "0.0",
    "share": "0.0",
    "date": "dd.mm.yyyy",
    "datetime": "dd.mm.yyyy hh:mm",
}
_LONGEST = 32_000  # letters of a text; Excel takes 32 767, and longer ones would be left out


@dataclass(frozen=True)
class Look:
    """Everything that decides a format; `mark` stands before the number, which stays a number."""

    kind: str = "text"
    tone: str = ""
    mark: str = ""
    align: str = "left"
    valign: str = "vcenter"
    size: int = SIZE
    fill: str = ""
    ink: str = ""
    bold: bool = False
    border: bool = True
    edge: bool = False
    quote: bool = False
    wrap: bool = True


TITLE = Look(size=14, bold=True, ink=HEAD_INK, border=False, wrap=False)
SECTION = Look(size=12, bold=True, ink=HEAD_INK, border=False, wrap=False)
PLAIN = Look(border=False, wrap=False)
HEAD = Look(bold=True, align="center", fill=HEAD_FILL, ink=HEAD_INK, size=9)
TEXT = Look()
MUTE = Look(tone="mute")
TOTAL = Look(bold=True, fill=TOTAL_FILL)


def numeric(kind: str, base: Look = TEXT) -> Look:
    """The look of a number column."""
    return replace(base, kind=kind, align="right")


COUNTER = Look(kind="int", align="center")


class Styles:
    """Formats of one workbook, each made once."""

    def __init__(self, book: Any) -> None:
        self._book = book
        self._known: dict[Look, Any] = {}

    def get(self, look: Look) -> Any:
        """The XlsxWriter format of a look."""
        if look not in self._known:
            self._known[look] = self._book.add_format(self._properties(look))
        return self._known[look]

    @staticmethod
    def _properties(look: Look) -> dict[str, Any]:
        tone = words().tones[look.tone] if look.tone else None
        found: dict[str, Any] = {
            "font_name": FONT,
            "font_size": look.size,
            "bold": look.bold,
            "align": look.align,
            "valign": look.valign,
            "text_wrap": look.kind == "text" and look.wrap,
            "quote_prefix": look.quote,
        }
        if look.border and look.kind == "text" and look.align == "left":
            found["indent"] = 1
        if fill := (tone.fill if tone else look.fill):
            found["bg_color"] = fill
        if ink := (tone.ink if tone else look.ink):
            found["font_color"] = ink
        if look.border:
            found |= {"border": 1, "border_color": LINE_COLOUR}
        if look.edge:
            found |= {"left": 1, "left_color": HEAD_INK}
        if look.kind in NUMBER_FORMATS:
            plain = NUMBER_FORMATS[look.kind]
            found["num_format"] = f'"{look.mark} "{plain}' if look.mark else plain
        return found


class Sheet:
    """One worksheet with cells that know their look."""

    def __init__(self, book: Any, styles: Styles, name: str) -> None:
        self.raw = book.add_worksheet(name)
        self._styles = styles
        self._widths: dict[int, float] = {}

    def widths(self, widths: Sequence[float]) -> None:
        """Set the columns from the first one on."""
        for column, width in enumerate(widths):
            self._widths[column] = width
            self.raw.set_column(column, column, width)

    def put(self, row: int, column: int, value: CellValue, look: Look = TEXT) -> None:
        """Write one value: a number as a number, a date as a date, all else as a text."""
        if value is None or value == "":
            self.raw.write_blank(row, column, None, self._styles.get(look))
        elif isinstance(value, (int, Decimal)):
            self.raw.write_number(row, column, value, self._styles.get(look))
        elif isinstance(value, (date, datetime)):
            self.raw.write_datetime(row, column, value, self._styles.get(look))
        else:
            # Else such a text would become a formula as soon as somebody edits the cell.
            quoted = replace(look, kind="text", quote=value.startswith(FORMULA_STARTS))
            self.raw.write_string(row, column, value[:_LONGEST], self._styles.get(quoted))

    def merge(self, place: tuple[int, int, int, int], value: CellValue, look: Look) -> None:
        """Write one value over a block (first row, first column, last row, last column)."""
        first_row, first, last_row, last = place
        if (first_row, first) != (last_row, last):
            text = replace(look, quote=isinstance(value, str) and value.startswith(FORMULA_STARTS))
            self.raw.merge_range(first_row, first, last_row, last, "", self._styles.get(text))
        self.put(first_row, first, value, look)

    def span(self, first: int, last: int) -> float:
        """Width of neighbouring columns together."""
        return sum(self._widths[column] for column in range(first, last + 1))

    def height(self, row: int, lines: int, size: int = SIZE) -> None:
        """Make a row as high as its longest text needs."""
        self.raw.set_row(row, round(lines * LINE * size / SIZE + 3, 1))


def lines_of(text: str, width: float, look: Look = TEXT) -> int:
    """How many lines a text takes in a column, words kept whole as spreadsheets do."""
    return _lines(text, max(1.0, (width - INDENT) * SIZE / look.size * (BOLD if look.bold else 1)))


@lru_cache(maxsize=4096)  # the same titles stand in hundreds of rows
def _lines(text: str, room: float) -> int:
    lines, used = 1, 0.0
    for word in text.split():
        size = len(word)
        if used and used + 1 + size > room:
            lines, used = lines + 1, 0.0
        if size > room:
            lines += ceil(size / room) - 1
            size = round(size % room) or 1
        used += size + (1 if used else 0)
    return lines
