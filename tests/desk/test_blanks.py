"""What a blank looks like inside: passport, lists, checks, and rows that were accepted before."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import pytest
from click.testing import CliRunner

from bvb.cli import cli
from desk.blank_book import blank_bytes
from desk.blanks import Blank, Blanks, NoBlank
from expectations.check import check_files
from ingest.deliveries import Status
from ingest.forms import ColumnType, Sender, load_forms
from ingest.header import find_header
from ingest.settings import Settings, load_settings
from ingest.sheets import open_sheets
from ingest.sniff import Kind
from tests.conftest import Region
from tests.desk.filling import FIRST_ROW, NAME, NOW, blank_of, opened
from tests.desk.region_rows import FILLED_IN

SEPTEMBER = date(2024, 9, 30)
CHECKED = {
    ColumnType.DATE: "date", ColumnType.INT: "whole", ColumnType.BOOL: "list",
    ColumnType.ENUM: "list", ColumnType.INN: "custom", ColumnType.URL: "custom",
    ColumnType.EMAIL: "custom", ColumnType.GRADE: "custom",
}  # fmt: skip


@pytest.fixture(scope="module")
def nothing_known(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    return load_settings(tmp_path_factory.mktemp("empty"))


@pytest.fixture(scope="module")
def known(region: Region) -> Blanks:
    return Blanks(load_settings(region.data_dir), SEPTEMBER)


def _sender_of(code: str) -> int:
    return 14 if load_forms()[code].sender is Sender.TERRITORY else 0


def _checks(sheet: Any) -> dict[str, Any]:
    """Data validation of the first free row by column letter."""
    return {
        f"{area}".rstrip("0123456789").split(str(FIRST_ROW))[0]: check
        for check in sheet.data_validations.dataValidation
        for area in check.sqref.ranges
    }


def _words(book: Any, source: str) -> list[Any]:
    name, area = source.split("!")
    return [cell.value for row in book[name.strip("'")][area.replace("$", "")] for cell in row]


@pytest.mark.parametrize("code", FILLED_IN)
def test_every_column_is_titled_and_checked_by_its_type(nothing_known: Settings, code: str) -> None:
    data = blank_of(nothing_known, code, _sender_of(code), SEPTEMBER)
    version = load_forms()[code].version_at(SEPTEMBER)
    sheets = {sheet.name: sheet for sheet in open_sheets(data, Kind.XLSX)}
    header = find_header(sheets["Данные"], version)
    assert header is not None and header.is_complete and not header.unknown
    assert [*header.positions.values()] == [c.name for c in version.columns]
    book = opened(data)
    sheet, checks = book["Данные"], _checks(book["Данные"])
    for cell, column in zip(sheet[FIRST_ROW - 1], version.columns, strict=True):
        assert cell.comment is not None
        assert (sheet[FIRST_ROW - 2][cell.column - 1].value or "").startswith(
            "обязательно"
        ) == column.required
        free = sheet.column_dimensions[cell.column_letter].number_format
        assert free == {ColumnType.DATE: "dd.mm.yyyy", ColumnType.INT: "0"}.get(column.type, "@")
        if column.type in CHECKED:
            check = checks[cell.column_letter]
            assert check.type == CHECKED[column.type]
            assert check.error
            if column.values:
                assert _words(book, check.formula1) == [*column.choices.values()]


@pytest.mark.parametrize("code", FILLED_IN)
def test_an_untouched_blank_is_answered_politely(
    nothing_known: Settings, tmp_path: Path, code: str
) -> None:
    path = tmp_path / NAME
    path.write_bytes(blank_of(nothing_known, code, _sender_of(code), SEPTEMBER))
    (verdict,) = check_files([path], NOW)
    blocking = [f for f in verdict.findings if f.severity != "info"]
    assert [f.rule_id for f in blocking] == ["F-NO-ROWS"]
    assert "Нулевой отчёт" in blocking[0].how_to_fix


def test_the_same_inputs_give_the_same_bytes(known: Blanks, region: Region) -> None:
    first = blank_bytes(known.one("M03", 14))
    again = Blanks(load_settings(region.data_dir), SEPTEMBER)
    assert blank_bytes(again.one("M03", 14)) == first


def _accepted(region: Region, code: str, territory_id: int) -> int:
    (run,) = (region.data_dir / "accepted").glob("[!.]*")
    table = duckdb.read_parquet(f"{run}/{code}.parquet")
    return len(table.filter(f"sender_territory_id = {territory_id}"))


def _body(book: Any) -> list[tuple[Any, ...]]:
    rows = book["Данные"].iter_rows(min_row=FIRST_ROW, values_only=True)
    return [row for row in rows if any(cell is not None for cell in row)]


@pytest.mark.parametrize("code", ["M01", "M02", "M03", "M04", "M07"])
def test_a_list_comes_with_the_senders_own_accepted_rows(
    known: Blanks, region: Region, tmp_path: Path, code: str
) -> None:
    data = blank_bytes(known.one(code, 1))
    rows = _body(opened(data))
    assert len(rows) == _accepted(region, code, 1) > 0
    path = tmp_path / NAME
    path.write_bytes(data)
    (verdict,) = check_files([path], NOW)
    assert verdict.status in {Status.ACCEPTED, Status.ACCEPTED_WITH_REMARKS}
    assert {
        f.rule_id for f in verdict.findings if f.rule_id.startswith(("N-", "T-", "K-"))
    } == set()


def test_nobody_gets_anothers_rows(known: Blanks) -> None:
    version = load_forms()["M04"].version_at(SEPTEMBER)
    place = [c.name for c in version.columns].index("subject_id")
    own = [{row[place] for row in _body(opened(blank_bytes(known.one("M04", t))))} for t in (1, 14)]
    assert all(own)
    assert not own[0] & own[1]


def test_a_report_comes_with_a_row_for_each_school_of_the_list(
    known: Blanks, tmp_path: Path
) -> None:
    data = blank_bytes(known.one("M05", 14))
    book = opened(data)
    rows = _body(book)
    assert len(rows) > 3
    assert all(row[0] and not any(row[1:]) for row in rows)
    source = _checks(book["Данные"])["A"]
    assert _words(book, source.formula1) == [row[0] for row in rows]
    assert source.errorStyle == "warning", "another school may be typed"
    # One school did something, the others are left as they came.
    sheet = book["Данные"]
    values = [3, "экскурсии", 120, 5, 10, None, None, date(2024, 9, 2), date(2024, 9, 6)]
    for column, value in enumerate(values, 2):
        sheet.cell(FIRST_ROW + 2, column).value = value
    book.save(tmp_path / NAME)
    (verdict,) = check_files([tmp_path / NAME], NOW)
    assert verdict.status is Status.ACCEPTED
    assert [f.rule_id for f in verdict.findings] == ["F-UNTOUCHED"]


def test_a_summary_comes_with_a_row_for_each_indicator(
    nothing_known: Settings, tmp_path: Path
) -> None:
    book = opened(blank_of(nothing_known, "M11", 14, SEPTEMBER))
    sheet = book["Данные"]
    assert _body(book)[0][0] == "Навигаторы продолжающие"
    for number in range(6):
        sheet.cell(FIRST_ROW + number, 3).value = 10 * number
    book.save(tmp_path / NAME)
    (verdict,) = check_files([tmp_path / NAME], NOW)
    assert (verdict.status, verdict.findings) == (Status.ACCEPTED, ())


def test_a_blank_with_its_schools_may_be_sent_as_a_zero_report(
    known: Blanks, tmp_path: Path
) -> None:
    book = opened(blank_bytes(known.one("M05", 14)))
    (cell,) = [row[1] for row in book["Паспорт"].iter_rows() if row[0].value == "Нулевой отчёт"]
    assert cell.value == "нет"
    cell.value = "да"
    book.save(tmp_path / NAME)
    (verdict,) = check_files([tmp_path / NAME], NOW)
    assert verdict.status is Status.ACCEPTED


def test_a_state_school_gets_its_own_name_and_the_city_around_it(known: Blanks) -> None:
    school = next(t for t in known.reference.territories if t.parent_territory_id)
    book = opened(blank_bytes(known.one("M03", school.territory_id)))
    words = _words(book, _checks(book["Данные"])["C"].formula1)
    assert words == [known.reference.territory(school.parent_territory_id or 0).name, school.name]
    schools = _words(book, _checks(book["Данные"])["D"].formula1)
    assert len(schools) == 1


def _codes(blanks: Blanks, territory_id: int) -> set[str]:
    return {blank.form.code for blank in blanks.owed(load_forms(), [territory_id])}


def test_the_set_of_a_date_is_what_the_schedule_asks_for(nothing_known: Settings) -> None:
    september, october = (Blanks(nothing_known, day) for day in (SEPTEMBER, date(2024, 10, 31)))
    assert _codes(september, 14) == {
        "M01", "M02", "M03", "M04", "M05", "M07", "M08", "M09", "M11",
    }  # fmt: skip
    state = next(t.territory_id for t in september.reference.territories if t.parent_territory_id)
    assert _codes(september, 14) - _codes(september, state) == {"M02"}
    assert _codes(october, 14) ^ _codes(september, 14) == {"M05", "M06"}
    assert {"K01", "K07"} <= _codes(september, 0)
    assert "K08" not in _codes(september, 0), "asked for on request only"
    (career_week,) = september.owed(["M05"], [14])
    assert career_week.due_on == date(2024, 10, 7)


def test_a_form_that_nobody_fills_in_has_no_blank(nothing_known: Settings) -> None:
    blanks = Blanks(nothing_known, SEPTEMBER)
    for code, sender in (("P03", 14), ("K01", 14), ("M05", 0), ("X99", 14)):
        with pytest.raises(NoBlank):
            blanks.one(code, sender)


def test_texts_never_become_formulas(nothing_known: Settings) -> None:
    blank = Blanks(nothing_known, SEPTEMBER).one("M05", 14)
    given = Blank(blank.form, 14, SEPTEMBER, blank.reference, schools=("=1+1", "+7", "@a"))
    sheet = opened(blank_bytes(given))["Данные"]
    cells = [sheet.cell(FIRST_ROW + n, 1) for n in range(3)]
    assert [(cell.value, cell.data_type) for cell in cells] == [
        ("=1+1", "s"), ("+7", "s"), ("@a", "s"),
    ]  # fmt: skip


def test_the_command_writes_a_folder_a_sender(tmp_path: Path) -> None:
    arguments = ["blank", "--out", f"{tmp_path / 'out'}", "--data", f"{tmp_path / 'data'}"]
    run = CliRunner().invoke(cli, [*arguments, "--form", "M05", "--territory", "T14",
                                   "--period", "2024-09"])  # fmt: skip
    assert run.exit_code == 0, run.output
    assert (tmp_path / "out" / "T14" / "M05_career_week__T14__2024-09__v1.xlsx").exists()
    run = CliRunner().invoke(cli, [*arguments, "--territory", "operator", "--as-of", "2024-09-30"])
    assert run.exit_code == 0, run.output
    assert (tmp_path / "out" / "operator" / "K01_webinars__2024-09-30__v1.xlsx").exists()
    for wrong in (["--period", "2024-13"], ["--territory", "Балашиха", "--period", "2024-09"], []):
        assert CliRunner().invoke(cli, [*arguments, *wrong]).exit_code == 2


def test_the_document_carries_its_stamp(nothing_known: Settings) -> None:
    blank = Blanks(nothing_known, SEPTEMBER).one("M05", 14)
    book = opened(blank_bytes(blank))
    assert book.custom_doc_props["bvb_blank"].value == f"{blank.stamp}"
    labels = {row[0]: row[1] for row in book["Паспорт"].iter_rows(values_only=True)}
    assert labels["Номер шаблона"] == f"{blank.stamp}"
