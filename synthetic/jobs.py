"""Who sends what and when: one job a file, its rows made only when its turn comes.

What enters: the truth and a date. What leaves: files to write, with moments of receipt.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import partial
from typing import Any

import numpy as np
import pyarrow as pa

from ingest.forms import Sender, load_forms
from ingest.settings import MOSCOW
from synthetic.config import Array, RegionError, World
from synthetic.cut import Cut, Truth
from synthetic.exports import EXPORTS
from synthetic.files import Outgoing, receipt
from synthetic.municipal import (
    consent_originals,
    navigator_list,
    outgoing_reports,
    summary_claims,
)
from synthetic.noise import with_slips
from synthetic.texts import text_table

# Slips of territorial rows are found by place in the file: far apart for each territory.
_ROWS_APART = 100_003


@dataclass(frozen=True)
class Job:
    """One file to write."""

    file: Outgoing
    columns: Callable[[], dict[str, Any]]
    numbers: Callable[[], Array] | None = None  # stable number of each record; else its place

    def table(self, world: World) -> pa.Table:
        """Texts of the file, with the slips that people make."""
        columns = self.columns()
        if self.file.is_zero:
            columns = {name: values[:0] for name, values in columns.items()}
        is_filled_in = self.file.form.sender is not Sender.PLATFORM
        table = text_table(self.file.form, self.file.layout, columns, as_serial=is_filled_in)
        if self.numbers is not None:
            identity = self.numbers()
        else:
            identity = np.arange(table.num_rows) + self.file.territory * _ROWS_APART
        return with_slips(world, self.file.form.code, table, identity)


def last_closed_month(as_of: date) -> date:
    """Last day of the month that is over on `as_of`: the day itself at a month's end."""
    if (as_of + timedelta(days=1)).day == 1:
        return as_of
    return as_of.replace(day=1) - timedelta(days=1)


def _platform(cut: Cut, as_of: date) -> Iterator[Job]:
    world, truth = cut.truth.world, cut.truth
    numbers: dict[str, Callable[[], Array]] = {
        "P01": lambda: np.arange(len(truth.schools.code)),
        "P02": lambda: truth.navigators.number[cut.navigators],
        "P03": lambda: truth.pupils.number[cut.pupils],
        "P04": lambda: truth.events.number[cut.events],
        "P05": lambda: truth.participations.number[cut.participations],
        "P06": lambda: truth.attempts.number[cut.attempts],
    }
    for code, form in load_forms().items():
        if form.sender is not Sender.PLATFORM:
            continue
        if code not in EXPORTS:
            raise RegionError(f"form {code}: the region cannot make it; add it to EXPORTS")
        moment = receipt(world, as_of, world.region["receipts"]["platform"], int(code[1:]))
        file = Outgoing(form, 0, as_of, moment)
        yield Job(file, partial(EXPORTS[code], cut), numbers[code])


def _monthly_receipt(world: World, code: str, territory: int, end: date) -> datetime:
    settings, named = world.region["receipts"], world.region["territories"]
    is_late = territory in named["late"].get(code, ())
    lags = settings["late"] if is_late else settings["territory"]
    return receipt(world, end, lags[territory % len(lags)], territory)


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


def _lists(truth: Truth, as_of: date) -> Iterator[Job]:
    world = truth.world
    due = world.region["receipts"]["m03_last"]
    if due > as_of:
        return
    cut, form = Cut(truth, np.datetime64(due)), load_forms()["M03"]
    for territory in world.territories:
        file = Outgoing(form, territory, due, _list_receipt(world, territory))
        yield Job(file, partial(navigator_list, cut, territory))


def _monthly(truth: Truth, month: date) -> Iterator[Job]:
    world, forms = truth.world, load_forms()
    cut = Cut(truth, np.datetime64(month))
    before = Cut(truth, np.datetime64(month.replace(day=1) - timedelta(days=1)))
    makers: dict[str, Callable[[int], Callable[[], dict[str, Any]]]] = {
        "M04": lambda territory: partial(consent_originals, cut, territory),
        "M11": lambda territory: partial(summary_claims, cut, before, territory),
    }
    for code, maker in makers.items():
        if month.month < forms[code].first_month or month.year != world.year:
            continue
        empty = world.region["territories"]["zero_report"].get(code, ())
        for territory in world.territories:
            moment = _monthly_receipt(world, code, territory, month)
            file = Outgoing(forms[code], territory, month, moment, is_zero=territory in empty)
            yield Job(file, maker(territory))


def _operator(truth: Truth, month: date) -> Iterator[Job]:
    world, form = truth.world, load_forms()["K06"]
    if month.month >= form.first_month and month.year == world.year:
        moment = receipt(world, month, world.region["receipts"]["operator"], 6)
        cut = Cut(truth, np.datetime64(moment.date()))
        yield Job(Outgoing(form, 0, month, moment), partial(outgoing_reports, cut))


def jobs(truth: Truth, as_of: date) -> list[Job]:
    """All files of a date, biggest first; silent territories send nothing."""
    month = last_closed_month(as_of)
    found = [
        *_platform(Cut(truth, np.datetime64(as_of)), as_of),
        *_lists(truth, as_of),
        *_monthly(truth, month),
        *_operator(truth, month),
    ]
    silent: dict[str, list[int]] = truth.world.region["territories"]["silent"]
    sent = [j for j in found if j.file.territory not in silent.get(j.file.form.code, ())]
    # Two workers end together only if the long files start early.
    return sorted(sent, key=lambda job: job.file.form.code not in {"P03", "P05"})
