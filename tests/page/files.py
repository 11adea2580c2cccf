"""Files that a sender of territory 26 might bring."""

from __future__ import annotations

from functools import cache

from tests.defects.base import book, meetings, passport, saved, titles
from tests.defects.corpus import corpus

SENDER = "T26"
NAME = "M08_parents_meetings__T26__2024-09__v2.xlsx"


@cache
def good(territory: int = 26, rows: int = 6) -> bytes:
    """A report that is accepted."""
    return saved(book([titles("M08"), *meetings()[:rows]], passport("M08", territory)))


def partly() -> bytes:
    """Three rows of six are not accepted."""
    return corpus()["D-26"].data


def locked() -> bytes:
    """Nobody can open it without its password."""
    return corpus()["D-05"].data


@cache
def many_faults(times: int = 12) -> bytes:
    """A rule broken in many rows."""
    rows = [[*row[:4], "много", *row[5:]] for row in meetings() * times]
    for number, row in enumerate(rows):
        row[0] = f"МБОУ СОШ № {number}"
    return saved(book([titles("M08"), *rows], passport("M08", 26)))
