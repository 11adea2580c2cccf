"""«Bad input»: each case has its own Russian message, or an exact exception for the engineer."""

from __future__ import annotations

import io
import re
import struct
import zipfile
from datetime import datetime
from pathlib import Path
from typing import Any

import msoffcrypto.format.ooxml
import pytest

from ingest.deliveries import file_finding_catalogue
from ingest.limits import kills_reader
from ingest.settings import MOSCOW

from .conftest import Reader
from .files import BOOKS, csv_text, data_sheet, ods, passport, samples, table, titles, xls, xlsx

TECHNICAL = re.compile(
    r"traceback|exception|error|none\b|null|errno|calamine|panic|\bzip\b|python|utf-8|\{|\}", re.I
)
CYRILLIC = re.compile("[а-яё]{3}", re.I)

GOOD = xlsx([data_sheet(table("P05"))])
M04_FACE: dict[str, Any] = {"form_code": "M04", "territory_code": "T14", "period": "2024-09"}


def m04(**face: Any) -> bytes:
    known = {k: v for k, v in (M04_FACE | face).items() if v is not None}
    return xlsx([passport(**known), data_sheet(table("M04"))])


def archive(**members: bytes) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as file:
        for name, data in members.items():
            file.writestr(name.replace("__", "/"), data)
    return stream.getvalue()


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
    import xlsxwriter

    book = xlsxwriter.Workbook(stream, {"in_memory": True})
    sheet = book.add_worksheet("Данные")
    for r, row in enumerate(cells):
        sheet.write_row(r, 0, [str(value) for value in row])
    sheet.write(1048575, 16383, "случайно")
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
HTML = "<html><table><tr><td>ID мероприятия</td></tr></table></html>".encode("cp1251")
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
    "zip of files": (archive(a=GOOD), "a.zip", "T14", "F-FOREIGN", "архив"),
    "empty zip": (archive(), "a.zip", "T14", "F-FOREIGN", "архив"),
    "rar": (b"Rar!\x1a\x07\x01\x00", "a.rar", "T14", "F-FOREIGN", "архив"),
    "html saved as xls": (HTML, "a.xls", "T14", "F-FOREIGN", "html"),
    "xml 2003": (XML_2003, "a.xls", "T14", "F-FOREIGN", "XML"),
    "executable": (
        b"MZ\x90\0" + struct.pack("<64I", *range(64)), "a.xlsx", "T14", "F-FOREIGN", "неизвестного",
    ),
    "nobody names the form": (
        xlsx([data_sheet([["раз", "два"], [1, 2]])]), "отчёт.xlsx", "T14", "F-NO-FORM", "нигде",
    ),
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


@pytest.mark.parametrize("case", CASES)
def test_bad_input_gets_its_own_answer(read: Reader, case: str) -> None:
    data, name, folder, code, words = CASES[case]
    outcome = read(data, name, folder)
    assert outcome.blocks == [code]
    assert outcome.rows == []
    assert outcome.delivery.parsed_path is None
    assert not outcome.delivery.is_readable
    assert outcome.delivery.n_rows == 0
    finding = outcome.finding(code)
    assert words in finding.message
    for text in (finding.title, finding.message, finding.how_to_fix):
        assert CYRILLIC.search(text)
        assert not TECHNICAL.search(text.replace(name, ""))
    assert name in finding.message or finding.sheet


def test_every_blocking_message_of_the_catalogue_has_a_case() -> None:
    catalogue = file_finding_catalogue()
    blocking = {code for code, entry in catalogue.items() if entry["severity"] == "block"}
    assert {case[3] for case in CASES.values()} == blocking
    assert len({entry["message"] for entry in catalogue.values()}) == len(catalogue)


def test_refused_files_still_say_whom_to_answer(read: Reader) -> None:
    outcome = read(b"", "M04_consent_originals__T14__2024-09__v2.xlsx", "")
    route = outcome.delivery
    assert (route.form_code, route.sender_territory_id, route.version) == ("M04", 14, 2)


def test_a_zero_report_needs_no_rows(read: Reader) -> None:
    sheets = [passport(**M04_FACE, is_zero_report="да"), data_sheet([titles("M04")])]
    outcome = read(xlsx(sheets), "a.xlsx", "")
    assert (outcome.codes, outcome.delivery.n_rows) == ([], 0)
    assert outcome.delivery.is_readable
    assert outcome.delivery.is_zero_report


