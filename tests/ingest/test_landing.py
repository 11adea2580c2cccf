"""Landing: bytes are kept once, for ever, and never before they are whole."""

from __future__ import annotations

import errno
import hashlib
import os
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from ingest import landing
from ingest.deliveries import DiskFull
from ingest.landing import (
    SETTLE_ROUNDS,
    LandingOutcome,
    all_landed,
    land_folder,
    load_landed,
    manifest_path,
    object_path,
    wait_until_settled,
)
from ingest.read import Knowledge, load_delivery, read_delivery
from ingest.settings import MOSCOW, Settings

from .files import data_sheet, table, xlsx

NOW = datetime(2024, 10, 2, 12, 0, tzinfo=MOSCOW)
SENT = datetime(2024, 10, 1, 9, 30, tzinfo=MOSCOW)


def put(settings: Settings, source: str, data: bytes, sent: datetime = SENT) -> Path:
    path = settings.incoming / source
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
    os.utime(path, (sent.timestamp(), sent.timestamp()))
    return path


def no_pause(_: float) -> None:
    raise AssertionError("nothing here is fresh: there is nothing to wait for")


def land(settings: Settings, pause: Any = no_pause, now: datetime = NOW) -> LandingOutcome:
    return land_folder(settings, settings.incoming, now, pause=pause)


def tree(root: Path) -> dict[str, bytes]:
    return {p.relative_to(root).as_posix(): p.read_bytes() for p in root.rglob("*") if p.is_file()}


@pytest.fixture(autouse=True)
def incoming(settings: Settings) -> Iterator[Path]:
    """Whatever landing does, what senders dropped stays as it is."""
    settings.incoming.mkdir(parents=True)
    yield settings.incoming
    assert settings.incoming.is_dir()


def test_bytes_are_kept_by_hash_and_read_only(settings: Settings) -> None:
    put(settings, "T14/a.xlsx", b"abc")
    (landed,) = land(settings).new
    kept = object_path(settings, hashlib.sha256(b"abc").hexdigest())
    assert kept.read_bytes() == b"abc"
    assert kept.stat().st_mode & 0o777 == 0o444
    assert (landed.size, landed.file_name, landed.folder) == (3, "a.xlsx", "T14")
    assert (landed.received_at, landed.landed_at) == (SENT, NOW)
    assert load_landed(settings, landed.delivery_id) == landed
    assert (settings.incoming / "T14/a.xlsx").read_bytes() == b"abc"


def test_the_same_bytes_again_are_a_visible_no_op(settings: Settings) -> None:
    put(settings, "T14/a.xlsx", b"abc")
    land(settings)
    before = tree(settings.landing)
    put(settings, "T14/a.xlsx", b"abc", NOW)  # touched, not changed
    outcome = land(settings, pause=lambda _: None)
    assert (outcome.new, outcome.known) == ((), 1)
    assert tree(settings.landing) == before


def test_two_senders_with_the_same_bytes_are_two_deliveries_of_one_object(
    settings: Settings,
) -> None:
    put(settings, "T14/a.xlsx", b"abc")
    put(settings, "T15/a.xlsx", b"abc")
    assert {item.folder for item in land(settings).new} == {"T14", "T15"}
    assert len(list((settings.landing / "objects").rglob("*"))) == 2  # one folder, one file


def test_a_corrected_file_under_the_same_name_is_a_new_delivery(settings: Settings) -> None:
    put(settings, "T14/a.xlsx", b"abc")
    land(settings)
    put(settings, "T14/a.xlsx", b"abd", NOW)
    assert len(land(settings, pause=lambda _: None).new) == 1
    assert [item.size for item in all_landed(settings)] == [3, 3]
    assert object_path(settings, hashlib.sha256(b"abc").hexdigest()).read_bytes() == b"abc"


def test_nothing_is_deleted_when_a_sender_takes_a_file_back(settings: Settings) -> None:
    path = put(settings, "T14/a.xlsx", b"abc")
    land(settings)
    before = tree(settings.landing)
    path.unlink()
    assert land(settings) == LandingOutcome(new=(), known=0, still_writing=())
    assert tree(settings.landing) == before


def test_a_clock_that_runs_ahead_puts_no_receipt_into_the_future(settings: Settings) -> None:
    put(settings, "a.xlsx", b"abc", datetime(2025, 1, 1, tzinfo=MOSCOW))
    (landed,) = land(settings).new
    assert landed.received_at == NOW
    assert landed.folder == ""


