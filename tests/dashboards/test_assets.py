"""Without Superset: dashboards stand on the marts' contracts and speak the reports' words."""

from __future__ import annotations

import csv
import re
from collections import Counter
from collections.abc import Iterator
from typing import Any

import duckdb
import pytest

from dashboards.look import recorded
from tests.conftest import ROOT
from tests.dashboards.files import (
    ASSETS,
    contract_database,
    datasets,
    folder,
    named_columns,
    named_either,
    named_metrics,
    read,
)

CHARTS = folder("charts")
DATASETS = datasets()
DASHBOARD = folder("dashboards")["programme"]
WORDS = read(ROOT / "reports" / "words.yml")
# One kind of the warehouse's types for each of Superset's.
KINDS = {"VARCHAR": "t", "DATE": "d", "TIMESTAMP": "ts", "BOOLEAN": "b"}


@pytest.fixture(scope="module")
def contracts() -> Iterator[duckdb.DuckDBPyConnection]:
    with contract_database() as connection:
        yield connection


def kind(type_name: str) -> str:
    return KINDS.get(type_name.split("(", maxsplit=1)[0], "number")


def tokens(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        for item in value.values():
            yield from tokens(item)
    elif isinstance(value, list):
        for item in value:
            yield from tokens(item)
    else:
        yield str(value)


@pytest.mark.parametrize("uuid", DATASETS, ids=[item.name for item in DATASETS.values()])
def test_a_dataset_asks_the_marts_for_columns_that_they_have(
    contracts: duckdb.DuckDBPyConnection, uuid: str
) -> None:
    dataset = DATASETS[uuid]
    answer = contracts.execute(f"describe {dataset.sql}").fetchall()
    assert {name: kind(type_name) for name, type_name, *_ in answer} == {
        name: kind(type_name) for name, type_name in dataset.columns.items()
    }
    for expression in dataset.metrics.values():
        contracts.execute(f"select {expression} from ({dataset.sql}) as d")


def test_only_what_the_role_may_read_is_asked_for(contracts: duckdb.DuckDBPyConnection) -> None:
    layers = read(ROOT / "warehouse" / "server" / "server.yml")["roles"]["bvb_report"]["layers"]
    for dataset in DATASETS.values():
        asked = contracts.get_table_names(dataset.sql, qualified=True)
        assert asked and {name.split(".")[0] for name in asked} <= {*layers}, dataset.name
    address = folder("databases")["bvb"]["sqlalchemy_uri"]
    # What Superset's own export writes in the place of a password: the file may hold none.
    assert "://bvb_report:XXXXXXXXXX@" in address


@pytest.mark.parametrize("name", CHARTS)
def test_a_chart_names_columns_and_metrics_of_its_dataset(name: str) -> None:
    chart = CHARTS[name]
    dataset, params = DATASETS[chart["dataset_uuid"]], chart["params"]
    assert chart["viz_type"] == params["viz_type"]
    assert named_columns(params) <= {*dataset.columns}
    assert named_metrics(params) <= {*dataset.metrics}
    assert named_either(params) <= {*dataset.columns, *dataset.metrics}


def test_every_chart_stands_once_on_the_dashboard_and_every_row_is_full() -> None:
    position = DASHBOARD["position"]
    parts = {key: part for key, part in position.items() if isinstance(part, dict)}
    shown = [part["meta"] for part in parts.values() if part["type"] == "CHART"]
    assert Counter(meta["uuid"] for meta in shown) == Counter(
        chart["uuid"] for chart in CHARTS.values()
    )
    names = {chart["uuid"]: chart["slice_name"] for chart in CHARTS.values()}
    assert {meta["uuid"]: meta["sliceName"] for meta in shown} == names
    assert len({meta["chartId"] for meta in shown}) == len(shown)
    for key, part in parts.items():
        for child in part.get("children", []):
            assert parts[child]["parents"] == [*part.get("parents", []), key]
        if part["type"] == "ROW":
            assert sum(parts[child]["meta"]["width"] for child in part["children"]) == 12, key


def test_filters_reach_rows_that_are_there_and_begin_with_a_value_that_is_there() -> None:
    seed = ROOT / "dbt_project" / "seeds" / "indicators.csv"
    with seed.open(encoding="utf-8") as lines:
        named = {f"{row['position']}. {row['short_name_ru']}" for row in csv.DictReader(lines)}
    known = {"territory_name": {"Область в целом"}, "indicator": named}
    for item in DASHBOARD["metadata"]["native_filter_configuration"]:
        assert {*item["scope"]["rootPath"]} <= {*DASHBOARD["position"]}
        (target,) = item["targets"]
        column = target["column"]["name"]
        assert column in DATASETS[target["datasetUuid"]].columns
        assert {*item["defaultDataMask"]["filterState"].get("value", [])} <= known[column]


def test_codes_marks_and_words_are_those_of_the_reports() -> None:
    every = [WORDS["statuses"], *WORDS["dictionaries"].values()]
    said = [{(code, word.get("mark"), word["label"]) for code, word in d.items()} for d in every]
    quoted = r"\('([a-z_]+)', '([^']+)', '([^']+)'(?:, '[^']*')?\)"
    for dataset in DATASETS.values():
        found = set(re.findall(quoted, dataset.sql))
        assert bool(found) == ("s(code" in dataset.sql), dataset.name
        assert not found or any(found == words for words in said), dataset.name
    fills = {tone["fill"] for tone in WORDS["tones"].values()}
    for name, chart in CHARTS.items():
        rules = chart["params"].get("conditional_formatting", [])
        assert {rule["colorScheme"] for rule in rules} <= fills, name


def test_files_have_readable_names_one_uuid_each_and_no_secret() -> None:
    paths = sorted(ASSETS.rglob("*.yaml"))
    assert all(re.fullmatch(r"[a-z_]+\.yaml", path.name) for path in paths)
    uuids = [read(path).get("uuid") for path in paths]
    assert len({*uuids}) == len(uuids)
    assert not [text for path in paths for text in tokens(read(path)) if "\\u04" in text]


def test_every_chart_has_its_recorded_question() -> None:
    assert {*recorded()} == {chart["slice_name"] for chart in CHARTS.values()}
