"""What a new version of a file has mended, kept and brought: «исправлено 3, осталось 2, новых 1».

What enters: identified findings of the deliveries of a run and of older versions. What leaves: a
mark `since_last` on each finding (`new` or `left`; `fixed` or `left` in the older version), and the
counts of each delivery that follows another.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from expectations.database import Connection, insert_rows
from expectations.models import Severity, Stage
from expectations.versions import DETAIL, Versions

MARK = "since_last"
# What compares forms is left out (the older version never stood beside today's others), and what
# nobody has to mend.
COMPARED = f"stage <> '{Stage.CROSS}' and severity <> '{Severity.INFO}'"


@dataclass(frozen=True)
class Difference:
    """Numbers of findings of a version, compared with those of the version before."""

    fixed: int
    left: int
    new: int


def _mark(con: Connection, table: str, ours: str, other: str, absent: str) -> None:
    """Mark the findings of `table`: `left` if the other version of the pair has them, too."""
    con.execute(f"alter table {table} add column {MARK} varchar")
    con.execute(
        f"""update {table} as f set {MARK} = case
                when exists (select 1 from compared o
                    where o.delivery_id = p.{other} and o.finding_key = f.finding_key)
                then 'left' else '{absent}' end
            from pairs p where p.{ours} = f.delivery_id and {COMPARED}"""
    )


def add_difference(
    con: Connection, versions: Versions, readable: frozenset[str]
) -> dict[str, Difference]:
    """Compare each version with the one before it.

    Args:
        con: holds `findings_detail` and `findings_before_detail` with their keys.
        versions: which delivery follows which.
        readable: deliveries whose rows were looked at; of another nothing can be said to be mended.

    Returns:
        delivery id → its numbers.
    """
    pairs = [[new, old] for new, old in sorted(versions.previous.items()) if new in readable]
    con.execute("create or replace temp table pairs (newer varchar, older varchar)")
    insert_rows(con, "pairs", pairs)
    listed = " union all ".join(
        f"select delivery_id, finding_key from {table} where {COMPARED}"
        for table in ("findings_detail", DETAIL)
    )
    con.execute(f"create or replace temp table compared as {listed}")
    _mark(con, "findings_detail", "newer", "older", "new")
    _mark(con, DETAIL, "older", "newer", "fixed")
    rows = con.execute(
        """with sides as (
                select p.newer, c.finding_key,
                    bool_or(c.delivery_id = p.newer) as is_now,
                    bool_or(c.delivery_id = p.older) as was_before
                from pairs p inner join compared c on c.delivery_id in (p.newer, p.older)
                group by all
            )
            select p.newer, count(*) filter (where s.was_before and not s.is_now),
                count(*) filter (where s.was_before and s.is_now),
                count(*) filter (where s.is_now and not s.was_before)
            from pairs p left join sides s on s.newer = p.newer
            group by 1"""
    ).fetchall()
    return {str(delivery): Difference(*counts) for delivery, *counts in rows}


def version_rows(
    versions: Versions, readable: frozenset[str], differences: Mapping[str, Difference]
) -> list[dict[str, Any]]:
    """Rows of `versions`: every delivery but repeated ones; no counts without a comparison."""
    return [
        {
            "delivery_id": delivery_id,
            "previous_delivery_id": versions.previous.get(delivery_id),
            "period": month,
            "is_current": delivery_id in versions.current,
            "is_readable": delivery_id in readable,
            "n_fixed": found.fixed if found else None,
            "n_left": found.left if found else None,
            "n_new": found.new if found else None,
        }
        for delivery_id, month in versions.months.items()
        for found in [differences.get(delivery_id)]
    ]
