"""Sheets over one mart each: everything they say stands in `sheets.yml`.

What enters: a resolved `Table`. What leaves: a sheet with one or two header rows, a filter on the
body and the region's row under it.
"""

from __future__ import annotations

from dataclasses import replace
from itertools import groupby

from reports.config import words
from reports.marts import MartSet
from reports.tables import Cell, Table, TableColumn
from reports.workbook_print import Extent, put_title, set_print
from reports.workbook_styles import COUNTER, HEAD, TEXT, TOTAL, Look, Sheet, lines_of, numeric

FILTER_FROM = 15  # rows; a shorter table is seen at a glance
FREEZE_UP_TO = 3  # columns that may stay in sight while the rest is scrolled
NUMBER, NAME = "territory_id", "territory_name"


def _look(column: TableColumn, cell: Cell, base: Look) -> Look:
    if column.spec.column == NUMBER:
        base = COUNTER
    elif column.is_number:
        base = numeric(column.spec.kind, base)
    elif column.spec.kind in ("date", "datetime"):
        base = replace(base, kind=column.spec.kind, align="center")
    return replace(base, tone=cell.tone, mark=cell.mark)


def _put_row(sheet: Sheet, row: int, table: Table, cells: tuple[Cell, ...]) -> None:
    total = cells is table.total
    base = TOTAL if total else TEXT
    most = 1
    for number, (column, cell) in enumerate(zip(table.columns, cells, strict=True)):
        if total and column.spec.column == NUMBER:
            sheet.put(row, number, "", base)
            continue
        value = cell.shown if cell.value is None else cell.value
        sheet.put(row, number, value, _look(column, cell, base))
        if isinstance(value, str):
            most = max(most, lines_of(value, column.spec.width, base))
    sheet.height(row, most)


def _grouped(columns: tuple[TableColumn, ...]) -> list[tuple[str, int, int]]:
    """Neighbouring columns under one title: (title, first, last); "" for single ones."""
    found = []
    for title, items in groupby(enumerate(columns), key=lambda item: item[1].group):
        places = [place for place, _ in items]
        found.append((title, places[0], places[-1]))
    return found


def _heads(sheet: Sheet, row: int, table: Table) -> int:
    """Write the header.

    Returns:
        its last row.
    """
    groups = _grouped(table.columns)
    lower = row + 1 if any(title for title, _, _ in groups) else row
    high = 1
    for title, first, last in groups:
        if title:
            sheet.merge((row, first, row, last), title, HEAD)
            high = max(high, lines_of(title, sheet.span(first, last), HEAD))
        for place in range(first, last + 1):
            top = lower if title else row
            sheet.merge((top, place, lower, place), table.columns[place].title, HEAD)
    # One line more than the words need: the buttons of the filter stand there.
    low = 1 + max(
        lines_of(c.title, c.spec.width, HEAD) - (0 if c.group or lower == row else high)
        for c in table.columns
    )
    sheet.height(row, high if lower > row else low, HEAD.size)
    if lower > row:
        sheet.height(lower, max(2, low), HEAD.size)
    return lower


def _frozen(table: Table) -> int:
    names = [column.spec.column for column in table.columns]
    place = names.index(NAME) + 1 if NAME in names else 0
    return place if place <= FREEZE_UP_TO else 0


def write_table(sheet: Sheet, marts: MartSet, table: Table, lines: list[str]) -> None:
    """Fill the sheet.

    Args:
        sheet: an empty sheet.
        marts: for the print set-up.
        table: what to show.
        lines: what stands under the title: order, date, completeness.
    """
    sheet.widths([column.spec.width for column in table.columns])
    row = put_title(sheet, [table.spec.title, *lines, table.note], len(table.columns) - 1)
    head = _heads(sheet, row, table)
    last = len(table.columns) - 1
    end = head
    for end, cells in enumerate(table.rows, start=head + 1):
        _put_row(sheet, end, table, cells)
    if len(table.rows) >= FILTER_FROM:
        sheet.raw.autofilter(head, 0, end, last)
    if table.total:
        end += 1
        _put_row(sheet, end, table, table.total)
    if not table.rows:
        end += 1
        sheet.merge((end, 0, end, last), words().no_rows, TEXT)
    set_print(sheet, marts, Extent(end, last, (row, head), _frozen(table)))
