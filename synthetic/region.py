"""The region's files on a date: what 66 territories, the platform and the operator would send.

What enters: a folder, a date, a scale and a seed. What leaves: files in the layout of `incoming/`
and a summary of them; the same arguments give the same bytes and times.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from ingest.forms import Sender, load_forms
from ingest.reference import Reference, load_reference
from ingest.settings import MOSCOW
from synthetic.cases import plant
from synthetic.config import Array, RegionError, World
from synthetic.cut import Cut, Truth, build_truth
from synthetic.exports import EXPORTS
from synthetic.files import Outgoing, receipt, write_file
from synthetic.municipal import (
    consent_originals,
    navigator_list,
    outgoing_reports,
    summary_claims,
)
from synthetic.noise import with_slips
from synthetic.texts import text_table

Progress = Callable[[str], None]
_WORKERS = 2


@dataclass(frozen=True)
class Planted:
    """One defect put into a file on purpose, and what its reader is expected to say."""

    defect: str
    territory: int
    path: str
    findings: tuple[str, ...]


@dataclass(frozen=True)
class Summary:
    """What was written."""

    files: tuple[Path, ...]
    rows: dict[str, int]  # form → rows over all its files
    planted: tuple[Planted, ...] = field(default=())


@dataclass(frozen=True)
class _Job:
    """One file to write: its columns are made only when its turn comes."""

    file: Outgoing
    columns: Callable[[], dict[str, Any]]
    identity: Callable[[int], Array]


def last_closed_month(as_of: date) -> date:
    """Last day of the month that is over on `as_of`: the day itself at a month's end."""
    if (as_of + timedelta(days=1)).day == 1:
        return as_of
    return as_of.replace(day=1) - timedelta(days=1)


def _platform_jobs(cut: Cut, as_of: date) -> Iterator[_Job]:
    world, forms = cut.truth.world, load_forms()
    shown = {
        "P01": lambda: np.arange(len(cut.truth.schools.code)),
        "P02": lambda: cut.truth.navigators.number[cut.navigators],
        "P03": lambda: cut.truth.pupils.number[cut.pupils],
        "P04": lambda: cut.truth.events.number[cut.events],
        "P05": lambda: cut.truth.participations.number[cut.participations],
        "P06": lambda: cut.truth.attempts.number[cut.attempts],
    }
    for code, form in forms.items():
        if form.sender is not Sender.PLATFORM:
            continue
        if code not in EXPORTS:
            raise RegionError(f"form {code} is a platform export that the region cannot make yet")
        moment = receipt(world, as_of, world.region["receipts"]["platform"], int(code[1:]))
        yield _Job(
            Outgoing(form, 0, as_of, moment),
            partial(EXPORTS[code], cut),
            lambda _count, numbers=shown[code]: numbers(),
        )


def _territory_receipt(world: World, code: str, territory: int, day: date) -> datetime:
    settings, named = world.region["receipts"], world.region["territories"]
    is_late = territory in named["late"].get(code, ())
    lags = settings["late"] if is_late else settings["territory"]
    return receipt(world, day, lags[territory % len(lags)], territory)


def _list_receipt(world: World, territory: int) -> datetime:
    """M03 has a date of its own; its first senders come a week before it."""
    settings = world.region["receipts"]
    if territory in world.region["territories"]["late"].get("M03", ()):
        day = settings["m03_late"]
    else:
        span = (settings["m03_last"] - settings["m03_first"]).days
        day = settings["m03_first"] + timedelta(days=territory * 5 % (span + 1))
    day = world.reference.calendar.next_working_day(day)
    return datetime(day.year, day.month, day.day, 9 + territory % 8, territory % 60, tzinfo=MOSCOW)


