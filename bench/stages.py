"""The pipeline's steps one after another in one process, without Airflow, each timed."""

from __future__ import annotations

import resource
import sys
import time
from datetime import date
from pathlib import Path
from typing import Any

from bvb.airflow import apply_environment
from bvb.steps import STEPS, land, open_run, read
from ingest.settings import load_settings


def _timed(stages: dict[str, Any], name: str, started: float) -> None:
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    stages[name] = {"seconds": round(time.perf_counter() - started, 2), "peak_mb": round(peak)}


def main(data: Path, as_of: date) -> None:
    """Run all steps; the times leave through `sys.bench_extra`."""
    settings = load_settings(data)
    apply_environment(settings, quiet=True)
    stages: dict[str, Any] = {}
    started = time.perf_counter()
    files = land(settings)["files"]
    _timed(stages, "land", started)
    started = time.perf_counter()
    for file in files:
        read(file["delivery_id"], settings)
    _timed(stages, "read", started)
    for name, step in STEPS.items():
        started = time.perf_counter()
        step(open_run(as_of, None, settings))
        _timed(stages, name, started)
    sys.bench_extra = {"stages": stages}  # type: ignore[attr-defined]


if __name__ == "__main__":
    main(Path(sys.argv[1]), date.fromisoformat(sys.argv[2]))
