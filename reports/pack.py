"""The final report as data: one context for the printed and for the editable document.

What enters: a `MartSet`. What leaves: finished Russian texts and figures; both writers only lay
them out, so that paper and Word cannot differ.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from reports.config import words
from reports.formats import DASH, day, figure_text, number
from reports.laggards import laggards
from reports.marts import MartSet, Row, integer, text
from reports.notes import known_text, notes, order_line
from reports.order import fill_in
from reports.progress import Figure, Progress, load_progress

NAMED = 12  # territories named one by one under an indicator that is not met


@dataclass(frozen=True)
class Line:
    """One indicator of the region."""

    indicator_id: str
    name: str
    target: str
    declared: str
    fact: str
    confirmed: str
    fact_sum: str
    percent: str
    state: str
    mark: str
    tone: str
    deadline: str


@dataclass(frozen=True)
class Item:
    """One item of the roadmap."""

    number: str
    title: str
    term: str
    state: str
    mark: str
    tone: str
    done: str
    undone: str


@dataclass(frozen=True)
class Unmet:
    """Why an indicator is not met: how much is missing, and where."""

    name: str
    said: str
    places: str


@dataclass(frozen=True)
class Pack:
    """Everything the final report says."""

    title: str
    order: str
    basis: tuple[str, ...]
    as_of: str
    known: str
    operator: str
    load_id: str
    lines: tuple[Line, ...]
    items: tuple[Item, ...]
    unmet: tuple[Unmet, ...]
    annex_heads: tuple[str, ...]
    annex: tuple[tuple[str, ...], ...]
    notes: tuple[tuple[str, str], ...]


def percent(value: Decimal | None) -> str:
    """«98,1 %» as documents set it, or a dash."""
    return DASH if value is None else f"{number(value, 1)} %"


def _line(item: Figure) -> Line:
    return Line(
        indicator_id=item.indicator.indicator_id,
        name=item.name,
        target=figure_text(item.target),
        declared=figure_text(item.target_declared),
        fact=figure_text(item.fact),
        confirmed=figure_text(item.fact_confirmed),
        fact_sum=figure_text(item.fact_sum),
        percent=percent(item.pct),
        state=item.word.label,
        mark=item.word.mark,
        tone=item.word.tone,
        deadline=day(item.deadline),
    )


def _undone(row: Row) -> str:
    """Why an item is not done: how many owe it, of whom nothing is known, what was waived."""
    told = (("n_overdue", "просрочено"), ("n_no_data", "нет данных"), ("n_waived", "снято"))
    counts = ((word, integer(row[name]) or 0) for name, word in told)
    return ", ".join(f"{word}: {number(count)}" for word, count in counts if count)


def _item(row: Row) -> Item:
    word = words().word("roadmap_status", text(row["status"]))
    done, expected = (integer(row[name]) or 0 for name in ("n_done", "n_expected"))
    late = integer(row["n_done_late"]) or 0
    return Item(
        number=text(row["item_no"]),
        title=text(row["item_title"]),
        term=text(row["term_as_printed"]),
        state=word.label,
        mark=word.mark,
        tone=word.tone,
        done=f"{number(done + late)} из {number(expected)}" if expected else DASH,
        undone=_undone(row),
    )


def _unmet(progress: Progress) -> list[Unmet]:
    found = []
    for item in progress.region:
        if not item.is_targeted or item.is_met or item.fact is None:
            continue
        behind = [
            place
            for place in progress.of_indicator(item.indicator.indicator_id)
            if place.is_targeted and place.fact is not None and place.gap
        ]
        behind.sort(key=lambda place: (-(place.gap or 0), place.territory_id))
        names = [f"{p.territory_name} ({number(p.gap or 0)})" for p in behind[:NAMED]]
        more = len(behind) - len(names)
        found.append(
            Unmet(
                name=item.name,
                said=f"{item.word.label}: не хватает {number(item.gap or 0)} "
                f"{item.indicator.unit}; территорий ниже плана — {number(len(behind))}",
                places="; ".join(names) + (f" и ещё {more}" if more > 0 else ""),
            )
        )
    return found


def _annex(progress: Progress) -> tuple[tuple[str, ...], ...]:
    rows = []
    for figures in progress.territories:
        cells = [f"{figures[0].territory_id}", figures[0].territory_name]
        for item in figures:
            cells += [figure_text(item.target), figure_text(item.fact)]
        rows.append(tuple(cells))
    return tuple(rows)


def build_pack(marts: MartSet) -> Pack:
    """The final report's content.

    Raises:
        IncompleteProgress: a territory lacks an indicator.
        UnknownCode: a mart holds a code without a Russian word.
    """
    card, progress = marts.card, load_progress(marts)
    roadmap = [row for row in marts.rows("mart_roadmap_region") if row["item_no"] is not None]
    roadmap.sort(key=lambda row: integer(row["item_no"]) or 0)
    weakest = laggards(progress)[:NAMED]
    first = (
        "Ниже всех по средней доле плана",
        "; ".join(f"{item.name} — {number(item.mean, 1)} %" for item in weakest),
    )
    known = known_text(marts, progress)
    basis = (
        f"Распоряжение от {day(card.signed_on)} № {card.order_no}.",
        fill_in("Засчитываются мероприятия с {fact_from} по {fact_to}.", card),
        f"Данные платформы и отчёты территорий: {known}.",
    )
    return Pack(
        basis=basis,
        title=f"Итоговый отчёт о реализации проекта «{card.programme_name}»",
        order=order_line(card),
        as_of=day(marts.as_of),
        known=known,
        operator=card.operator_name,
        load_id=marts.load_id,
        lines=tuple(_line(item) for item in progress.region),
        items=tuple(_item(row) for row in roadmap),
        unmet=tuple(_unmet(progress)),
        annex_heads=tuple(item.indicator.short_name for item in progress.region),
        annex=_annex(progress),
        notes=(first, *(row for section in notes(card)[:1] for row in section.rows)),
    )
