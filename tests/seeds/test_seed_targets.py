"""Targets: the order's own table goes in, agreement of every number of the seeds comes out."""

from __future__ import annotations

import math
from collections import Counter, defaultdict

import pytest

from ingest.reference import load_reference, read_seed
from ingest.territories import TerritoryResolver

from .order_text import printed_totals, targets

COLUMNS = [f"c{position}" for position in range(3, 13)]
Grid = dict[str, dict[int, int]]


@pytest.fixture(scope="module")
def grid() -> Grid:
    """Seed values by column and territory."""
    values: Grid = defaultdict(dict)
    for row in read_seed("targets"):
        values[row["column_code"]][int(row["territory_id"])] = int(row["value"])
    return values


def sums(grid: Grid) -> dict[str, int]:
    return {column: sum(grid[column].values()) for column in COLUMNS}


def test_every_number_of_the_printed_table_is_in_the_seed(grid: Grid) -> None:
    printed = targets()
    assert [row.number for row in printed] == list(range(1, 67))
    expected = {
        (row.number, column): figure
        for row in printed
        for column, figure in zip(COLUMNS, row.figures, strict=True)
    }
    found = {(t, column): grid[column][t] for column in grid for t in grid[column]}
    assert found == expected
    assert len(read_seed("targets")) == len(expected) == 660


def test_names_are_kept_as_printed_and_cleaned() -> None:
    seeds = {int(row["territory_id"]): row for row in read_seed("territories")}
    assert {n: row["name_as_printed"] for n, row in seeds.items()} == {
        row.number: row.name for row in targets()
    }
    assert seeds[27]["name"] == "Лосино-Петровский"
    assert seeds[46]["name"] == "Серпухов"
    assert seeds[59]["name"] == "ГАОУ МО «Долгопрудненская гимназия»"
    assert [n for n, row in seeds.items() if row["kind"] == "state_school"] == list(range(58, 67))


def test_every_state_school_names_the_municipality_it_lies_in() -> None:
    kinds = {row["territory_id"]: row["kind"] for row in read_seed("territories")}
    for row in read_seed("territories"):
        if row["kind"] == "municipality":
            assert row["parent_territory_id"] == ""
        else:
            assert kinds[row["parent_territory_id"]] == "municipality", row["name"]


@pytest.mark.parametrize("column", ["name", "name_as_printed"])
def test_every_territory_is_found_by_its_own_name(column: str) -> None:
    resolver = TerritoryResolver(load_reference())
    rows = read_seed("territories")
    assert [resolver.resolve(row[column], "any") for row in rows] == list(range(1, 67))
    assert [resolver.resolve(row[column].upper(), "any") for row in rows] == list(range(1, 67))


def test_every_territory_has_a_kind_and_every_alias_a_territory() -> None:
    kinds = {row["territory_id"]: row["kind"] for row in read_seed("territories")}
    assert Counter(kinds.values()) == {"municipality": 57, "state_school": 9}
    aliases = read_seed("territory_aliases")
    assert {row["territory_id"] for row in aliases} <= set(kinds)
    # Names that no rule of spelling gives: cities inside, and full names of the state schools.
    cities = {row["alias"]: int(row["territory_id"]) for row in aliases if row["kind"] == "city"}
    assert {"Ногинск": 2, "Видное": 25, "Рошаль": 54}.items() <= cities.items()
    schools = {int(row["territory_id"]) for row in aliases} & set(range(58, 67))
    assert schools == set(range(58, 67))


def test_printed_totals_are_stored_as_printed_and_as_numbers() -> None:
    seeds = {row["column_code"]: row for row in read_seed("target_columns")}
    assert list(seeds) == COLUMNS
    for column, cell in zip(COLUMNS, printed_totals(), strict=True):
        assert seeds[column]["declared_as_printed"] == cell
        assert int(seeds[column]["declared_total"]) == int(cell.replace(" ", ""))


