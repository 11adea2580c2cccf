"""The tables that rules read: reference tables and each form's typed rows, in one DuckDB.

What enters: text rows (parquet files of parsed deliveries, or rows given in memory). What leaves:
table `<FORM>__checked`: one typed row a line of the file, with raw texts and derived columns.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta

from expectations.blame import blaming
from expectations.compile import Setup
from expectations.database import Connection, insert_rows, table_exists
from expectations.typed import typed_rows, with_derived
from ingest.calendar import CalendarYearMissing
from ingest.casts import install_macros
from ingest.forms import Form
from ingest.mappings import Mappings
from ingest.reference import Reference
from ingest.sql import sql_text

# How far a logarithm lies from those of others, in deviations that outliers do not widen; 0 within
# `times` of the usual, NULL with fewer than `least_n` others.
_ROBUST_Z = """
    create or replace macro robust_z(x, others, least_n, times) as
    case
        when len(others) < least_n then null
        when abs(x - list_median(others)) <= ln(times) then 0
        else abs(x - list_median(others))
            / (1.4826 * greatest(list_aggregate(others, 'mad'), 0.01))
    end"""


@dataclass(frozen=True)
class Source:
    """Rows of one delivery: where they lie and who sent them."""

    delivery_no: int
    delivery_id: str
    sender_territory_id: int
    as_of: date
    form_version: int
    path: str


def _publication_days(reference: Reference) -> Iterable[tuple[date, date]]:
    lag = reference.number("publication_lag_wd")
    day = date(reference.calendar.years[0], 1, 1)
    while day.year <= reference.calendar.years[-1]:
        try:
            yield day, reference.calendar.add_working_days(day, lag)
        except CalendarYearMissing:
            # The last days of the last loaded year; V-34 keeps events out of them.
            return
        day += timedelta(days=1)


def create_reference_tables(con: Connection, setup: Setup) -> None:
    """The order's tables, `publication_due`, what an operator decided, the lists of deliveries."""
    reference = setup.reference
    install_macros(con)
    _create_decided(con, setup.mappings)
    con.execute(
        "create table territories (territory_id integer, name varchar, kind varchar,"
        " parent_territory_id integer)"
    )
    insert_rows(
        con,
        "territories",
        [[t.territory_id, t.name, t.kind, t.parent_territory_id] for t in reference.territories],
    )
    con.execute("create table publication_due (event_on date, due_on date)")
    days = ", ".join(f"(date '{a}', date '{b}')" for a, b in _publication_days(reference))
    con.execute(f"insert into publication_due values {days}")
    con.execute(
        "create table if not exists inputs (form_code varchar, delivery_no integer,"
        " delivery_id varchar, sender_territory_id integer, delivery_as_of date,"
        " form_version integer, path varchar)"
    )
    con.execute(
        "create table if not exists sizes_before (form_code varchar, delivery_no integer,"
        " n_rows bigint, as_of date)"
    )
    con.execute(
        "create table targets (territory_id integer, column_code varchar, value bigint,"
        " indicator_id varchar)"
    )
    plan = [[t, c, n, reference.indicator_of.get(c)] for (t, c), n in reference.targets.items()]
    insert_rows(con, "targets", plan)
    con.execute(_ROBUST_Z)


def _create_decided(con: Connection, mappings: Mappings) -> None:
    """`decided_schools`: what a territory calls a school of its list. `decided_people`: pairs."""
    con.execute("create table decided_schools (territory_id integer, text varchar, name varchar)")
    insert_rows(con, "decided_schools", mappings.schools)
    con.execute("update decided_schools set text = bvb_fold(text), name = bvb_fold(name)")
    con.execute("create table decided_people (one varchar, other varchar, is_same boolean)")
    pairs = [
        [a, b, same] for one, two, same in mappings.people for a, b in ((one, two), (two, one))
    ]
    insert_rows(con, "decided_people", pairs)


def add_inputs(con: Connection, form: Form, sources: list[Source]) -> None:
    """Say which delivery the rows of each path belong to."""
    insert_rows(
        con,
        "inputs",
        [
            [form.code, s.delivery_no, s.delivery_id, s.sender_territory_id, s.as_of,
             s.form_version, s.path]
            for s in sources
        ],
    )  # fmt: skip


def files_of(con: Connection, sources: list[Source]) -> str:
    """SQL of the text rows of parsed deliveries, with their `_path`; good until the next call."""
    paths = ", ".join(sql_text(s.path) for s in sources)
    rows = f"select *, filename as _path from read_parquet([{paths}], filename = true)"
    if len(sources) == 1:
        return rows
    # Each typed column looks at them: hundreds of small files are opened once, not for each.
    con.execute(f"create or replace temp table text_rows as {rows}")
    return "select * from text_rows"


def load_rows(
    con: Connection, setup: Setup, form_code: str, sources: list[Source], given: str | None = None
) -> None:
    """Append the rows of `sources` to `<form>__checked`, creating it at the first call.

    Args:
        con: the run's database with its reference tables.
        setup: rules, order and date.
        form_code: the form.
        sources: deliveries; with none, the table is created empty.
        given: SQL of text rows with a column `_path`, instead of the parquet files.
    """
    form = setup.mappings.form(form_code)
    add_inputs(con, form, sources)
    by_version: dict[int, list[Source]] = {}
    for source in sources:
        by_version.setdefault(source.form_version, []).append(source)
    if not table_exists(con, f"{form_code}__checked"):
        nothing = typed_rows(con, setup, form, form.latest, None)
        query, parts = with_derived(nothing, setup, form_code)
        with blaming(con, parts):
            con.execute(f"create table {form_code}__checked as {query}")
        con.execute(
            f"create view {form_code}__all as select rowid as ord, * from {form_code}__checked"
        )
    for version in form.versions:
        chosen = by_version.get(version.version)
        if chosen:
            rows = typed_rows(con, setup, form, version, given or files_of(con, chosen))
            query, parts = with_derived(rows, setup, form_code)
            with blaming(con, parts):
                con.execute(f"insert into {form_code}__checked by name {query}")
