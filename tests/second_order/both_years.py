"""Run by the test in a process of its own over the copied project: two years, two runs."""

from __future__ import annotations

import sys
from datetime import date
from pathlib import Path

from bvb.airflow import apply_environment
from bvb.steps import STEPS, finish, receive
from bvb.which_run import open_run
from ingest.settings import load_settings
from synthetic.region import generate


def main(data: Path, days: list[date]) -> None:
    """Write the region's files of each day, receive them together, run each day."""
    settings = load_settings(data)
    apply_environment(settings, quiet=True)
    for day in days:
        generate(settings.incoming, as_of=day, scale=0.02, seed=1)
    receive(settings)
    for day in days:
        run = open_run(day, None, settings)
        for step in STEPS.values():
            step(run)
        finish(run)


if __name__ == "__main__":
    main(Path(sys.argv[1]), [date.fromisoformat(text) for text in sys.argv[2:]])
