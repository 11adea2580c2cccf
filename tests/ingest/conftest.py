"""Fixtures of the ingest tests: a reader that needs no landing, a data directory, the order."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from ingest.deliveries import Delivery, FileFinding, Landed
from ingest.knowledge import Knowledge, load_knowledge
from ingest.read import read_bytes
from ingest.reference import Reference, load_reference
from ingest.settings import MOSCOW, Settings

RECEIVED = datetime(2024, 10, 2, 12, 0, tzinfo=MOSCOW)


@dataclass(frozen=True)
class Outcome:
    """What reading a file gave."""

    delivery: Delivery
    rows: list[dict[str, Any]]

    @property
    def codes(self) -> list[str]:
        return [finding.code for finding in self.delivery.file_findings]

    @property
    def blocks(self) -> list[str]:
        return [f.code for f in self.delivery.file_findings if f.severity == "block"]

    def finding(self, code: str) -> FileFinding:
        return next(f for f in self.delivery.file_findings if f.code == code)

    def values(self) -> list[dict[str, Any]]:
        """Rows without their addresses."""
        return [{k: v for k, v in row.items() if not k.startswith("_")} for row in self.rows]


Reader = Callable[..., Outcome]


@pytest.fixture(scope="session")
def reference() -> Reference:
    return load_reference()


@pytest.fixture(scope="session")
def known() -> Knowledge:
    return load_knowledge()


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(tmp_path / "data")


@pytest.fixture
def read(tmp_path: Path, known: Knowledge) -> Reader:
    """Read bytes under a name, from a folder, received at a moment."""

    def read_file(
        data: bytes,
        name: str = "P05_participations__2024-09-30__v1.xlsx",
        folder: str = "platform",
        received_at: datetime = RECEIVED,
    ) -> Outcome:
        landed = Landed(
            delivery_id="d" * 16,
            sha256=hashlib.sha256(data).hexdigest(),
            size=len(data),
            channel="folder",
            source=f"{folder}/{name}" if folder else name,
            received_at=received_at,
            landed_at=received_at,
        )
        delivery = read_bytes(landed, data, known, tmp_path / "parsed" / "rows.parquet")
        path = delivery.parsed_path
        return Outcome(delivery, pq.read_table(path).to_pylist() if path else [])

    return read_file
