"""Which rule is at fault when DuckDB refuses a statement that holds many of them.

What enters: the statement's parts with the names of their rules. What leaves: `RuleBroken` for the
first part that fails alone; an engineer mends a named line of YAML, not a query of a page.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import duckdb

from expectations.database import Connection
from expectations.errors import RuleBroken, StatementRefused
from ingest.deliveries import says_disk_full
from ingest.text import mask_quoted


@dataclass(frozen=True)
class Part:
    """One rule or derived column: where it is written, and a query that needs it alone."""

    file: str
    name: str
    query: str


def _without_values(error: duckdb.Error) -> str:
    return mask_quoted(f"{error}".split("\n", maxsplit=1)[0])


@contextmanager
def blaming(con: Connection, parts: Iterable[Part]) -> Iterator[None]:
    """Run a statement; when it fails, try its parts one by one.

    Raises:
        RuleBroken: a part fails alone.
        duckdb.Error: there is no room on the disk.
        StatementRefused: only all of them together do.
    """
    try:
        yield
        return
    except duckdb.Error as error:
        if says_disk_full(f"{error}"):
            raise  # no rule is to blame
        refused = StatementRefused(_without_values(error))
    for part in parts:
        problem = _problem(con, part)
        if problem:
            # A chained message would carry the values after all.
            raise RuleBroken(part.file, part.name, problem) from None
    raise refused from None


def _problem(con: Connection, part: Part) -> str:
    try:
        con.execute(part.query)
    except duckdb.Error as error:
        return _without_values(error)
    return ""
