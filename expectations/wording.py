"""Parameters and values inside rules: SQL literals for conditions, Russian text for messages.

What enters: texts with `{name}` marks. What leaves: SQL with literals, or SQL that writes the
message of a row, so that no message is ever put together row by row in Python.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date

from ingest.reference import ParameterValue, Reference
from ingest.sql import sql_text

_MARK = re.compile(r"\{([a-z][a-z0-9_]*)\}")

Parameters = Mapping[str, ParameterValue]


class UnknownMark(Exception):
    """A text names a parameter or a column that does not exist."""


def parameters_of(reference: Reference, as_of: date) -> dict[str, ParameterValue]:
    """The decision register plus what the order and the run add to it."""
    return {
        **reference.parameters,
        "order_year": int(reference.order["year"]),
        "n_territories": len(reference.territories),
        "as_of": as_of,
    }


def sql_literal(value: ParameterValue) -> str:
    """A parameter's value as a SQL literal of its own type."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return str(value)
    if isinstance(value, date):
        return f"date '{value.isoformat()}'"
    return sql_text(value)


def russian(value: ParameterValue) -> str:
    """A parameter's value as a reader of the message expects it."""
    if isinstance(value, bool):
        return "да" if value else "нет"
    if isinstance(value, date):
        return value.strftime("%d.%m.%Y")
    return str(value)


def fill_sql(text: str, parameters: Parameters) -> str:
    """A condition with its parameters as literals.

    Raises:
        UnknownMark: a mark is no parameter (braces of other shapes, as in a regular expression,
            stay).
    """

    def literal(match: re.Match[str]) -> str:
        name = match.group(1)
        if name not in parameters:
            raise UnknownMark(
                f"expected a parameter of the register in {{{name}}}, found none of this name; "
                "add it to dbt_project/seeds/parameters.csv or correct the rule"
            )
        return sql_literal(parameters[name])

    return _MARK.sub(literal, text)


def shown(expression: str, sql_type: str) -> str:
    """SQL that prints a typed value the Russian way; a missing one is a dash."""
    if sql_type == "DATE":
        text = f"strftime({expression}, '%d.%m.%Y')"
    elif sql_type.startswith("TIMESTAMP"):
        text = f"strftime({expression}, '%d.%m.%Y %H:%M')"
    elif sql_type == "BOOLEAN":
        text = f"case when {expression} then 'да' when not {expression} then 'нет' end"
    elif sql_type.startswith("DECIMAL"):
        text = f"replace(cast({expression} as varchar), '.', ',')"
    else:
        text = f"cast({expression} as varchar)"
    return f"coalesce({text}, '—')"


def sentence(text: str) -> str:
    """A text of a rule as it is told: with a full stop, unless it ends with a sign of its own."""
    return text if text.endswith((".", "!", "?", "…")) else f"{text}."


def message_sql(
    text: str, own: Mapping[str, str], columns: Mapping[str, str], parameters: Parameters
) -> str:
    """SQL expression that writes `text` for a row.

    Args:
        text: template with `{column}` and `{parameter}` marks and those of `own`.
        own: marks that every text may use, `value` among them, and their SQL (text).
        columns: columns of the row and their SQL types.
        parameters: the register.

    Raises:
        UnknownMark: a mark is none of these.
    """
    parts: list[str] = []
    position = 0
    for match in _MARK.finditer(text):
        parts.append(sql_text(text[position : match.start()]))
        position = match.end()
        name = match.group(1)
        if name in own:
            parts.append(f"coalesce({own[name]}, '—')")
        elif name in parameters:
            parts.append(sql_text(russian(parameters[name])))
        elif name in columns:
            parts.append(shown(f'"{name}"', columns[name]))
        else:
            raise UnknownMark(
                f"expected a column, a parameter or one of {sorted(own)} in {{{name}}}, found "
                "none of this name; correct the text of the rule"
            )
    parts.append(sql_text(text[position:]))
    return " || ".join(part for part in parts if part != "''") or "''"


def marks(text: str) -> set[str]:
    """Names of the marks in a text."""
    return set(_MARK.findall(text))
