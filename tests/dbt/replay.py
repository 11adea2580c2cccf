"""The models of the project over many dates, without the seconds that dbt takes a build.

What enters: rows of a run for a date. What leaves: a database built by dbt for the first date; for
every further one the SQL that dbt compiled is run again, with the memory of the date before.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import duckdb

from tests.dbt.accepted import Accepted
from tests.dbt.conftest import Warehouse, failed_nodes
from warehouse.history import TABLES


@dataclass
class Replay:
    """One folder of accepted rows, one database, one date after the other."""

    folder: Path
    select: str
    _models: list[tuple[str, str]] = field(default_factory=list)

    @property
    def _warehouse(self) -> Warehouse:
        return Warehouse(self.folder)

    @property
    def database(self) -> Path:
        """The database, of the last date."""
        return self._warehouse.database

    def _build(self) -> None:
        parts = ["--select", *self.select.split(), "--exclude-resource-type", "test", "unit_test"]
        result = self._warehouse.dbt("build", *parts)
        assert failed_nodes(result) == []
        nodes = [done.node for done in result.result.results]
        self._models = [
            (node.relation_name, node.compiled_code)
            for node in nodes
            if node.resource_type == "model" and node.config.materialized == "table"
        ]

    def _again(self) -> None:
        with duckdb.connect(str(self._warehouse.database)) as connection:
            for relation, code in self._models:
                connection.execute(f"create or replace table {relation} as {code}")

    def _remember(self) -> None:
        """Write what the date before said of control points, as a publication would leave it."""
        columns = ", ".join(TABLES["fct_control_point"])
        path = self.folder / "accepted" / "history" / "fct_control_point.parquet"
        query = f"copy (select {columns} from facts.fct_control_point) to '{path}'"
        with duckdb.connect(str(self._warehouse.database), read_only=True) as connection:
            connection.execute(query)

    def run(self, rows: Accepted) -> None:
        """Build the models for the rows' date."""
        rows.write(self.folder / "accepted")
        if self._models:
            self._remember()
            self._again()
        else:
            self._build()

    def table(self, mart: str) -> list[dict[str, Any]]:
        """Rows of a mart by column name."""
        with duckdb.connect(str(self.database), read_only=True) as connection:
            found = connection.execute(f"select * from marts.{mart}")
            names = [column[0] for column in found.description]
            return [dict(zip(names, row, strict=True)) for row in found.fetchall()]
