"""A workbook of tables only, as `books.yml` describes it, and its check.

What enters: a `MartSet` and a `Book`. What leaves: the bytes of an .xlsx, the same for the same
marts; and the comparison of every written number with its mart.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from io import BytesIO
from typing import Any

import xlsxwriter
from python_calamine import CalamineError, CalamineWorkbook

from reports.config import Book, books, sheets
from reports.errors import FigureMismatch
from reports.formats import day
from reports.marts import MartSet, decimal
from reports.tables import Table, resolve
from reports.workbook import set_properties, workbook_options
from reports.workbook_styles import Sheet, Styles
from reports.workbook_tables import write_table


def _lines(marts: MartSet) -> list[str]:
    """What stands under every title: the order, and the date of the data."""
    texts, card = sheets().summary, marts.card
    order = texts.subtitle.format(
        region_name=card.region_name, signed_on=day(card.signed_on), order_no=card.order_no
    )
    return [order, texts.state.format(as_of=day(marts.as_of))]


def book_bytes(book: Book, marts: MartSet) -> bytes:
    """The workbook as the bytes of its file.

    Raises:
        MartColumnMissing: a mart lacks a column that a sheet shows.
        UnknownCode: a mart holds a code without a Russian word.
    """
    target, lines = BytesIO(), _lines(marts)
    written = xlsxwriter.Workbook(target, workbook_options())
    styles = Styles(written)
    set_properties(written, marts, book.title, lines[0])
    for spec in book.tables:
        write_table(Sheet(written, styles, spec.sheet), marts, resolve(spec, marts), lines)
    written.close()
    return target.getvalue()


def _body(table: Table, grid: list[list[Any]], name: str) -> list[list[Any]]:
    """Rows of a sheet under its header, as many as the table has."""
    first = table.columns[0].title
    heads = [place for place, line in enumerate(grid) if line and line[0] == first]
    if not heads:
        raise FigureMismatch(name, table.spec.sheet, f"a header «{first}»", "none")
    below = heads[0] + (2 if any(column.group for column in table.columns) else 1)
    return grid[below : below + len(table.rows)]


def _equal(shown: Any, value: Any, text: str) -> bool:
    if value is None:
        return bool(shown == text)
    if isinstance(shown, (int, float)) and not isinstance(shown, bool):
        return decimal(shown) == decimal(value)
    return isinstance(value, str) or hasattr(value, "year")


def check_book(book: Book, content: bytes, file_name: str, marts: MartSet) -> None:
    """Compare every number of the written workbook with its mart.

    Raises:
        FigureMismatch: a number is another one, or rows are missing.
    """
    try:
        written = CalamineWorkbook.from_object(BytesIO(content))
    except CalamineError as error:
        raise FigureMismatch(file_name, "file", "a readable workbook", str(error)) from error
    for spec in book.tables:
        table = resolve(spec, marts)
        grid = written.get_sheet_by_name(spec.sheet).to_python(skip_empty_area=False)
        body = _body(table, grid, file_name)
        if len(body) != len(table.rows):
            raise FigureMismatch(file_name, spec.sheet, len(table.rows), len(body))
        for number, (cells, line) in enumerate(zip(table.rows, body, strict=True), start=1):
            for column, cell, shown in zip(table.columns, cells, line, strict=False):
                if not _equal(shown, cell.value, cell.shown):
                    place = f"{spec.sheet}, row {number}, {column.title}"
                    raise FigureMismatch(file_name, place, cell.value, shown)


Maker = Callable[[MartSet], bytes]
Checker = Callable[[bytes, str, MartSet], None]


def book_writers() -> dict[str, tuple[Maker, Checker]]:
    """A maker and a check for each workbook of `books.yml`."""
    return {
        name: (partial(book_bytes, book), partial(check_book, book))
        for name, book in books().books.items()
    }
