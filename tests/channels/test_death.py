"""A pass that is killed anywhere loses nothing and doubles nothing: the next one completes it."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from channels.memory import Memory, folder_of
from ingest.landing import ARRIVING, all_landed, object_path
from ingest.settings import Settings

from .dying_pass import POINTS, one_pass
from .rigs import SENT, Rig, letter, send

ROOT = Path(__file__).resolve().parents[2]
PATIENCE_SECONDS = 30.0
CONTENTS = {"a.xlsx": b"first", "b.xlsx": b"second" * 100_000, "c.csv": b"third;"}


def _order(rig: Rig, settings: Settings, **more: Any) -> dict[str, Any]:
    order = {"kind": rig.kind, "data": f"{settings.data_dir}", "spec": rig.spec}
    return order | {"connection": rig.connection} | more


def _started(order: dict[str, Any]) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", "tests.channels.dying_pass", json.dumps(order)]
    return subprocess.Popen(command, cwd=ROOT, stderr=subprocess.PIPE)


def _put_all(rig: Rig) -> None:
    if rig.kind == "imap":  # one letter, so that it can die between two of its files
        message = letter("a.xlsx", CONTENTS["a.xlsx"])
        for name in ("b.xlsx", "c.csv"):
            message.add_attachment(
                CONTENTS[name], maintype="application", subtype="x", filename=name
            )
        send(rig, message)
    else:
        for name, data in CONTENTS.items():
            rig.put(name, data)


def _all_is_there_once(settings: Settings) -> None:
    landed = all_landed(settings)
    assert sorted(item.source for item in landed) == [f"T14/{name}" for name in CONTENTS]
    for item in landed:
        assert object_path(settings, item.sha256).read_bytes() == CONTENTS[item.file_name]
        assert item.received_at == SENT
    assert list((settings.landing / ARRIVING).iterdir()) == []
    objects = [p for p in (settings.landing / "objects").rglob("*") if p.is_file()]
    assert len(objects) == len(CONTENTS)


@pytest.mark.parametrize("kind", ["sftp", "imap"])
@pytest.mark.parametrize("point", [point for point in POINTS if point != "never"])
def test_death_at_any_point_is_mended_by_the_next_pass(
    kind: str, point: str, make_rig: Any, settings: Settings
) -> None:
    rig = make_rig(kind)
    _put_all(rig)
    process = _started(_order(rig, settings, point=point))
    _, errors = process.communicate(timeout=PATIENCE_SECONDS)
    assert process.returncode == 9, errors.decode()
    outcome = one_pass(**_order(rig, settings))
    assert outcome.error == ""
    _all_is_there_once(settings)
    again = one_pass(**_order(rig, settings))
    assert (again.taken, again.known) == (0, again.listed)
    assert (folder_of(settings, "tested") / "taken.jsonl").read_bytes().endswith(b"\n")


def test_a_kill_in_a_real_transfer_leaves_no_delivery_and_no_lock(
    sftp: Rig, settings: Settings
) -> None:
    large = b"0123456789abcdef" * (4 << 20)  # 64 MB: long enough to be killed in
    sftp.put("large.xlsx", large)
    process = _started(_order(sftp, settings, point="never"))
    until = time.monotonic() + PATIENCE_SECONDS
    arriving = settings.landing / ARRIVING
    while not any(path.stat().st_size > 0 for path in arriving.glob(".tested.*")):
        assert process.poll() is None, "it was quicker than the kill"
        assert time.monotonic() < until
        time.sleep(0.005)
    process.send_signal(signal.SIGKILL)
    process.communicate(timeout=PATIENCE_SECONDS)
    assert all_landed(settings) == []
    assert len(list(arriving.iterdir())) == 1
    outcome = one_pass(**_order(sftp, settings))
    assert outcome.taken == 1
    assert object_path(settings, all_landed(settings)[0].sha256).read_bytes() == large
    assert list(arriving.iterdir()) == []


def test_a_torn_line_is_cut_off_and_the_rest_of_the_ledger_is_used(
    sftp: Rig, settings: Settings
) -> None:
    _put_all(sftp)
    one_pass(**_order(sftp, settings))
    ledger = folder_of(settings, "tested") / "taken.jsonl"
    whole = ledger.read_bytes()
    ledger.write_bytes(whole[:-10])
    Memory(settings, "tested")
    lines = whole.splitlines(keepends=True)
    assert ledger.read_bytes() == b"".join(lines[:-1])
    outcome = one_pass(**_order(sftp, settings))
    assert (outcome.taken, outcome.known) == (0, len(CONTENTS))
    assert ledger.read_bytes().count(b"\n") == len(CONTENTS)
    ledger.write_bytes(b"\nnot json\n" + whole)  # somebody edited it
    assert one_pass(**_order(sftp, settings)).known == len(CONTENTS)
