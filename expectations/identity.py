"""What a finding is known by, so that the same defect of the next version is the same finding.

What enters: `findings_detail` with places and values. What leaves: the same table with a key of
rule, form, sender, period, natural key of the row and column, and a key of the value. Both are
HMACs (`expectations.keys`): equal between runs, and nothing personal can be read from them.
"""

from __future__ import annotations

from collections.abc import Container

from expectations.catalogue import SEED_FORM
from expectations.database import Connection
from expectations.models import Rule
from ingest.forms import Column, load_forms

# Letters only: a spreadsheet would turn «3E104500» into a number and «1-2» into a day.
ALPHABET = "BCDFGHKLMNPRSTVZ"
FINDING_LETTERS, VALUE_LETTERS = 8, 4
# SQL of a code without its dash: whose finding, and which value of it.
SHORT_SQL = f"left(f.finding_key, {FINDING_LETTERS}) || left(f.value_key, {VALUE_LETTERS})"
# A person types Cyrillic letters that look like these.
_LOOKALIKE = str.maketrans("ВСНКМРТ", "BCHKMPT")
_MARK = "chr(31)"  # separates parts that are free texts


def code_of(finding_key: str, value_key: str) -> str:
    """What is printed in answers and typed in decisions: «whose finding»-«which value of it»."""
    return f"{finding_key[:FINDING_LETTERS]}-{value_key[:VALUE_LETTERS]}"


def typed_code(text: str) -> str:
    """A code as somebody typed it: case, spaces, dashes and look-alike letters do not count."""
    return "".join(text.split()).replace("-", "").upper().translate(_LOOKALIKE)


def _folded(column: Column) -> str:
    """SQL of a key column; a date is the same however it was written."""
    if column.is_typed:
        typed, raw = f't."{column.name}"', f't."{column.name}__raw"'
        return f"coalesce(cast({typed} as varchar), bvb_fold({raw}), '')"
    return f"coalesce(bvb_fold(t.\"{column.name}\"), '')"


def natural_key_sql(form_code: str, *, is_of_rows: bool) -> str:
    """SQL of what a row is called by its sender: key columns, else all that stands in it."""
    if not is_of_rows:
        return "coalesce(cast(t.territory_id as varchar), '')"
    if form_code == SEED_FORM:
        return f"concat_ws({_MARK}, t.kind, t.column_code, t.row_no)"
    version = load_forms()[form_code].latest
    keys, everything = (
        f"concat_ws({_MARK}, {', '.join(_folded(column) for column in columns)})"
        for columns in (version.keys, version.columns)
    )
    # A row that lost its key has no name; while nobody touches it, it is still the same row.
    return f"case when replace({keys}, {_MARK}, '') = '' then {everything} else {keys} end"


def period_sql(form_code: str) -> str:
    """SQL of the month a finding belongs to; a register or snapshot goes on from month to month."""
    is_period = form_code != SEED_FORM and load_forms()[form_code].kind == "period"
    return "strftime(t.delivery_as_of, '%Y-%m')" if is_period else "''"


def fact_sql(rule: Rule, columns: Container[str], value: str) -> str:
    """SQL of the value that a finding is about, even when no answer may show it."""
    if rule.value:
        return value
    for name in (f"{rule.column}__raw", rule.column):
        if name in columns:
            return f'cast(t."{name}" as varchar)'
    return "cast(null as varchar)"


def identify(con: Connection, table: str = "findings_detail") -> None:
    """Give each finding its keys; two rows of one natural key are told apart by their order.

    Args:
        con: has the macros of `expectations.keys`.
        table: a table in the shape of `findings_detail`.
    """
    names = ("form_code", "rule_id", "sender_territory_id", "period", "column_name", "natural_key")
    named = ", ".join(names)
    texts = ", ".join(f"coalesce(cast({name} as varchar), '')" for name in names)
    letters = f"'0123456789abcdef', '{ALPHABET}'"
    con.execute(
        f"""create or replace temp table {table} as
            with numbered as (
                select *, row_number() over (
                    partition by delivery_id, {named} order by sheet, "row", message, fact) as place
                from {table}
            ),
            written as (
                select *, concat_ws({_MARK}, 'finding', {texts}, place) as identity
                from numbered
            )
            select * exclude (natural_key, fact, place, identity),
                translate(bvb_key(identity), {letters}) as finding_key,
                translate(bvb_key(concat_ws({_MARK}, identity, coalesce(fact, ''))), {letters})
                    as value_key
            from written"""
    )
