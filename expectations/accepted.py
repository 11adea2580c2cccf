"""The parquet files of a run: accepted rows, restricted rows, quarantine, findings.

What enters: a checked database. What leaves: files ordered by address, so that the same rows give
the same bytes; no personal value outside `restricted/` and the quarantine.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from expectations.compile import CompiledForm
from expectations.database import Connection, columns_of
from expectations.details import PUBLIC_COLUMNS
from expectations.errors import PersonalDataExposed
from expectations.models import Stage
from expectations.versions import BEFORE
from ingest.forms import Column, ColumnType, Form
from ingest.sql import sql_text

# Numbers of the run, not texts: the same inputs give the same numbers, and sorting costs half.
_ADDRESS = "t.delivery_no, p.sheet_no, t._row"
_ROW_ID = "t.delivery_id || ':' || p.sheet || ':' || t._row"
_JOIN_SHEET = "join public_sheets p on p.delivery_id = t.delivery_id and p._sheet = t._sheet"
_SAID_IN_PUBLIC = "case when t.answered = 'waived' then t.{} end as {}"
# A waiver is the operator's and published with its author; a sender's reason may name a child.
ANSWER_SQL = {
    "answered": "t.answered",
    "answered_on": "t.answered_on",
    "answered_until": "t.answered_until",
    **{name: _SAID_IN_PUBLIC.format(name, name) for name in ("answered_by", "answered_why")},
}
_PUBLIC_SQL = {"sheet": "p.sheet", **ANSWER_SQL}
# What programs and our templates call a sheet; any other name may be somebody's own.
_PLAIN_SHEET = "^(данные|выгрузка|лист|sheet|table|csv|форма)[ _]?[0-9]*$"


def copy_to(con: Connection, query: str, path: Path) -> None:
    """Write a query's rows as parquet."""
    path.parent.mkdir(parents=True, exist_ok=True)
    con.execute(f"copy ({query}) to {sql_text(str(path))} (format parquet)")


def _keyed(form: Form) -> list[Column]:
    return [c for c in form.latest.columns if c.person or c.match_key]


def remember_keys(con: Connection, form: Form) -> None:
    """Compute the key of each person id once: an id stands in many rows of many forms."""
    con.execute("create temp table if not exists person_keys (id varchar, key varchar)")
    for column in form.latest.columns:
        if column.person:
            con.execute(
                f"""insert into person_keys select id, bvb_key(id) from (
                        select distinct {column.name} as id from {form.code}
                        where {column.name} is not null)
                    where id not in (select id from person_keys)"""
            )


def public_sheets(rows: str) -> str:
    """SQL that names the sheets of deliveries as they are called outside the restricted layer.

    Args:
        rows: SQL of `delivery_id` and `_sheet`, each pair once.
    """
    return f"""
        with numbered as (
            select delivery_id, _sheet,
                row_number() over (partition by delivery_id order by _sheet) as sheet_no
            from ({rows})
        )
        select *, case when regexp_matches(lower(_sheet), '{_PLAIN_SHEET}') then _sheet
            else 'лист ' || sheet_no end as sheet
        from numbered"""


def name_sheets(con: Connection, form_codes: Iterable[str]) -> None:
    """`public_sheets`: how each delivery's sheets are called outside the restricted layer."""
    rows = " union all ".join(
        f"select distinct delivery_id, _sheet from {code}__all" for code in form_codes
    )
    con.execute(f"create or replace temp table public_sheets as {public_sheets(rows)}")


def _key_parts(form: Form) -> tuple[dict[str, str], str]:
    """Key expression by column, and the joins that they need."""
    expressions: dict[str, str] = {}
    joins = ""
    for column in _keyed(form):
        if column.match_key and not column.person:
            expressions[column.name] = f"bvb_join_key(t.{column.name})"
        else:
            alias = f"k_{column.name}"
            expressions[column.name] = f"{alias}.key"
            joins += f" left join person_keys {alias} on {alias}.id = t.{column.name}"
    return expressions, joins


def _key_name(column: Column) -> str:
    return column.key_name if column.person else f"{column.name}_key"


def _public_columns(column: Column, keys: dict[str, str]) -> list[str]:
    if column.name in keys:
        return [f"{keys[column.name]} as {_key_name(column)}"]
    if column.pii:
        return []
    parts = [f't."{column.name}"']
    if column.type is ColumnType.GRADE:
        parts.append(f't."{column.name}_letter"')
    if column.lookup:
        parts.append(f't."{column.name}_territory_id"')
    return parts


