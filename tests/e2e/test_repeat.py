"""Run again, run after a kill: the same bytes."""

from __future__ import annotations

import hashlib
import os
import random
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
# Beside the tasks by name, so many moments by chance; `BVB_TEST_KILLS=30` is the long trial.
KILLS, SEED, LONGEST = int(os.environ.get("BVB_TEST_KILLS", "2")), 20240930, 40.0
# A run is killed as soon as so many files of a pattern are there, so the kill falls into the task
# that is named. Nothing is cleaned up in between: each next run finds what the killed one left.
KILLED_IN = {
    "land_files": ("landing/deliveries/*.json", 60),
    "read_files": ("parsed/*/delivery.json", 120),
    "validate": ("quarantine/.*.checking.duckdb", 1),
    "great_expectations": ("outcomes/*/steps/validate.json", 1),
    "answer_senders": ("outcomes/*/steps/great_expectations.json", 1),
    "staging": ("outcomes/*/steps/answer_senders.json", 1),
    "facts": ("outcomes/*/steps/staging.json", 1),
    "marts": ("outcomes/*/steps/facts.json", 1),
    "publish": ("outcomes/*/steps/marts.json", 1),
    "report": ("outcomes/*/steps/publish.json", 1),
}


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


def kill_in(data: Path, pattern: str, count: int) -> None:
    """Start a run and kill it by SIGKILL when `count` files of `pattern` are there."""
    for record in data.glob("outcomes/*/steps/*.json"):
        record.unlink()
    process = start(data)
    deadline = time.monotonic() + 300
    while len(list(data.glob(pattern))) < count:
        assert process.poll() is None, process.stderr and process.stderr.read().decode()[-2000:]
        assert time.monotonic() < deadline
        time.sleep(0.02)
    os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def kill_after(data: Path, seconds: float) -> bool:
    """Start a run and kill it by SIGKILL after so many seconds; whether it was still at work."""
    process = start(data)
    try:
        process.communicate(timeout=seconds)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        return True
    assert process.returncode == 0
    return False


@pytest.mark.slow
def test_killed_runs_end_with_the_same_bytes(region: Region, tmp_path: Path) -> None:
    data = tmp_path / "data"
    shutil.copytree(region.incoming, data / "incoming", copy_function=shutil.copy2)
    for pattern, count in KILLED_IN.values():
        kill_in(data, pattern, count)
    moments = random.Random(SEED)
    killed = sum(kill_after(data, moments.uniform(1, LONGEST)) for _ in range(KILLS))
    assert killed or not KILLS
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
    from bvb.steps import has_work, land
    from bvb.which_run import open_run
    from ingest.settings import load_settings

    settings = load_settings(region.data_dir)
    landed = land(settings)
    assert (landed["new"], landed["senders"]) == (0, [])
    assert not has_work(open_run(region.as_of, None, settings))
