"""Files that are lost, cut or damaged, and a disk that is full: same bytes or a precise error."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from bvb.steps import STEPS, finish, has_work, land, receive
from bvb.which_run import open_run
from ingest.landing import LandedDamaged, all_landed, object_path
from ingest.settings import load_settings
from tests.e2e.test_repeat import digests

if TYPE_CHECKING:
    from tests.conftest import Region

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def data(region: Region, tmp_path: Path) -> Path:
    """A finished run to break."""
    folder = tmp_path / "data"
    shutil.copytree(region.data_dir, folder, symlinks=True)
    return folder


def run_if_needed(data: Path, region: Region) -> bool:
    """What the DAG does; whether there was anything to do."""
    settings = load_settings(data)
    receive(settings)
    run = open_run(region.as_of, None, settings)
    if not has_work(run):
        return False
    for step in STEPS.values():
        step(run)
    finish(run)
    return True


def a_delivery(data: Path, form: str) -> str:
    landed = all_landed(load_settings(data))
    return next(item.delivery_id for item in landed if item.file_name.startswith(form))


@pytest.mark.slow
def test_what_was_lost_or_cut_is_made_again_to_the_byte(data: Path, region: Region) -> None:
    marts = data / "marts" / "current"
    (marts / "mart_consents.parquet").unlink()
    cut = marts / "fct_participation.parquet"
    os.truncate(cut, cut.stat().st_size // 2)
    next(data.glob("accepted/*/P05.parquet")).unlink()
    (data / "parsed" / a_delivery(data, "P03") / "rows.parquet").unlink()
    next(data.glob("reports/*/ministry_workbook*.xlsx")).unlink()
    assert run_if_needed(data, region)
    assert digests(marts) == digests(region.marts)
    assert digests(data / "reports") == digests(region.data_dir / "reports")
    assert digests(data / "accepted") == digests(region.data_dir / "accepted")
    assert not run_if_needed(data, region)


def test_damaged_bytes_of_a_sender_are_never_read_as_hers(data: Path, region: Region) -> None:
    settings, delivery_id = load_settings(data), a_delivery(data, "M03")
    landed = next(d for d in all_landed(settings) if d.delivery_id == delivery_id)
    path = object_path(settings, landed.sha256)
    damaged = bytearray(path.read_bytes())
    damaged[len(damaged) // 2] ^= 0xFF
    path.chmod(0o644)
    path.write_bytes(bytes(damaged))
    # What was read before stays good: nothing has to be read anew.
    assert not run_if_needed(data, region)
    shutil.rmtree(data / "parsed" / delivery_id)
    with pytest.raises(LandedDamaged, match="bvb restore"):
        run_if_needed(data, region)
    assert digests(data / "marts" / "current") == digests(region.marts)
    # Lost altogether, they come again from where they still lie.
    path.unlink()
    run_if_needed(data, region)
    assert (
        path.read_bytes() == object_path(load_settings(region.data_dir), landed.sha256).read_bytes()
    )
    assert land(settings)["senders"] == []


def mount(*arguments: str) -> None:
    subprocess.run(["mount", "-t", "tmpfs", *arguments], check=True, capture_output=True)


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of its own, of a few megabytes."""
    place = tmp_path / "disk"
    place.mkdir()
    try:
        mount("-o", "size=24m", "bvb-test", f"{place}")
    except (subprocess.CalledProcessError, FileNotFoundError):
        pytest.skip("no file system can be mounted here: it takes root")
    yield place
    subprocess.run(["umount", "-l", f"{place}"], check=True)


@pytest.mark.slow
def test_a_full_disk_is_said_and_the_next_run_ends_with_the_same_bytes(
    small_disk: Path, region: Region
) -> None:
    data = small_disk / "data"
    shutil.copytree(region.incoming, data / "incoming", copy_function=shutil.copy2)
    command = [sys.executable, "-m", "bench.stages", f"{data}", "2024-09-30"]

    def run() -> subprocess.CompletedProcess[str]:
        return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)

    full = run()
    assert full.returncode
    last = full.stderr.strip().splitlines()[-1]
    assert "DiskFull" in last and "free space" in last, full.stderr[-2000:]
    mount("-o", "remount,size=2g", "bvb-test", f"{small_disk}")
    assert run().returncode == 0
    assert digests(data / "marts" / "current") == digests(region.marts)
