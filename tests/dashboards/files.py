"""The files of `dashboards/assets`, and empty tables by dbt's contracts to try them on."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
import yaml

from tests.conftest import ROOT

ASSETS = ROOT / "dashboards" / "assets"
MODELS = ROOT / "dbt_project" / "models" / "marts"
SCHEMAS = ("marts", "history")


def read(path: Path) -> Any:
    return yaml.safe_load(path.read_text(encoding="utf-8"))


def folder(name: str) -> dict[str, Any]:
    """Files of a folder by their name without the ending."""
    return {path.stem: read(path) for path in sorted((ASSETS / name).glob("*.yaml"))}


@dataclass(frozen=True)
class Dataset:
    name: str
    sql: str
    columns: dict[str, str]
    metrics: dict[str, str]


def datasets() -> dict[str, Dataset]:
    """Datasets by their uuid."""
    return {
        item["uuid"]: Dataset(
            name,
            item["sql"],
            {column["column_name"]: column["type"] for column in item["columns"]},
            {metric["metric_name"]: metric["expression"] for metric in item["metrics"]},
        )
        for name, item in folder("datasets").items()
    }


def named_columns(params: dict[str, Any]) -> set[str]:
    """Every column that a chart shows, groups, sorts or filters by."""
    found = {*params.get("all_columns", []), *params.get("groupby", [])}
    found |= {*params.get("groupbyRows", []), *params.get("groupbyColumns", [])}
    found |= {condition["subject"] for condition in params.get("adhoc_filters", [])}
    found |= {yaml.safe_load(order)[0] for order in params.get("order_by_cols", [])}
    return found | ({params["x_axis"]} if "x_axis" in params else set())


def named_metrics(params: dict[str, Any]) -> set[str]:
    """Every metric that a chart shows."""
    found = {*params.get("metrics", [])}
    found |= {params[key] for key in ("metric", "timeseries_limit_metric") if key in params}
    return found


def named_either(params: dict[str, Any]) -> set[str]:
    """What is coloured, formatted or sorted: columns and metrics alike."""
    found = {rule["column"] for rule in params.get("conditional_formatting", [])}
    found |= set(params.get("column_config", {}))
    return found | ({params["x_axis_sort"]} if params.get("x_axis_sort") else set())


def contract_database() -> duckdb.DuckDBPyConnection:
    """Empty tables that have exactly the columns of the contracts."""
    connection = duckdb.connect()
    for schema in SCHEMAS:
        connection.execute(f"create schema {schema}")
        for path in sorted(MODELS.glob("*.yml")):
            for model in read(path)["models"]:
                columns = ", ".join(f"{c['name']} {c['data_type']}" for c in model["columns"])
                connection.execute(f"create table {schema}.{model['name']} ({columns})")
    return connection
