"""What a sender waits for, at the region's size: her file checked, marked, in the marts.

`python -m bench.sender DATA AS_OF` on a data directory whose run is finished. The 66 lists of one
form are read beside plain calamine, in the same process.
"""

from __future__ import annotations

import io
import os
import sys
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from datetime import date, datetime, timedelta
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import openpyxl
import python_calamine

from bvb.airflow import apply_environment
from bvb.arrival_steps import answer_arrivals
from bvb.clock import moscow_now
from bvb.steps import STEPS
from bvb.which_run import open_run
from desk.marks import marked
from desk.told import told_of
from expectations.check import Given, check_given
from ingest.knowledge import load_knowledge
from ingest.landing import all_landed, object_path
from ingest.read import read_bytes
from ingest.settings import MOSCOW, Settings, load_settings

FORM = "M03"
BUILT = ("staging", "facts", "marts")


def timed(work: Callable[[], Any]) -> tuple[float, Any]:
    started = time.perf_counter()
    result = work()
    return round(time.perf_counter() - started, 2), result


def _lists(settings: Settings) -> list[Any]:
    return [d for d in all_landed(settings) if d.file_name.startswith(f"{FORM}_")][:66]


def _plain(files: list[bytes]) -> None:
    for data in files:
        book = python_calamine.CalamineWorkbook.from_filelike(io.BytesIO(data))
        for name in book.sheet_names:
            book.get_sheet_by_name(name).to_python()


def _read(settings: Settings) -> dict[str, float]:
    landed = _lists(settings)
    files = [object_path(settings, d.sha256).read_bytes() for d in landed]
    known = load_knowledge()
    plain, _ = timed(lambda: _plain(files))
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "rows.parquet"
        ours, _ = timed(
            lambda: [read_bytes(d, b, known, path) for d, b in zip(landed, files, strict=True)]
        )
    return {"files": len(files), "calamine": plain, "ours": ours}


def _spoilt(data: bytes) -> bytes:
    book = openpyxl.load_workbook(io.BytesIO(data))
    sheet = book.worksheets[-1]
    sheet.cell(3, 10).value = "почта"
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


def _one(settings: Settings) -> dict[str, float]:
    landed = next(d for d in _lists(settings) if d.source.startswith("T14/"))
    given = Given(Path(landed.source), _spoilt(object_path(settings, landed.sha256).read_bytes()))
    now = datetime(2024, 10, 3, 12, 0, tzinfo=MOSCOW)
    check_given([given], now)  # the page's worker is warm
    seconds, verdicts = timed(lambda: check_given([given], now))
    marking, _ = timed(lambda: marked(given.data, told_of(verdicts[0]), now))
    return {"check": seconds, "mark": marking}


def _corrected(settings: Settings, as_of: date) -> dict[str, Any]:
    """A corrected list arrives before the freeze: seconds to its marked copy and to the marts."""
    frozen = open_run(as_of, None, settings).known_at
    landed = next(d for d in _lists(settings) if d.source.startswith("T14/"))
    data = _spoilt(object_path(settings, landed.sha256).read_bytes())
    path = settings.incoming / landed.source.replace("__v1", "__v9")
    path.write_bytes(data)
    written = (frozen - timedelta(minutes=1)).timestamp()
    os.utime(path, (written, written))
    path.with_name(path.name + ".done").touch()
    answered, counts = timed(lambda: answer_arrivals(settings, moscow_now()))
    if counts["answered"] != 1:
        raise SystemExit(f"expected an answer to {path.name} alone, found {counts}")
    run = open_run(as_of, None, settings)
    started = time.perf_counter()
    steps = {"validate": timed(lambda: STEPS["validate"](run))[0]}
    # As in the DAG, the second count stands beside the build; its process begins from nothing.
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
        counted = pool.submit(_count_again, settings, as_of)
        steps |= {name: timed(lambda n=name: STEPS[n](run))[0] for name in BUILT}
        steps["great_expectations"] = counted.result()
        steps["publish"] = timed(lambda: STEPS["publish"](run))[0]
        marts = round(time.perf_counter() - started, 2)
    return {"arrival_to_marked": answered, "steps": steps, "marts": marts}


def _count_again(settings: Settings, as_of: date) -> float:
    """Seconds of the second count, the start of Great Expectations among them."""
    run = open_run(as_of, None, settings)
    return timed(lambda: STEPS["great_expectations"](run))[0]


def main(data: Path, as_of: date) -> None:
    """Measure; the figures leave through `sys.bench_extra`."""
    settings = load_settings(data)
    apply_environment(settings, quiet=True)
    found = {"read": _read(settings), "one": _one(settings)}
    sys.bench_extra = {"sender": found | _corrected(settings, as_of)}  # type: ignore[attr-defined]


if __name__ == "__main__":
    main(Path(sys.argv[1]), date.fromisoformat(sys.argv[2]))
