"""Run again, run after a kill: the same bytes."""

from __future__ import annotations

import hashlib
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.conftest import Region

ROOT = Path(__file__).resolve().parents[2]
# Killed as soon as the step before has left its outcome, so the kill falls into the named step.
KILLED_IN = {"staging": "validate", "marts": "facts", "publish": "marts", "report": "publish"}


def digests(folder: Path) -> dict[str, str]:
    return {
        path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and path.suffix in (".parquet", ".xlsx", ".html")
    }


def start(data: Path) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [sys.executable, "-m", "bench.stages", str(data), "2024-09-30"],
        cwd=ROOT,
        start_new_session=True,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
    )


def kill_after(data: Path, step: str) -> None:
    """Start a run and kill it by SIGKILL right after `step` has ended."""
    for record in data.glob("outcomes/*/steps/*.json"):
        record.unlink()
    process = start(data)
    deadline = time.monotonic() + 300
    while not list(data.glob(f"outcomes/*/steps/{step}.json")):
        assert process.poll() is None, process.stderr and process.stderr.read().decode()[-2000:]
        assert time.monotonic() < deadline
        time.sleep(0.02)
    os.killpg(process.pid, signal.SIGKILL)
    process.wait()


@pytest.mark.slow
def test_killed_runs_end_with_the_same_bytes(region: Region, tmp_path: Path) -> None:
    data = tmp_path / "data"
    shutil.copytree(region.incoming, data / "incoming", copy_function=shutil.copy2)
    for step in KILLED_IN.values():
        kill_after(data, step)
    process = start(data)
    _, errors = process.communicate()
    assert process.returncode == 0, errors.decode()[-3000:]
    assert digests(data / "marts" / "current") == digests(region.marts)
    reports = digests(data / "reports")
    assert reports == digests(region.data_dir / "reports")
    assert len(reports) >= 2


def test_reports_made_again_are_the_same_bytes(region: Region) -> None:
    from ingest.reference import load_reference
    from ingest.settings import load_settings
    from reports.render import render

    before = digests(region.data_dir / "reports")
    render(load_settings(region.data_dir), region.as_of, load_reference().order_id)
    assert digests(region.data_dir / "reports") == before


def test_a_second_run_has_nothing_to_do(region: Region) -> None:
    from bvb.steps import has_work, land, open_run
    from ingest.settings import load_settings

    settings = load_settings(region.data_dir)
    landed = land(settings)
    assert (landed["new"], landed["files"]) == (0, [])
    assert not has_work(open_run(region.as_of, None, settings))
