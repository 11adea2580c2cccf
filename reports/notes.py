"""Footnotes of every report: what was known, how it is counted, what was decided.

What enters: a `MartSet`, its `Progress` and the order's card. What leaves: finished Russian texts.
"""

from __future__ import annotations

import re
from datetime import date

from reports.config import Section, methodology, sheets, words
from reports.formats import counted, day, number
from reports.marts import MartSet
from reports.order import OrderCard, fill_in
from reports.progress import Progress

ISO_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")


def known_text(marts: MartSet, progress: Progress) -> str:
    """What was known when the report was made: files and territories without data."""
    due = [row for row in marts.rows("mart_deliveries") if row["is_expected"]]
    due = [row for row in due if row["status"] != "not_due"]
    here = [row for row in due if row["status"] != "not_received"]
    late = sum(1 for row in here if row["is_on_time"] is False)
    silent = {
        row[0].territory_id for row in progress.territories if any(not i.is_known for i in row)
    }
    text = f"поступило {number(len(here))} из {counted(len(due), 'of_files')}, которых ждали"
    if late:
        text += f", с опозданием {number(late)}"
    return f"{text}; {counted(len(silent), 'territories')} с неполными данными"


def order_line(card: OrderCard) -> str:
    """Region, date and number of the order, as they stand under every title."""
    return sheets().summary.subtitle.format(
        region_name=card.region_name, signed_on=day(card.signed_on), order_no=card.order_no
    )


def _decision_value(value: str) -> str:
    """A date as people write it, a code as words, anything else as it stands in the seed."""
    known = words().dictionaries["decision_value"].get(value)
    if known:
        return known.label
    return day(date.fromisoformat(value)) if ISO_DATE.fullmatch(value) else value


def notes(card: OrderCard) -> tuple[Section, ...]:
    """Footnotes: what is counted, how to read it, printed totals, decisions of the order."""
    heads = sheets().methodology
    exceptions = [
        (
            f"Графа {item.column_code.removeprefix('c')}",
            f"Напечатано {number(item.declared)}, сумма строк "
            f"{number(item.declared - item.difference)}, разница {number(item.difference)}. "
            f"{item.reason}.",
        )
        for item in card.exceptions
    ]
    decisions = [
        (item.description, f"{_decision_value(item.value)} ({item.decision_id})")
        for item in card.decisions
    ]
    explained = (
        Section(title=part.title, rows=[(term, fill_in(said, card)) for term, said in part.rows])
        for part in methodology().sections
    )
    return (
        *explained,
        Section(title=heads.exceptions, rows=exceptions),
        Section(title=heads.decisions, rows=decisions),
    )
