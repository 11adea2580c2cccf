"""Great Expectations on DuckDB: a data source that keeps its connection, and one expectation.

What enters: SQL that counts broken rows. What leaves: counts, bundled by GX into one scan a table.
Import this module inside functions only: Great Expectations takes seconds to load.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, ClassVar, Literal

import sqlalchemy as sa
from great_expectations.core.metric_domain_types import MetricDomainTypes
from great_expectations.core.metric_function_types import MetricPartialFunctionTypes
from great_expectations.datasource.fluent import SQLDatasource
from great_expectations.execution_engine import SqlAlchemyExecutionEngine
from great_expectations.expectations.expectation import BatchExpectation
from great_expectations.expectations.metrics.metric_provider import metric_partial
from great_expectations.expectations.metrics.table_metric_provider import TableMetricProvider


class DuckDBExecutionEngine(SqlAlchemyExecutionEngine):
    """GX gives a connection back before it fetches; DuckDB's results would be gone then."""

    @contextmanager
    def get_connection(self) -> Iterator[Any]:
        """The one connection of this engine."""
        if self._connection is None or self._connection.closed:
            self._connection = self.engine.connect()
        yield self._connection

    def close(self) -> None:
        """Close the kept connection, else the file stays locked by this process."""
        if self._connection is not None:
            self._connection.close()
        super().close()


class DuckDBDatasource(SQLDatasource):
    """Registers `context.data_sources.add_duckdb`."""

    type: Literal["duckdb"] = "duckdb"

    @property
    def execution_engine_type(self) -> Any:
        """The engine above."""
        return DuckDBExecutionEngine


class BrokenRowsCount(TableMetricProvider):
    """The metric: an aggregate, so that all rules of a table share one SELECT."""

    metric_name = "broken_rows.count"
    value_keys = ("counting_sql",)

    @metric_partial(
        engine=SqlAlchemyExecutionEngine,
        domain_type=MetricDomainTypes.TABLE,
        partial_fn_type=MetricPartialFunctionTypes.AGGREGATE_FN,
    )
    def _sqlalchemy(
        cls,
        execution_engine: Any,
        metric_domain_kwargs: Any,
        metric_value_kwargs: Any,
        metrics: Any,
        runtime_configuration: Any,
    ) -> Any:
        return sa.literal_column(metric_value_kwargs["counting_sql"]), metric_domain_kwargs, {}


class ExpectRowsToSatisfy(BatchExpectation):
    """No row of the table breaks the rule whose broken rows `counting_sql` counts."""

    counting_sql: str

    metric_dependencies: ClassVar[tuple[str, ...]] = ("broken_rows.count", "table.row_count")
    success_keys: ClassVar[tuple[str, ...]] = ("counting_sql",)

    def _validate(
        self,
        metrics: dict[str, Any],
        runtime_configuration: dict[str, Any] | None = None,
        execution_engine: Any = None,
    ) -> dict[str, Any]:
        broken = int(metrics["broken_rows.count"] or 0)
        # Numbers only: a sample of values would carry names into JSON and HTML.
        return {
            "success": broken == 0,
            "result": {
                "observed_value": f"{broken} из {metrics['table.row_count']}",
                "details": {"broken": broken},
            },
        }
