"""Questions to the published warehouse: read-only, and to nothing but what is published.

What enters: SQL text. What leaves: names of columns and rows.
"""

from __future__ import annotations

import tempfile
from dataclasses import dataclass
from typing import Any

import duckdb

from ingest.settings import Settings
from ingest.sql import sql_text
from warehouse.catalogue import CATALOGUE
from warehouse.errors import NothingPublished, OnlyQuestions, QuestionNotUnderstood


@dataclass(frozen=True)
class Answer:
    """The answer to a question."""

    columns: list[str]
    rows: list[tuple[Any, ...]]


def _first_part(error: duckdb.Error) -> str:
    """DuckDB's message on one line, without the drawing of the statement under it."""
    return " ".join(f"{error}".split("\n\nLINE ", 1)[0].split())


def _closed(connection: duckdb.DuckDBPyConnection, settings: Settings, spill: str) -> None:
    """Leave the connection with the catalogue and the folders that its views name, for good."""
    connection.execute(f"attach {sql_text(settings.warehouse / CATALOGUE)} as catalog (read_only)")
    connection.execute("use catalog")
    readable = ", ".join(sql_text(path) for path in (settings.marts, settings.outcomes))
    connection.execute(f"set temp_directory = {sql_text(spill)}")
    connection.execute(f"set allowed_directories = [{readable}]")
    connection.execute("set enable_external_access = false")
    connection.execute("set lock_configuration = true")


def _only_question(connection: duckdb.DuckDBPyConnection, sql: str) -> duckdb.Statement:
    """The one statement of the text, if it asks; EXPLAIN ANALYZE would carry out an order."""
    statements = connection.extract_statements(sql)
    if len(statements) != 1:
        raise OnlyQuestions(f"{len(statements)} statements")
    if statements[0].type != duckdb.StatementType.SELECT:
        raise OnlyQuestions(f"a statement {statements[0].type.name}")
    return statements[0]


def select(settings: Settings, sql: str) -> Answer:
    """Ask the published warehouse.

    Raises:
        NothingPublished: no run was published yet.
        OnlyQuestions: the text would write, or read other files.
        QuestionNotUnderstood: DuckDB cannot answer it as written.
    """
    for needed in (settings.marts / "current", settings.warehouse / CATALOGUE):
        if not needed.exists():
            raise NothingPublished(needed)
    with tempfile.TemporaryDirectory() as spill, duckdb.connect(":memory:") as connection:
        _closed(connection, settings, spill)
        try:
            result = connection.execute(_only_question(connection, sql))
            columns = [column[0] for column in result.description or []]
            return Answer(columns, result.fetchall())
        except duckdb.PermissionException as error:
            raise OnlyQuestions(f"a file outside of them: {_first_part(error)}") from error
        except duckdb.Error as error:
            raise QuestionNotUnderstood(_first_part(error)) from error