def test_formatting_to_the_end_of_the_sheet_does_no_harm(read: Reader) -> None:
    """Defect D-09: no value there, only formats."""
    import xlsxwriter

    stream = io.BytesIO()
    book = xlsxwriter.Workbook(stream, {"in_memory": True})
    sheet, grey = book.add_worksheet("Данные"), book.add_format({"bg_color": "gray"})
    for r, row in enumerate(table("P05")):
        sheet.write_row(r, 0, [str(value) for value in row])
    sheet.write_blank(1048575, 16383, None, grey)
    book.close()
    outcome = read(stream.getvalue())
    assert (outcome.codes, outcome.delivery.n_rows) == ([], 3)


def test_macros_of_xlsm_are_never_looked_at(read: Reader) -> None:
    stream = io.BytesIO(GOOD)
    with zipfile.ZipFile(stream, "a") as file:
        file.writestr("xl/vbaProject.bin", b"\xd0\xcf\x11\xe0 macro")
    outcome = read(stream.getvalue(), "P05_participations__2024-09-30.xlsm")
    assert (outcome.codes, outcome.delivery.n_rows) == ([], 3)


@pytest.mark.parametrize("writer", BOOKS)
@pytest.mark.parametrize("how", ["cut", "flip"])
def test_damaged_bytes_never_crash_the_reader(read: Reader, writer: str, how: str) -> None:
    """Deterministic damage all over the file; the answer is a finding or rows, never a crash."""
    data = BOOKS[writer]([data_sheet(table("P05", 3))])
    step = max(1, len(data) // (40 if writer == "xlsx" else 8))
    for at in range(1, len(data), step):
        broken = data[:at] if how == "cut" else data[:at] + b"\xff\0\xfe" + data[at + 3 :]
        outcome = read(broken, f"P05_participations__2024-09-30.{writer}")
        assert outcome.delivery.is_readable or outcome.blocks


def test_a_file_that_would_kill_the_reader_kills_only_its_trial(read: Reader) -> None:
    """A damaged length in a string table: the compiled reader asks for terabytes and aborts."""
    data = bytearray(xls([data_sheet(table("P05", 3))]))
    data[2381:2384] = b"\xff\0\xfe"
    assert kills_reader(bytes(data))
    assert read(bytes(data), "P05_participations__2024-09-30.xls").blocks == ["F-TRUNCATED"]
    assert not kills_reader(xls([data_sheet(table("P05", 3))]))


def test_a_panic_of_the_compiled_reader_is_an_answer(
    read: Reader, monkeypatch: pytest.MonkeyPatch
) -> None:
    class PanicException(BaseException):
        """As the compiled reader raises it: no Exception, no importable class."""

    def panic(_: Any) -> None:
        raise PanicException("range end index 64 out of range")

    monkeypatch.setattr("python_calamine.CalamineWorkbook.from_filelike", panic, raising=True)
    assert read(GOOD).blocks == ["F-TRUNCATED"]


def test_ctrl_c_is_not_swallowed(read: Reader, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupt(_: Any) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("python_calamine.CalamineWorkbook.from_filelike", interrupt)
    with pytest.raises(KeyboardInterrupt):
        read(GOOD)


def test_an_unreadable_new_reading_leaves_no_old_rows(read: Reader, tmp_path: Path) -> None:
    assert read(GOOD).rows
    assert read(GOOD[:-30]).rows == []
    assert not list((tmp_path / "parsed").glob("*"))


def test_received_in_time_zone_of_moscow(read: Reader) -> None:
    """00:30 of 1 October in Moscow is still September in UTC: the snapshot is not of the future."""
    moment = datetime(2024, 10, 1, 0, 30, tzinfo=MOSCOW)
    name = "P05_participations__2024-10-01.xlsx"
    assert read(GOOD, name, received_at=moment).blocks == []
    early = datetime(2024, 9, 30, 23, 30, tzinfo=MOSCOW)
    assert read(GOOD, name, received_at=early).blocks == ["F-FUTURE"]


def test_several_remarks_stand_side_by_side(read: Reader) -> None:
    cells = [["Комментарий куратора", *titles("M04")], *(["", *row] for row in samples("M04"))]
    cells.append(["", "Итого", *[""] * (len(cells[0]) - 2)])
    sheets = [passport(**M04_FACE), data_sheet(cells)]
    outcome = read(xlsx(sheets), "M04_x__T15__2024-09.xls", "T16")
    assert sorted(outcome.codes) == [
        "F-DISGUISED", "F-OTHER-ROUTE", "F-TOTALS", "F-UNKNOWN-COLUMN",
    ]  # fmt: skip
    assert outcome.delivery.n_rows == 3
