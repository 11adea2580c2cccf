"""From text rows to typed rows in SQL: each distinct text is understood once, then joined.

What enters: a relation of text columns and a form's layout. What leaves: SQL of the checked table;
its small tables of words lie in the connection. Most columns repeat themselves, and the expressions
that read real offices' dates and codes cost far more than a join.
"""

from __future__ import annotations

from functools import lru_cache

from expectations.blame import Part
from expectations.compile import Setup, with_columns
from expectations.database import Connection, insert_rows
from expectations.models import Derived, Stage
from ingest.casts import cast_expression, typed_select
from ingest.forms import Column, ColumnType, Form, FormVersion
from ingest.reference import Reference
from ingest.territories import TerritoryResolver

# Conversion → the type that it gives. DuckDB takes milliseconds to bind one, and a check of a
# single file makes the empty tables of all other forms.
_TYPES: dict[str, str] = {}


@lru_cache(maxsize=4)
def _resolver(reference: Reference) -> TerritoryResolver:
    return TerritoryResolver(reference)


def _type_of(con: Connection, column: Column) -> str:
    expression = cast_expression(column, "text")
    if expression not in _TYPES:
        found = con.execute(
            f"describe select {expression} from (select cast(null as varchar) as text)"
        ).fetchone()
        _TYPES[expression] = str(found[1]) if found else "VARCHAR"
    return _TYPES[expression]


def _no_rows(version: FormVersion) -> str:
    """SQL of text rows of a layout, none of them."""
    texts = ", ".join(f'cast(null as varchar) as "{c.name}"' for c in version.columns)
    return (
        f"select {texts}, cast(null as varchar) as _sheet, cast(null as bigint) as _row,"
        " cast(null as varchar) as _path where false"
    )


def _words(con: Connection, relation: str, column: Column) -> str:
    """A table of the distinct texts of a column and what they mean."""
    table = f"words_{column.name}"
    letter = ", bvb_letter(text) as letter" if column.type is ColumnType.GRADE else ""
    con.execute(
        f"""create or replace temp table {table} as
            select text, {cast_expression(column, "text")} as typed{letter}
            from (select distinct "{column.name}" as text from ({relation}))
            where text is not null"""
    )
    return table


def _places(con: Connection, relation: str, column: Column, resolver: TerritoryResolver) -> str:
    """A table of the distinct texts of a column and the territories that they name."""
    table = f"places_{column.name}"
    con.execute(f"create or replace temp table {table} (text varchar, territory_id integer)")
    texts = con.execute(f'select distinct "{column.name}" from ({relation})').fetchall()
    known = [
        [text, found]
        for (text,) in texts
        if text is not None
        and column.lookup is not None
        and (found := resolver.resolve(text, column.lookup)) is not None
    ]
    insert_rows(con, table, known)
    return table


def _padding(form: Form, version: FormVersion) -> str:
    """Columns that only newer layouts have, as NULLs of their type."""
    have = {c.name for c in version.columns}
    missing = tuple(c for c in form.latest.columns if c.name not in have)
    if not missing:
        return ""
    nulls = ", ".join(f'cast(null as varchar) as "{c.name}"' for c in missing)
    absent = FormVersion.model_construct(
        version=version.version, valid_from=version.valid_from, columns=missing
    )
    return f"select {typed_select(absent)} from (select {nulls})"


class _SelectList:
    """Columns and joins of the typed rows; `g` is the text row in hand."""

    def __init__(self, con: Connection, relation: str | None, resolver: TerritoryResolver) -> None:
        self.con = con
        self.relation = relation  # None: no rows, so no words either
        self.resolver = resolver
        self.columns: list[str] = []
        self.joins: list[str] = []

    def _join(self, table: str, column: Column) -> str:
        self.joins.append(f'left join {table} on {table}.text = g."{column.name}"')
        return table

    def _typed(self, column: Column) -> tuple[str, str]:
        """The typed value and, of a class, its letter."""
        if self.relation is None:
            return f"cast(null as {_type_of(self.con, column)})", "cast(null as varchar)"
        table = self._join(_words(self.con, self.relation, column), column)
        return f"{table}.typed", f"{table}.letter"

    def _place(self, column: Column) -> str:
        """The territory that a text names."""
        if self.relation is None:
            return "cast(null as integer)"
        table = _places(self.con, self.relation, column, self.resolver)
        return f"{self._join(table, column)}.territory_id"

    def add(self, column: Column) -> None:
        """Add a column: typed value and raw text; a text column is its own raw text."""
        name = column.name
        if column.is_typed:
            typed, letter = self._typed(column)
            self.columns += [f'{typed} as "{name}"', f'g."{name}" as "{name}__raw"']
            if column.type is ColumnType.GRADE:
                self.columns.append(f'{letter} as "{name}_letter"')
        else:
            self.columns.append(f'g."{name}"')
        if column.lookup:
            self.columns.append(f'{self._place(column)} as "{name}_territory_id"')


def typed_rows(
    con: Connection, setup: Setup, form: Form, version: FormVersion, relation: str | None
) -> str:
    """SQL of the typed rows of some deliveries of one layout.

    Args:
        con: has the reference tables and the conversion macros; gets the tables of words.
        setup: rules, order and date.
        form: the form.
        version: the layout of these deliveries.
        relation: SQL of text rows with `_sheet`, `_row` and `_path`; None: no rows.
    """
    listed = _SelectList(con, relation, _resolver(setup.reference))
    for column in version.columns:
        listed.add(column)
    padding = _padding(form, version)
    return f"""
            select i.delivery_no, i.delivery_id, i.sender_territory_id, i.delivery_as_of,
                i.form_version, g._sheet, cast(g._row as integer) as _row,
                {", ".join(listed.columns)}{", a.*" if padding else ""}
            from ({relation or _no_rows(version)}) g
            inner join inputs i on i.path = g._path and i.form_code = '{form.code}'
            {" ".join(listed.joins)} {f"cross join ({padding}) a" if padding else ""}"""


def with_derived(rows: str, setup: Setup, form_code: str) -> tuple[str, list[Part]]:
    """SQL of typed rows with the form's derived columns, and each column alone for `blaming`."""
    derived = setup.catalogue.forms[form_code].derived(Stage.FORM)
    relation = f"({rows})"
    query = with_columns(relation, derived, setup)
    return query, derived_parts(derived, setup, form_code, relation)


def derived_parts(
    derived: tuple[Derived, ...], setup: Setup, form_code: str, relation: str
) -> list[Part]:
    """Each derived column over a relation, after those that it may read."""
    return [
        Part(
            f"{form_code}.yml",
            f"derived column {d.name}",
            f"select count({d.name}) from ({with_columns(relation, derived[: number + 1], setup)})",
        )
        for number, d in enumerate(derived)
    ]
