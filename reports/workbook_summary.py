"""Sheet «Сводка»: the region on one page: indicators, what strikes the eye, who is behind.

What enters: a `MartSet` and its `Progress`. What leaves: one sheet; every number is the mart's own.
"""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

from reports.config import sheets, words
from reports.formats import pace_places
from reports.insights import Insight, insights
from reports.laggards import Laggard, laggards, reach
from reports.marts import MartSet
from reports.progress import Figure, Progress
from reports.tables import CellValue
from reports.workbook_print import Extent, put_title, set_print
from reports.workbook_styles import (
    COUNTER,
    HEAD,
    MUTE,
    SECTION,
    TEXT,
    TOTAL,
    Look,
    Sheet,
    lines_of,
    numeric,
)

Cells = dict[str, tuple[CellValue, Look]]
# Where the parts of the list of laggards stand in the columns of the indicators above it.
LAGGARD_PLACES = {
    "position": (0, 0),
    "name": (1, 1),
    "mean": (2, 2),
    "met": (3, 3),
    "targeted": (4, 4),
    "worst": (5, 8),
    "worst_pct": (9, 9),
    "worst_gap": (10, 10),
}


def _number(value: int | Decimal | None, kind: str, base: Look = TEXT) -> tuple[CellValue, Look]:
    """A number, or words for what is missing: never an empty cell that looks like zero."""
    if value is None:
        return words().statuses["not_reported"].short, replace(MUTE, align="right")
    return value, numeric(kind, base)


def _needed(figure: Figure) -> tuple[CellValue, Look]:
    if figure.needed is None:
        return "–", replace(MUTE, align="right")
    return figure.needed, numeric(f"dec{pace_places(figure.needed)}")


def _declared(figure: Figure) -> tuple[CellValue, Look]:
    differs = figure.target_declared not in (None, figure.target)
    return _number(figure.target_declared, "int", replace(TEXT, tone="warn" if differs else ""))


def _cells(progress: Progress, figure: Figure) -> Cells:
    counted = reach(progress, figure.indicator.indicator_id)
    tone = replace(TEXT, tone=figure.word.tone)
    return {
        "position": (figure.indicator.position, COUNTER),
        "name": (figure.name, TEXT),
        "target": _number(figure.target, "int"),
        "target_declared": _declared(figure),
        "fact": _number(figure.fact, "int", replace(TEXT, bold=True)),
        "fact_sum": _number(figure.fact_sum, "int"),
        "fact_confirmed": _number(figure.fact_confirmed, "int"),
        "pct": _number(figure.pct, "pct", replace(tone, bold=True)),
        "gap": _number(figure.gap, "int"),
        "planned": _number(figure.planned, "int"),
        "needed": _needed(figure),
        "forecast": _number(figure.forecast, "int"),
        "deadline": (figure.deadline, replace(numeric("date"), align="center")),
        "status": (figure.word.shown, tone),
        "n_met": (counted.met, numeric("int")),
        "n_targeted": (counted.targeted, numeric("int")),
        "n_missing": (counted.missing, numeric("int", MUTE if counted.missing else TEXT)),
    }


def _indicators(sheet: Sheet, row: int, progress: Progress) -> int:
    texts = sheets().summary
    sheet.put(row, 0, texts.indicators_title, SECTION)
    keys = list(texts.columns)
    for column, key in enumerate(keys):
        sheet.put(row + 1, column, texts.columns[key], HEAD)
    heads = (lines_of(texts.columns[k], texts.widths[k], HEAD) for k in keys)
    sheet.height(row + 1, max(heads), HEAD.size)
    for offset, figure in enumerate(progress.region, start=row + 2):
        cells = _cells(progress, figure)
        for column, key in enumerate(keys):
            sheet.put(offset, column, *cells[key])
        name, status = lines_of(figure.name, sheet.span(1, 1)), figure.word.shown
        sheet.height(offset, max(name, lines_of(status, texts.widths["status"])))
    return row + 2 + len(progress.region) + 1


def _insights(sheet: Sheet, row: int, found: list[Insight]) -> int:
    texts = sheets().summary
    sheet.put(row, 0, texts.insights_title, SECTION)
    last = len(texts.columns) - 1
    for offset, item in enumerate(found, start=row + 1):
        look = replace(TEXT, tone=item.tone)
        sheet.put(offset, 0, item.mark, replace(look, align="center"))
        sheet.merge((offset, 1, offset, last), item.text, look)
        sheet.height(offset, lines_of(item.text, sheet.span(1, last)))
    return row + 1 + len(found) + 1


def _laggard(position: int, item: Laggard) -> Cells:
    worst = item.worst
    return {
        "position": (position, COUNTER),
        "name": (item.name, TEXT),
        "mean": (item.mean, numeric("pct")),
        "met": (item.met, numeric("int")),
        "targeted": (item.targeted, numeric("int")),
        "worst": (worst.indicator.short_name, TEXT),
        "worst_pct": _number(worst.pct, "pct", replace(TEXT, tone=worst.word.tone)),
        "worst_gap": _number(worst.gap, "int"),
    }


def _laggards(sheet: Sheet, row: int, ranked: list[Laggard]) -> int:
    texts = sheets().summary
    sheet.put(row, 0, texts.laggards_title, SECTION)
    for key, (first, last) in LAGGARD_PLACES.items():
        sheet.merge((row + 1, first, row + 1, last), texts.laggard_columns[key], HEAD)
    sheet.height(row + 1, 2, HEAD.size)
    for position, item in enumerate(ranked, start=1):
        place = row + 1 + position
        cells = _laggard(position, item)
        for key, (first, last) in LAGGARD_PLACES.items():
            value, look = cells[key]
            sheet.merge((place, first, place, last), value, look)
        sheet.height(place, lines_of(item.name, sheet.span(1, 1)))
    if not ranked:
        sheet.merge((row + 2, 0, row + 2, LAGGARD_PLACES["worst_gap"][1]), words().none_text, TOTAL)
    return row + 1 + max(1, len(ranked))


def write_summary(sheet: Sheet, marts: MartSet, progress: Progress, lines: list[str]) -> None:
    """Fill the sheet.

    Args:
        sheet: an empty sheet.
        marts: for the insights and the print set-up.
        progress: the figures.
        lines: title, order, date and completeness.
    """
    texts = sheets().summary
    sheet.widths([texts.widths[key] for key in texts.columns])
    row = put_title(sheet, lines, len(texts.columns) - 1)
    row = _indicators(sheet, row, progress)
    row = _insights(sheet, row, insights(marts, progress))
    ranked = laggards(progress)[: words().laggards_in_workbook]
    last_row = _laggards(sheet, row, ranked)
    set_print(sheet, marts, Extent(last_row, len(texts.columns) - 1, one_page=True))
