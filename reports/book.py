"""A workbook of tables only, as `books.yml` describes it, and its check.

What enters: a `MartSet` and a `Book`. What leaves: the bytes of an .xlsx, the same for the same
marts; and the comparison of every written number with its mart.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from io import BytesIO

import xlsxwriter

from reports.check_tables import check_tables, open_book
from reports.config import Book, books, sheets
from reports.formats import day
from reports.marts import MartSet
from reports.notes import order_line
from reports.tables import resolve
from reports.workbook import set_properties, workbook_options
from reports.workbook_styles import Sheet, Styles
from reports.workbook_tables import write_table


def _lines(marts: MartSet) -> list[str]:
    """What stands under every title: the order, and the date of the data."""
    return [order_line(marts.card), sheets().summary.state.format(as_of=day(marts.as_of))]


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


def check_book(book: Book, content: bytes, file_name: str, marts: MartSet) -> None:
    """Compare every number of the written workbook with its mart.

    Raises:
        FigureMismatch: a number is another one, or rows are missing.
    """
    check_tables(open_book(content, file_name), book.tables, file_name, marts)


Maker = Callable[[MartSet], bytes]
Checker = Callable[[bytes, str, MartSet], None]


def book_writers() -> dict[str, tuple[Maker, Checker]]:
    """A maker and a check for each workbook of `books.yml`."""
    return {
        name: (partial(book_bytes, book), partial(check_book, book))
        for name, book in books().books.items()
    }
