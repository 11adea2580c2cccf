"""The workbook shows the marts' numbers, prints on A4, and lets no text become a formula.

What enters: marts of the invented region. What leaves: verdicts on what openpyxl and calamine read.
"""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from io import BytesIO
from pathlib import Path
from typing import Any

import openpyxl
import pyarrow.parquet as pq
import pytest
from openpyxl.workbook import Workbook
from openpyxl.worksheet.worksheet import Worksheet
from python_calamine import CalamineWorkbook

from reports.config import sheets, words
from reports.workbook import workbook_bytes
from reports.workbook_tables import FILTER_FROM
from tests.reports.page_samples import make_data
from tests.reports.region_marts import (
    ALMOST,
    AS_OF,
    HOSTILE,
    HOSTILE_NAME,
    LOAD,
    REFUSED,
    SILENT,
    write_marts,
)

TABLES = {spec.sheet: spec for spec in sheets().tables_on("workbook")}
FIRST = 2
PARTS = 4
INDICATORS = [f"I-{n}" for n in range(1, 9)]


@pytest.fixture(scope="module")
def marts(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_marts(tmp_path_factory.mktemp("marts"))


@pytest.fixture(scope="module")
def content(marts: Path) -> bytes:
    return workbook_bytes(make_data(marts))


@pytest.fixture(scope="module")
def book(content: bytes) -> Workbook:
    return openpyxl.load_workbook(BytesIO(content))


@pytest.fixture(scope="module")
def grids(content: bytes) -> dict[str, list[list[Any]]]:
    read = CalamineWorkbook.from_object(BytesIO(content))
    return {name: read.get_sheet_by_name(name).to_python() for name in read.sheet_names}


def mart(folder: Path, name: str) -> list[dict[str, Any]]:
    return pq.read_table(folder / f"{name}.parquet").to_pylist()


def progress(marts: Path) -> dict[tuple[int, str], dict[str, Any]]:
    rows = mart(marts, "mart_indicator_progress")
    return {(row["territory_id"], row["indicator_id"]): row for row in rows}


def body(grid: list[list[Any]]) -> dict[int, list[Any]]:
    return {int(line[0]): line for line in grid if isinstance(line[0], float)}


def figures(line: list[Any], position: int) -> list[Any]:
    return line[FIRST + position * PARTS : FIRST + (position + 1) * PARTS]


def labelled(grid: list[list[Any]], label: str) -> list[Any]:
    return next(line for line in grid if line[1] == label)


def test_the_sheets_are_those_of_the_yaml(book: Workbook) -> None:
    texts = sheets()
    assert book.sheetnames == [
        texts.summary.sheet, texts.progress.sheet, *TABLES, texts.methodology.sheet,
    ]  # fmt: skip
    assert book.active is book.worksheets[0]


def test_all_figures_of_the_order_table_equal_the_mart(
    grids: dict[str, list[list[Any]]], marts: Path
) -> None:
    rows, lines = progress(marts), body(grids["Показатели"])
    assert sorted(lines) == list(range(1, 67))
    for (territory, indicator), row in rows.items():
        if territory == 0:
            continue
        target, fact, pct, mark = figures(lines[territory], INDICATORS.index(indicator))
        assert target == row["target"]
        assert fact == row["fact"] if row["fact"] is not None else isinstance(fact, str)
        if row["pct_display"] is None:
            assert isinstance(pct, str)
        else:
            assert Decimal(str(pct)) == row["pct_display"]
        assert mark in {word.mark for word in words().statuses.values()}


def test_the_region_stands_three_ways_under_the_table(
    grids: dict[str, list[list[Any]]], marts: Path
) -> None:
    grid, texts = grids["Показатели"], sheets().progress
    for position, indicator in enumerate(INDICATORS):
        row = progress(marts)[0, indicator]
        total = figures(labelled(grid, texts.total), position)
        distinct = figures(labelled(grid, texts.distinct), position)
        assert total[:2] == [row["target"], row["fact_sum_of_territories"]]
        assert distinct[:2] == [row["target"], row["fact"]]
        assert figures(labelled(grid, texts.printed), position)[0] == row["target_declared"]
        difference = figures(labelled(grid, texts.difference), position)[0]
        assert difference == row["target_declared"] - row["target"]
    assert figures(labelled(grid, texts.difference), 0)[0] == -8
    assert figures(labelled(grid, texts.difference), 2)[0] == -18


def test_the_head_names_graph_and_deadline(grids: dict[str, list[list[Any]]]) -> None:
    grid = grids["Показатели"]
    top = next(n for n, line in enumerate(grid) if line[0] == sheets().progress.number_head)
    heads = [cell for cell in grid[top] if "срок" in str(cell)]
    assert heads[0] == "графа 6, срок 17.05.2024"
    assert heads[6] == "расчётно, срок 31.12.2024"
    assert grid[top + 2][FIRST : FIRST + PARTS] == list(sheets().progress.heads.values())


def test_the_summary_shows_the_region(grids: dict[str, list[list[Any]]], marts: Path) -> None:
    grid, columns = grids["Сводка"], list(sheets().summary.columns)
    for indicator in INDICATORS:
        row = progress(marts)[0, indicator]
        line = dict(zip(columns, labelled(grid, row["indicator_name"]), strict=True))
        assert line["target"] == row["target"]
        assert line["target_declared"] == row["target_declared"]
        assert line["fact"] == row["fact"]
        assert line["fact_sum"] == row["fact_sum_of_territories"]
        assert line["fact_confirmed"] == row["fact_confirmed"]
        assert Decimal(str(line["pct"])) == row["pct_display"]
        assert line["gap"] == row["gap"]
        assert line["deadline"] == row["deadline"]
        needed = row["needed_per_working_day"]
        assert line["needed"] == ("–" if needed is None else float(needed))
        assert line["n_targeted"] - line["n_met"] >= 0
    assert labelled(grid, sheets().summary.laggard_columns["name"])


@pytest.mark.parametrize("sheet", list(TABLES))
def test_a_table_shows_the_numbers_of_its_mart(
    sheet: str, grids: dict[str, list[list[Any]]], marts: Path
) -> None:
    spec = TABLES[sheet]
    rows = [
        row
        for row in mart(marts, spec.mart)
        if all(str(row[key]) == value for key, value in (spec.where | spec.only).items())
        and not (spec.unless and all(str(row[k]) == v for k, v in spec.unless.items()))
    ]
    numbers = [n for n, c in enumerate(spec.columns) if c.kind == "int"]
    keys = {tuple(row[c.column] for c in spec.columns if c.kind == "int") for row in rows}
    shown = {
        tuple(None if isinstance(line[n], str) else line[n] for n in numbers)
        for line in grids[sheet]
        if any(isinstance(cell, float) for cell in line)
    }
    wanted = {key for key in keys if not spec.total or key[0] != 0}
    assert wanted <= shown
    found = sum(any(isinstance(cell, float) for cell in line) for line in grids[sheet])
    assert found == (len(rows) if not spec.pivot else len({row["territory_id"] for row in rows}))


def test_dates_are_dates_and_moments_are_moments(grids: dict[str, list[list[Any]]]) -> None:
    columns = [column.column for column in TABLES["Поставка файлов"].columns]
    lines = [line for line in grids["Поставка файлов"] if line[0] in {"M03", "M04", "M11"}]
    assert lines
    assert all(line[columns.index("due_on")] == date(2024, 10, 3) for line in lines)
    moments = {type(line[columns.index("received_at")]) for line in lines}
    assert moments == {datetime, str}  # «–» where nothing came


def test_missing_is_never_zero_and_rejected_is_told_apart(
    grids: dict[str, list[list[Any]]],
) -> None:
    lines, known = body(grids["Показатели"]), words().statuses
    for territory, status in ((SILENT, "not_reported"), (REFUSED, "rejected")):
        _, fact, pct, mark = figures(lines[territory], 0)
        assert (fact, pct, mark) == (known[status].short, known[status].short, known[status].mark)


def test_a_target_of_zero_has_no_percentage(grids: dict[str, list[list[Any]]]) -> None:
    target, fact, pct, mark = figures(body(grids["Показатели"])[64], 4)  # graph 11 of row 64 is 0
    assert target == 0
    assert isinstance(fact, float)
    assert (pct, mark) == (words().statuses["no_target"].short, words().statuses["no_target"].mark)


def test_a_hundred_stands_only_where_the_plan_is_reached(
    grids: dict[str, list[list[Any]]],
) -> None:
    lines = body(grids["Показатели"])
    assert figures(lines[ALMOST], 2)[2] == 99.9
    seen = 0
    for line in lines.values():
        for position in range(len(INDICATORS)):
            target, fact, pct, _ = figures(line, position)
            if isinstance(pct, float) and isinstance(fact, float) and fact < target:
                assert pct < 100
                seen += 1
    assert seen > 100


def test_no_text_becomes_a_formula_or_a_link(book: Workbook) -> None:
    hostile = []
    for sheet in book.worksheets:
        assert not sheet._hyperlinks
        for row in sheet.iter_rows():
            assert "f" not in {cell.data_type for cell in row}, sheet.title
            hostile += [cell for cell in row if cell.value == HOSTILE_NAME]
    assert len(hostile) > len(TABLES) - 1
    assert all(cell.data_type == "s" and cell.quotePrefix for cell in hostile)
    order = next(cell for cell in hostile if cell.parent.title == sheets().progress.sheet)
    assert order.offset(column=-1).value == HOSTILE


def printed(sheet: Worksheet) -> str:
    return str(sheet.print_area).replace("$", "")


def test_every_sheet_prints_on_a4_landscape(book: Workbook) -> None:
    for sheet in book.worksheets:
        setup = sheet.page_setup
        assert (setup.orientation, str(setup.paperSize)) == ("landscape", "9"), sheet.title
        assert sheet.sheet_properties.pageSetUpPr.fitToPage, sheet.title
        assert setup.fitToWidth in (None, 1)
        assert setup.fitToHeight == (None if sheet.title == "Сводка" else 0)
        assert printed(sheet).endswith(f"{sheet.cell(sheet.max_row, sheet.max_column).coordinate}")
        footer = sheet.oddFooter
        assert "&P" in footer.right.text
        assert "&N" in footer.right.text
        assert LOAD in footer.left.text
        assert f"{AS_OF:%d.%m.%Y}" in footer.left.text


def test_long_sheets_repeat_freeze_and_filter_their_head(book: Workbook) -> None:
    for name in (sheets().progress.sheet, *TABLES):
        sheet = book[name]
        first, last = (int(n) for n in sheet.print_title_rows.replace("$", "").split(":"))
        assert sheet.freeze_panes.endswith(str(last + 1)), name
        assert first <= last <= first + 2
        if sheet.max_row - last < FILTER_FROM:  # seen at a glance
            assert sheet.auto_filter.ref is None, name
            continue
        start, end = sheet.auto_filter.ref.split(":")
        assert start == f"A{last}", name
        under = sheet[f"B{int(''.join(filter(str.isdigit, end))) + 1}"].value
        assert under in (None, "Московская область", sheets().progress.total), name


def test_a_number_with_a_mark_stays_a_number(book: Workbook) -> None:
    sheet = book["Нагрузка навигаторов"]
    marked = [c for row in sheet.iter_rows() for c in row if "▼" in str(c.number_format)]
    assert marked
    assert all(isinstance(cell.value, int) for cell in marked)
    assert all(cell.fill.fgColor.rgb.endswith("FBE3E0") for cell in marked)


def test_no_column_is_too_narrow_for_its_numbers(book: Workbook) -> None:
    for sheet in book.worksheets:
        for row in sheet.iter_rows():
            for cell in row:
                if not isinstance(cell.value, (int, float)):
                    continue
                width = sheet.column_dimensions[cell.column_letter].width
                decimals = 2 if "." in cell.number_format else 0
                mark = 2 if '"' in cell.number_format else 0
                digits = len(f"{abs(int(cell.value)):,}") + decimals + mark
                assert digits + 1 <= width, (sheet.title, cell.coordinate)


def test_properties_hold_the_date_of_the_data(book: Workbook) -> None:
    assert book.properties.created.isoformat() == "2024-09-30T00:00:00"
    assert book.properties.modified == book.properties.created
    assert "Билет в будущее" in book.properties.title


def test_the_methodology_names_data_decisions_and_marks(grids: dict[str, list[list[Any]]]) -> None:
    grid = grids["Методика"]
    text = "\n".join(str(cell) for line in grid for cell in line)
    for word in (LOAD, "Р-423", "Графа 4", "Q-01", "цель не установлена", "Принятые решения"):
        assert word in text
    assert "max_of_sum_and_declared" not in text


def test_the_same_marts_give_the_same_bytes(marts: Path, content: bytes, tmp_path: Path) -> None:
    assert workbook_bytes(make_data(write_marts(tmp_path / "elsewhere"))) == content
    assert workbook_bytes(make_data(marts)) == content
