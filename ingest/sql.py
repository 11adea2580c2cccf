"""Values inside SQL that is built from our own YAML, seeds and paths.

What enters: any value with a text. What leaves: its SQL literal.
"""

from __future__ import annotations


def sql_text(value: object) -> str:
    """The text of `value` as a SQL literal."""
    return "'" + f"{value}".replace("'", "''") + "'"