def test_three_totals_differ_from_the_sums_and_only_these(grid: Grid) -> None:
    declared = {r["column_code"]: int(r["declared_total"]) for r in read_seed("target_columns")}
    differences = {
        c: declared[c] - total for c, total in sums(grid).items() if declared[c] != total
    }
    assert differences == {"c4": 419, "c6": -8, "c9": -18}
    exceptions = read_seed("target_total_exceptions")
    assert {r["column_code"]: int(r["difference"]) for r in exceptions} == differences
    assert all(len(r["reason"]) > 20 for r in exceptions)


def test_sums_by_kind_are_those_of_the_specification(grid: Grid) -> None:
    state = {c: sum(grid[c][t] for t in range(58, 67)) for c in COLUMNS}
    expected = dict(zip(COLUMNS, (9, 3550, 14, 13, 8, 967, 486, 310, 200, 200), strict=True))
    assert state == expected


def test_hidden_rules_of_the_table_hold(grid: Grid) -> None:
    rows = range(1, 67)
    value = {c: grid[c] for c in COLUMNS}
    assert all(value["c9"][t] == math.ceil(value["c8"][t] / 2) for t in rows)
    assert all(value["c11"][t] == value["c12"][t] for t in rows)
    assert all(value["c6"][t] <= value["c5"][t] for t in rows)
    assert all(value["c9"][t] <= value["c8"][t] for t in rows)
    assert all(value["c11"][t] <= value["c9"][t] + value["c10"][t] for t in rows)
    assert all(value["c7"][t] == round(value["c10"][t] / 40) for t in rows)
    assert [t for t in rows if value["c6"][t] != max(1, value["c7"][t])] == [61]
    assert [t for t in rows if value["c10"][t] != 40 * value["c7"][t]] == [
        *(7, 20, 33, 35),
        *range(59, 67),
    ]


def test_load_limit_is_feasible_for_every_row_of_the_plan(grid: Grid) -> None:
    limit = next(int(r["value"]) for r in read_seed("parameters") if r["name"] == "load_limit")
    for t in range(1, 67):
        pupils = grid["c9"][t] + grid["c10"][t]
        assert pupils <= limit * (grid["c6"][t] + grid["c7"][t]), t


def test_zero_targets_are_where_the_order_prints_them(grid: Grid) -> None:
    zeros = {c: [t for t, v in grid[c].items() if v == 0] for c in COLUMNS}
    assert {c: rows for c, rows in zeros.items() if rows} == {
        "c7": [7, 33, 63, 64, 65, 66],
        "c11": [64, 65],
        "c12": [64, 65],
    }


def test_reasons_of_the_two_explained_differences_can_be_recomputed(grid: Grid) -> None:
    assert sum(v for v in grid["c6"].values() if v > 1) == 827
    assert sum(v % 2 for v in grid["c8"].values()) == 36
    assert sum(grid["c8"].values()) / 2 == 46_927


def test_indicators_point_at_the_six_target_columns() -> None:
    columns = {
        r["indicator_id"]: r["column_code"]
        for r in read_seed("target_columns")
        if r["role"] == "target"
    }
    indicators = {r["indicator_id"]: r for r in read_seed("indicators")}
    assert list(indicators) == [f"I-{n}" for n in range(1, 9)]
    assert {i: r["column_code"] for i, r in indicators.items() if r["column_code"]} == columns
    assert indicators["I-7"]["components"] == "I-1+I-2"
    assert indicators["I-8"]["components"] == "I-3+I-4"


@pytest.mark.parametrize(
    "seed",
    [
        *("orders", "territories", "territory_aliases", "target_columns", "targets"),
        *("target_total_exceptions", "indicators", "roadmap_items", "control_points"),
        "parameters",
    ],
)
def test_every_seed_is_keyed_by_the_order(seed: str) -> None:
    rows = read_seed(seed)
    assert rows and {row["order_id"] for row in rows} == {"r-423-2024"}
