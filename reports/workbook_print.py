"""Title lines and print set-up that all sheets of the workbook share.

What enters: a sheet, its words and the size of what was written. What leaves: a sheet that prints
on A4 landscape, one page wide, with repeated headers, page numbers and the source of the data.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from reports.config import sheets
from reports.formats import day
from reports.marts import MartSet
from reports.workbook_styles import PLAIN, TITLE, Sheet, lines_of

A4 = 9
MARGINS = {"left": 0.35, "right": 0.35, "top": 0.4, "bottom": 0.6}  # inches


@dataclass(frozen=True)
class Extent:
    """What of a sheet is printed, and what is repeated on every page; rows count from 0."""

    last_row: int
    last_column: int
    head_rows: tuple[int, int] | None = None
    frozen_columns: int = 0
    one_page: bool = False


def put_title(sheet: Sheet, lines: list[str], last_column: int) -> int:
    """Write the title and the lines under it, those that are longer than the table in several.

    Returns:
        the first free row, one row left empty.
    """
    for row, line in enumerate(lines):
        high = lines_of(line, sheet.span(0, last_column)) if row else 1
        if high > 1:
            sheet.merge((row, 0, row, last_column), line, replace(PLAIN, wrap=True, valign="top"))
            sheet.height(row, high)
        else:
            sheet.put(row, 0, line, PLAIN if row else TITLE)
    sheet.height(0, 1, TITLE.size)
    return len(lines) + 1


def _footer(marts: MartSet) -> str:
    words = sheets().print
    card = marts.card
    source = words.footer.format(
        programme_name=card.programme_name,
        region_name=card.region_name,
        as_of=day(marts.as_of),
        load_id=marts.load_id,
    ).replace("&", "&&")
    # A space ends the size: «&8 2024» would else be read as size 82024.
    return f"&L&8 {source}&R&8 {words.page.format(page='&P', pages='&N')}"


def set_print(sheet: Sheet, marts: MartSet, extent: Extent) -> None:
    """Set paper, scale, repeated rows, footer and frozen panes."""
    raw = sheet.raw
    raw.set_landscape()
    raw.set_paper(A4)
    raw.set_margins(**MARGINS)
    raw.center_horizontally()
    raw.fit_to_pages(1, 1 if extent.one_page else 0)
    raw.print_area(0, 0, extent.last_row, extent.last_column)
    raw.set_footer(_footer(marts), {"margin": 0.3, "scale_with_doc": False})
    raw.hide_gridlines(2)
    if extent.head_rows:
        first, last = extent.head_rows
        raw.repeat_rows(first, last)
        raw.freeze_panes(last + 1, extent.frozen_columns)
