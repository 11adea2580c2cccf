"""Opening any accepted table file as sheets of rows (python-calamine for workbooks, csv for text).

What enters: bytes and their kind. What leaves: sheets that give rows with their own row numbers.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from itertools import islice
from typing import Any

import python_calamine

from ingest.sniff import Kind

Row = tuple[int, list[Any]]
_DELIMITERS = ";\t,|"
_HEAD_LINES = 30
_FIELD_LIMIT = 1 << 20


class UnreadableTable(Exception):
    """A table file whose content its own reader refuses; becomes a finding, not a crash."""


@dataclass(frozen=True)
class Sheet:
    """One sheet; `rows()` starts anew at each call and yields (row number from 1, cells)."""

    name: str
    visible: bool
    rows: Callable[[], Iterator[Row]]

    def head(self, count: int = _HEAD_LINES) -> list[Row]:
        """The first `count` rows that are not blank."""
        filled = (row for row in self.rows() if any(cell not in ("", None) for cell in row[1]))
        return list(islice(filled, count))


def open_sheets(data: bytes, kind: Kind) -> list[Sheet]:
    """Sheets of a table file in their own order.

    Raises:
        UnreadableTable: the content is damaged.
    """
    if kind is Kind.TEXT:
        return [_csv_sheet(decode(data))]
    try:
        book = python_calamine.CalamineWorkbook.from_filelike(io.BytesIO(data))
        return [_book_sheet(book, meta) for meta in book.sheets_metadata]
    except (python_calamine.CalamineError, OSError) as error:
        raise UnreadableTable(str(error)) from error


def _book_sheet(book: python_calamine.CalamineWorkbook, meta: Any) -> Sheet:
    @cache
    def opened() -> python_calamine.CalamineSheet:
        # Opening parses the whole sheet: once for the head and the data together.
        try:
            return book.get_sheet_by_name(meta.name)
        except (python_calamine.CalamineError, OSError) as error:
            raise UnreadableTable(str(error)) from error

    def rows() -> Iterator[Row]:
        return enumerate(opened().iter_rows(), 1)

    visible = meta.visible == python_calamine.SheetVisibleEnum.Visible
    return Sheet(name=meta.name, visible=visible, rows=rows)


def decode(data: bytes) -> str:
    """Text of a csv file: by its byte-order mark, else strict UTF-8, else cp1251 (D-62)."""
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return data.decode("utf-16", errors="replace")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return data.decode("cp1251", errors="replace")


def _delimiter(text: str) -> str:
    head = "\n".join(text.split("\n", _HEAD_LINES)[:_HEAD_LINES])
    return max(_DELIMITERS, key=head.count)


def _csv_sheet(text: str) -> Sheet:
    delimiter = _delimiter(text)
    csv.field_size_limit(_FIELD_LIMIT)

    def rows() -> Iterator[Row]:
        reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
        line = 1
        try:
            for cells in reader:
                yield line, cells
                line = reader.line_num + 1
        except csv.Error as error:
            raise UnreadableTable(str(error)) from error

    return Sheet(name="csv", visible=True, rows=rows)
