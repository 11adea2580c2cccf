"""Opening any accepted table file as sheets of rows (python-calamine for workbooks, csv for text).

What enters: bytes and their kind. What leaves: sheets that give rows with their own row numbers.
"""

from __future__ import annotations

import codecs
import csv
import io
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import cache, cached_property, partial
from itertools import islice
from typing import Any

import python_calamine

from ingest.bombs import ZIP_FAULTS, kills_reader, outgrows
from ingest.limits import within
from ingest.look import Look, Looks
from ingest.sniff import Kind

Row = tuple[int, list[Any]]
Area = tuple[int, int, int, int]  # first row and position, last row and position
_DELIMITERS = ";\t,|"
_HEAD_LINES, _MOST_HEAD_LINES = 30, 40
_FIELD_LIMIT = 1 << 20
_TABLE = python_calamine.SheetTypeEnum.WorkSheet


class UnreadableTable(Exception):
    """A table file whose content its own reader refuses; becomes a finding, not a crash."""

    code = "F-TRUNCATED"

    def __init__(self, reason: str, row: int | None = None) -> None:
        self.row = row
        super().__init__(reason)


class LockedTable(UnreadableTable):
    """A password that only the reader noticed."""

    code = "F-ENCRYPTED"


class TableTooLarge(UnreadableTable):
    """A sheet whose rectangle of cells would not fit into memory."""

    code = "F-TOO-LARGE"


class OpenQuote(UnreadableTable):
    """A csv quote that is never closed: all lines below it would become one cell."""

    code = "F-OPEN-QUOTE"


@dataclass(frozen=True)
class Sheet:
    """One sheet; `rows()` starts anew at each call and yields (row number from 1, cells)."""

    name: str
    visible: bool
    rows: Callable[[], Iterator[Row]]
    is_text: bool = False  # csv: a surplus cell there means a surplus delimiter
    merged: Callable[[], list[Area]] = list  # rows count from 1, positions from 0
    look: Callable[[], Look] = Look
    remarks: tuple[str, ...] = ()  # codes of what was noticed while it was opened

    def head(self, count: int = _HEAD_LINES) -> list[Row]:
        """The first `count` rows that are not blank, 40 at most."""
        return self._head[:count]

    @cached_property
    def _head(self) -> list[Row]:
        # Every form looks at it.
        filled = (row for row in self.rows() if any(cell not in ("", None) for cell in row[1]))
        return list(islice(filled, _MOST_HEAD_LINES))


def open_sheets(data: bytes, kind: Kind) -> list[Sheet]:
    """Sheets of a table file in their own order.

    Raises:
        UnreadableTable: the content is damaged.
        OverLimit: there is more of it than in any honest file.
    """
    if kind is Kind.TEXT:
        within("text_bytes", len(data))
        text = decode(data)
        plain = unscrambled(text)
        sheet = _csv_sheet(plain or text)
        return [replace(sheet, remarks=("F-MOJIBAKE",) if plain else ())]
    if kind is Kind.HTML:
        # Rare: nobody else waits for its parser.
        from ingest.markup import tables_of

        within("page_bytes", len(data))
        return [_table_sheet(*table) for table in tables_of(decode(data))]
    with _foreign_reader():
        if kind is Kind.XLSX and outgrows(data):
            raise TableTooLarge("no memory")
        if kind is not Kind.XLSX and kills_reader(data):
            # Zipped formats have checksums: what kills there is size; in xls it is damage.
            raise UnreadableTable("damaged") if kind is Kind.XLS else TableTooLarge("no memory")
        book = python_calamine.CalamineWorkbook.from_filelike(io.BytesIO(data))
        # A sheet that is one large chart holds no cells, and the reader stumbles over some.
        tables = [m for m in book.sheets_metadata if m.typ == _TABLE]
        within("sheets", len(tables))
        look = Looks(data).of if kind is Kind.XLSX else None
        return [_book_sheet(book, meta, look) for meta in tables]


@contextmanager
def _foreign_reader() -> Iterator[None]:
    """Turn everything that a parser does on hostile bytes into one exception of ours."""
    try:
        yield
    except python_calamine.PasswordError as error:
        raise LockedTable(str(error)) from error
    except (python_calamine.CalamineError, *ZIP_FAULTS) as error:
        raise UnreadableTable(str(error)) from error
    except BaseException as error:
        # A panic of the compiled reader is no Exception and its class cannot be imported.
        if type(error).__name__ != "PanicException":
            raise
        raise UnreadableTable(str(error)) from None


