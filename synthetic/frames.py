"""Rows at the end of a frame of arrays: how planted cases join what chance has made.

What enters: a frozen dataclass of arrays and rows. What leaves: a longer frame of the same kind.
"""

from __future__ import annotations

from dataclasses import fields, replace
from datetime import date, datetime
from typing import Any, TypeVar

import numpy as np

from synthetic.config import Array, RegionError, day

Frame = TypeVar("Frame")
Row = dict[str, Any]
NEVER = np.datetime64("NaT")


def appended(frame: Frame, rows: list[Row]) -> Frame:
    """A frame of arrays with rows at its end.

    Raises:
        RegionError: a row does not say exactly the frame's columns.
    """
    names = [f.name for f in fields(frame)]  # type: ignore[arg-type]
    for row in rows:
        if set(row) != set(names):
            raise RegionError(f"planted case: expected columns {names}, found {sorted(row)}")
    columns: dict[str, Array] = {}
    for name in names:
        array: Array = getattr(frame, name)
        added = np.empty(len(rows), array.dtype)
        added[:] = [row[name] for row in rows]
        columns[name] = np.concatenate([array, added])
    return replace(frame, **columns)  # type: ignore[type-var]


def dated(row: Row) -> Row:
    """Days of YAML as numpy's; empty ones are never."""
    found: Row = {}
    for name, value in row.items():
        is_day = isinstance(value, date) and not isinstance(value, datetime)
        found[name] = day(value) if is_day else NEVER if value is None else value
    return found
