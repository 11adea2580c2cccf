"""The workbooks of the mapping queue.

What enters: rows and their columns. What leaves: an .xlsx, the same bytes for the same rows; what
no row fills is left for a person.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any


@dataclass(frozen=True)
class Sheet:
    """A table with its columns, and what is said about it on a sheet of its own."""

    title: str
    columns: list[dict[str, Any]]
    rows: list[dict[str, Any]]
    about: tuple[str, ...] = ()


def write_book(path: Path, content: Sheet, made_at: datetime) -> None:
    """Write a workbook of one table."""
    import xlsxwriter

    options = {f"strings_to_{kind}": False for kind in ("formulas", "urls", "numbers")}
    with xlsxwriter.Workbook(f"{path}", options) as book:
        book.set_properties({"title": content.title, "created": made_at.replace(tzinfo=None)})
        base = {"font_name": "Liberation Sans", "font_size": 10, "valign": "top",
                "text_wrap": True, "border": 1, "border_color": "#D8DEE5"}  # fmt: skip
        ink = {"bg_color": "#1F4E79", "font_color": "#FFFFFF", "bold": True}
        head, plain = book.add_format({**base, **ink}), book.add_format(base)
        fill_in = book.add_format({**base, "bg_color": "#FFF3D1"})
        sheet = book.add_worksheet(content.title)
        sheet.freeze_panes(1, 0)
        sheet.set_landscape()
        sheet.set_paper(9)
        sheet.fit_to_pages(1, 0)
        sheet.repeat_rows(0)
        for place, column in enumerate(content.columns):
            sheet.set_column(place, place, column["width"])
            sheet.write_string(0, place, column["title"], head)
            for number, row in enumerate(content.rows, 1):
                value = row.get(column["name"], "")
                write = sheet.write_number if isinstance(value, int) else sheet.write_string
                write(number, place, value or "", plain if column["name"] in row else fill_in)
        sheet.autofilter(0, 0, len(content.rows), len(content.columns) - 1)
        if content.about:
            about = book.add_worksheet("О файле")
            about.set_column(0, 0, 110)
            for number, text in enumerate(content.about):
                about.write_string(number, 0, text, book.add_format({"text_wrap": True}))
