"""The room's own words: rounding, new tables as data, configuration that cannot be.

What enters: values and changed YAML. What leaves: verdicts.
"""

from __future__ import annotations

from decimal import Decimal
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError
from python_calamine import CalamineWorkbook

from reports import page, workbook
from reports.config import Sheets, sheets, words
from reports.errors import UnknownCode
from reports.formats import counted, number, pace_places, shown_percent
from reports.specs import ColumnSpec, TableSpec
from reports.workbook_styles import HEAD, TEXT, lines_of
from tests.reports.page_reader import PageReader
from tests.reports.page_samples import make_data
from tests.reports.region_marts import write_marts


@pytest.mark.parametrize(
    ("value", "places", "shown"),
    [
        (46945, 0, "46\u00a0945"),
        (Decimal("1.25"), 1, "1,3"),
        (Decimal("2.45"), 1, "2,5"),
        (Decimal("0.005"), 2, "0,01"),
        (-18, 0, "\u221218"),
        (0, 0, "0"),
    ],
)
def test_numbers_are_rounded_half_up(value: int | Decimal, places: int, shown: str) -> None:
    assert number(value, places) == shown


def test_a_percentage_never_flatters() -> None:
    assert shown_percent(Decimal("99.96"), complete=False) == Decimal("99.9")
    assert shown_percent(Decimal("100"), complete=True) == Decimal("100.0")
    assert (pace_places(Decimal("0.02")), pace_places(Decimal(237))) == (2, 1)
    assert counted(201, "of_files") == "201\u00a0файла"
    assert counted(212, "of_files") == "212\u00a0файлов"


def test_a_code_without_a_word_is_named() -> None:
    with pytest.raises(UnknownCode, match=r"reports/words\.yml"):
        words().word("delivery_status", "lost")


def test_a_new_table_is_an_entry_and_nothing_else(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    extra = TableSpec(
        id="originals",
        sheet="Оригиналы",
        title="Только оригиналы",
        note="До {consent_original_due}.",
        mart="mart_consents",
        total={"territory_id": "0"},
        order_by=["territory_id"],
        columns=[
            ColumnSpec(column="territory_name", title="Территория", kind="text", width=30),
            ColumnSpec(column="n_original_received", title="Получено", kind="int", width=10),
        ],
    )
    more = sheets().model_copy(update={"tables": [*sheets().tables, extra]})
    for module in (workbook, page):
        monkeypatch.setattr(module, "sheets", lambda: more)
    marts = make_data(write_marts(tmp_path / "marts"))
    book = CalamineWorkbook.from_object(BytesIO(workbook.workbook_bytes(marts)))
    assert book.sheet_names[-2:] == ["Оригиналы", "Методика"]
    grid = book.get_sheet_by_name("Оригиналы").to_python()
    assert grid[3][0] == "До 01.12.2024."
    assert sum(isinstance(line[1], float) for line in grid) == 67
    assert grid[-1][0] == "Московская область"
    table = PageReader(page.page_bytes(marts).decode()).tables["table-originals"]
    assert len(table.rows) == 66


def _sheets(**progress: Any) -> dict[str, Any]:
    plain = sheets().model_dump()
    plain["progress"] |= progress
    return plain


def test_names_of_sheets_are_checked() -> None:
    Sheets.model_validate(_sheets())
    for name in ("x" * 32, "план/факт", "", "Сводка"):
        with pytest.raises(ValidationError):
            Sheets.model_validate(_sheets(sheet=name))


def test_rows_grow_with_their_text() -> None:
    assert lines_of("Балашиха", 29) == 1
    assert lines_of("ГБОУ МО «Сергиево-Посадский физико-математический лицей»", 29) >= 2
    assert lines_of("слово " * 20, 20, HEAD) >= lines_of("слово " * 20, 20, TEXT) > 5
    assert lines_of("", 5) == 1
