"""Findings in words: one row a broken rule at one place, written by SQL and not row by row.

What enters: `<FORM>__found` of all forms. What leaves: table `findings_detail` (with values and
messages, restricted); what a finding is known by is added in `expectations.identity`.
"""

from __future__ import annotations

from collections.abc import Sequence

from expectations.compile import CompiledForm, CompiledRule, Setup, column_title, texts_of
from expectations.database import Connection, columns_of
from expectations.identity import fact_sql, natural_key_sql, period_sql
from expectations.models import Each, Stage
from expectations.units import table_of
from expectations.wording import fill_sql
from ingest.sql import sql_text

DETAIL_COLUMNS = {
    "delivery_id": "varchar",
    "form_code": "varchar",
    "sender_territory_id": "integer",
    "territory_id": "integer",
    "rule_id": "varchar",
    "severity": "varchar",
    "stage": "varchar",
    "sheet": "varchar",
    "row": "integer",
    "column_name": "varchar",
    "column_title": "varchar",
    "value": "varchar",
    "message": "varchar",
    "expected": "varchar",
    "how_to_fix": "varchar",
    "clause": "varchar",
    "rule_no": "integer",
    # What `expectations.identity` makes keys of; may be personal and is dropped there.
    "period": "varchar",
    "natural_key": "varchar",
    "fact": "varchar",
}


# What leaves the restricted layer: places and keys, no texts.
PUBLIC_COLUMNS = (*tuple(DETAIL_COLUMNS)[:10], "period", "finding_key", "since_last")


def create_details(con: Connection, table: str = "findings_detail") -> None:
    """The empty table of findings."""
    columns = ", ".join(f'"{name}" {kind}' for name, kind in DETAIL_COLUMNS.items())
    con.execute(f"create temp table {table} ({columns})")


def _broken(con: Connection, form_code: str, rules: Sequence[CompiledRule]) -> list[CompiledRule]:
    rows = con.execute(f"select distinct rule_no from {form_code}__found").fetchall()
    numbers = {row[0] for row in rows}
    return [rule for rule in rules if rule.number in numbers]


def _case(choices: dict[int, str]) -> str:
    return "case rule_no " + " ".join(f"when {n} then {e}" for n, e in choices.items()) + " end"


def _select(
    setup: Setup, compiled: CompiledForm, rules: Sequence[CompiledRule], columns: dict[str, str]
) -> str:
    form = compiled.rules_of_form
    texts = {rule.number: texts_of(rule, columns, setup) for rule in rules}
    fixed = {
        "rule_id": {r.number: sql_text(r.rule.id) for r in rules},
        "severity": {r.number: sql_text(r.severity) for r in rules},
        "stage": {r.number: sql_text(r.rule.stage) for r in rules},
        "column_name": {r.number: sql_text(r.rule.column) for r in rules},
        "column_title": {
            r.number: sql_text(column_title(form.form, r.rule.column, form.derive)) for r in rules
        },
        "clause": {r.number: sql_text(r.rule.clause) for r in rules},
    }
    written: dict[str, dict[int, str]] = {
        "value": {n: t.value for n, t in texts.items()},
        "message": {n: t.message for n, t in texts.items()},
        "expected": {n: t.expected for n, t in texts.items()},
        "how_to_fix": {n: t.how_to_fix for n, t in texts.items()},
        "fact": {r.number: fact_sql(r.rule, columns, texts[r.number].value) for r in rules},
    }
    is_of_rows = all(rule.rule.each is Each.ROW for rule in rules)
    territory = fill_sql(form.territory if is_of_rows else "t.territory_id", setup.parameters)
    given = {
        "delivery_id": "t.delivery_id",
        "form_code": sql_text(form.form),
        "sender_territory_id": "t.sender_territory_id",
        "territory_id": f"coalesce({territory}, t.sender_territory_id)",
        "sheet": "t._sheet",
        "row": "t._row",
        "rule_no": "rule_no",
        "period": period_sql(form.form),
        "natural_key": natural_key_sql(form.form, is_of_rows=is_of_rows),
        **{name: _case(choices) for name, choices in (fixed | written).items()},
    }
    return ", ".join(f'{given[name]} as "{name}"' for name in DETAIL_COLUMNS)


def _first_join(table: str) -> str:
    """Where the row lies that a row repeats (`expectations.wording.REPEATED_SQL`)."""
    return f"""left join (select ord as first_ord, _sheet as first_sheet, _row as first_row
                    from {table}) o on o.first_ord = f.first_ord"""


def add_details(
    con: Connection,
    setup: Setup,
    compiled: CompiledForm,
    into: str = "findings_detail",
    among: Sequence[int] | None = None,
) -> None:
    """Append the findings of one form to `into`; with `among`, of these deliveries only."""
    form_code = compiled.rules_of_form.form
    asked = f"and t.delivery_no in ({', '.join(map(str, among))})" if among else ""
    for stage, each in ((Stage.FORM, Each.ROW), *((Stage.CROSS, each) for each in Each)):
        table = table_of(form_code, stage, each)
        of_table = [r for r in compiled.rules if (r.rule.stage, r.rule.each) == (stage, each)]
        rules = _broken(con, form_code, of_table)
        if not rules:
            continue
        numbers = ", ".join(str(rule.number) for rule in rules)
        con.execute(
            f"""insert into {into}
                select {_select(setup, compiled, rules, columns_of(con, table))}
                from {table} t
                inner join {form_code}__found f on f.ord = t.ord
                {_first_join(table) if any(rule.rule.unique for rule in rules) else ""}
                where f.rule_no in ({numbers}) {asked}"""
        )
