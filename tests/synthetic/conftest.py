"""Two small regions, written and read once for all tests of this folder."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from pathlib import Path

import duckdb
import pytest

from ingest.casts import install_macros, typed_select
from ingest.deliveries import Delivery
from ingest.forms import load_forms
from ingest.knowledge import load_knowledge
from ingest.landing import all_landed, land_folder
from ingest.read import read_delivery
from ingest.settings import Settings
from synthetic.region import Summary, generate

AS_OF = date(2024, 9, 30)
SCALE = 0.02
SEED = 7
LATER = datetime(2025, 6, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Region:
    """A written region and what the reader made of each of its files."""

    root: Path
    summary: Summary
    read: dict[str, Delivery]  # path below the root → delivery
    con: duckdb.DuckDBPyConnection = field(default_factory=duckdb.connect)

    def _table(self, form: str) -> None:
        """Type a form's newest usable files once; each later question is cheap."""
        known = {name for (name,) in self.con.execute("show tables").fetchall()}
        if form in known:
            return
        chosen = [d for d in self.read.values() if d.form_code == form and d.parsed_path]
        newest = max(d.as_of or date.min for d in chosen)
        paths = [str(d.parsed_path) for d in chosen if d.as_of == newest]
        install_macros(self.con)
        select = typed_select(load_forms()[form].latest)
        self.con.execute(f"create table {form} as select {select} from read_parquet({paths})")

    def typed(self, form: str, where: str = "true") -> list[dict[str, object]]:
        """Typed rows of a form's newest files: one of the platform, all of the territories."""
        self._table(form)
        found = self.con.execute(f"select * from {form} where {where}").to_arrow_table()
        rows: list[dict[str, object]] = found.to_pylist()
        return rows


def read_region(root: Path, summary: Summary, work: Path) -> Region:
    """Land and read everything below `root`."""
    settings = Settings(work)
    known = load_knowledge()
    land_folder(settings, root, LATER)
    found = {
        landed.source: read_delivery(settings, landed, known) for landed in all_landed(settings)
    }
    return Region(root, summary, found)


def write(root: Path, as_of: date = AS_OF, *, defects: bool = False) -> Summary:
    """A small region."""
    return generate(root, as_of=as_of, scale=SCALE, seed=SEED, defects=defects)


@pytest.fixture(scope="session")
def september(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Region]:
    """The region of 30 September as it should be."""
    root = tmp_path_factory.mktemp("september")
    yield read_region(root, write(root), tmp_path_factory.mktemp("work"))


@pytest.fixture(scope="session")
def november(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Region]:
    """The same region two months later."""
    root = tmp_path_factory.mktemp("november")
    summary = write(root, date(2024, 11, 30))
    yield read_region(root, summary, tmp_path_factory.mktemp("work"))


@pytest.fixture(scope="session")
def spoilt(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Region]:
    """The region of 30 September with its planted defects."""
    root = tmp_path_factory.mktemp("spoilt")
    yield read_region(root, write(root, defects=True), tmp_path_factory.mktemp("work"))
