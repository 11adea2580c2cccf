"""D-01 … D-10 and D-62: what a file is, against what its name says."""

from __future__ import annotations

import io
import zipfile

import msoffcrypto.format.ooxml
import pandas as pd

from tests.defects.base import book, meetings, passport, saved, titles
from tests.ingest.files import SheetOf, csv_text, ods, xls

FORM = "M08_parents_meetings__T{0:02d}__2024-09"


def _table() -> list[list[object]]:
    return [titles("M08"), *meetings()]


def _good(number: int) -> bytes:
    return saved(book(_table(), passport("M08", number)))


def _sheets(number: int) -> list[SheetOf]:
    return [SheetOf("Паспорт", passport("M08", number)), SheetOf("Данные", _table())]


def _archive(**members: bytes) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as file:
        for name, data in members.items():
            file.writestr(name, data)
    return stream.getvalue()


def _with_members(data: bytes, *names: str) -> bytes:
    stream = io.BytesIO(data)
    with zipfile.ZipFile(stream, "a") as file:
        for name in names:
            file.writestr(name, b"\xd0\xcf\x11\xe0")
    return stream.getvalue()


def _csv() -> str:
    return csv_text(_table())


def d01(number: int) -> tuple[str, bytes]:
    """AUTO: an old workbook (xls) named .xlsx."""
    return "Отчёт.xlsx", xls(_sheets(number))


def d02(number: int) -> tuple[str, bytes]:
    """AUTO: a new workbook (xlsx) named .xls."""
    return "Отчёт.xls", _good(number)


def d03(number: int) -> tuple[str, bytes]:
    """WARN: a web page that a portal saved as .xls."""
    page = pd.DataFrame(meetings(), columns=titles("M08")).to_html(index=False)
    return f"{FORM.format(number)}.xls", page.encode("cp1251")


def d04(number: int) -> tuple[str, bytes]:
    """WARN: csv named .xlsx."""
    return f"{FORM.format(number)}.xlsx", _csv().encode()


def d05(number: int) -> tuple[str, bytes]:
    """REJ: a workbook with a password."""
    stream = io.BytesIO()
    msoffcrypto.format.ooxml.OOXMLFile(io.BytesIO(_good(number))).encrypt("пароль", stream)
    return f"{FORM.format(number)}.xlsx", stream.getvalue()


def d06a(number: int) -> tuple[str, bytes]:
    """REJ: an empty file."""
    return f"{FORM.format(number)}.xlsx", b""


def d06b(number: int) -> tuple[str, bytes]:
    """REJ: a file that broke off on its way."""
    return "Отчёт.xlsx", _good(number)[:4000]


def d07(number: int) -> tuple[str, bytes]:
    """AUTO: an archive with the report, a letter and a scan; each gets its own answer."""
    letter = _archive(**{"word/document.xml": b"<w/>"})
    scan = b"\xff\xd8\xff\xe0" + bytes(64)
    return "Отчёты.zip", _archive(
        **{f"{FORM.format(number)}.xlsx": _good(number), "Письмо.docx": letter, "Скан.jpg": scan}
    )


def d07b(number: int) -> tuple[str, bytes]:
    """REJ: an archive of another kind."""
    return "Отчёты.rar", b"Rar!\x1a\x07\x01\x00" + bytes(64)


def d08a(number: int) -> tuple[str, bytes]:
    """WARN: a table of another office (ods)."""
    return "Отчёт.ods", ods(_sheets(number))


def d08b(number: int) -> tuple[str, bytes]:
    """REJ: a scan."""
    return f"{FORM.format(number)}.pdf", b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n1 0 obj\n<<>>\nendobj\n"


def d08c(number: int) -> tuple[str, bytes]:
    """REJ: a table inside a text document."""
    return f"{FORM.format(number)}.docx", _archive(**{"word/document.xml": b"<w/>"})


def d09(number: int) -> tuple[str, bytes]:
    """AUTO: formatting down to row 1 048 576."""
    made = book(_table(), passport("M08", number))
    sheet = made["Данные"]
    sheet.cell(1_048_576, 16_384).number_format = "0.00"
    return "Отчёт.xlsx", saved(made)


def d10(number: int) -> tuple[str, bytes]:
    """WARN: macros, links to other books, embedded objects."""
    parts = ("xl/vbaProject.bin", "xl/externalLinks/externalLink1.xml", "xl/embeddings/a.bin")
    return "Отчёт.xlsm", _with_members(_good(number), *parts)


def d62a(number: int) -> tuple[str, bytes]:
    """AUTO: csv in cp1251 with semicolons."""
    return f"{FORM.format(number)}.csv", _csv().encode("cp1251")


def d62b(number: int) -> tuple[str, bytes]:
    """AUTO: csv in UTF-16 with tabs."""
    return f"{FORM.format(number)}__v2.csv", _csv().replace(";", "\t").encode("utf-16")


def d62c(number: int) -> tuple[str, bytes]:
    """AUTO: UTF-8 that was read as cp1251 and saved («РџР°…»)."""
    scrambled = _csv().encode().decode("cp1251", "surrogateescape")
    scrambled = "".join(chr(0x98) if ord(c) >= 0xDC80 else c for c in scrambled)
    return f"{FORM.format(number)}__v3.csv", scrambled.encode()


def d62d(number: int) -> tuple[str, bytes]:
    """QUAR: a stray delimiter shifts one row."""
    lines = _csv().splitlines()
    lines[2] += ";лишнее;ещё"
    return f"{FORM.format(number)}__v4.csv", "\r\n".join(lines).encode()