def _territory_jobs(truth: Truth, as_of: date) -> Iterator[_Job]:
    world, forms, month = truth.world, load_forms(), last_closed_month(as_of)
    cut, before = (
        Cut(truth, np.datetime64(month)),
        Cut(truth, np.datetime64(month.replace(day=1) - timedelta(days=1))),
    )
    listed = Cut(truth, np.datetime64(world.region["receipts"]["m03_last"]))
    for territory in world.territories:
        due = world.region["receipts"]["m03_last"]
        if due <= as_of:
            file = Outgoing(forms["M03"], territory, due, _list_receipt(world, territory))
            yield _job(file, partial(navigator_list, listed, territory))
        for code, columns in (
            ("M04", partial(consent_originals, cut, territory)),
            ("M11", partial(summary_claims, cut, before, territory)),
        ):
            if month.month < forms[code].first_month or month.year != world.year:
                continue
            moment = _territory_receipt(world, code, territory, month)
            is_zero = territory in world.region["territories"]["zero_report"].get(code, ())
            file = Outgoing(forms[code], territory, month, moment, is_zero=is_zero)
            yield _job(file, columns)


def _job(file: Outgoing, columns: Callable[[], dict[str, Any]]) -> _Job:
    return _Job(file, columns, lambda count: np.arange(count) + file.territory * 100_003)


def _operator_jobs(truth: Truth, as_of: date) -> Iterator[_Job]:
    world, form, month = truth.world, load_forms()["K06"], last_closed_month(as_of)
    if month.month >= form.first_month and month.year == world.year:
        moment = receipt(world, month, world.region["receipts"]["operator"], 6)
        cut = Cut(truth, np.datetime64(moment.date()))
        yield _job(Outgoing(form, 0, month, moment), partial(outgoing_reports, cut))


def _is_sent(world: World, file: Outgoing) -> bool:
    silent: dict[str, list[int]] = world.region["territories"]["silent"]
    return file.territory not in silent.get(file.form.code, ())


def table_of(world: World, job: _Job) -> pa.Table:
    """Texts of one file, with the slips that people make."""
    file = job.file
    columns = job.columns()
    if file.is_zero:
        columns = {name: values[:0] for name, values in columns.items()}
    is_filled_in = file.form.sender is not Sender.PLATFORM
    table = text_table(file.form, file.layout, columns, as_serial=is_filled_in)
    return with_slips(world, file.form.code, table, job.identity(table.num_rows))


def _jobs(truth: Truth, as_of: date) -> list[_Job]:
    jobs = [
        *_platform_jobs(Cut(truth, np.datetime64(as_of)), as_of),
        *_territory_jobs(truth, as_of),
        *_operator_jobs(truth, as_of),
    ]
    return [job for job in jobs if _is_sent(truth.world, job.file)]


def _check(world: World, as_of: date) -> None:
    if as_of.year != world.year:
        raise RegionError(
            f"expected a date of {world.year}, the year of order {world.reference.order_id}, "
            f"found {as_of}; other years need their own region.yml"
        )
    if not 0 < world.scale <= 100:
        raise RegionError(f"expected a scale above 0 and up to 100, found {world.scale}")


def generate(
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
        reference: the order; by default the only one.
        progress: told each file's name once it is written.

    Raises:
        RegionError: the date or the scale is out of range, or a form has an unknown column.
    """
    world = World(reference or load_reference(), scale, seed)
    _check(world, as_of)
    truth = plant(build_truth(world))

    def write(job: _Job) -> tuple[str, Path, int]:
        table = table_of(world, job)
        path = write_file(out, world, job.file, table)
        if progress is not None:
            progress(path.name)
        return job.file.form.code, path, table.num_rows

    # Arrow and zlib work outside the interpreter's lock: threads are enough.
    with ThreadPoolExecutor(_WORKERS) as pool:
        written = list(pool.map(write, _jobs(truth, as_of)))
    rows: Counter[str] = Counter()
    for code, _, count in written:
        rows[code] += count
    return Summary(tuple(sorted(path for _, path, _ in written)), dict(sorted(rows.items())))
