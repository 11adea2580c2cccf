"""A year replayed date by date: seconds of every run, each in its order, in one process.

What enters: a data directory, the span and a scale. What leaves: one line a run date through
`sys.bench_extra`: seconds and rows.
"""

from __future__ import annotations

import sys
import time
from datetime import date
from pathlib import Path
from typing import Any

from bvb.airflow import apply_environment
from bvb.replay import dates_between, run_date
from bvb.steps import receive
from ingest.settings import load_settings
from synthetic.region import generate_year


def main(data: Path, first: date, last: date, scale: float) -> None:
    """Write the year's files, receive them, run each date."""
    settings = load_settings(data)
    apply_environment(settings, quiet=True)
    started = time.perf_counter()
    written = generate_year(settings.incoming, (first, last), scale=scale)
    times: dict[str, Any] = {"files": len(written.files), "write": _since(started)}
    started = time.perf_counter()
    receive(settings)
    times["receive"] = _since(started)
    runs = []
    for as_of in dates_between(first, last):
        done = run_date(settings, as_of)
        runs.append({"as_of": f"{as_of}", "rows": done.rows, "seconds": round(done.seconds, 1)})
    sys.bench_extra = {"year": times | {"scale": scale, "runs": runs}}  # type: ignore[attr-defined]


def _since(started: float) -> float:
    return round(time.perf_counter() - started, 1)


if __name__ == "__main__":
    main(
        Path(sys.argv[1]),
        date.fromisoformat(sys.argv[2]),
        date.fromisoformat(sys.argv[3]),
        float(sys.argv[4]),
    )
