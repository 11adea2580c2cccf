"""Marks in rules become SQL literals in conditions and Russian text in messages."""

from __future__ import annotations

from datetime import date

import duckdb
import pytest

from expectations.wording import (
    UnknownMark,
    fill_sql,
    marks,
    message_sql,
    parameters_of,
    russian,
    shown,
    sql_literal,
)
from ingest.reference import ParameterValue, load_reference
from ingest.sql import sql_text

PARAMETERS: dict[str, ParameterValue] = {
    "limit": 70,
    "due": date(2024, 9, 30),
    "strict": True,
    "word": "д'Артаньян",
}


def _value(expression: str, table: str = "(select 1)") -> object:
    row = duckdb.sql(f"select {expression} from {table}").fetchone()
    assert row
    return row[0]


@pytest.mark.parametrize(
    ("value", "literal", "text"),
    [
        (70, "70", "70"),
        (True, "true", "да"),
        (False, "false", "нет"),
        (date(2024, 9, 1), "date '2024-09-01'", "01.09.2024"),
        ("д'Артаньян", "'д''Артаньян'", "д'Артаньян"),
    ],
)
def test_a_parameter_has_a_literal_and_a_russian_text(
    value: int | str | bool | date, literal: str, text: str
) -> None:
    assert sql_literal(value) == literal
    assert _value(literal) == value
    assert russian(value) == text


def test_conditions_get_literals_and_keep_braces_of_regular_expressions() -> None:
    text = fill_sql(r"n <= {limit} and d <= {due} and x ~ '^\d{2}$'", PARAMETERS)
    assert text == r"n <= 70 and d <= date '2024-09-30' and x ~ '^\d{2}$'"


def test_an_unknown_parameter_is_named() -> None:
    with pytest.raises(UnknownMark, match="limlt"):
        fill_sql("n <= {limlt}", PARAMETERS)


@pytest.mark.parametrize(
    ("expression", "kind", "text"),
    [
        ("date '2024-09-03'", "DATE", "03.09.2024"),
        ("timestamp '2024-09-03 08:05:00'", "TIMESTAMP", "03.09.2024 08:05"),
        ("false", "BOOLEAN", "нет"),
        ("cast(null as boolean)", "BOOLEAN", "—"),
        ("cast(null as date)", "DATE", "—"),
        ("12", "INTEGER", "12"),
    ],
)
def test_a_value_is_shown_the_russian_way(expression: str, kind: str, text: str) -> None:
    assert _value(shown(expression, kind)) == text


def test_a_message_is_written_from_value_columns_and_parameters() -> None:
    expression = message_sql(
        "«{value}» от {day}: не больше {limit}, {word}",
        {"value": "raw"},
        {"day": "DATE", "raw": "VARCHAR"},
        PARAMETERS,
    )
    rows = "(values ('семь', date '2024-09-03'), (null, null)) t(raw, day)"
    written = duckdb.sql(f"select {expression} from {rows}").fetchall()
    assert written == [
        ("«семь» от 03.09.2024: не больше 70, д'Артаньян",),
        ("«—» от —: не больше 70, д'Артаньян",),
    ]


def test_a_quote_in_a_text_ends_no_literal() -> None:
    assert (
        _value(message_sql("'; drop table x; --", {"value": "raw"}, {}, {}))
        == "'; drop table x; --"
    )
    assert _value(sql_text("a'b")) == "a'b"


def test_a_message_names_no_unknown_column() -> None:
    with pytest.raises(UnknownMark, match="daay"):
        message_sql("{daay}", {"value": "raw"}, {"day": "DATE"}, PARAMETERS)


def test_marks_are_the_names_only() -> None:
    assert marks(r"{value} {a_1} {2} {A} \d{3}") == {"value", "a_1"}


def test_the_register_is_joined_by_the_order_and_the_run() -> None:
    parameters = parameters_of(load_reference(), date(2024, 9, 30))
    assert parameters["order_year"] == 2024
    assert parameters["n_territories"] == 66
    assert parameters["as_of"] == date(2024, 9, 30)
    assert parameters["load_limit"] == 70