@pytest.mark.parametrize(
    "name",
    ["~$a.xlsx", ".~lock.a.xlsx#", ".DS_Store", "a.xlsx.part", "a.xlsx.TMP", "b.crdownload",
     "c.filepart", ".hidden/a.xlsx", "a.xlsx.done"],
)  # fmt: skip
def test_unfinished_and_lock_files_are_ignored_visibly(settings: Settings, name: str) -> None:
    put(settings, f"T14/{name}", b"abc")
    outcome = land(settings)
    assert (outcome.new, outcome.ignored) == ((), (f"T14/{name}",))
    assert not settings.landing.exists()


def test_links_and_folders_are_not_followed(settings: Settings, tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    (secret / "below").mkdir(parents=True)
    (secret / "key.txt").write_text("тайна")
    (settings.incoming / "link.xlsx").symlink_to(secret / "key.txt")
    (settings.incoming / "T14").symlink_to(secret, target_is_directory=True)
    (settings.incoming / "broken.xlsx").symlink_to(tmp_path / "nowhere")
    (settings.incoming / "T15.xlsx").mkdir()
    os.mkfifo(settings.incoming / "pipe.xlsx")
    outcome = land(settings)
    assert outcome.new == ()
    assert set(outcome.ignored) == {"link.xlsx", "T14", "broken.xlsx", "pipe.xlsx"}


def test_a_growing_file_is_waited_for(settings: Settings) -> None:
    path = put(settings, "a.xlsx", b"a", NOW)
    chunks = iter([b"b", b"c"])
    pauses = []

    def grow(seconds: float) -> None:
        pauses.append(seconds)
        if chunk := next(chunks, None):
            with path.open("ab") as stream:
                stream.write(chunk)

    (landed,) = land(settings, pause=grow).new
    assert landed.size == 3
    assert len(pauses) == 3
    assert all(seconds > 0 for seconds in pauses)


def test_a_file_that_never_settles_is_left_for_the_next_pass(settings: Settings) -> None:
    path = put(settings, "a.xlsx", b"a", NOW)
    put(settings, "old.xlsx", b"old")
    pauses = []

    def grow(seconds: float) -> None:
        pauses.append(seconds)
        path.write_bytes(b"a" * (len(pauses) + 1))

    outcome = land(settings, pause=grow)
    assert [item.file_name for item in outcome.new] == ["old.xlsx"]
    assert (outcome.still_writing, len(pauses)) == (("a.xlsx",), SETTLE_ROUNDS)
    os.utime(path, (SENT.timestamp(), SENT.timestamp()))
    assert [item.file_name for item in land(settings).new] == ["a.xlsx"]


def test_a_file_server_a_few_seconds_ahead_is_waited_for_too(settings: Settings) -> None:
    path = put(settings, "a.xlsx", b"a", datetime(2024, 10, 2, 12, 0, 20, tzinfo=MOSCOW))
    pauses: list[float] = []
    assert wait_until_settled([path], NOW, pauses.append) == ([path], [])
    assert len(pauses) == 1


def test_a_done_mark_saves_the_waiting(settings: Settings) -> None:
    put(settings, "a.xlsx", b"a", NOW)
    put(settings, "a.xlsx.done", b"", NOW)
    assert [item.file_name for item in land(settings).new] == ["a.xlsx"]


def test_a_file_renamed_while_it_is_waited_for_does_no_harm(settings: Settings) -> None:
    path = put(settings, "a.xlsx", b"a", NOW)
    outcome = land(settings, pause=lambda _: path.unlink(missing_ok=True))
    assert outcome == LandingOutcome(new=(), known=0, still_writing=())


def test_a_file_that_changes_while_it_is_copied_is_not_kept(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = put(settings, "a.xlsx", b"first")
    keep = landing._keep_bytes

    def change_then_keep(*arguments: Any) -> bool:
        path.write_bytes(b"second")
        return keep(*arguments)

    monkeypatch.setattr(landing, "_keep_bytes", change_then_keep)
    outcome = land(settings)
    assert (outcome.new, outcome.still_writing) == ((), ("a.xlsx",))
    assert tree(settings.landing) == {}
    monkeypatch.undo()
    (landed,) = land(settings, pause=lambda _: None).new
    assert landed.sha256 == hashlib.sha256(b"second").hexdigest()


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
    old = Knowledge(known.forms, known.resolver, "old")
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


def test_manifests_are_plain_json_without_machine_paths(settings: Settings) -> None:
    put(settings, "T14/a.xlsx", b"abc")
    (landed,) = land(settings).new
    text = manifest_path(settings, landed.delivery_id).read_text(encoding="utf-8")
    assert str(settings.data_dir) not in text
    assert '"source": "T14/a.xlsx"' in text
