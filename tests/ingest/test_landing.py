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
from ingest.landing import (
    LandingOutcome,
    all_landed,
    load_landed,
    manifest_path,
    object_path,
)
from ingest.settings import MOSCOW, Settings
from ingest.settling import SETTLE_ROUNDS, wait_until_settled

from .drop_folder import NOW, SENT, land, put, tree


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


def test_manifests_are_plain_json_without_machine_paths(settings: Settings) -> None:
    put(settings, "T14/a.xlsx", b"abc")
    (landed,) = land(settings).new
    text = manifest_path(settings, landed.delivery_id).read_text(encoding="utf-8")
    assert str(settings.data_dir) not in text
    assert '"source": "T14/a.xlsx"' in text


def test_names_in_another_encoding_are_landed_and_stay_distinct(settings: Settings) -> None:
    """Archives packed under Windows give names that are no UTF-8."""
    put(settings, "T14/a.xlsx", b"abc")
    folder = os.fsencode(settings.incoming / "T14")
    for letters in ("отчёт", "отчет"):
        path = os.path.join(folder, letters.encode("cp1251") + b".xlsx")
        os.rename(os.path.join(folder, b"a.xlsx"), path)
        (landed,) = land(settings).new
        assert load_landed(settings, landed.delivery_id) == landed
        assert landed.file_name.startswith(r"\xee\xf2\xf7")
        assert landed.folder == "T14"
        os.rename(path, os.path.join(folder, b"a.xlsx"))
    assert len({item.source for item in all_landed(settings)}) == 2


def test_a_file_that_another_program_holds_waits_and_stops_nobody(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(settings, "T14/a.xlsx", b"abc")
    put(settings, "T15/b.xlsx", b"abd")
    whole = landing.digest_of

    def held(path: Path) -> str:
        if path.name == "a.xlsx":
            raise PermissionError(errno.EACCES, "in use", str(path))
        return whole(path)

    monkeypatch.setattr(landing, "digest_of", held)
    outcome = land(settings)
    assert [item.file_name for item in outcome.new] == ["b.xlsx"]
    assert outcome.still_writing == ("T14/a.xlsx",)
