"""A small data directory of real parts for tests of the duty: files landed and read, no run."""

from __future__ import annotations

import hashlib
import os
import shutil
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import pytest

from ingest.landing import all_landed
from ingest.settings import MOSCOW, Settings
from tests.conftest import Region

NOW = datetime(2026, 11, 1, 12, tzinfo=MOSCOW)


def digests(root: Path) -> dict[str, str]:
    """Every file and link below a folder with what it holds."""
    return {
        path.relative_to(root).as_posix(): (
            f"-> {os.readlink(path)}"
            if path.is_symlink()
            else hashlib.sha256(path.read_bytes()).hexdigest()
        )
        for path in sorted(root.rglob("*"))
        if path.is_symlink() or path.is_file()
    }


@pytest.fixture
def few(region: Region, tmp_path: Path) -> Callable[..., Settings]:
    """A copy of the region's directory with only the deliveries of some files."""

    def copied(*names: str) -> Settings:
        root = tmp_path / "data"
        shutil.copytree(region.data_dir, root, symlinks=True)
        settings = Settings(root)
        kept = {item.sha256 for item in all_landed(settings) if item.file_name.startswith(names)}
        for item in all_landed(settings):
            if item.sha256 not in kept:
                (settings.landing / "deliveries" / f"{item.delivery_id}.json").unlink()
                (settings.landing / "objects" / item.sha256[:2] / item.sha256).unlink(True)
                (settings.incoming / item.source).unlink(True)
                shutil.rmtree(settings.parsed / item.delivery_id, ignore_errors=True)
        return settings

    return copied
