"""«Bad input»: each case has its own Russian message and never ends with a traceback."""

from __future__ import annotations

import io
import re
import zipfile
from datetime import datetime
from pathlib import Path
from typing import Any

import openpyxl
import pyarrow as pa
import pytest
import xlsxwriter

from ingest.bombs import kills_reader, outgrows
from ingest.deliveries import file_finding_catalogue
from ingest.settings import MOSCOW

from .bad_files import CASES, GOOD, M04_FACE
from .conftest import RECEIVED, Reader
from .files import BOOKS, data_sheet, passport, samples, table, titles, xls, xlsx

TECHNICAL = re.compile(
    r"traceback|exception|error|none\b|null|errno|calamine|panic|python|utf-8|\{|\}", re.I
)
CYRILLIC = re.compile("[а-яё]{3}", re.I)


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
    assert (outcome.codes, outcome.delivery.n_rows) == (["F-ACTIVE"], 3)


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


@pytest.mark.parametrize("writer", ["openpyxl", "xlsxwriter", "synthetic"])
def test_honest_books_are_cleared_without_a_trial(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, writer: str
) -> None:
    """A trial costs as much as the reading itself."""
    monkeypatch.setattr("ingest.bombs.kills_reader", lambda _: True)
    cells = [[f"{cell}" for cell in row] for row in table("P05", 3)]
    if writer == "synthetic":
        from synthetic.sheet import Tab, write_xlsx

        names = [f"c{n}" for n in range(len(cells[0]))]
        rows = pa.table({n: [row[k] for row in cells[1:]] for k, n in enumerate(names)})
        write_xlsx(tmp_path / "x.xlsx", [Tab("Данные", tuple(cells[0]), rows)], RECEIVED)
        data = (tmp_path / "x.xlsx").read_bytes()
    elif writer == "openpyxl":
        made = openpyxl.Workbook()
        for row in cells:
            made.active.append(row)
        made.save(tmp_path / "x.xlsx")
        data = (tmp_path / "x.xlsx").read_bytes()
    else:
        data = xlsx([data_sheet(cells)])
    assert not outgrows(data)


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
