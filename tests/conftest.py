"""What all tests share: an Airflow of their own, and a small region that went through all steps."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
AS_OF = date(2024, 9, 30)
# A fiftieth of the region is enough for every rule of arithmetic; `BVB_TEST_SCALE=1.0` proves the
# same at the region's true size (some minutes).
SCALE = float(os.environ.get("BVB_TEST_SCALE", "0.02"))
# Airflow reads its environment at its first import, so this stands before any test module.
_HOME = tempfile.TemporaryDirectory(prefix="bvb-airflow-")
os.environ["AIRFLOW_HOME"] = _HOME.name
os.environ["AIRFLOW__CORE__DAGS_FOLDER"] = str(ROOT / "dags")
os.environ["AIRFLOW__CORE__LOAD_EXAMPLES"] = "False"
os.environ["AIRFLOW__LOGGING__LOGGING_LEVEL"] = "WARNING"
os.environ["BVB_HMAC_SECRET"] = "a secret of the tests only"
os.environ["GX_ANALYTICS_ENABLED"] = "False"
os.environ["DO_NOT_TRACK"] = "1"


@dataclass(frozen=True)
class Region:
    """A data directory after a complete run."""

    data_dir: Path
    as_of: date

    @property
    def incoming(self) -> Path:
        return self.data_dir / "incoming"

    @property
    def marts(self) -> Path:
        return self.data_dir / "marts" / "current"


def run_bvb(*arguments: str, home: Path | None = None) -> subprocess.CompletedProcess[str]:
    """The command as a user calls it."""
    environment = os.environ | ({"AIRFLOW_HOME": str(home)} if home else {})
    return subprocess.run(
        [sys.executable, "-c", "from bvb.cli import main; main()", *arguments],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.fixture(scope="session")
def region(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Region]:
    """The region of 30.09.2024, run step by step without Airflow."""
    from bvb.airflow import apply_environment
    from bvb.steps import STEPS, finish, receive
    from bvb.which_run import open_run
    from ingest.settings import load_settings
    from synthetic.region import generate

    data = tmp_path_factory.mktemp("region")
    settings = load_settings(data)
    apply_environment(settings, quiet=True)
    generate(settings.incoming, as_of=AS_OF, scale=SCALE, seed=1)
    receive(settings)
    run = open_run(AS_OF, None, settings)
    for step in STEPS.values():
        step(run)
    finish(run)
    yield Region(data, AS_OF)
