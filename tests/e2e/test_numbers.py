"""The marts against a recomputation from the raw files that shares no code with the pipeline."""

from __future__ import annotations

from typing import TYPE_CHECKING

import duckdb
import pytest

from bench import plain_duckdb, plain_pandas

if TYPE_CHECKING:
    from tests.conftest import Region

from pathlib import Path

SEEDS = Path(__file__).resolve().parents[2] / "dbt_project" / "seeds"


@pytest.fixture(scope="module")
def progress(region: Region) -> dict[tuple[int, str], tuple[str, int | None, int]]:
    rows = duckdb.sql(
        "select territory_id, indicator_id, value_status, fact, target"
        f" from '{region.marts}/mart_indicator_progress.parquet'"
    ).fetchall()
    return {(row[0], row[1]): (row[2], row[3], row[4]) for row in rows}


@pytest.fixture(scope="module")
def naive(region: Region) -> dict[tuple[int, str], int]:
    return plain_pandas.compute(region.incoming, SEEDS, region.as_of, engine="calamine")


def test_there_are_66_by_8_rows_and_the_region(progress: dict[tuple[int, str], object]) -> None:
    expected = {(t, f"I-{i}") for t in range(67) for i in range(1, 9)}
    assert set(progress) == expected


def test_every_fact_agrees_with_the_naive_recomputation(
    progress: dict[tuple[int, str], tuple[str, int | None, int]],
    naive: dict[tuple[int, str], int],
) -> None:
    different = {
        key: (fact, naive.get(key, 0))
        for key, (status, fact, _) in progress.items()
        if status == "reported" and fact != naive.get(key, 0)
    }
    assert different == {}
    assert sum(fact or 0 for _, fact, _ in progress.values()) > 5_000


def test_the_plain_duckdb_script_agrees_with_the_pandas_one(
    region: Region, naive: dict[tuple[int, str], int]
) -> None:
    plain = plain_duckdb.compute(region.incoming, SEEDS, region.as_of)
    found = {key: value for key, value in naive.items() if key[0] and value}
    assert plain == found


def test_targets_are_the_orders(
    progress: dict[tuple[int, str], tuple[str, int | None, int]],
) -> None:
    import pandas as pd

    frame = pd.read_csv(SEEDS / "targets.csv").pivot(
        index="territory_id", columns="column_code", values="value"
    )
    columns = {"I-1": "c6", "I-2": "c7", "I-3": "c9", "I-4": "c10", "I-5": "c11", "I-6": "c12"}
    for (territory, indicator), (_, _, target) in progress.items():
        if territory and indicator in columns:
            assert target == frame.loc[territory, columns[indicator]]
    assert progress[0, "I-1"][2] >= 827
