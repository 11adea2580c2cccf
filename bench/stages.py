"""The pipeline's steps one after another, without Airflow, each timed; files are read in pairs."""

from __future__ import annotations

import resource
import sys
import time
from concurrent.futures import ProcessPoolExecutor
from datetime import date, datetime, timedelta
from datetime import time as time_of_day
from multiprocessing import get_context
from pathlib import Path
from typing import Any

from bvb.airflow import apply_environment
from bvb.steps import STEPS, land, read
from bvb.which_run import open_run
from ingest.landing import load_landed
from ingest.settings import MOSCOW, load_settings


def _timed(stages: dict[str, Any], name: str, started: float) -> None:
    both = (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)
    peak = max(resource.getrusage(who).ru_maxrss for who in both) / 1024
    stages[name] = {"seconds": round(time.perf_counter() - started, 2), "peak_mb": round(peak)}


def main(data: Path, as_of: date) -> None:
    """Run all steps; the times leave through `sys.bench_extra`."""
    settings = load_settings(data)
    apply_environment(settings, quiet=True)
    stages: dict[str, Any] = {}
    started = time.perf_counter()
    # As it was then: `bench.sender` sends one more file long after these.
    landed_at = datetime.combine(as_of + timedelta(days=30), time_of_day.min, tzinfo=MOSCOW)
    files = [file for sender in land(settings, landed_at)["senders"] for file in sender["files"]]
    _timed(stages, "land", started)
    started = time.perf_counter()
    # Two at a time, as the executor does on two cores; the large ones first, so that they overlap.
    ids = sorted((f["delivery_id"] for f in files), key=lambda i: -load_landed(settings, i).size)
    with ProcessPoolExecutor(2, mp_context=get_context("spawn")) as pool:
        list(pool.map(read, ids, [settings] * len(ids)))
    _timed(stages, "read", started)
    for name, step in STEPS.items():
        started = time.perf_counter()
        step(open_run(as_of, None, settings))
        _timed(stages, name, started)
    sys.bench_extra = {"stages": stages}  # type: ignore[attr-defined]


if __name__ == "__main__":
    main(Path(sys.argv[1]), date.fromisoformat(sys.argv[2]))
