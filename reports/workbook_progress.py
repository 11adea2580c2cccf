"""Sheet «Показатели»: the order's own table with plan, fact, % and status.

What enters: `Progress` and a sheet. What leaves: 66 rows in the order's sequence, then the total
of the rows, the region without repeats, the printed total and its difference from the sum.
"""

from __future__ import annotations

from dataclasses import replace

from reports.config import sheets, words
from reports.formats import day
from reports.marts import MartSet
from reports.order import Indicator
from reports.progress import Figure, Progress
from reports.tables import CellValue
from reports.workbook_print import Extent, put_title, set_print
from reports.workbook_styles import COUNTER, HEAD, MUTE, TEXT, TOTAL, Look, Sheet, lines_of, numeric

FIRST = 2  # number and name stand before the indicators
PARTS = ("target", "fact", "pct", "status")


def _legend() -> str:
    return "   ".join(
        f"{word.shown} ({word.short})" if word.short else word.shown
        for word in words().statuses.values()
    )


def _column(position: int) -> int:
    return FIRST + position * len(PARTS)


def _graph(indicator: Indicator) -> str:
    texts = sheets().progress
    graph = texts.graph.format(number=indicator.graph) if indicator.is_printed else texts.derived
    return f"{graph}, {texts.deadline.format(deadline=day(indicator.deadline))}"


def _heads(sheet: Sheet, marts: MartSet, row: int) -> None:
    texts = sheets().progress
    sheet.merge((row, 0, row + 2, 0), texts.number_head, HEAD)
    sheet.merge((row, 1, row + 2, 1), texts.territory_head, HEAD)
    edge = replace(HEAD, edge=True)
    light = replace(edge, bold=False, size=8)
    most = 1
    for indicator in marts.card.indicators:
        first = _column(indicator.position - 1)
        last = first + len(PARTS) - 1
        sheet.merge((row, first, row, last), _graph(indicator), light)
        sheet.merge((row + 1, first, row + 1, last), indicator.name, edge)
        most = max(most, lines_of(indicator.name, sheet.span(first, last), HEAD))
        for offset, part in enumerate(PARTS):
            sheet.put(row + 2, first + offset, texts.heads[part], HEAD if offset else edge)
    sheet.height(row + 1, most, HEAD.size)
    sheet.height(row + 2, 2, HEAD.size)  # the buttons of the filter stand under the words


def _percent(figure: Figure) -> tuple[CellValue, Look]:
    if figure.pct is not None:
        return figure.pct, numeric("pct", replace(TEXT, tone=figure.word.tone))
    return figure.word.short, replace(MUTE, tone=figure.word.tone, align="right", size=9)


def _fact(figure: Figure, base: Look) -> tuple[CellValue, Look]:
    if figure.fact is not None:
        return figure.fact, numeric("int", base)
    return words().statuses[figure.value_status].short, replace(MUTE, align="right", size=9)


def _body_row(sheet: Sheet, row: int, figures: tuple[Figure, ...]) -> None:
    first = figures[0]
    sheet.put(row, 0, first.territory_id, COUNTER)
    sheet.put(row, 1, first.territory_name, TEXT)
    sheet.height(row, lines_of(first.territory_name, sheet.span(1, 1)))
    for figure in figures:
        column = _column(figure.indicator.position - 1)
        sheet.put(row, column, figure.target, replace(numeric("int"), edge=True))
        sheet.put(row, column + 1, *_fact(figure, TEXT))
        sheet.put(row, column + 2, *_percent(figure))
        mark = replace(TEXT, tone=figure.word.tone, align="center")
        sheet.put(row, column + 3, figure.word.mark, mark)


def _total_row(
    sheet: Sheet, row: int, label: str, cells: list[tuple[CellValue, CellValue]]
) -> None:
    """One line under the table: plan and fact of every indicator, the rest empty."""
    sheet.put(row, 0, "", TOTAL)
    sheet.put(row, 1, label, TOTAL)
    sheet.height(row, lines_of(label, sheet.span(1, 1), TOTAL))
    for position, (plan, fact) in enumerate(cells):
        column = _column(position)
        sheet.put(row, column, plan, replace(numeric("int", TOTAL), edge=True))
        sheet.put(row, column + 1, fact, numeric("int", TOTAL))
        for offset in (2, 3):
            sheet.put(row, column + offset, "", TOTAL)


def _difference(figure: Figure) -> int | None:
    if figure.target is None or figure.target_declared is None:
        return None
    return figure.target_declared - figure.target


def _totals(sheet: Sheet, row: int, region: tuple[Figure, ...]) -> int:
    texts = sheets().progress
    _total_row(sheet, row, texts.total, [(item.target, item.fact_sum) for item in region])
    _total_row(sheet, row + 1, texts.distinct, [(item.target, item.fact) for item in region])
    _total_row(sheet, row + 2, texts.printed, [(item.target_declared, None) for item in region])
    _total_row(sheet, row + 3, texts.difference, [(None, None)] * len(region))
    for position, item in enumerate(region):
        column = _column(position)
        percent, look = _percent(item)
        sheet.put(row + 1, column + 2, percent, replace(look, bold=True))
        mark = replace(TEXT, tone=item.word.tone, align="center", bold=True)
        sheet.put(row + 1, column + 3, item.word.mark, mark)
        gap = _difference(item)
        tone = "warn" if gap else ""
        sheet.put(row + 3, column, gap, replace(numeric("signed", TOTAL), edge=True, tone=tone))
    return row + 3


def write_progress(sheet: Sheet, marts: MartSet, progress: Progress, lines: list[str]) -> None:
    """Fill the sheet.

    Args:
        sheet: an empty sheet.
        marts: for the order's card and the print set-up.
        progress: the figures.
        lines: what stands under the title: order, date, completeness.
    """
    texts = sheets().progress
    width = texts.widths
    per_indicator = [width[part] for part in PARTS]
    sheet.widths([width["number"], width["territory"]] + per_indicator * len(progress.region))
    last_column = _column(len(progress.region)) - 1
    row = put_title(sheet, [texts.title, *lines, _legend()], last_column)
    _heads(sheet, marts, row)
    body = row + 3
    for offset, figures in enumerate(progress.territories):
        _body_row(sheet, body + offset, figures)
    end = body + len(progress.territories)
    last_row = _totals(sheet, end, progress.region)
    sheet.raw.autofilter(row + 2, 0, end - 1, last_column)
    sheet.raw.set_zoom(85)
    set_print(sheet, marts, Extent(last_row, last_column, (row, row + 2), FIRST))
