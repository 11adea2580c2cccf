"""Accounts that may be one person's: asked, never merged (D-42, D-43, D-45).

What enters: accepted pupils. What leaves: pairs of ids with a reason. Twins share a surname and a
birth date and differ in a first name that other families use, too: they are two persons.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from rapidfuzz.distance import OSA

from expectations.database import Connection

FORM = "P03"


@dataclass(frozen=True)
class Pair:
    """Two accounts; notes hold names and stay in the restricted layer."""

    one: str
    other: str
    reason: str  # same_name, near_name or near_date
    first: dict[str, Any]
    second: dict[str, Any]


_PUPILS = f"""
    create or replace temp table pupils as
    select pupil_id, territory_id, school_id, grade__raw as grade, birth_date,
        strftime(birth_date, '%d%m%Y') as digits, person_name,
        bvb_fold(last_name) as last_name, bvb_fold(first_name) as first_name,
        bvb_fold(middle_name) as middle_name
    from {FORM} where status is distinct from 'deleted' and birth_date is not null"""


_PARTS = ("last_name", "first_name", "middle_name")
# DuckDB counts bytes: two letters that changed places are up to four of them.
_BYTES_A_TYPO = 4
_EQUAL = """
    select a.pupil_id, b.pupil_id, 'same_name' from pupils a inner join pupils b
        on a.person_name = b.person_name and a.birth_date = b.birth_date and a.pupil_id < b.pupil_id
    union all
    select a.pupil_id, b.pupil_id, 'near_date' from pupils a inner join pupils b
        on a.person_name = b.person_name and a.territory_id = b.territory_id
        and a.pupil_id < b.pupil_id and a.middle_name is not null
    where hamming(a.digits, b.digits) = 1"""


def _near_sql(limits: dict[str, int]) -> str:
    """Pairs of one day and territory whose names may differ by typing errors only."""
    limit = _BYTES_A_TYPO * limits["in_word"]
    near = " and ".join(f"coalesce(levenshtein(a.{p}, b.{p}), 0) <= {limit}" for p in _PARTS)
    known = f"select first_name from names where n_families >= {limits['attested']}"
    texts = ", ".join(f"coalesce({side}.{p}, '')" for p in _PARTS for side in "ab")
    return f"""
        with names as (
            select first_name, count(distinct last_name) as n_families from pupils group by 1
        )
        select a.pupil_id, b.pupil_id, {texts} from pupils a inner join pupils b
            on a.birth_date = b.birth_date and a.territory_id = b.territory_id
            and a.pupil_id < b.pupil_id and a.person_name <> b.person_name
        where {near} and not (a.first_name <> b.first_name
            and a.first_name in ({known}) and b.first_name in ({known}))"""


def _is_near(texts: Sequence[str], limits: dict[str, int]) -> bool:
    """Whether two names differ by so few typing errors; a missing part agrees with any."""
    pairs = zip(texts[::2], texts[1::2], strict=True)
    typos = [OSA.distance(one, other) for one, other in pairs if one and other]
    return max(typos) <= limits["in_word"] and sum(typos) <= limits["in_name"]


def similar_people(con: Connection, limits: dict[str, int]) -> list[Pair]:
    """Pairs that may be one person, in the order of their ids.

    Args:
        con: the checked database.
        limits: typing errors allowed `in_word` and `in_name`, and how many families make a first
            name `attested`.
    """
    con.execute(_PUPILS)
    found = con.execute(_EQUAL).fetchall()
    rows = con.execute(_near_sql(limits)).fetchall()
    found += [(one, other, "near_name") for one, other, *texts in rows if _is_near(texts, limits)]
    ids = sorted({pupil for one, other, _ in found for pupil in (one, other)})
    about = _accounts(con, ids)
    return [Pair(one, other, why, about[one], about[other]) for one, other, why in sorted(found)]


def _accounts(con: Connection, ids: list[str]) -> dict[str, dict[str, Any]]:
    rows = con.execute(
        f"""select pupil_id, concat_ws(' ', last_name, first_name, middle_name) as name,
                strftime(birth_date, '%d.%m.%Y') as born, school_id as school, grade__raw as grade
            from {FORM} where pupil_id in (select unnest(?))""",
        [ids],
    ).fetchall()
    return {
        row[0]: dict(zip(("name", "born", "school", "grade"), row[1:], strict=True)) for row in rows
    }
