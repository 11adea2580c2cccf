"""Small databases for the modules of this room."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import pytest

from expectations.compile import Setup, make_setup
from expectations.selection import Selection
from ingest.deliveries import Delivery
from ingest.reference import load_reference
from tests.expectations.deliveries import AS_OF, Connection, database, make_delivery, run_selection

MakeDelivery = Callable[..., Delivery]
Select = Callable[..., Selection]


@pytest.fixture(scope="session")
def setup() -> Setup:
    return make_setup(load_reference(), AS_OF)


@pytest.fixture
def con(setup: Setup, tmp_path: Path) -> Iterator[Connection]:
    with database(setup, tmp_path) as connection:
        yield connection


@pytest.fixture
def delivery(tmp_path: Path) -> MakeDelivery:
    return partial(make_delivery, tmp_path)


@pytest.fixture
def select(con: Connection, setup: Setup) -> Select:
    return partial(run_selection, con, setup)
