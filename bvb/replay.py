"""A span of the year again: every run date in its order, each with what was known by its freeze.

What enters: first and last date. What leaves: one `Replayed` a date; a date that fails is told and
the next ones go on, because each of them stands on its own deliveries.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date

from bvb.steps import STEPS, finish, has_work, receive
from bvb.which_run import open_run
from ingest.schedule import all_run_dates
from ingest.settings import Settings


class NothingToReplay(Exception):
    """No run date lies in the span."""


@dataclass(frozen=True)
class Replayed:
    """What became of one date; `error` is empty if all went well."""

    as_of: date
    is_new: bool
    rows: int
    findings: int
    seconds: float
    error: str = ""


def dates_between(first: date, last: date) -> list[date]:
    """Run dates of all orders in a span.

    Raises:
        NothingToReplay: there is none.
    """
    found = sorted(day for _, day in all_run_dates() if first <= day <= last)
    if not found:
        raise NothingToReplay(
            f"expected run dates from {first} to {last}, found none; an order's dates stand "
            "in dbt_project/seeds/form_schedule.csv"
        )
    return found


def run_date(settings: Settings, as_of: date) -> Replayed:
    """All steps of one date over what was received already."""
    started = time.monotonic()
    run = open_run(as_of, None, settings)
    if not has_work(run):
        return Replayed(as_of, False, 0, 0, time.monotonic() - started)
    outcomes = {name: step(run) for name, step in STEPS.items()}
    finish(run)
    checked = outcomes["validate"]
    seconds = time.monotonic() - started
    return Replayed(as_of, True, checked["rows_accepted"], checked["findings"], seconds)


def replay(
    settings: Settings, first: date, last: date, is_ours: Callable[[BaseException], bool]
) -> Iterator[Replayed]:
    """Receive everything once, then run each date.

    Args:
        settings: the data directory.
        first: first run date.
        last: last run date.
        is_ours: whether an error is worded for a reader. Another one may quote a person's row,
            so only its kind is told.
    """
    dates = dates_between(first, last)
    receive(settings)
    for as_of in dates:
        try:
            yield run_date(settings, as_of)
        except Exception as error:  # noqa: BLE001 - one broken date must not hide the year
            told = f"{error}" if is_ours(error) else f"подробности: bvb run --as-of {as_of}"
            yield Replayed(as_of, True, 0, 0, 0.0, f"{type(error).__name__}: {told}")
