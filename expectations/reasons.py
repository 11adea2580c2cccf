"""Why a text is no date, in the sender's words: a day, a month or a year that cannot be.

What enters: the text column and `rules/_not_dates.yml`. What leaves: SQL that gives the reason; of
a personal column it repeats nothing that stands in the cell.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

from ingest.casts import FIRST_YEAR, LAST_YEAR
from ingest.sql import sql_text
from ingest.yaml_files import read_yaml

_PARTS = "bvb_day_parts({0})"
_FIRST_DAY = "try_cast(printf('%04d-%02d-01', {parts}.y, {parts}.m) as date)"


def _filled(text: str, facts: Mapping[str, str]) -> str:
    """SQL of a text with its `<<marks>>`."""
    pieces = [sql_text(piece) for piece in text.replace("<<", "\0").replace(">>", "\0").split("\0")]
    pieces[1::2] = [facts[piece.strip("'")] for piece in pieces[1::2]]
    return " || ".join(pieces)


@cache
def _texts() -> dict[str, Any]:
    path = Path(__file__).with_name("rules") / "_not_dates.yml"
    texts: dict[str, Any] = read_yaml(path)
    return texts


def not_a_date_sql(raw: str, *, is_personal: bool) -> str:
    """SQL of the reason why `raw` could not be read as a date.

    Args:
        raw: SQL of the text as read.
        is_personal: whether the cell may not be repeated.
    """
    reasons = _texts()
    parts = _PARTS.format(raw)
    months = ", ".join(map(sql_text, reasons["months_in"]))
    last = f"day(last_day({_FIRST_DAY.format(parts=parts)}))"
    facts = {
        "day": f"{parts}.d",
        "month": f"{parts}.m",
        "month_in": f"[{months}][{parts}.m]",
        "year": f"printf('%04d', {parts}.y)",
        "days": last,
    }
    said = {
        name: _filled(both["closed" if is_personal else "open"], facts)
        for name, both in reasons.items()
        if name != "months_in"
    }
    return f"""case
        when not regexp_matches({raw}, '[0-9]') then {said["no_digits"]}
        when {parts} is null then {said["unclear"]}
        when {parts}.m not between 1 and 12 then {said["no_month"]}
        when {parts}.y not between {FIRST_YEAR} and {LAST_YEAR} then {said["no_year"]}
        when {parts}.d not between 1 and {last} then {said["no_day"]}
        else {said["more_than_a_date"]} end"""
