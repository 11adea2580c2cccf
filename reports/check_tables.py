"""Sheets over one mart each, compared with their marts cell by cell.

What enters: a written workbook and the tables that it should hold. What leaves: nothing, or the
place of the first cell that differs.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from io import BytesIO
from typing import Any

from python_calamine import CalamineError, CalamineWorkbook

from reports.errors import FigureMismatch
from reports.marts import MartSet, decimal
from reports.specs import TableSpec
from reports.tables import Cell, Table, resolve

Grid = list[list[Any]]


def open_book(content: bytes, file_name: str) -> CalamineWorkbook:
    """The workbook as it was written.

    Raises:
        FigureMismatch: it cannot be read.
    """
    try:
        return CalamineWorkbook.from_object(BytesIO(content))
    except CalamineError as error:
        raise FigureMismatch(file_name, "file", "a readable workbook", str(error)) from error


def grid_of(book: CalamineWorkbook, sheet: str, file_name: str) -> Grid:
    """Rows of a sheet.

    Raises:
        FigureMismatch: there is no such sheet.
    """
    if sheet not in book.sheet_names:
        raise FigureMismatch(file_name, "workbook", f"sheet {sheet}", book.sheet_names)
    return book.get_sheet_by_name(sheet).to_python(skip_empty_area=False)


def _body(table: Table, grid: Grid, name: str) -> Grid:
    """Rows of a sheet under its header, as many as the table has."""
    first = table.columns[0].title
    heads = [place for place, line in enumerate(grid) if line and line[0] == first]
    if not heads:
        raise FigureMismatch(name, table.spec.sheet, f"a header «{first}»", "none")
    below = heads[0] + (2 if any(column.group for column in table.columns) else 1)
    return grid[below : below + len(table.rows) + (table.total is not None)]


def _equal(shown: Any, cell: Cell) -> bool:
    if cell.value is None:
        return bool(shown == cell.shown)
    if isinstance(shown, (int, float)) and not isinstance(shown, bool):
        return decimal(shown) == decimal(cell.value)
    if isinstance(shown, datetime) and isinstance(cell.value, datetime):
        return abs(shown - cell.value) < timedelta(seconds=1)  # a spreadsheet counts in days
    return bool(shown == cell.value)


def _compare(table: Table, grid: Grid, name: str) -> None:
    body = _body(table, grid, name)
    wanted = [*table.rows, *([table.total] if table.total else [])]
    if len(body) != len(wanted):
        raise FigureMismatch(name, table.spec.sheet, len(wanted), len(body))
    for number, (cells, line) in enumerate(zip(wanted, body, strict=True), start=1):
        for column, cell, shown in zip(table.columns, cells, line, strict=False):
            is_counter = cells is table.total and column.spec.column == "territory_id"
            if not is_counter and not _equal(shown, cell):
                place = f"{table.spec.sheet}, row {number}, {column.title}"
                raise FigureMismatch(name, place, cell.value, shown)


def check_tables(
    book: CalamineWorkbook, specs: Iterable[TableSpec], file_name: str, marts: MartSet
) -> None:
    """Compare every cell of the sheets with the marts.

    Raises:
        FigureMismatch: a sheet is missing, has other rows, or a cell is another one.
    """
    for spec in specs:
        _compare(resolve(spec, marts), grid_of(book, spec.sheet, file_name), file_name)
