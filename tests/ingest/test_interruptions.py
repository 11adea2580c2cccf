"""Killed, full disk, moved, read again: what was received is never lost, the answer is the same."""

from __future__ import annotations

import errno
from datetime import datetime
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import pytest

import ingest.read
from ingest.deliveries import DiskFull, load_delivery
from ingest.knowledge import Knowledge
from ingest.landing import all_landed, load_landed, object_path
from ingest.read import read_delivery
from ingest.settings import MOSCOW, Settings

from .drop_folder import NOW, land, no_pause, put, tree
from .files import data_sheet, table, xlsx


@pytest.fixture(autouse=True)
def incoming(settings: Settings) -> None:
    settings.incoming.mkdir(parents=True)


@pytest.mark.parametrize("step", ["object", "manifest"])
def test_landing_killed_half_way_and_repeated(
    settings: Settings, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    put(settings, "a.xlsx", b"abc")
    replace = Path.replace

    def die(self: Path, target: Path) -> Path:
        if ("manifest" if target.suffix == ".json" else "object") == step:
            raise KeyboardInterrupt
        return replace(self, target)

    monkeypatch.setattr(Path, "replace", die)
    with pytest.raises(KeyboardInterrupt):
        land(settings)
    assert all_landed(settings) == []
    monkeypatch.undo()
    (landed,) = land(settings).new
    assert object_path(settings, landed.sha256).read_bytes() == b"abc"
    assert {Path(name).suffix for name in tree(settings.landing)} == {"", ".json"}


def test_lost_bytes_come_back_but_the_manifest_stays(settings: Settings) -> None:
    put(settings, "a.xlsx", b"abc")
    (landed,) = land(settings).new
    object_path(settings, landed.sha256).unlink()
    later = datetime(2024, 10, 5, tzinfo=MOSCOW)
    assert land(settings, now=later).new == ()
    assert object_path(settings, landed.sha256).read_bytes() == b"abc"
    assert load_landed(settings, landed.delivery_id).landed_at == NOW


def test_two_runs_read_the_same_file_at_once(
    settings: Settings, monkeypatch: pytest.MonkeyPatch, known: Knowledge
) -> None:
    """Two DAG runs may meet at a file that came since: neither takes the other's half away."""
    put(settings, "platform/P05_participations__2024-09-30.xlsx", xlsx([data_sheet(table("P05"))]))
    (landed,) = land(settings).new
    written, names = ingest.read.write_rows, settings.data_dir / "names"
    others: list[int | None] = []

    def meanwhile(headers: Any, version: Any, path: Path, listed: Any) -> Any:
        with names.open("a", encoding="utf-8") as stream:
            stream.write(f"{path}\n")
        count = written(headers, version, path, listed)
        if not others:
            others.append(None)
            given = (settings, landed, known)
            other = get_context("fork").Process(target=read_delivery, args=given)
            other.start()
            other.join()
            others[0] = other.exitcode
        return count

    monkeypatch.setattr(ingest.read, "write_rows", meanwhile)
    delivery = read_delivery(settings, landed, known)
    assert others == [0]
    assert len(set(names.read_text(encoding="utf-8").splitlines())) == 2
    assert delivery.n_rows == 3
    assert load_delivery(settings, landed.delivery_id) == delivery
    assert {Path(name).name for name in tree(settings.parsed)} == {"rows.parquet", "delivery.json"}


@pytest.mark.parametrize("code", [errno.ENOSPC, errno.EDQUOT])
@pytest.mark.parametrize("step", ["object", "manifest"])
def test_full_disk_is_said_plainly_and_loses_nothing(
    settings: Settings, monkeypatch: pytest.MonkeyPatch, step: str, code: int
) -> None:
    put(settings, "a.xlsx", b"abc")
    land(settings)
    before = tree(settings.landing)
    put(settings, "b.xlsx", b"abcd")
    replace = Path.replace

    def full(self: Path, target: Path) -> Path:
        if ("manifest" if target.suffix == ".json" else "object") == step:
            raise OSError(code, "No space left on device")
        return replace(self, target)

    monkeypatch.setattr(Path, "replace", full)
    with pytest.raises(DiskFull, match="free space and run again"):
        land(settings)
    after = tree(settings.landing)
    assert before.items() <= after.items()
    assert not [name for name in after if name.endswith(".tmp")]
    monkeypatch.undo()
    assert [item.file_name for item in land(settings).new] == ["b.xlsx"]


def test_other_faults_of_the_disk_are_not_called_a_full_disk(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(settings, "a.xlsx", b"abc")

    def broken(self: Path, target: Path) -> Path:
        raise OSError(errno.EIO, "Input/output error")

    monkeypatch.setattr(Path, "replace", broken)
    with pytest.raises(OSError, match="Input/output error"):
        land(settings)


def test_full_disk_while_reading_keeps_the_landed_bytes(
    settings: Settings, known: Knowledge, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(settings, "platform/P05_participations__2024-09-30.xlsx", xlsx([data_sheet(table("P05"))]))
    (landed,) = land(settings).new

    def full(*_: Any, **__: Any) -> None:
        raise OSError(errno.ENOSPC, "Error writing bytes to file")

    monkeypatch.setattr("ingest.rows.pq.ParquetWriter.write_table", full)
    with pytest.raises(DiskFull):
        read_delivery(settings, landed, known)
    assert load_delivery(settings, landed.delivery_id) is None
    assert tree(settings.parsed) == {}
    monkeypatch.undo()
    assert read_delivery(settings, landed, known).n_rows == 3


def test_reading_again_with_the_same_knowledge_does_nothing(
    settings: Settings, known: Knowledge, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(settings, "platform/P05_participations__2024-09-30.xlsx", xlsx([data_sheet(table("P05"))]))
    (landed,) = land(settings).new
    first = read_delivery(settings, landed, known)
    monkeypatch.setattr("ingest.read.read_bytes", no_pause)
    again = read_delivery(settings, landed, known)
    assert again.model_dump(exclude={"parsed_path"}) == first.model_dump(exclude={"parsed_path"})
    assert again.parsed_path is not None
    assert again.parsed_path.exists()


def test_new_knowledge_reads_again(settings: Settings, known: Knowledge) -> None:
    put(settings, "platform/P05_participations__2024-09-30.xlsx", xlsx([data_sheet(table("P05"))]))
    (landed,) = land(settings).new
    old = Knowledge(known.forms, known.resolvers, "old")
    assert read_delivery(settings, landed, old).read_with == "old"
    assert read_delivery(settings, landed, known).read_with == known.fingerprint


def test_a_data_directory_can_be_moved(settings: Settings, known: Knowledge) -> None:
    put(settings, "platform/P05_participations__2024-09-30.xlsx", xlsx([data_sheet(table("P05"))]))
    (landed,) = land(settings).new
    read_delivery(settings, landed, known)
    moved = Settings(settings.data_dir.with_name("moved"))
    settings.data_dir.rename(moved.data_dir)
    delivery = load_delivery(moved, landed.delivery_id)
    assert delivery is not None
    assert delivery.is_readable
    assert delivery.parsed_path is not None
    assert delivery.parsed_path.is_relative_to(moved.data_dir)
    moved.data_dir.rename(settings.data_dir)


def test_reading_killed_before_its_record_and_repeated(
    settings: Settings, known: Knowledge, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The record comes last: rows without a record are not there, and are written again."""
    put(settings, "platform/P05_participations__2024-09-30.xlsx", xlsx([data_sheet(table("P05"))]))
    (landed,) = land(settings).new
    whole = read_delivery(settings, landed, known)
    rows, record = tree(settings.parsed), settings.parsed / landed.delivery_id / "delivery.json"
    record.unlink()
    replace = Path.replace

    def die(self: Path, target: Path) -> Path:
        if target.name == "delivery.json":
            raise KeyboardInterrupt
        return replace(self, target)

    monkeypatch.setattr(Path, "replace", die)
    with pytest.raises(KeyboardInterrupt):
        read_delivery(settings, landed, known)
    assert load_delivery(settings, landed.delivery_id) is None
    monkeypatch.undo()
    assert read_delivery(settings, landed, known) == whole
    assert tree(settings.parsed) == rows
