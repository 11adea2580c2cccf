"""Routing: passport, then name, then drop folder, then header; contradictions said, no guesses."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from ingest.calendar import month_end
from ingest.knowledge import Knowledge
from ingest.routing import from_folder, from_name, from_passport, parse_when
from ingest.sheets import open_sheets
from ingest.sniff import Kind

from .conftest import Reader
from .files import SheetOf, data_sheet, passport, table, xlsx

DAY = date(2024, 9, 30)
M04_NAME = "M04_consent_originals__T14__2024-09__v3.xlsx"


def m04(**face: Any) -> bytes:
    return xlsx([passport(**face), data_sheet(table("M04"))])


def bare() -> bytes:
    return xlsx([data_sheet(table("M04"))])


def test_passport_comes_first(read: Reader) -> None:
    face = m04(form_code="M04", territory_code="T14", period="2024-09")
    outcome = read(face, "M03_navigators__T15__2024-05__v2.xlsx", "T16")
    found = outcome.delivery
    assert (found.form_code, found.sender_territory_id, found.period) == ("M04", 14, "2024-09")
    assert (found.as_of, found.version) == (date(2024, 9, 30), 2)
    messages = [f.message for f in found.file_findings if f.code == "F-OTHER-ROUTE"]
    assert len(messages) == 3
    assert any("M04" in m and "M03" in m for m in messages)
    assert any("T14" in m and "T15" in m for m in messages)
    assert any("2024-09" in m and "2024-05" in m for m in messages)


def test_name_comes_before_the_folder(read: Reader) -> None:
    outcome = read(bare(), M04_NAME, "T15")
    assert outcome.delivery.sender_territory_id == 14
    assert outcome.codes == ["F-OTHER-ROUTE"]
    assert "в имени файла — T14, по папке — T15" in outcome.finding("F-OTHER-ROUTE").message


def test_folder_fills_what_the_name_leaves_open(read: Reader) -> None:
    outcome = read(bare(), "M04_consent_originals__2024-09.xlsx", "T14")
    assert (outcome.codes, outcome.delivery.sender_territory_id) == ([], 14)
    assert outcome.delivery.version == 1


def test_header_names_the_form_when_nobody_did(read: Reader) -> None:
    outcome = read(m04(period="2024-09"), "реестр за сентябрь (финал 2).xlsx", "T14")
    assert (outcome.codes, outcome.delivery.form_code) == ([], "M04")
    assert outcome.delivery.n_rows == 3


@pytest.mark.parametrize("code", ["P01", "P02", "P03", "P04", "P05", "P06", "M03", "M11", "K06"])
def test_every_form_has_a_signature_of_its_own(read: Reader, code: str) -> None:
    sheets = [passport(period="2024-09"), data_sheet(table(code))]
    assert read(xlsx(sheets), "выгрузка.xlsx", "T14").delivery.form_code == code


def test_the_sender_of_platform_and_operator_files_is_nobody_else(read: Reader) -> None:
    face = passport(form_code="P05", as_of="30.09.2024", territory_code="T14")
    outcome = read(xlsx([face, data_sheet(table("P05"))]), "x.xlsx", "T14")
    assert outcome.delivery.sender_territory_id == 0


@pytest.mark.parametrize(
    ("first", "name", "folder"),
    [
        ({"territory_code": "T67", "form_code": "M04", "period": "2024-09"}, M04_NAME, ""),
        ({"form_code": "M04", "period": "осень", "territory_code": "T14"}, M04_NAME, ""),
        ({"territory_code": "T14", "form_code": "M04", "period": "2024-09"}, "a.xlsx", "T77"),
    ],
)
def test_what_a_source_says_wrongly_is_not_passed_over(
    read: Reader, first: dict[str, Any], name: str, folder: str
) -> None:
    outcome = read(m04(**first), name, folder)
    assert outcome.codes == ["F-OTHER-ROUTE"]
    assert (outcome.delivery.sender_territory_id, outcome.delivery.period) == (14, "2024-09")


@pytest.mark.parametrize(
    "face",
    [
        {"territory_code": "T14", "territory_name": "г.о. Балашиха", "period": "2024-09"},
        {"territory_code": "T14", "as_of": "30.09.2024", "period": "2024-08"},
    ],
)
def test_a_passport_that_contradicts_itself_is_told(read: Reader, face: dict[str, Any]) -> None:
    outcome = read(m04(form_code="M04", **face), "a.xlsx", "")
    assert outcome.codes == ["F-OTHER-ROUTE"]
    assert outcome.finding("F-OTHER-ROUTE").message.count("в паспорте") == 2


def test_two_days_of_one_month_contradict_each_other(read: Reader) -> None:
    face = passport(form_code="P05", as_of=date(2024, 9, 16))
    outcome = read(xlsx([face, data_sheet(table("P05"))]), "P05_participations__2024-09-30.xlsx")
    assert outcome.codes == ["F-OTHER-ROUTE"]
    assert outcome.delivery.as_of == date(2024, 9, 16)


def test_a_day_and_its_own_month_do_not(read: Reader) -> None:
    face = m04(form_code="M04", territory_code="T14", as_of="16.09.2024")
    assert read(face, M04_NAME, "T14").codes == []


@pytest.mark.parametrize("typed", [date(2024, 9, 1), "2024-09", "09.2024", "9.2024", "30.09.2024"])
def test_a_period_is_the_whole_month_however_excel_keeps_it(read: Reader, typed: Any) -> None:
    outcome = read(m04(form_code="M04", territory_code="T14", period=typed), "a.xlsx", "")
    assert (outcome.delivery.as_of, outcome.delivery.period) == (date(2024, 9, 30), "2024-09")


@pytest.mark.parametrize("code", ["T14", "t14", "14", 14, "Т14", "Жуковский", "г.о. Жуковский"])
@pytest.mark.parametrize("form", ["M04", "m04", "М04", "м04"])  # Latin, then Cyrillic
def test_codes_in_a_passport_as_people_type_them(read: Reader, code: Any, form: str) -> None:
    outcome = read(m04(form_code=form, territory_code=code, period="2024-09"), "a.xlsx", "")
    assert (outcome.delivery.form_code, outcome.delivery.sender_territory_id) == ("M04", 14)


NAMES: dict[str, tuple[str | None, int | None, date | None, int | None]] = {
    "P03_pupils__2024-09-30__v1.xlsx": ("P03", None, date(2024, 9, 30), 1),
    "M03_navigators__T14__2024-05__v2.xlsx": ("M03", 14, date(2024, 5, 31), 2),
    "m03_navigators__t14__2024-05__V2.XLSX": ("M03", 14, date(2024, 5, 31), 2),
    "Копия M03_navigators__T14__2024-02 (1).xlsx": ("M03", 14, date(2024, 2, 29), None),
    # Cyrillic М, Т, К:
    "М04_consent_originals__Т14__2024-09.xlsx": ("M04", 14, date(2024, 9, 30), None),
    "К06_outgoing_reports__2024-09-30__v11.xlsx": ("K06", None, date(2024, 9, 30), 11),
    "P03 pupils 2024-09-30.xlsx": (None, None, None, None),
    "XP03_pupils__2024-09-30.xlsx": (None, None, None, None),
    "P03_pupils__2024-9-30.xlsx": (None, None, None, None),
    "P03_pupils__2024-13__v1.xlsx": ("P03", None, None, 1),
    "M03_navigators__T67__2024-05.xlsx": ("M03", None, date(2024, 5, 31), None),
    "отчёт.xlsx": (None, None, None, None),
    "": (None, None, None, None),
}


@pytest.mark.parametrize("name", NAMES)
def test_names(known: Knowledge, name: str) -> None:
    route = from_name(name, known.resolver_at(DAY))
    assert (route.form_code, route.territory_id, route.as_of, route.version) == NAMES[name]


@pytest.mark.parametrize(
    ("folder", "territory"),
    [("T14", 14), ("t7", 7), ("Т14", 14), ("14", None), ("T67", None), ("T0", None),
     ("platform", None), ("operator", None), ("", None), ("Балашиха", None), ("T14 старое", None)],
)  # fmt: skip
def test_folders(known: Knowledge, folder: str, territory: int | None) -> None:
    assert from_folder(folder, known.resolver_at(DAY)).territory_id == territory


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("2024-09", date(2024, 9, 30)),
        ("2024-02", date(2024, 2, 29)),
        ("2023-02", date(2023, 2, 28)),
        ("02.2024", date(2024, 2, 29)),
        ("2024-09-16", date(2024, 9, 16)),
        ("2024-09-16 00:00:00", date(2024, 9, 16)),
        ("16.09.2024", date(2024, 9, 16)),
        ("16.9.2024 г.", date(2024, 9, 16)),
        ("29.02.2023", None),
        ("2024-00", None),
        ("2024-13", None),
        ("00.2024", None),
        ("0000-01", None),
        ("сентябрь 2024", None),
        ("2024", None),
        ("09/2024", None),
        ("", None),
    ],
)
def test_spellings_of_a_date(text: str, day: date | None) -> None:
    found = parse_when(text)
    assert found == (None if day is None else (day, f"{day:%Y-%m}"))


def test_month_end() -> None:
    ends = [month_end(f"2024-{month:02d}").day for month in range(1, 13)]
    assert ends == [31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]


def test_labels_of_the_passport_are_folded(known: Knowledge) -> None:
    sheet = SheetOf(
        " ПАСПОРТ формы",
        [
            ["Шаблон"],
            ["", "код\u00a0Формы:", "M04"],
            ["Территория", "", "Администрация г.о. Балашиха"],
            ["ПЕРИОД", "2024-09"],
            ["нулевой отчет", "ДА"],
            ["Код формы", "M11"],  # the first answer stands
        ],
    )
    route = from_passport(open_sheets(xlsx([sheet]), Kind.XLSX), known.resolver_at(DAY))
    assert (route.form_code, route.territory_id, route.period) == ("M04", 1, "2024-09")
    assert route.is_zero_report