def accepted_query(form: Form, compiled: CompiledForm) -> str:
    """SQL of the accepted table of a form, as staging reads it."""
    keys, joins = _key_parts(form)
    errors = ", ".join(str(r.number) for r in compiled.rules if r.marks_error) or "-1"
    columns = [part for c in form.latest.columns for part in _public_columns(c, keys)]
    return f"""
        select t.delivery_id, t.sender_territory_id, t.delivery_as_of, {_ROW_ID} as row_id,
            p.sheet as source_sheet, t._row as source_row, e.ord is not null as has_error,
            {", ".join(columns)}
        from {form.code} t
        {_JOIN_SHEET}
        left join (select distinct ord from {form.code}__found where rule_no in ({errors})) e
            on e.ord = t.ord{joins}
        order by {_ADDRESS}"""


def _restricted_query(form: Form) -> str:
    keys, joins = _key_parts(form)
    columns = [f"{keys[c.name]} as {_key_name(c)}" for c in _keyed(form)]
    columns += [f't."{c.name}"' for c in form.latest.columns if c.pii]
    return (
        f"select {_ROW_ID} as row_id, {', '.join(columns)} from {form.code} t {_JOIN_SHEET}{joins}"
        f" order by {_ADDRESS}"
    )


def _assert_no_personal(con: Connection, form: Form, query: str) -> None:
    personal = {c.name for c in form.latest.columns if c.pii or c.person}
    exposed = sorted(personal & set(columns_of(con, f"({query})")))
    if exposed:
        raise PersonalDataExposed(
            f"{form.code}: expected no personal column in the accepted table, found {exposed}; "
            "correct expectations/accepted.py before any run"
        )


def write_accepted(con: Connection, form: Form, compiled: CompiledForm, folder: Path) -> None:
    """Write `<FORM>.parquet` and, for a form with personal columns, `restricted/<FORM>.parquet`.

    Raises:
        PersonalDataExposed: a personal column would leave the restricted layer.
    """
    remember_keys(con, form)
    query = accepted_query(form, compiled)
    _assert_no_personal(con, form, query)
    copy_to(con, query, folder / f"{form.code}.parquet")
    if any(c.pii for c in form.latest.columns):
        copy_to(con, _restricted_query(form), folder / "restricted" / f"{form.code}.parquet")


def write_quarantine(con: Connection, form: Form, compiled: CompiledForm, folder: Path) -> None:
    """Write the rejected rows of a form: raw texts as read, and the ids of the broken rules."""
    names = {rule.number: rule.rule.id for rule in compiled.rules if rule.rule.stage is Stage.FORM}
    ids = " ".join(f"when {number} then {sql_text(name)}" for number, name in names.items())
    texts = ", ".join(
        f't."{c.name}{"__raw" if c.is_typed else ""}" as "{c.name}"' for c in form.latest.columns
    )
    rules = (
        f"select ord, string_agg(case rule_no {ids} end, ', ' order by rule_no) as rule_ids"
        f" from {form.code}__found group by ord"
        if names
        else "select null::bigint as ord, null::varchar as rule_ids where false"
    )
    query = f"""
        select t.delivery_id, t.sender_territory_id, t._sheet as source_sheet,
            t._row as source_row, coalesce(f.rule_ids, '') as rule_ids, {texts}
        from {form.code}__all t
        semi join {form.code}__rejected using (ord)
        {_JOIN_SHEET}
        left join ({rules}) f on f.ord = t.ord
        order by {_ADDRESS}"""
    copy_to(con, query, folder / f"{form.code}.parquet")


def write_findings(con: Connection, accepted: Path, quarantine: Path) -> None:
    """Write the findings twice: without any value for the warehouse, in full for the answers.

    Findings of versions that were replaced before this run saw them stand apart.
    """
    order = (
        'order by form_code, sender_territory_id, delivery_id, t.sheet, "row", rule_no, rule_id,'
        " finding_key"
    )
    named = "t left join public_sheets p on p.delivery_id = t.delivery_id and p._sheet = t.sheet"
    for table in ("findings", BEFORE):
        source, columns = f"{table}_detail", PUBLIC_COLUMNS + (*ANSWER_SQL,) * (table != BEFORE)
        listed = ", ".join(_PUBLIC_SQL.get(name, f't."{name}"') for name in columns)
        copy_to(
            con, f"select {listed} from {source} {named} {order}", accepted / f"{table}.parquet"
        )
        copy_to(
            con,
            f"select * exclude (rule_no) from {source} t {order}",
            quarantine / f"{source}.parquet",
        )
