"""The stamp of a blank: what it says when the passport says nothing, and what it is good for."""

from __future__ import annotations

import io
from datetime import date
from typing import Any

import openpyxl
import pytest
from openpyxl.packaging.custom import StringProperty

from ingest.forms import Form, load_forms
from ingest.stamp import PROPERTY, Stamp, layout_mark, parse_stamp, stamp_of
from tests.ingest.conftest import Reader
from tests.ingest.files import data_sheet, passport, samples, table, titles, xlsx

M05 = load_forms()["M05"]
MARK = layout_mark(M05.latest)
STAMP = f"M05/1/T14/2024-09/{MARK}"


def _stamped(data: bytes, text: str) -> bytes:
    book = openpyxl.load_workbook(io.BytesIO(data))
    book.custom_doc_props.append(StringProperty(name=PROPERTY, value=text))
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


def _m05(text: str | None = None, cells: Any = None, **fields: Any) -> bytes:
    face = [passport(**fields)] if fields else []
    data = xlsx([*face, data_sheet(cells or table("M05"))])
    return _stamped(data, text) if text else data


def test_a_stamp_is_read_as_it_was_written() -> None:
    stamp = stamp_of(M05, M05.latest, 14, date(2024, 9, 30))
    assert f"{stamp}" == STAMP
    assert parse_stamp(f" {STAMP} ") == stamp == Stamp("M05", 1, 14, "2024-09", MARK)
    assert (
        f"{stamp_of(load_forms()['M04'], load_forms()['M04'].latest, 0, date(2024, 9, 30))}"[:-9]
        == "M04/1/T00/2024-09-30"
    )


@pytest.mark.parametrize("text", [None, "", "M05", "M05/1/T14/2024-09", f"M5/1/T14/2024-09/{MARK}"])
def test_any_other_text_is_no_stamp(text: str | None) -> None:
    assert parse_stamp(text) is None


def test_the_mark_changes_with_what_a_sender_sees_only() -> None:
    def changed(**change: Any) -> str:
        first, *rest = M05.latest.columns
        columns = (first.model_copy(update=change), *rest)
        return layout_mark(M05.latest.model_copy(update={"columns": columns}))

    assert changed(synonyms=("Иное",)) == MARK
    assert changed(title="Школа") != MARK
    assert changed(required=False) != MARK


def test_a_file_without_its_passport_is_known_by_its_stamp(read: Reader) -> None:
    outcome = read(_m05(STAMP), "Отчёт финал (2).xlsx", "")
    assert outcome.codes == []
    found = outcome.delivery
    assert (found.form_code, found.sender_territory_id, found.period) == ("M05", 14, "2024-09")


def test_the_passport_goes_before_the_stamp(read: Reader) -> None:
    face = {"form_code": "M05", "territory_code": "T15", "period": "2024-10"}
    outcome = read(_m05(STAMP, **face), "a.xlsx", "")
    assert outcome.codes == []
    found = outcome.delivery
    assert (found.sender_territory_id, found.period) == (15, "2024-10")


@pytest.mark.parametrize(
    ("face", "code"),
    [({"territory_name": "Нигде"}, "F-NO-TERRITORY"), ({"period": "скоро"}, "F-NO-PERIOD")],
)
def test_what_somebody_wrote_wrongly_is_asked_not_replaced(
    read: Reader, face: dict[str, str], code: str
) -> None:
    assert code in read(_m05(STAMP, **face), "a.xlsx", "").codes


def test_a_blank_of_an_older_layout_is_read_and_told(read: Reader) -> None:
    outcome = read(_m05("M05/1/T14/2024-09/00000000"), "a.xlsx", "")
    assert outcome.codes == ["F-OLD-BLANK"]
    assert outcome.delivery.n_rows == 3


def _cells(untouched: int) -> list[list[Any]]:
    empty = [None] * (len(titles("M05")) - 1)
    return [titles("M05"), *samples("M05", 2), *([f"Школа {n}", *empty] for n in range(untouched))]


def test_rows_as_the_blank_came_are_no_rows(read: Reader) -> None:
    outcome = read(_m05(STAMP, _cells(2)), "a.xlsx", "")
    assert (outcome.codes, outcome.delivery.n_rows) == (["F-UNTOUCHED"], 2)
    assert "строки 4–5" in outcome.finding("F-UNTOUCHED").message


def test_the_same_rows_in_a_file_of_the_senders_own_are_rows(read: Reader) -> None:
    face = {"form_code": "M05", "territory_code": "T14", "period": "2024-09"}
    assert read(_m05(None, _cells(2), **face), "a.xlsx", "").delivery.n_rows == 4


@pytest.mark.parametrize(("code", "key"), [("M05", "school_name"), ("M11", "indicator_id"),
                                           ("M08", None), ("M03", None)])  # fmt: skip
def test_only_a_report_of_known_items_comes_with_a_row_for_each(code: str, key: str | None) -> None:
    form: Form = load_forms()[code]
    found = form.listed_key(form.latest)
    assert (found.name if found else None) == key
