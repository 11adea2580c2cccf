"""Numbers, dates and counts as Russian text; rounding that never flatters.

What enters: values of marts. What leaves: text with no-break spaces and decimal commas.
"""

from __future__ import annotations

from datetime import date, datetime
from decimal import ROUND_HALF_UP, Decimal

from reports.config import words

DASH = "–"
NBSP = "\u00a0"
MINUS = "\u2212"
TENTH = Decimal("0.1")
FULL = Decimal(100)
BELOW_FULL = Decimal("99.9")
PACE_EXACT_BELOW = 10


def half_up(value: Decimal, step: Decimal = TENTH) -> Decimal:
    """Round half up, as the order's readers do on paper."""
    return value.quantize(step, rounding=ROUND_HALF_UP)


def shown_percent(value: Decimal, *, complete: bool) -> Decimal:
    """A percentage with one decimal that is never 100,0 while something is left to do."""
    rounded = half_up(value)
    return min(rounded, BELOW_FULL) if not complete and value <= FULL else rounded


def number(value: int | Decimal, places: int = 0) -> str:
    """46945 -> «46 945», 12.25 -> «12,3»: half up, as on paper and in spreadsheets."""
    rounded = half_up(abs(Decimal(value)), Decimal(1).scaleb(-places))
    body = f"{rounded:,f}".replace(",", NBSP).replace(".", ",")
    return f"{MINUS}{body}" if value < 0 else body


def figure_text(value: int | Decimal | None, places: int = 0) -> str:
    """A number as text, a dash for what is missing."""
    return DASH if value is None else number(value, places)


def pace_places(needed: Decimal) -> int:
    """How many decimals «нужно в рабочий день» takes: a small pace would lose its meaning."""
    return 2 if needed < PACE_EXACT_BELOW else 1


def day(value: date) -> str:
    """2024-09-30 -> «30.09.2024»."""
    return value.strftime("%d.%m.%Y")


def moment(value: datetime) -> str:
    """Moscow wall time without seconds."""
    return value.strftime("%d.%m.%Y %H:%M")


def month(value: str) -> str:
    """«2024-09» -> «сентябрь»."""
    return words().months[int(value[5:7]) - 1]


def counted(value: int, plural: str) -> str:
    """3, territories -> «3 территории»."""
    one, few, many = words().plurals[plural]
    tail, last = value % 100, value % 10
    if last == 1 and tail != 11:
        form = one
    elif last in (2, 3, 4) and tail not in (12, 13, 14):
        form = few
    else:
        form = many
    return f"{number(value)}{NBSP}{form}"