def _book_sheet(
    book: python_calamine.CalamineWorkbook, meta: Any, look: Callable[[str], Look] | None
) -> Sheet:
    @cache
    def opened() -> python_calamine.CalamineSheet:
        # Opening parses the whole sheet: once for the head and the data together.
        with _foreign_reader():
            return book.get_sheet_by_name(meta.name)

    def rows() -> Iterator[Row]:
        # A cell may be a moment that no calendar holds: the reader stumbles where it stands.
        with _foreign_reader():
            yield from enumerate(opened().iter_rows(), 1)

    def merged() -> list[Area]:
        ranges = opened().merged_cell_ranges or []
        return [(a + 1, b, c + 1, d) for (a, b), (c, d) in ranges]

    return Sheet(
        name=meta.name,
        visible=meta.visible == python_calamine.SheetVisibleEnum.Visible,
        rows=rows,
        merged=merged,
        look=cache(partial(look, meta.name)) if look else Look,
    )


def _table_sheet(name: str, table: list[list[str]]) -> Sheet:
    return Sheet(name=name, visible=True, rows=lambda: enumerate(table, 1))


def decode(data: bytes) -> str:
    """Text of a csv file: by its byte-order mark, else strict UTF-8, else cp1251 (D-62)."""
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return data.decode("utf-16", errors="replace")
    if data.startswith(codecs.BOM_UTF8):
        return data.decode("utf-8-sig", errors="replace")
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError as error:
        begins_well = not data[: error.start].isascii()
        if error.reason == "unexpected end of data" and begins_well:
            raise UnreadableTable("the last letter is cut off") from error
        return data.decode("cp1251", errors="replace")


# What Python's cp1251 leaves out: other programs give the byte its own number.
_CP1251 = bytes(range(256)).decode("cp1251", "replace").replace("\ufffd", "\x98")
_BYTES = codecs.charmap_build(_CP1251)


def unscrambled(text: str) -> str | None:
    """The text whose UTF-8 somebody read as cp1251 and saved («РџР°…»), else None (D-62)."""
    if text.isascii():
        return None
    try:
        plain = codecs.charmap_encode(text, "strict", _BYTES)[0].decode("utf-8")
    except UnicodeError:
        return None  # honest Russian in cp1251 is practically never valid UTF-8
    return plain if plain != text else None


def _regularity(lines: list[str], delimiter: str) -> tuple[int, int]:
    try:
        widths = Counter(len(cells) for cells in csv.reader(lines, delimiter=delimiter))
    except csv.Error:
        return 0, 0
    del widths[1], widths[0]
    return max(((count, width) for width, count in widths.items()), default=(0, 0))


def delimiter_of(text: str) -> str:
    """The mark that cuts most of the first lines into equally many cells."""
    lines = list(islice(io.StringIO(text, newline=""), _HEAD_LINES))
    within("line_bytes", max(map(len, text.replace("\r", "\n").split("\n"))))
    return max(_DELIMITERS, key=lambda mark: _regularity(lines, mark))


def _ends_in_quotes(text: str, line: int, delimiter: str) -> bool:
    """Whether the record that starts at `line` runs into the end of the file."""
    record = islice(io.StringIO(text, newline=""), line - 1, None)
    try:
        list(csv.reader(record, delimiter=delimiter, strict=True))
    except csv.Error as error:
        return "unexpected end" in str(error)
    return False


def _csv_sheet(text: str) -> Sheet:
    delimiter = delimiter_of(text)
    csv.field_size_limit(_FIELD_LIMIT)

    def rows() -> Iterator[Row]:
        reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
        line = last = 1
        try:
            for cells in reader:
                within("row_cells", len(cells))
                yield line, cells
                last, line = line, reader.line_num + 1
        except csv.Error as error:
            raise OpenQuote(str(error), line) from error
        if _ends_in_quotes(text, last, delimiter):
            raise OpenQuote("a quote is not closed", last)

    return Sheet(name="csv", visible=True, rows=rows, is_text=True)
