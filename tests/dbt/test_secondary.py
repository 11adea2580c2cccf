"""Secondary indicators of the hand-made region: figures by hand, silence that is no zero."""

from __future__ import annotations

import csv
import re
from decimal import Decimal
from typing import Any

from tests.dbt.conftest import PROJECT, Warehouse
from tests.dbt.golden import KHIMKI, LOBNYA, LYCEUM

REGION = 0
SEED = PROJECT / "seeds" / "secondary_indicators.csv"

# (code, territory, dimension) → (numerator, denominator, value).
FIGURES: dict[tuple[str, int, str], tuple[int | None, int | None, str | None]] = {
    ("C-1", REGION, ""): (4, 925, "4.0"),
    ("C-2", LOBNYA, ""): (1, 6392, "0.0"),
    ("C-4", REGION, ""): (5, 93854, "5.0"),
    ("S-09", REGION, ""): (2, 4, "50.0"),
    ("S-10a", REGION, ""): (6, 7, "85.7"),
    ("S-10b", REGION, ""): (None, None, "3.0"),
    ("S-10b", LOBNYA, ""): (None, None, "2.0"),
    ("S-12", REGION, ""): (1, 4, "25.0"),
    ("S-12", KHIMKI, ""): (1, 1, "100.0"),
    ("S-13a", REGION, ""): (1, 4, "25.0"),
    ("S-13b", KHIMKI, ""): (1, 1, "100.0"),
    ("S-13c", KHIMKI, ""): (0, 1, "0.0"),
    ("S-14", REGION, "2024-09-30"): (0, 4, "0.0"),
    ("S-14", REGION, "2024-10-14"): (1, 4, "25.0"),
    ("S-18", REGION, ""): (1, 2, "50.0"),
    ("S-19", REGION, ""): (1, 6, "16.7"),
    ("S-21a", REGION, ""): (5, 5, "100.0"),
    ("S-21b", REGION, ""): (1, None, "1.0"),
    ("S-23b", REGION, ""): (1, None, "1.0"),
    ("S-23c", REGION, ""): (None, None, "5.0"),
    ("S-26a", REGION, ""): (2, 2, "2.0"),
    ("S-26a", KHIMKI, ""): (1, 1, "1.0"),
    ("S-26b", REGION, ""): (2, 2, "2.0"),
    ("S-27", REGION, ""): (1, 2, "1.0"),
    ("S-30a", REGION, ""): (1, 2, "1.0"),
    ("S-30b", REGION, ""): (15, 14980, "0.1"),
    ("S-31", REGION, ""): (1, None, "1.0"),
    ("S-36a", KHIMKI, ""): (2, None, "2.0"),
    ("S-36a", KHIMKI, "2024-10"): (0, None, "0.0"),
    ("S-36b", REGION, "2024-09"): (1, None, "1.0"),
    ("S-36c", REGION, ""): (42, None, "42.0"),
    ("D-1", REGION, ""): (1, 2, "50.0"),
}


def _seed() -> list[dict[str, str]]:
    with SEED.open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


def _figures(warehouse: Warehouse, column: str) -> dict[tuple[str, int, str], Any]:
    rows = warehouse.rows(
        f"select indicator_code, territory_id, dimension, {column}"
        " from marts.mart_indicator_secondary"
    )
    return {(row[0], row[1], row[2]): row[3:] for row in rows}


def test_figures_are_those_counted_by_hand(golden: Warehouse) -> None:
    found = _figures(golden, "numerator, denominator, value")
    expected = {
        place: (numerator, denominator, None if value is None else Decimal(value))
        for place, (numerator, denominator, value) in FIGURES.items()
    }
    assert {place: found.get(place) for place in expected} == expected


def test_every_indicator_stands_wherever_it_is_measured(golden: Warehouse) -> None:
    found = _figures(golden, "unit")
    kinds = dict(golden.rows("select territory_id, territory_kind from facts.dim_territory"))
    for row in _seed():
        asked = {
            territory
            for territory, kind in kinds.items()
            if kind == "region" or row["measured_at"] in ("territory", kind)
        }
        there = {territory for code, territory, _ in found if code == row["indicator_code"]}
        assert there == asked, row["indicator_code"]


def test_what_is_not_known_is_no_zero(golden: Warehouse) -> None:
    statuses = _figures(golden, "value_status, value")
    # The register of October and November did not come from Lobnya, nor any from the lyceum.
    assert statuses["S-36a", LOBNYA, "2024-10"] == ("not_reported", None)
    assert statuses["S-36a", KHIMKI, "2024-10"] == ("reported", Decimal("0.0"))
    assert statuses["S-19", LOBNYA, ""] == ("not_reported", None)
    assert statuses["S-19", LYCEUM, ""] == ("not_due", None)
    assert statuses["S-37", REGION, ""] == ("not_due", None)
    assert statuses["S-10b", LYCEUM, ""][0] == "reported"
    assert statuses["S-23c", LOBNYA, ""] == ("reported", Decimal("0.0"))
    assert statuses["S-23c", 2, ""] == ("not_applicable", None)


def test_a_missing_or_rejected_export_is_named(silent: Warehouse) -> None:
    statuses = _figures(silent, "value_status, numerator, value")
    assert statuses["S-10a", REGION, ""] == ("not_reported", None, None)
    assert statuses["S-21b", REGION, ""] == ("rejected", None, None)
    assert statuses["S-30c", REGION, ""] == ("rejected", None, None)
    assert statuses["S-23b", REGION, ""] == ("reported", 1, Decimal("1.0"))


def test_each_measure_of_the_seed_is_measured_in_one_model() -> None:
    folder = PROJECT / "models" / "intermediate"
    texts = {p.stem: p.read_text(encoding="utf-8") for p in folder.glob("int_secondary_*.sql")}
    for row in _seed():
        where = [name for name, text in texts.items() if f"'{row['measure']}'" in text]
        assert len(where) == 1, (row["measure"], where)
        assert re.fullmatch(r"[CSD]-\d+[a-z]?", row["indicator_code"])
