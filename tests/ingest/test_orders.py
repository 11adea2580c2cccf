"""Which order a day belongs to; two orders never share a day."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from ingest.orders import AsOfOutsideOrder, OrdersOverlap, nearest_order, orders, reference_at
from ingest.reference import SEEDS_DIR, SeedBroken

NEXT = (
    "r-500-2025,Р-500,2025-01-15,2025,Московская область,КУРО,Билет в будущее,bvbinfo.ru,"
    "Молодёжь и дети,{first},2025-12-31\n"
)


@pytest.fixture
def seeds(tmp_path: Path) -> Iterator[Path]:
    folder = tmp_path / "seeds"
    shutil.copytree(SEEDS_DIR, folder)
    yield folder
    orders.cache_clear()


def add(folder: Path, line: str) -> None:
    with (folder / "orders.csv").open("a", encoding="utf-8") as stream:
        stream.write(line)


def test_a_day_finds_its_order(seeds: Path) -> None:
    add(seeds, NEXT.format(first="2025-01-01"))
    assert [o.order_id for o in orders(seeds)] == ["r-423-2024", "r-500-2025"]
    assert reference_at(date(2024, 12, 31), seeds).order_id == "r-423-2024"
    assert nearest_order(date(2025, 1, 1), seeds).order_id == "r-500-2025"


@pytest.mark.parametrize(
    ("day", "order"), [(date(2020, 1, 1), "r-423-2024"), (date(2031, 1, 1), "r-500-2025")]
)
def test_a_day_outside_is_nearest_to_the_last_begun(seeds: Path, day: date, order: str) -> None:
    add(seeds, NEXT.format(first="2025-01-01"))
    assert nearest_order(day, seeds).order_id == order


def test_a_day_of_no_order_is_refused(seeds: Path) -> None:
    with pytest.raises(AsOfOutsideOrder, match="r-423-2024 from 2024-01-01 to 2024-12-31"):
        reference_at(date(2025, 1, 1), seeds)


def test_two_orders_that_overlap_are_named_with_their_lines(seeds: Path) -> None:
    add(seeds, NEXT.format(first="2024-12-31"))
    with pytest.raises(OrdersOverlap, match=r"r-500-2025 \(line 3\).*r-423-2024 \(line 2\)"):
        orders(seeds)


def test_an_order_that_ends_before_it_begins_is_named(seeds: Path) -> None:
    add(seeds, NEXT.format(first="2026-01-01"))
    with pytest.raises(SeedBroken, match="line 3: expected valid_to after 2026-01-01"):
        orders(seeds)
