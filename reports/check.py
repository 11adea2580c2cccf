"""The last gate: what a written report shows against what its marts hold.

What enters: the bytes of a file as they lie on the disk, and the `MartSet`. What leaves: nothing,
or `FigureMismatch`. Cells are found by the words above and beside them, not by the writer's places,
and compared with the rows of the mart itself.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from reports.check_tables import Grid, check_tables, grid_of, open_book
from reports.config import sheets
from reports.errors import FigureMismatch
from reports.marts import ANCHOR, MartSet, Row, decimal, text
from reports.progress import REGION

Check = Callable[[bytes, str, MartSet], None]
PERCENT = "pct_display"
PROGRESS_COLUMNS = {"target": "target", "fact": "fact", "pct": PERCENT}
SUMMARY_COLUMNS = {
    "target": "target",
    "target_declared": "target_declared",
    "fact": "fact",
    "fact_sum": "fact_sum_of_territories",
    "fact_confirmed": "fact_confirmed",
    "pct": PERCENT,
    "gap": "gap",
    "planned": "planned_by_now",
    "forecast": "forecast_at_deadline",
    "needed": "needed_per_working_day",
    "deadline": "deadline",
}
PAGE_COLUMNS = ("target", "fact", "fact_confirmed", PERCENT, "gap", "needed_per_working_day")
PAGE_DATA = re.compile(r'<script type="application/json" id="page-data">(.*?)</script>', re.DOTALL)


@dataclass(frozen=True)
class _Gate:
    """Compares single values of one file and names the place of the first that differs."""

    file_name: str

    def equal(self, place: str, expected: Any, found: Any) -> None:
        """A number equals the mart's; what is missing there is no number here.

        Raises:
            FigureMismatch: it does not.
        """
        is_number = isinstance(found, (int, float)) and not isinstance(found, bool)
        if expected is None:
            good = not is_number
        elif isinstance(expected, (int, float)) or hasattr(expected, "as_tuple"):
            good = is_number and decimal(found) == decimal(expected)
        else:
            good = found == expected
        if not good:
            raise FigureMismatch(self.file_name, place, expected, found)

    def figure(self, place: str, row: Row, column: str, shown: Any) -> None:
        """A cell equals its column of the mart; a percentage does not flatter either.

        Raises:
            FigureMismatch: it does not, or it does.
        """
        self.equal(place, row[column], shown)
        if column == PERCENT:
            self._honest(place, row, shown)

    def _honest(self, place: str, row: Row, percent: Any) -> None:
        """A full hundred stands only where the plan is reached.

        Raises:
            FigureMismatch: 100,0 is shown too early.
        """
        target, fact = decimal(row["target"]), decimal(row["fact"])
        short = target is not None and fact is not None and fact < target
        if short and isinstance(percent, (int, float)) and percent >= 100:
            raise FigureMismatch(self.file_name, place, "below 100", percent)


def figure_rows(marts: MartSet) -> Mapping[tuple[int, str], Row]:
    """Rows of the indicators by territory and indicator."""
    return {
        (int(text(row["territory_id"])), text(row["indicator_id"])): row
        for row in marts.rows(ANCHOR)
    }


def _find(grid: Grid, column: int, word: str, gate: _Gate) -> int:
    """The first row that says `word` in a column."""
    for number, row in enumerate(grid):
        if len(row) > column and row[column] == word:
            return number
    raise FigureMismatch(gate.file_name, f"column {column + 1}", word, "no such cell")


def _blocks(marts: MartSet, names: list[Any], parts: list[Any]) -> dict[str, dict[str, int]]:
    """Indicator -> part of `PROGRESS_COLUMNS` -> column of the sheet."""
    by_name = {item.name: item.indicator_id for item in marts.card.indicators}
    keys = {title: key for key, title in sheets().progress.heads.items()}
    found: dict[str, dict[str, int]] = {}
    current = ""
    for column, (name, part) in enumerate(zip(names, parts, strict=True)):
        current = by_name.get(name, current)
        if current and part in keys:
            found.setdefault(current, {})[keys[part]] = column
    return found


def _check_progress(grid: Grid, marts: MartSet, gate: _Gate) -> None:
    texts, rows = sheets().progress, figure_rows(marts)
    top = _find(grid, 0, texts.number_head, gate)
    blocks = _blocks(marts, grid[top + 1], grid[top + 2])
    lines = {int(line[0]): line for line in grid[top + 3 :] if isinstance(line[0], (int, float))}
    extra = {
        texts.total: {"target": "target", "fact": "fact_sum_of_territories"},
        texts.distinct: PROGRESS_COLUMNS,
        texts.printed: {"target": "target_declared"},
    }
    region = {label: grid[_find(grid, 1, label, gate)] for label in extra}
    for (territory, indicator), row in rows.items():
        parts = blocks.get(indicator, {})
        asked: Iterable[tuple[str, list[Any], Mapping[str, str]]]
        if territory == REGION:
            asked = [(label, region[label], columns) for label, columns in extra.items()]
        else:
            asked = [(f"№ {territory}", lines.get(territory, []), PROGRESS_COLUMNS)]
        for label, line, columns in asked:
            for part, column in columns.items():
                place = f"{texts.sheet}, {label}, {indicator}, {texts.heads[part]}"
                shown = line[parts[part]] if part in parts and line else "no such cell"
                gate.figure(place, row, column, shown)


def _check_summary(grid: Grid, marts: MartSet, gate: _Gate) -> None:
    texts, rows = sheets().summary, figure_rows(marts)
    top = _find(grid, 1, texts.columns["name"], gate)
    places = {title: column for column, title in enumerate(grid[top])}
    for indicator in marts.card.indicators:
        line = grid[_find(grid, 1, indicator.name, gate)]
        row = rows[REGION, indicator.indicator_id]
        for key, column in SUMMARY_COLUMNS.items():
            place = f"{texts.sheet}, {indicator.indicator_id}, {texts.columns[key]}"
            gate.figure(place, row, column, line[places[texts.columns[key]]])


def check_workbook(content: bytes, file_name: str, marts: MartSet) -> None:
    """Compare the written workbook with the marts.

    Args:
        content: the file as read back from the disk.
        file_name: how the message calls it.
        marts: what it was made from.

    Raises:
        FigureMismatch: a plan, a fact or a number of the region is another one.
    """
    gate, book = _Gate(file_name), open_book(content, file_name)
    _check_progress(grid_of(book, sheets().progress.sheet, file_name), marts, gate)
    _check_summary(grid_of(book, sheets().summary.sheet, file_name), marts, gate)
    check_tables(book, sheets().tables_on("workbook"), file_name, marts)


def check_page(content: bytes, file_name: str, marts: MartSet) -> None:
    """Compare the figures inside the written page with the marts.

    Args:
        content: the file as read back from the disk.
        file_name: how the message calls it.
        marts: what it was made from.

    Raises:
        FigureMismatch: a figure is another one, or the page holds none.
    """
    gate = _Gate(file_name)
    found = PAGE_DATA.search(content.decode())
    if found is None:
        raise FigureMismatch(file_name, "page-data", "figures", "nothing")
    data = json.loads(found[1])
    order = {item["id"]: place for place, item in enumerate(data["indicators"])}
    territories = {item["id"]: item for item in data["territories"]}
    for (territory, indicator), row in figure_rows(marts).items():
        if territory == REGION:
            continue
        figures = territories[territory]["figures"] if territory in territories else []
        figure = figures[order[indicator]] if figures and indicator in order else []
        for position, column in enumerate(PAGE_COLUMNS):
            place = f"page-data, № {territory}, {indicator}, {column}"
            shown = figure[position] if figure else "no such figure"
            gate.figure(place, row, column, shown)
