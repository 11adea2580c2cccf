"""From a number back to the cells: the rows that count in an indicator of a territory.

What enters: a date, an indicator, a territory. What leaves: the number as published and the address
of every row behind it, with the file's own name; for the operator only, because people put names of
children into names of files and sheets.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import pyarrow.parquet as pq

from ingest.deliveries import Delivery, load_delivery
from ingest.settings import Settings
from warehouse.errors import NothingToExplain
from warehouse.query import select

REGION = 0
_NUMBERED_SHEET = re.compile(r"^лист (\d+)$")


@dataclass(frozen=True)
class SourceRow:
    """One row of a file that counts."""

    indicator_id: str
    territory_id: int | None
    person_key: str
    is_confirmed: bool
    form_code: str
    file_name: str
    sheet: str
    row: int


@dataclass(frozen=True)
class Explanation:
    """The published number and its rows; persons are counted over them."""

    fact: int | None
    fact_confirmed: int | None
    value_status: str
    rows: list[SourceRow]

    @property
    def n_persons(self) -> int:
        """Distinct contributions: what the published number has to be."""
        return len({(row.indicator_id, row.person_key) for row in self.rows})


class _Files:
    """Names of files and sheets as their senders wrote them."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self._deliveries: dict[str, Delivery | None] = {}
        self._sheets: dict[str, list[str]] = {}

    def _delivery(self, delivery_id: str) -> Delivery | None:
        if delivery_id not in self._deliveries:
            self._deliveries[delivery_id] = load_delivery(self.settings, delivery_id)
        return self._deliveries[delivery_id]

    def name(self, delivery_id: str) -> str:
        """The file's own name."""
        found = self._delivery(delivery_id)
        return found.file_name if found else delivery_id

    def sheet(self, delivery_id: str, shown: str) -> str:
        """The sheet's own name: outside the restricted layer only its number is told."""
        number = _NUMBERED_SHEET.match(shown)
        found = self._delivery(delivery_id)
        if number is None or found is None or found.parsed_path is None:
            return shown
        if delivery_id not in self._sheets:
            self._sheets[delivery_id] = _sheet_names(found.parsed_path)
        names = self._sheets[delivery_id]
        position = int(number[1])
        return names[position - 1] if position <= len(names) else shown


def _sheet_names(path: Path) -> list[str]:
    column = pq.read_table(path, columns=["_sheet"])["_sheet"]
    return sorted(str(name) for name in column.unique().to_pylist())


def _where(order_id: str, as_of: date) -> str:
    return f"order_id = '{order_id}' and as_of = date '{as_of}'"


def _published(
    settings: Settings, where: str, indicator_id: str, territory_id: int
) -> tuple[int | None, int | None, str]:
    found = select(
        settings,
        "select fact, fact_confirmed, value_status from history.mart_indicator_progress"
        f" where {where} and territory_id = {territory_id} and indicator_id = '{indicator_id}'",
    ).rows
    if not found:
        raise NothingToExplain(indicator_id, territory_id, where)
    fact, confirmed, status = found[0]
    return fact, confirmed, str(status)


def explain(
    settings: Settings, order_id: str, as_of: date, indicator_id: str, territory_id: int
) -> Explanation:
    """List the rows behind one value of `mart_indicator_progress`.

    Args:
        settings: the data directory.
        order_id: key of the order.
        as_of: date of the number.
        indicator_id: `I-1` … `I-8`; a sum is explained by the rows of its parts.
        territory_id: 1..66, or 0 for the region.

    Raises:
        NothingPublished: there is no warehouse yet.
        NothingToExplain: the date, the indicator or the territory is not published.
    """
    if not re.fullmatch(r"I-[0-9]+", indicator_id):
        raise NothingToExplain(indicator_id, territory_id, "")
    where = _where(order_id, as_of)
    fact, confirmed, status = _published(settings, where, indicator_id, territory_id)
    place = (
        "territory_id is not null" if territory_id == REGION else f"territory_id = {territory_id}"
    )
    parts = (
        "select unnest(string_split(components, '+')) from history.dim_indicator"
        f" where {where} and indicator_id = '{indicator_id}'"
    )
    answer = select(
        settings,
        f"""select indicator_id, territory_id, person_key, is_confirmed,
                split_part(row_id, ':', 1), split_part(row_id, ':', 2),
                cast(split_part(row_id, ':', 3) as integer), d.form_code
            from history.fct_indicator_source_row r
            left join (
                select delivery_id, form_code from history.fct_delivery where {where}
            ) d on d.delivery_id = split_part(r.row_id, ':', 1)
            where {where} and {place} and indicator_id in ({parts})
            order by indicator_id, territory_id, form_code, 5, 6, 7""",
    )
    files = _Files(settings)
    rows = [
        SourceRow(
            indicator_id=found[0],
            territory_id=found[1],
            person_key=found[2],
            is_confirmed=found[3],
            form_code=found[7] or "",
            file_name=files.name(found[4]),
            sheet=files.sheet(found[4], found[5]),
            row=found[6],
        )
        for found in answer.rows
    ]
    return Explanation(fact, confirmed, status, rows)
