"""A metric asked for through MetricFlow is the figure of the mart."""

from __future__ import annotations

from typing import Any

import pytest

from tests.dbt.conftest import Warehouse

GROUPS = ("metric_time__day", "progress__indicator_id")
OF_TERRITORY = (*GROUPS, "progress__territory_id")


class DuckDb:
    """What MetricFlow asks about the engine before it writes SQL; the SQL runs on the build."""

    def __init__(self) -> None:
        from metricflow.protocols.sql_client import SqlEngine
        from metricflow.sql.render.duckdb_renderer import DuckDbSqlPlanRenderer

        self.sql_engine_type = SqlEngine.DUCKDB
        self.sql_plan_renderer = DuckDbSqlPlanRenderer()


@pytest.fixture(scope="module")
def engine(golden: Warehouse) -> Any:
    pytest.importorskip("metricflow", reason="dbt-metricflow is a package of the dev lock")
    from metricflow.engine.metricflow_engine import MetricFlowEngine
    from metricflow_semantics.model.dbt_manifest_parser import (
        parse_manifest_from_dbt_generated_manifest as parsed,
    )
    from metricflow_semantics.model.semantic_manifest_lookup import SemanticManifestLookup

    text = (golden.folder / "target" / "semantic_manifest.json").read_text(encoding="utf-8")
    return MetricFlowEngine(SemanticManifestLookup(parsed(text)), DuckDb())


def asked(engine: Any, golden: Warehouse, metrics: list[str], groups: tuple[str, ...]) -> set[Any]:
    from metricflow.engine.metricflow_engine import MetricFlowQueryRequest

    request = MetricFlowQueryRequest.create(metric_names=metrics, group_by_names=list(groups))
    day, *others = groups
    sql = engine.explain(request).sql_statement.sql
    columns = [f"cast({day} as date)", *others, *map(figure, metrics)]
    return set(golden.rows(f"select {', '.join(columns)} from ({sql}) as answer"))


def figure(name: str) -> str:
    """A number to the digits of the mart's percentages."""
    return f"cast({name} as decimal(18, 4))"


def mart(golden: Warehouse, keys: str, figures: list[str], where: str) -> set[Any]:
    columns = ", ".join([keys, *map(figure, figures)])
    return set(golden.rows(f"select {columns} from marts.mart_indicator_progress where {where}"))


def test_a_metric_of_territories_is_the_row_of_the_mart(engine: Any, golden: Warehouse) -> None:
    metrics = ["indicator_plan", "indicator_fact", "indicator_fact_confirmed", "indicator_gap"]
    found = asked(engine, golden, [*metrics, "indicator_percent"], OF_TERRITORY)
    figures = ["target", "fact", "fact_confirmed", "gap", "pct"]
    assert len(found) == 8 * 66
    assert found == mart(golden, "as_of, indicator_id, territory_id", figures, "territory_id > 0")


def test_summed_over_territories_it_is_the_sum_that_the_region_shows(
    engine: Any, golden: Warehouse
) -> None:
    found = asked(engine, golden, ["indicator_plan", "indicator_fact"], GROUPS)
    figures = ["target", "fact_sum_of_territories"]
    assert found == mart(golden, "as_of, indicator_id", figures, "territory_id = 0")


def test_a_metric_of_the_region_counts_everybody_once(engine: Any, golden: Warehouse) -> None:
    found = asked(engine, golden, ["region_plan", "region_fact", "region_percent"], GROUPS)
    figures = ["target", "fact", "pct"]
    assert found == mart(golden, "as_of, indicator_id", figures, "territory_id = 0")
    summed = asked(engine, golden, ["indicator_fact"], GROUPS)
    movers = {row[1] for row in summed - {(day, name, fact) for day, name, _, fact, _ in found}}
    assert movers == {"I-5"}  # the hand-made region has a pupil who moved
