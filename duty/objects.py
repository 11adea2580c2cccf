"""Landed bytes without a person: the same kind of file, her cells changed, all others as they were.

What enters: bytes and the rows that name her. What leaves: bytes to keep instead. Kinds that only a
foreign program writes (xls, xlsb, ods, web pages) become an .xlsx of what was read.
"""

from __future__ import annotations

import csv
import io
import zipfile
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from duty.persons import Veil, load_spec
from ingest.archives import path_in_archive
from ingest.cells import text_of
from ingest.forms import FormVersion
from ingest.header import find_headers
from ingest.sheets import Sheet, UnreadableTable, decode, delimiter_of, open_sheets, unscrambled
from ingest.sniff import READABLE, Kind, sniff

Rows = Mapping[tuple[str, int], Veil]  # (label of the table, row) -> whose
_At = tuple[str, int]  # sheet, row
_Hers = tuple[Veil, Mapping[int, str]]  # whose, and what stands in each position
Change = Callable[[str, int, list[Any]], list[Any]]  # sheet, row, cells -> cells


def _by_sheet(sheets: list[Sheet], rows: Rows, version: FormVersion | None) -> dict[_At, _Hers]:
    """The rows by the sheet they stand in, with the positions of their columns."""
    headers = {h.label: h for h in find_headers(sheets, version)} if version else {}
    found: dict[_At, _Hers] = {}
    for (label, row), veil in rows.items():
        header = headers.get(label)
        sheet = header.sheet.name if header else label
        found[sheet, row] = veil, header.positions if header else {}
    return found


def _change_of(rows: dict[_At, _Hers], veils: Iterable[Veil]) -> Change:
    """What becomes of the cells of a row: hers are hidden; one of them may be set besides."""

    def change(sheet: str, row: int, cells: list[Any]) -> list[Any]:
        if (sheet, row) in rows:
            veil, positions = rows[sheet, row]
            changed = [veil.hidden(cell) for cell in cells]
            for position, name in positions.items():
                if veil.mark and name == veil.mark.column and position < len(changed):
                    changed[position] = veil.mark.text
            return changed
        # A row that no form knows, or of a file that was not accepted.
        said = " ".join(text for cell in cells if (text := text_of(cell)))
        for veil in veils:
            if veil.surely(said):
                return [veil.hidden(cell) for cell in cells]
        return cells

    return change


def without(
    data: bytes, rows: Rows, version: FormVersion | None, veils: Iterable[Veil]
) -> bytes | None:
    """A table file without persons; None if it does not name them.

    Args:
        data: the bytes of a file.
        rows: which rows are whose, as far as the file was read as a form.
        version: the layout of that form.
        veils: whom to look for in all other rows.

    Raises:
        UnreadableTable, OverLimit: it is no table that can be read.
    """
    kind = sniff(data)
    if kind not in READABLE:
        raise UnreadableTable(f"{kind}")
    sheets = open_sheets(data, kind)
    change = _change_of(_by_sheet(sheets, rows, version), tuple(veils))
    changed = {
        (sheet.name, number)
        for sheet in sheets
        for number, cells in sheet.rows()
        if change(sheet.name, number, cells) != cells
    }
    if not changed:
        return None
    if kind is Kind.TEXT:
        return _text(data, sheets[0].name, change)
    if kind is Kind.XLSX:
        return _workbook(data, changed, change)
    return _copied(sheets, change)


def _encoding(data: bytes) -> str:
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return "utf-16"
    if data.startswith(b"\xef\xbb\xbf"):
        return "utf-8-sig"
    try:
        data.decode("utf-8")
    except UnicodeDecodeError:
        return "cp1251"
    return "utf-8"


def _text(data: bytes, sheet: str, change: Change) -> bytes:
    """Records that are hers are written anew; every other line keeps its bytes."""
    encoding, text = _encoding(data), decode(data)
    if plain := unscrambled(text):
        encoding, text = "utf-8", plain
    delimiter = delimiter_of(text)
    lines = list(io.StringIO(text, newline=""))
    reader = csv.reader(iter(lines), delimiter=delimiter)
    written, start = io.StringIO(newline=""), 0
    for cells in reader:
        record = lines[start : reader.line_num]
        changed = change(sheet, start + 1, cells)
        start = reader.line_num
        if changed == cells:
            written.writelines(record)
            continue
        end = record[-1][len(record[-1].rstrip("\r\n")) :]
        # The rows below keep their numbers even if a cell of hers had lines of its own.
        end += (end or "\n") * (len(record) - 1)
        csv.writer(written, delimiter=delimiter, lineterminator=end).writerow(changed)
    return written.getvalue().encode(encoding, errors="replace")


def _workbook(data: bytes, addresses: set[tuple[str, int]], change: Change) -> bytes:
    """The sender's own workbook; the other rows keep their looks, formulas and properties."""
    from openpyxl import load_workbook
    from openpyxl.comments import Comment

    book = load_workbook(io.BytesIO(data))
    formulas = [
        cell
        for sheet in book.worksheets
        for row in sheet.iter_rows()
        for cell in row
        if cell.data_type == "f"
    ]
    if formulas:
        # What a formula said is lost by saving: the reader goes on with its value.
        values = load_workbook(io.BytesIO(data), data_only=True)
        for cell in formulas:
            cell.value = values[cell.parent.title][cell.coordinate].value
    for sheet in book.worksheets:
        for name, number in sorted(addresses):
            if name != sheet.title:
                continue
            cells: list[Any] = list(sheet[number])
            changed = change(name, number, [cell.value for cell in cells])
            for cell, value in zip(cells, changed, strict=True):
                if cell.value != value:
                    cell.value = value or None
                if cell.comment is not None:  # whoever wrote it may have named her
                    cell.comment = Comment(load_spec().other, "")
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


def _copied(sheets: list[Sheet], change: Change) -> bytes:
    """A workbook of what was read: every cell a text at its address."""
    import xlsxwriter

    stream = io.BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    with xlsxwriter.Workbook(stream, options) as book:
        for sheet in sheets:
            page = book.add_worksheet(sheet.name[:31])
            if not sheet.visible:
                page.hide()
            for number, cells in sheet.rows():
                for position, value in enumerate(change(sheet.name, number, cells)):
                    if text := text_of(value):
                        page.write_string(number - 1, position, text)
    return stream.getvalue()


def with_members(data: bytes, instead: Mapping[str, bytes]) -> bytes:
    """A zip archive with the bytes of some members changed, by their paths as they were landed."""
    stream = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(stream, "w") as new:
        for info in old.infolist():
            path = path_in_archive(info)
            kept = zipfile.ZipInfo(path or info.filename, info.date_time)
            part = instead.get(path)
            new.writestr(kept, old.read(info) if part is None else part, zipfile.ZIP_DEFLATED)
    return stream.getvalue()
