"""The region's files on a date: what 66 territories, the platform and the operator would send.

What enters: a folder, a date, a scale and a seed. What leaves: files in the layout of `incoming/`
and a summary of them; the same arguments give the same bytes and times.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

from ingest.orders import reference_at
from ingest.reference import Reference
from synthetic.cases import plant
from synthetic.config import RegionError, World
from synthetic.cut import build_truth
from synthetic.defects import Planted, Written, spoil
from synthetic.files import write_file
from synthetic.jobs import Job, jobs, jobs_of_year

Progress = Callable[[str], None]
_WORKERS = 2


@dataclass(frozen=True)
class Summary:
    """What was written."""

    files: tuple[Path, ...]
    rows: dict[str, int]  # form → rows over all its files, before anything was spoilt
    planted: tuple[Planted, ...] = ()


def _check(world: World, as_of: date) -> None:
    if as_of.year != world.year:
        raise RegionError(
            f"expected a date of {world.year}, the year of order {world.reference.order_id}, "
            f"found {as_of}; the days of synthetic/region.yml move with the order's year"
        )
    if not 0 < world.scale <= 100:
        raise RegionError(f"expected a scale above 0 and up to 100, found {world.scale}")


def _rows(written: list[Written]) -> dict[str, int]:
    rows: Counter[str] = Counter()
    for item in written:
        rows[item.file.form.code] += item.n_rows
    return dict(sorted(rows.items()))


def generate(  # noqa: PLR0913 - the whole switchboard of the region
    out: Path,
    *,
    as_of: date,
    scale: float,
    seed: int,
    defects: bool = False,
    reference: Reference | None = None,
    progress: Progress | None = None,
) -> Summary:
    """Write the region's files of one date into `out`.

    Args:
        out: folder that gets `platform/`, `T01/` … `T66/` and `operator/`.
        as_of: date of the snapshots; territories send the last month that is over.
        scale: 1.0 is the region's true number of people.
        seed: the same number gives the same bytes.
        defects: also plant the broken files of `defects.yml`.
        reference: the order; by default the one in force on the date.
        progress: told each file's name once it is written.

    Raises:
        RegionError: the date or the scale is out of range, or a form has an unknown column.
    """
    world = World(reference or reference_at(as_of), scale, seed)
    _check(world, as_of)
    truth = plant(build_truth(world))
    written = _written(out, world, jobs(truth, as_of), progress)
    planted = spoil(out, world, written) if defects else ()
    paths = {item.path for item in written if item.path.exists()}
    paths |= {out / item.path for item in planted}
    return Summary(tuple(sorted(paths)), _rows(written), planted)


def generate_year(
    out: Path,
    span: tuple[date, date],
    *,
    scale: float,
    seed: int = 1,
    progress: Progress | None = None,
) -> Summary:
    """Write every file that the order's schedule asks for from one date to another, each once.

    Args:
        out: folder that gets `platform/`, `T01/` … and `operator/`.
        span: first and last date of content, both in the order's year.
        scale: 1.0 is the region's true number of people.
        seed: the same number gives the same bytes.
        progress: told each file's name once it is written.

    Raises:
        RegionError: a date or the scale is out of range, or the span ends before it begins.
    """
    first, last = span
    if first > last:
        raise RegionError(f"expected a span of dates from the earlier to the later, found {span}")
    world = World(reference_at(last), scale, seed)
    _check(world, first)
    _check(world, last)
    truth = plant(build_truth(world))
    written = _written(out, world, jobs_of_year(truth, first, last), progress)
    return Summary(tuple(sorted(item.path for item in written)), _rows(written))


def _written(
    out: Path, world: World, wanted: list[Job], progress: Progress | None
) -> list[Written]:
    def write(job: Job) -> Written:
        table = job.table(world)
        # Who has nothing to report says so: an empty table alone would be sent back.
        file = job.file if table.num_rows else replace(job.file, is_zero=True)
        path = write_file(out, world, file, table)
        if progress is not None:
            progress(path.name)
        return Written.of(file, table, path)

    # Arrow and zlib work outside the interpreter's lock: threads are enough.
    with ThreadPoolExecutor(_WORKERS) as pool:
        return list(pool.map(write, wanted))
