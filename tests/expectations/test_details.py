"""Findings in words: one row a broken rule at one place, in the sender's own terms."""

from __future__ import annotations

from typing import Any

import pytest

from expectations.compile import Setup, compile_form
from expectations.database import columns_of
from expectations.details import DETAIL_COLUMNS, PUBLIC_COLUMNS, add_details
from expectations.scan import check_across
from tests.expectations.conftest import MakeDelivery, Select
from tests.expectations.deliveries import Connection, database, make_delivery, run_selection

GIVEN: dict[str, list[dict[str, Any]]] = {
    "M03": [{"cohort_year": "2020"}],
    "P01": [{"school_id": "Ш-1", "municipality": "Химки"}],
    "P02": [{"school_id": "Ш-1"}],
    "P03": [
        {"school_id": "Ш-1"},
        {
            "pupil_id": "О-2",
            "school_id": "Ш-1",
            "grade": "5В",
            "navigator_id": None,
            "birth_date": "10.03.2013",
        },
    ],
    "P04": [],
    "P05": [],
    "P06": [],
}


@pytest.fixture(scope="module")
def findings(setup: Setup, tmp_path_factory: pytest.TempPathFactory) -> list[dict[str, Any]]:
    """A school of Химки, a pupil with three faults and a list that a state school sent."""
    folder = tmp_path_factory.mktemp("details")
    compiled = {code: compile_form(setup, code) for code in GIVEN}
    selection = None
    with database(setup, folder) as con:
        for code, rows in GIVEN.items():
            sent = make_delivery(folder, code, rows, sender=58 if code == "M03" else None)
            selection = run_selection(con, setup, compiled[code], [sent] if rows else [], selection)
        for form in compiled.values():
            check_across(con, setup, form, frozenset(GIVEN))
            add_details(con, setup, form)
        found = con.execute("select * from findings_detail").to_arrow_table()
    rows_found: list[dict[str, Any]] = found.to_pylist()
    return rows_found


def _only(findings: list[dict[str, Any]], rule_id: str) -> dict[str, Any]:
    (finding,) = [f for f in findings if f["rule_id"] == rule_id]
    return finding


def test_a_finding_says_where_and_what(findings: list[dict[str, Any]]) -> None:
    finding = _only(findings, "V-01b")
    assert finding | {"rule_no": None} == {
        "delivery_id": "P03-a",
        "form_code": "P03",
        "sender_territory_id": 0,
        "territory_id": 51,  # Химки: the territory of the row, not of the sender
        "rule_id": "V-01b",
        "severity": "error",
        "stage": "S",
        "sheet": "Данные",
        "row": 3,
        "column_name": "grade",
        "column_title": "Класс",
        "value": "5В",
        "message": "5В класс на 30.09.2024: в проекте участвуют классы с 6 по 11.",
        "expected": "класс от 6 до 11",
        "how_to_fix": "Проверьте класс; обучающийся младше 6 класса не засчитывается.",
        "clause": "V-01; название проекта, пп. 20-22",
        "rule_no": None,
        "period": "",
        "natural_key": "о-2",
        "fact": "5В",
    }


def test_findings_of_both_stages_are_there(findings: list[dict[str, Any]]) -> None:
    assert {(f["form_code"], f["rule_id"], f["stage"], f["row"]) for f in findings} == {
        ("P03", "V-01b", "S", 3),
        ("P03", "V-08a", "X", 3),
        ("P03", "V-11a", "X", 3),
        ("M03", "V-26e", "S", 2),
        ("P01", "V-30", "X", None),  # about a territory: it has no row
    }


def test_a_finding_about_a_territory_points_to_the_sheet_and_to_no_row(
    findings: list[dict[str, Any]],
) -> None:
    of_territory = {f["territory_id"]: f for f in findings if f["rule_id"] == "V-30"}
    assert set(of_territory) == set(range(1, 67))
    finding = of_territory[58]
    assert (finding["sheet"], finding["row"], finding["value"]) == ("Данные", None, "0")
    assert finding["message"] == "Участвующих школ территории: 0, в распоряжении (графа 3) — 1."


def test_an_empty_value_stays_empty(findings: list[dict[str, Any]]) -> None:
    assert _only(findings, "V-08a")["value"] in (None, "—")


def test_a_row_without_a_territory_of_its_own_belongs_to_its_sender(
    findings: list[dict[str, Any]],
) -> None:
    finding = _only(findings, "V-26e")
    assert (finding["sender_territory_id"], finding["territory_id"]) == (58, 58)


def test_public_columns_are_places_and_never_texts(con: Connection) -> None:
    assert list(columns_of(con, "findings_detail")) == list(DETAIL_COLUMNS)
    assert set(PUBLIC_COLUMNS) - set(DETAIL_COLUMNS) == {"finding_key", "since_last"}
    assert set(DETAIL_COLUMNS) - set(PUBLIC_COLUMNS) == {
        "natural_key",
        "fact",
        "column_title",
        "value",
        "message",
        "expected",
        "how_to_fix",
        "clause",
        "rule_no",
    }


def test_a_form_without_findings_adds_nothing(
    con: Connection, setup: Setup, select: Select, delivery: MakeDelivery
) -> None:
    compiled = compile_form(setup, "K01")
    selection = select(compiled, [delivery("K01", [{}])])
    check_across(con, setup, compiled, selection.available)
    add_details(con, setup, compiled)
    assert con.execute("select count(*) from findings_detail").fetchone() == (0,)
