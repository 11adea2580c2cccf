"""Files of forms as senders write them: sheets of Python values go in, bytes of a format come out.

Titles and types come from `ingest/forms`, so that the files never drift from the contract.
"""

from __future__ import annotations

import io
import struct
import zipfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from html import escape
from typing import Any

import pandas as pd
import xlsxwriter
import xlwt

from ingest.cells import text_of
from ingest.forms import Column, ColumnType, FormVersion, load_forms

Cells = list[list[Any]]
INNS = ("7707083893", "500100732259", "7702070139")
BIFF12_SHEET_STATES = {True: 1, False: 0}


@dataclass(frozen=True)
class SheetOf:
    """One sheet to write."""

    name: str
    cells: Cells
    hidden: bool = False
    merged: tuple[tuple[int, int, int, int], ...] = ()  # first row, first column, last …


def version_of(code: str) -> FormVersion:
    return load_forms()[code].latest


def sample(column: Column, i: int) -> Any:
    """A correct value of the column, as an office program would hold it."""
    if column.type is ColumnType.ENUM:
        return [words[0] for words in column.values.values()][i % len(column.values)]
    if column.lookup == "state_school":
        return "МБОУ СОШ № 5"
    if column.lookup:
        return ("Балашиха", "Химки", "Дубна")[i % 3]
    plain: dict[ColumnType, Any] = {
        ColumnType.ID: f"{column.name}-{i:03d}",
        ColumnType.STR: f"Слово {column.title} {i}",
        ColumnType.DATE: date(2024, 9, 1 + i),
        ColumnType.TS: datetime.fromisoformat(f"2024-09-{2 + i:02d}T10:30:07"),
        ColumnType.INT: 10 + i,
        ColumnType.BOOL: ("да", "нет")[i % 2],
        ColumnType.INN: INNS[i % 3],
        ColumnType.URL: "https://example.org/a",
        ColumnType.EMAIL: f"ivanova{i}@example.org",
        ColumnType.GRADE: f"{7 + i}А",
    }
    return plain[column.type]


def titles(code: str) -> list[Any]:
    return [column.title for column in version_of(code).columns]


def samples(code: str, count: int = 3) -> Cells:
    return [[sample(column, i) for column in version_of(code).columns] for i in range(count)]


def table(code: str, count: int = 3) -> Cells:
    """Header and rows of a form."""
    return [titles(code), *samples(code, count)]


def expected_rows(code: str, count: int = 3) -> list[dict[str, str | None]]:
    """What the reader must give for `samples`."""
    names = [column.name for column in version_of(code).columns]
    return [dict(zip(names, map(text_of, row), strict=True)) for row in samples(code, count)]


def passport(**fields: Any) -> SheetOf:
    """A «Паспорт» sheet: keyword = field of `passport.yml`."""
    labels = {
        "form_code": "Код формы",
        "form_version": "Версия формы",
        "territory_code": "Код территории",
        "territory_name": "Наименование территории",
        "period": "Отчётный период (ГГГГ-ММ)",
        "as_of": "Дата среза",
        "is_zero_report": "Нулевой отчёт",
    }
    return SheetOf("Паспорт", [[labels[name], value] for name, value in fields.items()])


def data_sheet(cells: Cells, name: str = "Данные") -> SheetOf:
    return SheetOf(name, cells)


def xlsx(sheets: Sequence[SheetOf]) -> bytes:
    stream = io.BytesIO()
    book = xlsxwriter.Workbook(stream, {"in_memory": True})
    day = book.add_format({"num_format": "dd.mm.yyyy"})
    moment = book.add_format({"num_format": "dd.mm.yyyy hh:mm:ss"})
    for spec in sheets:
        sheet = book.add_worksheet(spec.name)
        for area in spec.merged:
            sheet.merge_range(*area, "")
        for r, row in enumerate(spec.cells):
            for c, value in enumerate(row):
                if isinstance(value, datetime):
                    sheet.write_datetime(r, c, value, moment)
                elif isinstance(value, date):
                    sheet.write_datetime(r, c, value, day)
                elif value is not None and value != "":
                    sheet.write(r, c, value)
        if spec.hidden:
            sheet.hide()
    book.close()
    return stream.getvalue()


def xls(sheets: Sequence[SheetOf]) -> bytes:
    book = xlwt.Workbook()
    day = xlwt.easyxf(num_format_str="dd.mm.yyyy")
    moment = xlwt.easyxf(num_format_str="dd.mm.yyyy hh:mm:ss")
    for spec in sheets:
        sheet = book.add_sheet(spec.name)
        for r, row in enumerate(spec.cells):
            for c, value in enumerate(row):
                if isinstance(value, datetime):
                    sheet.write(r, c, value, moment)
                elif isinstance(value, date):
                    sheet.write(r, c, value, day)
                elif value is not None:
                    sheet.write(r, c, value)
        if spec.hidden:
            sheet.visibility = 1
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


def ods(sheets: Sequence[SheetOf]) -> bytes:
    stream = io.BytesIO()
    with pd.ExcelWriter(stream, engine="odf") as writer:
        for spec in sheets:
            frame = pd.DataFrame(spec.cells, dtype=object)
            frame.to_excel(writer, sheet_name=spec.name, header=False, index=False)
    return stream.getvalue()


