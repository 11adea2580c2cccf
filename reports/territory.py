"""Everything that one territory has to hear: its figures, duties, files and gaps, in words.

What enters: a `MartSet`. What leaves: a `TerritoryCard` a territory, for passport and letter;
numbers are the marts' own, nothing personal is among them.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from reports.config import words
from reports.formats import counted, day, number
from reports.marts import MartSet, Row, integer, text
from reports.places import Key, places
from reports.progress import Figure, load_progress

_OWED = ("overdue", "no_data")
MARTS = (
    "mart_roadmap", "mart_deliveries", "mart_findings", "mart_navigator_load", "mart_consents",
)  # fmt: skip


@dataclass(frozen=True)
class Duty:
    """One control point that is late or near."""

    item: str
    title: str
    due: str
    done: str


@dataclass(frozen=True)
class Missing:
    """One file that did not come or was not taken."""

    form: str
    title: str
    period: str
    due: str
    what: str


@dataclass(frozen=True)
class Complaint:
    """One rule that rows of the territory break."""

    rule: str
    form: str
    title: str
    count: int
    places: str


@dataclass(frozen=True)
class TerritoryCard:
    """One territory on one page."""

    territory_id: int
    name: str
    kind: str
    figures: tuple[Figure, ...]
    late: tuple[Duty, ...]
    near: tuple[Duty, ...]
    missing: tuple[Missing, ...]
    complaints: tuple[Complaint, ...]
    n_complaints: int
    talk: tuple[str, ...]


def _by_territory(rows: tuple[Row, ...]) -> dict[int, list[Row]]:
    found: dict[int, list[Row]] = {}
    for row in rows:
        found.setdefault(integer(row["territory_id"]) or 0, []).append(row)
    return found


def _duty(row: Row) -> Duty:
    due = row["grace_on"]
    return Duty(
        item=text(row["item"]),
        title=text(row["item_title"]),
        due=day(due) if isinstance(due, date) else "каждое мероприятие",
        done=text(row["evidence_text"]),
    )


def _duties(rows: list[Row]) -> tuple[list[Duty], list[Duty]]:
    """(late, near), by day; what was waived is asked of nobody."""
    asked = sorted(
        (row for row in rows if not row["is_waived"]),
        key=lambda row: (text(row["grace_on"]), text(row["control_id"])),
    )
    late = [_duty(row) for row in asked if row["status"] in _OWED]
    near = [_duty(row) for row in asked if row["status"] == "due_soon"]
    return late, near


def _missing(rows: list[Row]) -> list[Missing]:
    wanted = [row for row in rows if row["status"] in ("not_received", "rejected")]
    return [
        Missing(
            form=text(row["form_code"]),
            title=text(row["form_title"]),
            period=text(row["period"]),
            due=day(row["due_on"]) if isinstance(row["due_on"], date) else "",
            what=words().word("delivery_status", text(row["status"])).label,
        )
        for row in sorted(wanted, key=lambda row: (text(row["due_on"]), text(row["form_code"])))
    ]


def _complaints(rows: list[Row], where: dict[Key, str]) -> list[Complaint]:
    heavy = [row for row in rows if text(row["severity"]) in ("reject", "error")]
    return [
        Complaint(text(row["rule_id"]), text(row["form_code"]), text(row["rule_title"]),
                  integer(row["n_findings"]) or 0,
                  where.get((integer(row["territory_id"]) or 0, text(row["rule_id"]),
                             text(row["form_code"])), ""))
        for row in sorted(heavy, key=lambda row: (-(integer(row["n_findings"]) or 0),
                                                  text(row["rule_id"])))
    ]  # fmt: skip


def _behind(figures: tuple[Figure, ...]) -> list[str]:
    said = []
    for item in figures:
        if not item.indicator.is_printed or item.status not in ("red", "amber", "overdue"):
            continue
        left = f"осталось {number(item.gap or 0)} {item.indicator.unit}"
        name, state = item.indicator.short_name, item.word.label
        said.append(f"{name}: {state}, {left} (срок {day(item.deadline)}).")
    return said


def _talk(
    figures: tuple[Figure, ...], n_late: int, n_missing: int, load: Row | None, consents: Row | None
) -> list[str]:
    """What to say in a telephone call, the most urgent first."""
    lines = []
    if n_late:
        lines.append(f"Просрочено пунктов дорожной карты: {n_late}; назовите дату исполнения.")
    if n_missing:
        lines.append(f"Не сданы или не приняты файлы: {n_missing}.")
    lines += _behind(figures)
    over = integer(load["n_over_limit"]) if load else 0
    if over:
        lines.append(f"Сверх предела нагрузки: {counted(over, 'navigators')}; перераспределите.")
    absent = integer(consents["n_scan_missing"]) if consents else 0
    if absent:
        lines.append(f"Нет скан-копий согласий: {number(absent)}.")
    return lines or ["Всё, что наступило, исполнено; поблагодарите."]


def territory_cards(marts: MartSet) -> list[TerritoryCard]:
    """One card a territory, in the order of the order's table."""
    progress = load_progress(marts)
    roadmap, deliveries, findings, load, consents = (
        _by_territory(marts.rows(name)) for name in MARTS
    )
    cards, where = [], places(marts)
    for figures in progress.territories:
        place = figures[0].territory_id
        late, near = _duties(roadmap.get(place, []))
        missing = _missing(deliveries.get(place, []))
        complaints = _complaints(findings.get(place, []), where)
        one = [next(iter(rows.get(place, [])), None) for rows in (load, consents)]
        cards.append(
            TerritoryCard(
                territory_id=place,
                name=figures[0].territory_name,
                kind=words().word("territory_kind", figures[0].territory_kind).label,
                figures=figures,
                late=tuple(late),
                near=tuple(near),
                missing=tuple(missing),
                complaints=tuple(complaints),
                n_complaints=sum(item.count for item in complaints),
                talk=tuple(_talk(figures, len(late), len(missing), *one)),
            )
        )
    return cards
