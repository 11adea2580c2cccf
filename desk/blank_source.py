"""What is already known of a sender: the rows accepted last, and the schools of its list.

What enters: the newest validated run up to a date. What leaves: rows for the blank of that same
sender and nobody else; they hold its own personal data, so a blank is as restricted as its file.
"""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from pathlib import Path
from typing import Any

import duckdb

from desk.blank_lists import YES_AND_NO
from expectations.accepted import public_sheets
from ingest.casts import install_macros, typed_select
from ingest.deliveries import load_delivery
from ingest.forms import Column, ColumnType, Form
from ingest.orders import nearest_order
from ingest.settings import Settings
from ingest.sql import sql_text

Row = dict[str, Any]  # by canonical column: texts, numbers and dates as they are typed
_RUN = re.compile(r"^(\d{4}-\d{2}-\d{2})__\d{8}T\d{6}$")
_NUMBERS = re.compile(r"(\d+)")
# A school of the list is called as the platform calls it in short: what its own people write.
_SCHOOLS = """
    with platform as (
        select inn, full_name, short_name,
            case when subordination = 'state' then full_name_territory_id
                else municipality_territory_id end as territory_id
        from {P01}
    ),
    named as (select inn, min(short_name) as short_name from platform group by inn),
    listed as (
        select m.sender_territory_id as territory_id, coalesce(n.short_name, m.school_name) as name
        from {M02} m left join named n on n.inn = m.inn
    )
    select distinct territory_id, name from listed
    union
    select distinct territory_id, coalesce(short_name, full_name) from platform
    where territory_id not in (select territory_id from listed)"""


@dataclass(frozen=True)
class Known:
    """Rows of the newest accepted delivery of a sender, and the date they speak of."""

    rows: tuple[Row, ...] = ()
    on: date | None = None


def _natural(name: str) -> list[Any]:
    """«№ 2» before «№ 10»."""
    return [(0, int(part), "") if part.isdigit() else (1, 0, part.casefold())
            for part in _NUMBERS.split(name) if part]  # fmt: skip


def _printed(column: Column, typed: Any, text: str | None) -> Any:
    """A value as a blank shows it; what was not understood stays as the sender wrote it."""
    if typed is None or column.type is ColumnType.GRADE:
        return text
    if column.type is ColumnType.ENUM:
        return column.choices[typed]
    if column.type is ColumnType.BOOL:
        return YES_AND_NO[0 if typed else 1]
    return typed


class LastAccepted:
    """The newest validated run up to a day; without one nothing is known."""

    def __init__(self, settings: Settings, day: date) -> None:
        self._settings = settings
        self._run = _newest_run(settings, day)
        self._known: dict[str, dict[int, str]] = {}

    @cached_property
    def _con(self) -> duckdb.DuckDBPyConnection:
        con = duckdb.connect(":memory:")
        install_macros(con)
        return con

    def _table(self, code: str) -> str | None:
        path = self._run / f"{code}.parquet" if self._run else None
        return f"read_parquet({sql_text(path)})" if path and path.exists() else None

    @cached_property
    def _schools(self) -> dict[int, tuple[str, ...]]:
        tables = {code: self._table(code) for code in ("P01", "M02")}
        if not all(tables.values()):
            return {}
        found: dict[int, list[str]] = defaultdict(list)
        for territory_id, name in self._con.execute(_SCHOOLS.format_map(tables)).fetchall():
            if territory_id is not None and name:
                found[territory_id].append(name)
        return {place: tuple(sorted(names, key=_natural)) for place, names in found.items()}

    def schools(self, territory_id: int) -> tuple[str, ...]:
        """Schools of a territory's own list, else of the platform, as the platform calls them."""
        return self._schools.get(territory_id, ())

    def _deliveries(self, form: Form) -> dict[int, str]:
        """The delivery of each sender whose rows the run took."""
        if form.code not in self._known:
            table = self._table(form.code)
            rows = (
                self._con.execute(
                    f"select distinct sender_territory_id, delivery_id from {table}"
                ).fetchall()
                if table
                else []
            )
            self._known[form.code] = dict(rows)
        return self._known[form.code]

    def rows(self, form: Form, territory_id: int) -> Known:
        """The sender's own accepted rows of a register, in the order it wrote them."""
        delivery_id = self._deliveries(form).get(territory_id)
        delivery = load_delivery(self._settings, delivery_id) if delivery_id else None
        if form.kind != "register" or delivery is None or delivery.parsed_path is None:
            return Known()
        version = next(v for v in form.versions if v.version == delivery.form_version)
        own = sql_text(delivery.delivery_id)
        found = self._con.execute(
            f"""with read as (
                    select *, {own} as delivery_id
                    from read_parquet({sql_text(delivery.parsed_path)})
                ),
                sheets as ({public_sheets("select distinct delivery_id, _sheet from read")}),
                taken as (select row_id from {self._table(form.code)} where delivery_id = {own})
                select {typed_select(version)}
                from read join sheets using (_sheet)
                where {own} || ':' || sheet || ':' || _row in (select row_id from taken)
                order by sheet_no, _row"""
        )
        names = [item[0] for item in found.description or ()]
        rows = [dict(zip(names, values, strict=True)) for values in found.fetchall()]
        return Known(
            tuple(
                {c.name: _printed(c, r[c.name], r[f"{c.name}__raw"]) for c in version.columns}
                for r in rows
            ),
            delivery.as_of,
        )


def _newest_run(settings: Settings, day: date) -> Path | None:
    """Folder of the newest run of the day's order that speaks of the day or of one before it."""
    order_id = nearest_order(day).order_id
    runs = []
    for path in settings.accepted.glob("[!.]*"):
        match = _RUN.match(path.name)
        as_of = date.fromisoformat(match[1]) if match else None
        if as_of and as_of <= day and nearest_order(as_of).order_id == order_id:
            runs.append(path)
    return max(runs, key=lambda path: path.name, default=None)