def _record(kind: int, payload: bytes = b"") -> bytes:
    head = bytes([kind]) if kind < 0x80 else bytes([kind & 0x7F | 0x80, kind >> 7])
    size, length = b"", len(payload)
    while True:
        size += bytes([length & 0x7F | (0x80 if length > 0x7F else 0)])
        length >>= 7
        if not length:
            return head + size + payload


def _wide(text: str) -> bytes:
    return struct.pack("<I", len(text.encode("utf-16-le")) // 2) + text.encode("utf-16-le")


def _biff12_cell(column: int, value: Any) -> bytes:
    place = struct.pack("<II", column, 0)
    if isinstance(value, bool):
        return _record(0x0004, place + bytes([value]))
    if isinstance(value, (int, float)):
        return _record(0x0005, place + struct.pack("<d", value))
    return _record(0x0006, place + _wide(text_of(value) or ""))


def _biff12_sheet(cells: Cells) -> bytes:
    width = max(map(len, cells), default=1)
    out = _record(0x0081) + _record(0x0094, struct.pack("<IIII", 0, len(cells) - 1, 0, width - 1))
    out += _record(0x0091)
    for r, row in enumerate(cells):
        out += _record(0x0000, struct.pack("<IIHBBBI", r, 0, 300, 0, 0, 0, 0))
        out += b"".join(_biff12_cell(c, v) for c, v in enumerate(row) if v not in (None, ""))
    return out + _record(0x0092) + _record(0x0082)


def xlsb(sheets: Sequence[SheetOf]) -> bytes:
    """A minimal binary workbook (BIFF12) by hand: no library writes it; dates go as ISO text."""
    rels = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    listed, links = b"", ""
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for n, spec in enumerate(sheets, 1):
            state = struct.pack("<II", BIFF12_SHEET_STATES[spec.hidden], n)
            listed += _record(0x009C, state + _wide(f"rId{n}") + _wide(spec.name))
            links += (
                f'<Relationship Id="rId{n}" Type="{rels}/worksheet" '
                f'Target="worksheets/sheet{n}.bin"/>'
            )
            archive.writestr(f"xl/worksheets/sheet{n}.bin", _biff12_sheet(spec.cells))
        book = _record(0x0083) + _record(0x008F) + listed + _record(0x0090) + _record(0x0084)
        archive.writestr("xl/workbook.bin", book)
        package = "http://schemas.openxmlformats.org/package/2006/relationships"
        archive.writestr(
            "xl/_rels/workbook.bin.rels",
            f'<?xml version="1.0"?><Relationships xmlns="{package}">{links}</Relationships>',
        )
    return stream.getvalue()


def csv_text(cells: Cells, delimiter: str = ";") -> str:
    """A csv as Excel saves it: quotes where they are needed, CRLF."""

    def cell(value: Any) -> str:
        text = text_of(value) or ""
        if any(mark in text for mark in (delimiter, '"', "\n")):
            return '"' + text.replace('"', '""') + '"'
        return text

    return "".join(delimiter.join(map(cell, row)) + "\r\n" for row in cells)


def csv_writer(encoding: str, delimiter: str) -> Callable[[Sequence[SheetOf]], bytes]:
    """A writer of the last sheet (csv has only one)."""
    return lambda sheets: csv_text(sheets[-1].cells, delimiter).encode(encoding)


def html_page(sheets: Sequence[SheetOf]) -> bytes:
    """A page as portals save it under the name of a workbook: a table that only lays out others."""

    def row(cells: Sequence[Any]) -> str:
        return "".join(f"<td>{escape(text_of(cell) or '')}</td>" for cell in cells)

    tables = [
        "<table>" + "".join(f"<tr>{row(line)}</tr>" for line in sheet.cells) + "</table>"
        for sheet in sheets
    ]
    laid = "".join(f"<tr><td>{table}</td></tr>" for table in tables)
    head = '<html><head><meta charset="windows-1251"></head>'
    return f"{head}<body><table>{laid}</table></body></html>".encode("cp1251")


def spreadsheet_xml(sheets: Sequence[SheetOf]) -> bytes:
    """An «XML spreadsheet 2003»: blank cells are left out and the next one says its place."""

    def cells(line: Sequence[Any]) -> str:
        said = [(place, text_of(value)) for place, value in enumerate(line, 1)]
        return "".join(
            f'<Cell ss:Index="{place}"><Data ss:Type="String">{escape(text)}</Data></Cell>'
            for place, text in said
            if text
        )

    tables = "".join(
        f'<Worksheet ss:Name="{sheet.name}"><Table>'
        + "".join(f"<Row>{cells(line)}</Row>" for line in sheet.cells)
        + "</Table></Worksheet>"
        for sheet in sheets
    )
    space = "urn:schemas-microsoft-com:office:spreadsheet"
    return (
        '<?xml version="1.0" encoding="UTF-8"?><?mso-application progid="Excel.Sheet"?>'
        f'<Workbook xmlns="{space}" xmlns:ss="{space}">{tables}</Workbook>'
    ).encode()


MARKUP = {"html": html_page, "xml": spreadsheet_xml}
BOOKS: dict[str, Callable[[Sequence[SheetOf]], bytes]] = {
    "xlsx": xlsx,
    "xls": xls,
    "ods": ods,
    "xlsb": xlsb,
}
TEXTS = {
    f"{encoding} {name}": csv_writer(encoding, mark)
    for encoding in ("utf-8", "utf-8-sig", "cp1251", "utf-16")
    for name, mark in (("semicolon", ";"), ("comma", ","), ("tab", "\t"))
}
