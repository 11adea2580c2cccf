"""Folders and SFTP, where senders write the files themselves: growing, odd and dated files."""

from __future__ import annotations

import json
import os
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from bvb import pulling
from channels.memory import folder_of
from channels.senders import Placing, load_senders
from ingest.landing import all_landed
from ingest.settings import Settings
from tests.ingest.drop_folder import tree

from .conftest import Pass
from .rigs import SENT, Rig


@pytest.fixture(params=["folder", "sftp"])
def rig(request: pytest.FixtureRequest, make_rig: Any) -> Any:
    return make_rig(request.param)


def root_of(rig: Rig) -> Path:
    return Path(rig.connection["extra"].get("path", "/")) / rig.spec["root"]


def at_hour(monkeypatch: pytest.MonkeyPatch, day: int, hour: int) -> datetime:
    moment = SENT.replace(day=day, hour=hour, minute=0)
    monkeypatch.setattr(pulling, "moscow_now", lambda: moment)
    return moment


def test_a_growing_file_waits_and_holds_nobody_up(
    rig: Rig, settings: Settings, one_pass: Pass
) -> None:
    rig.put("growing.xlsx", b"half")
    rig.put("whole.xlsx", b"whole")
    path = root_of(rig) / "T14" / "growing.xlsx"

    def grow(_: float) -> None:
        with path.open("ab") as stream:
            stream.write(b" and half")

    outcome = one_pass(rig, grow)
    assert (outcome.taken, outcome.left) == (1, {"changing": 1})
    outcome = one_pass(rig)
    assert (outcome.taken, outcome.known) == (1, 1)
    assert {item.size for item in all_landed(settings)} == {len(b"half and half"), len(b"whole")}


def test_a_quiet_server_is_not_waited_for(rig: Rig, one_pass: Pass) -> None:
    rig.put("a.xlsx", b"x")
    one_pass(rig)

    def no_pause(_: float) -> None:
        raise AssertionError("nothing is new")

    assert one_pass(rig, no_pause).known == 1


def test_unfinished_and_unwanted_names_and_links_are_left_visibly(
    rig: Rig, settings: Settings, one_pass: Pass
) -> None:
    for name in ("a.xlsx.part", "~$a.xlsx", ".hidden.xlsx", "a.pdf", "A.XLSX"):
        rig.put(name, b"x")
    (root_of(rig) / "T14" / "link.xlsx").symlink_to("/etc/hostname")
    (root_of(rig) / "T15").symlink_to("/etc", target_is_directory=True)
    outcome = one_pass(rig, include=["*.xlsx"])
    assert outcome.left == {"unfinished": 3, "not_a_file": 2, "not_included": 1}
    assert [item.source for item in all_landed(settings)] == ["T14/A.XLSX"]
    left = json.loads((folder_of(settings, "tested") / "left.json").read_text("utf-8"))["left"]
    assert {row["path"]: row["why"] for row in left}["T14/a.pdf"] == "not_included"


def test_names_in_another_encoding_are_taken_and_stay_distinct(
    rig: Rig, settings: Settings, one_pass: Pass
) -> None:
    """The library's own client stops at the first such name and hides its whole folder."""
    rig.put("plain.xlsx", b"1")
    folder = os.fsencode(root_of(rig) / "T14")
    for letters in ("отчёт", "отчет"):
        with open(os.path.join(folder, letters.encode("cp1251") + b".xlsx"), "wb") as stream:
            stream.write(letters.encode())
    assert one_pass(rig).taken == 3
    names = {item.file_name for item in all_landed(settings)}
    assert names == {"plain.xlsx", r"\xee\xf2\xf7\xb8\xf2.xlsx", r"\xee\xf2\xf7\xe5\xf2.xlsx"}
    assert one_pass(rig).known == 3


def test_nothing_at_the_other_end_is_changed(rig: Rig, one_pass: Pass) -> None:
    rig.put("a.xlsx", b"x")
    os.chmod(root_of(rig) / "T14", 0o555)
    before = tree(root_of(rig))
    one_pass(rig)
    assert tree(root_of(rig)) == before
    os.chmod(root_of(rig) / "T14", 0o755)


