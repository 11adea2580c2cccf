"""What the page shows, in the order of reading: header, cards, table of the order, sections.

What enters: a `MartSet`. What leaves: frozen records with finished Russian texts for the template.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from reports.config import Word
from reports.formats import DASH, FULL, day, figure_text, half_up, number, pace_places
from reports.laggards import Laggard, Reach, reach
from reports.marts import ANCHOR
from reports.progress import REGION, Figure, Progress
from reports.tables import Cell, Table, TableColumn

NAME_COLUMN = "territory_name"
REGIONAL = "all"


@dataclass(frozen=True)
class Card:
    """One indicator of the region; texts are ready, `bar` and `pace` are widths in percent."""

    figure: Figure
    pct: str
    fact: str
    target: str
    facts: tuple[tuple[str, str], ...]
    bar: str
    pace: str
    reach: Reach

    @property
    def word(self) -> Word:
        """Status with mark and tone."""
        return self.figure.word


@dataclass(frozen=True)
class HeatCell:
    """One indicator of one territory in the table of the order."""

    word: Word
    pct: str
    detail: str
    is_empty: bool


@dataclass(frozen=True)
class HeatRow:
    """One line of the table of the order."""

    territory_id: int
    name: str
    kind: str
    mean: str
    met: str
    cells: tuple[HeatCell, ...]


@dataclass(frozen=True)
class Head:
    """One cell of a grouped header; `index` is the column that it sorts, None for a group."""

    title: str
    colspan: int
    rowspan: int
    index: int | None
    kind: str


@dataclass(frozen=True)
class PanelRow:
    """One line of a section with its territory: 0 is none of them, "all" is about the region."""

    territory_id: int | str
    cells: tuple[Cell, ...]


@dataclass(frozen=True)
class Panel:
    """One tab: a table of `sheets.yml` as the page needs it."""

    table: Table
    heads: tuple[tuple[Head, ...], ...]
    rows: tuple[PanelRow, ...]

    @property
    def id(self) -> str:
        """Anchor of the section."""
        return self.table.spec.id

    @property
    def stays_off_card(self) -> bool:
        """Whether a territory's card has no use for it: its figures stand there, or it has none."""
        return self.table.spec.mart == ANCHOR or any(
            row.territory_id == REGIONAL for row in self.rows
        )


def percent_text(figure: Figure) -> str:
    """«98,1 %» or a dash."""
    return DASH if figure.pct is None else f"{number(figure.pct, 1)}\u00a0%"


def _facts(figure: Figure) -> Iterable[tuple[str, str]]:
    if figure.target_declared not in (None, figure.target):
        yield "План, напечатан", figure_text(figure.target_declared)
    if figure.fact_sum not in (None, figure.fact):
        yield "Сумма территорий", figure_text(figure.fact_sum)
    yield "Факт подтверждён", figure_text(figure.fact_confirmed)
    yield "Осталось", figure_text(figure.gap)
    if figure.needed is not None:
        yield "Нужно в рабочий день", figure_text(figure.needed, pace_places(figure.needed))
        yield "Прогноз к сроку", figure_text(figure.forecast)
    yield "Срок", day(figure.deadline)


def cards(progress: Progress) -> tuple[Card, ...]:
    """The region's indicators."""
    made = []
    for figure in progress.region:
        planned = Decimal(figure.planned or 0) * 100 / (figure.target or 1)
        made.append(
            Card(
                figure=figure,
                pct=percent_text(figure),
                fact=figure_text(figure.fact),
                target=figure_text(figure.target),
                facts=tuple(_facts(figure)),
                bar=str(min(figure.pct or Decimal(0), FULL)),
                pace=str(half_up(min(planned, FULL))),
                reach=reach(progress, figure.indicator.indicator_id),
            )
        )
    return tuple(made)


def _heat_cell(figure: Figure) -> HeatCell:
    word = figure.word
    detail = f"{figure_text(figure.fact)} / {figure_text(figure.target)}"
    if figure.pct is None:
        return HeatCell(word, "", f"{detail}, {word.label}", is_empty=True)
    return HeatCell(word, number(figure.pct, 1), detail, is_empty=False)


def heat_row(row: tuple[Figure, ...], laggard: Laggard | None) -> HeatRow:
    """One territory (or the region) over all indicators."""
    first = row[0]
    return HeatRow(
        territory_id=first.territory_id,
        name=first.territory_name,
        kind=first.territory_kind,
        mean=number(laggard.mean, 1) if laggard else DASH,
        met=f"{laggard.met} из {laggard.targeted}" if laggard else DASH,
        cells=tuple(_heat_cell(item) for item in row),
    )


def _sort_kind(column: TableColumn) -> str:
    if column.is_number:
        return "n"
    return "d" if column.spec.kind in ("date", "datetime") else "t"


def heads(columns: tuple[TableColumn, ...]) -> tuple[tuple[Head, ...], ...]:
    """Header lines: one, or two when some columns stand under a common title."""
    grouped = any(column.group for column in columns)
    upper: list[Head] = []
    lower: list[Head] = []
    for index, column in enumerate(columns):
        leaf = Head(column.title, 1, 1, index, _sort_kind(column))
        if not grouped:
            upper.append(leaf)
        elif not column.group:
            upper.append(Head(column.title, 1, 2, index, leaf.kind))
        else:
            lower.append(leaf)
            last = upper[-1] if upper else None
            if last and last.index is None and last.title == column.group:
                upper[-1] = Head(last.title, last.colspan + 1, 1, None, "")
            else:
                upper.append(Head(column.group, 1, 1, None, ""))
    return (tuple(upper), tuple(lower)) if grouped else (tuple(upper),)


def sections(tables: Iterable[Table], progress: Progress) -> tuple[Panel, ...]:
    """Tabs of the page; every line knows its territory, so that filters reach it."""
    ids = {row[0].territory_name: row[0].territory_id for row in progress.territories}
    made = []
    for table in tables:
        names = [c.spec.column for c in table.columns]
        place = names.index(NAME_COLUMN) if NAME_COLUMN in names else None
        rows = tuple(
            PanelRow(REGIONAL if place is None else ids.get(cells[place].shown, REGION), cells)
            for cells in table.rows
        )
        made.append(Panel(table, heads(table.columns), rows))
    return tuple(made)
