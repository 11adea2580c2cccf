"""Files that cannot be used: case → (bytes, name, folder, code of the answer, words in it)."""

from __future__ import annotations

import io
import struct
import zipfile
from typing import Any

import msoffcrypto.format.ooxml
import openpyxl
import xlsxwriter

from .files import csv_text, data_sheet, ods, passport, table, titles, xls, xlsx

GOOD = xlsx([data_sheet(table("P05"))])
M04_FACE: dict[str, Any] = {"form_code": "M04", "territory_code": "T14", "period": "2024-09"}


def m04(**face: Any) -> bytes:
    known = {k: v for k, v in (M04_FACE | face).items() if v is not None}
    return xlsx([passport(**known), data_sheet(table("M04"))])


def archive_by(method: int, **members: bytes) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", method) as file:
        for name, data in members.items():
            file.writestr(name.replace("__", "/"), data)
    return stream.getvalue()


def archive(**members: bytes) -> bytes:
    return archive_by(zipfile.ZIP_DEFLATED, **members)


def encrypted() -> bytes:
    stream = io.BytesIO()
    msoffcrypto.format.ooxml.OOXMLFile(io.BytesIO(GOOD)).encrypt("пароль", stream)
    return stream.getvalue()


def bomb() -> bytes:
    zeros = b"\0" * (1 << 20)
    stream = io.BytesIO()
    with (
        zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as file,
        file.open("xl/worksheets/sheet1.xml", "w") as member,
    ):
        for _ in range(201):
            member.write(zeros)
    return stream.getvalue()


def far_cell() -> bytes:
    cells = table("P05")
    stream = io.BytesIO()
    book = xlsxwriter.Workbook(stream, {"in_memory": True})
    sheet = book.add_worksheet("Данные")
    for r, row in enumerate(cells):
        sheet.write_row(r, 0, [str(value) for value in row])
    sheet.write(1048575, 16383, "случайно")
    book.close()
    return stream.getvalue()


def locked_archive() -> bytes:
    """The mark of a password on a member; the bytes behind it do not matter."""
    data = bytearray(archive(a=GOOD))
    for start in (data.find(b"PK\x03\x04") + 6, data.find(b"PK\x01\x02") + 8):
        data[start] |= 1
    return bytes(data)


def bare_formula() -> bytes:
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.title = "Данные"
    rows = table("P05")
    rows[1][0] = "=VLOOKUP(A3,B:C,2,0)"
    for row in rows:
        sheet.append(row)
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


def chart_only() -> bytes:
    stream = io.BytesIO()
    book = xlsxwriter.Workbook(stream, {"in_memory": True})
    chart = book.add_chart({"type": "line"})
    chart.add_series({"values": "=График!$A$1:$A$2"})
    book.add_chartsheet("График").set_chart(chart)
    book.close()
    return stream.getvalue()


def without(code: str, title: str) -> bytes:
    at = titles(code).index(title)
    return xlsx([data_sheet([row[:at] + row[at + 1 :] for row in table(code)])])


def doubled(title: str) -> bytes:
    rows = [[*row, row[titles("P05").index(title)]] for row in table("P05")]
    return xlsx([data_sheet(rows)])


UTF8 = csv_text(table("P05")).encode()
OLD_WORD = "word97"
HTML = "<html><body>Срок сеанса истёк, войдите снова</body></html>".encode("cp1251")
XML_2003 = b'<?xml version="1.0"?><Workbook xmlns="urn:schemas-microsoft-com:office:spreadsheet"/>'