def test_a_closed_file_or_folder_stops_nobody(
    sftp: Rig, settings: Settings, one_pass: Pass
) -> None:
    sftp.put("a.xlsx", b"x")
    sftp.put("closed.xlsx", b"x")
    (root_of(sftp) / "T14" / "closed.xlsx").chmod(0)
    (root_of(sftp) / "T13").mkdir(mode=0)
    outcome = one_pass(sftp)
    assert (outcome.taken, outcome.left) == (1, {"closed": 2})
    (root_of(sftp) / "T14" / "closed.xlsx").chmod(0o644)
    (root_of(sftp) / "T13").chmod(0o755)
    assert one_pass(sftp).taken == 1


def _change(path: Path) -> None:
    path.write_bytes(b"quite another content")


@pytest.mark.parametrize(
    ("happens", "why"), [(Path.unlink, "gone"), (_change, "changing")], ids=["gone", "changing"]
)
def test_what_happens_to_a_file_after_the_listing_stops_nobody(
    happens: Any, why: str, rig: Rig, settings: Settings, one_pass: Pass
) -> None:
    from channels.folder import FolderChannel
    from channels.sftp import SftpChannel

    rig.put("a.xlsx", b"x")
    rig.put("b.xlsx", b"y")
    kind = {"folder": FolderChannel, "sftp": SftpChannel}[rig.kind]
    fetch = kind.fetch

    def first(self: Any, item: Any) -> Any:
        if item.path.endswith("a.xlsx"):
            happens(root_of(rig) / "T14" / "a.xlsx")
        return fetch(self, item)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(kind, "fetch", first)
        outcome = one_pass(rig)
    assert (outcome.taken, outcome.left) == (1, {why: 1})
    assert [item.file_name for item in all_landed(settings)] == ["b.xlsx"]


def test_a_program_that_keeps_old_times_makes_no_late_file_timely(
    rig: Rig, settings: Settings, one_pass: Pass, monkeypatch: pytest.MonkeyPatch
) -> None:
    """WinSCP does so by default: a file saved in September and sent in October is October's."""
    rig.put("early.xlsx", b"early")
    first = at_hour(monkeypatch, day=10, hour=9)
    one_pass(rig)
    rig.put("late.xlsx", b"late", SENT - timedelta(days=7))
    at_hour(monkeypatch, day=10, hour=10)
    one_pass(rig)
    times = {item.file_name: item.received_at for item in all_landed(settings)}
    assert times == {"early.xlsx": SENT, "late.xlsx": first}


def test_a_file_that_had_to_wait_keeps_the_time_when_it_was_first_seen(
    rig: Rig, settings: Settings, one_pass: Pass, monkeypatch: pytest.MonkeyPatch
) -> None:
    rig.put("a.xlsx", b"a")
    rig.put("b.xlsx", b"b", SENT + timedelta(minutes=1))
    for hour in (9, 10):
        at_hour(monkeypatch, day=10, hour=hour)
        one_pass(rig, max_files=1)
    times = {item.file_name: item.received_at for item in all_landed(settings)}
    assert times == {"a.xlsx": SENT, "b.xlsx": SENT + timedelta(minutes=1)}


def test_a_wrong_root_is_said(sftp: Rig, one_pass: Pass) -> None:
    from channels.base import ChannelRefused

    with pytest.raises(ChannelRefused, match=r"mend `root`"):
        one_pass(sftp, root=f"{root_of(sftp)}/nowhere")


HOME = {"sender_from": "^home/(?P<sender>[^/]+)/"}


@pytest.mark.parametrize(
    ("path", "source", "more"),
    [
        ("login-16/a.xlsx", "T16/a.xlsx", {}),
        ("a.xlsx", "a.xlsx", {}),
        ("x/a.xlsx", "operator/x/a.xlsx", {"sender": "operator"}),
        ("home/login-16/up/a.xlsx", "T16/up/a.xlsx", HOME),
        ("elsewhere/a.xlsx", "elsewhere/a.xlsx", HOME),
    ],
)
def test_the_sender_is_read_from_the_path(
    path: str, source: str, more: dict[str, str], settings: Settings
) -> None:
    placing = Placing(load_senders(settings), **more)
    assert placing.source(path) == source