# case → (bytes, file name, folder, code of the finding, words that the message must hold)
CASES: dict[str, tuple[bytes, str, str, str, str]] = {
    "empty": (b"", "a.xlsx", "T14", "F-EMPTY", "пустой"),
    "only zeros": (b"\0" * 4096, "a.xlsx", "T14", "F-EMPTY", "пустой"),
    "only blanks": ("\ufeff \r\n\t".encode(), "a.csv", "T14", "F-EMPTY", "пустой"),
    "encrypted": (encrypted(), "a.xlsx", "T14", "F-ENCRYPTED", "паролем"),
    "truncated xlsx": (GOOD[: len(GOOD) // 2], "a.xlsx", "T14", "F-TRUNCATED", "не полностью"),
    "xlsx without its end": (GOOD[:-30], "a.xlsx", "T14", "F-TRUNCATED", "не полностью"),
    "truncated xls": (
        xls([data_sheet(table("P05", 3))])[:2000], "a.xls", "T14", "F-TRUNCATED", "не полностью",
    ),
    "truncated ods": (ods([data_sheet(table("P05"))])[:900], "a.ods", "T14", "F-TRUNCATED", "не"),
    "csv cut inside a letter": (UTF8[:-3], "a.csv", "T14", "F-TRUNCATED", "не полностью")
    if UTF8[-3] > 127
    else (UTF8 + "Я".encode()[:1], "a.csv", "T14", "F-TRUNCATED", "не полностью"),
    "csv with an open quote": (
        csv_text(table("P05")).replace("event_id-000", '"event_id-000').encode(),
        "P05_participations__2024-09-30.csv", "platform", "F-OPEN-QUOTE", "строке 2",
    ),
    "far cell": (far_cell(), "P05_participations__2024-09-30.xlsx", "", "F-TOO-LARGE", "памят"),
    "more sheets than anybody fills in": (
        xlsx([data_sheet([[1]], f"Лист{n}") for n in range(201)]),
        "a.xlsx", "T14", "F-OVER-LIMIT", "листов — 201",
    ),
    "zip packed oddly": (
        archive_by(zipfile.ZIP_LZMA, a=GOOD), "a.zip", "T14", "F-ARCHIVE", "способом",
    ),
    "zip bomb": (bomb(), "a.xlsx", "T14", "F-TOO-LARGE", "памят"),
    "pdf": (b"%PDF-1.7\n%\xe2\xe3", "a.xlsx", "T14", "F-FOREIGN", "PDF"),
    "jpeg": (b"\xff\xd8\xff\xe0" + bytes(99), "a.xlsx", "T14", "F-FOREIGN", "изображение"),
    "png": (b"\x89PNG\r\n\x1a\n" + bytes(99), "a.png", "T14", "F-FOREIGN", "изображение"),
    "docx": (archive(word__document_xml=b"<w/>"), "a.xlsx", "T14", "F-FOREIGN", "текстовый"),
    "odt": (
        archive(mimetype=b"application/vnd.oasis.opendocument.text"),
        "a.ods", "T14", "F-FOREIGN", "текстовый",
    ),
    "rtf": (b"{\\rtf1\\ansi", "a.xls", "T14", "F-FOREIGN", "текстовый"),
    "zip in a zip": (archive(a=archive(b=GOOD)), "a.zip", "T14", "F-ARCHIVE", "другой архив"),
    "empty zip": (archive(), "a.zip", "T14", "F-ARCHIVE", "ни одного файла"),
    "zip of folders": (archive(a__=b""), "a.zip", "T14", "F-ARCHIVE", "ни одного файла"),
    "zip of too many files": (
        archive(**{f"n{n}": b"" for n in range(201)}), "a.zip", "T14", "F-ARCHIVE", "201",
    ),
    "zip with a password": (locked_archive(), "a.zip", "T14", "F-ARCHIVE", "паролем"),
    "rar": (b"Rar!\x1a\x07\x01\x00", "a.rar", "T14", "F-ARCHIVE", "не zip"),
    "7z": (b"7z\xbc\xaf\x27\x1c", "a.7z", "T14", "F-ARCHIVE", "не zip"),
    "formula without its value": (
        bare_formula(), "P05_participations__2024-09-30.xlsx", "", "F-FORMULA", "стоит формула",
    ),
    "table on its side": (
        xlsx([data_sheet([list(row) for row in zip(*table("P05"), strict=True)])]),
        "P05_participations__2024-09-30.xlsx", "", "F-TRANSPOSED", "друг под другом",
    ),
    "book of nothing but a chart": (
        chart_only(), "a.xlsx", "T14", "F-FOREIGN", "без единого листа",
    ),
    "html saved as xls": (HTML, "a.xls", "T14", "F-FOREIGN", "html"),
    "xml 2003": (XML_2003, "a.xls", "T14", "F-FOREIGN", "XML"),
    "executable": (
        b"MZ\x90\0" + struct.pack("<64I", *range(64)), "a.xlsx", "T14", "F-FOREIGN", "неизвестного",
    ),
    "nobody names the form": (
        xlsx([data_sheet([["раз", "два"], [1, 2]])]), "отчёт.xlsx", "T14", "F-NO-FORM", "нигде",
    ),
    "unknown version": (m04(form_version="7"), "a.xlsx", "T14", "F-NO-VERSION", "версия 7"),
    "unknown form": (m04(form_code="M99"), "a.xlsx", "T14", "F-NO-FORM", "M99"),
    "unknown form in the name": (
        GOOD, "P77_pupils__2024-09-30__v1.xlsx", "platform", "F-NO-FORM", "P77",
    ),
    "nobody names the territory": (
        m04(territory_code=None), "a.xlsx", "почта", "F-NO-TERRITORY", "нигде",
    ),
    "unknown territory number": (m04(territory_code="T67"), "a.xlsx", "", "F-NO-TERRITORY", "T67"),
    "unknown territory number in the name": (
        xlsx([data_sheet(table("M04"))]), "M04_x__T99__2024-09.xlsx", "", "F-NO-TERRITORY", "T99",
    ),
    "misspelt territory": (
        m04(territory_code=None, territory_name="г.о. Балашыха"), "a.xlsx", "",
        "F-NO-TERRITORY", "Балашыха",
    ),
    "nobody names the period": (m04(period=None), "a.xlsx", "T14", "F-NO-PERIOD", "нигде"),
    "impossible month": (m04(period="2024-13"), "a.xlsx", "T14", "F-NO-PERIOD", "2024-13"),
    "impossible day": (
        GOOD, "P05_participations__2024-02-30.xlsx", "", "F-NO-PERIOD", "2024-02-30",
    ),
    "period in words": (m04(period="за осень"), "a.xlsx", "T14", "F-NO-PERIOD", "за осень"),
    "snapshot of the future": (
        GOOD, "P05_participations__2024-10-03.xlsx", "", "F-FUTURE", "03.10.2024",
    ),
    "month of the future": (m04(period="2031-05"), "a.xlsx", "", "F-FUTURE", "31.05.2031"),
    "month of another year": (m04(period="2014-09"), "a.xlsx", "", "F-OTHER-YEAR", "30.09.2014"),
    "no header": (
        xlsx([data_sheet([["письмо"]], "Лист1")]), "P05_participations__2024-09-30.xlsx", "",
        "F-NO-HEADER", "«Лист1»",
    ),
    "missing column": (
        without("P05", "ID обучающегося"), "P05_participations__2024-09-30.xlsx", "",
        "F-MISSING-COLUMN", "«ID обучающегося»",
    ),
    "column twice": (
        doubled("Статус"), "P05_participations__2024-09-30.xlsx", "",
        "F-DUPLICATE-HEADER", "«Статус»",
    ),
    "no rows": (
        xlsx([data_sheet([titles("P05")])]), "P05_participations__2024-09-30.xlsx", "",
        "F-NO-ROWS", "«Данные»",
    ),
}  # fmt: skip
