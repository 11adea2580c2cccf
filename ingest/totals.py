"""Whether the totals that a sender wrote equal the sums of the rows above them (D-14, finding 6).

What enters: the columns of a table, its rows of totals still among the others. What leaves: the
totals that equal no sum.
"""

from __future__ import annotations

import re
from itertools import accumulate

import pyarrow as pa
import pyarrow.compute as pc

from ingest.forms import ColumnType, FormVersion

_WHOLE = re.compile(r"-?\d{1,3}( ?\d{3})*([.,]0{1,2})?")

_LONGEST = 30  # signs; longer are no counts, and Python refuses to read thousands of digits


def _whole(text: str | None) -> int | None:
    """A whole number as offices write it, «1 234» too; None for anything else."""
    if text is None or len(text) > _LONGEST or not _WHOLE.fullmatch(text):
        return None
    return int(re.split("[.,]", text)[0].replace(" ", ""))


def differences(
    arrays: dict[str, pa.Array], totals: pa.Array, places: list[int], version: FormVersion
) -> list[tuple[int, str, int, int]]:
    """Totals that differ: row, title of the column, the total as written, the sum of the rows.

    A total may sum up its section, or all rows above it, or (at the top) all rows below.

    Args:
        arrays: columns by name, all rows in their order.
        totals: which rows are totals.
        places: number of the row of each of these.
        version: the form's layout; only its whole numbers are summed.
    """
    lines, marks = pc.indices_nonzero(totals).to_pylist(), totals.to_pylist()
    found: list[tuple[int, str, int, int]] = []
    for column in version.columns:
        if column.type is not ColumnType.INT or column.name not in arrays:
            continue
        numbers = [_whole(text) for text in arrays[column.name].to_pylist()]
        plain = [
            0 if is_total else number or 0 for number, is_total in zip(numbers, marks, strict=True)
        ]
        above = [0, *accumulate(plain)]
        for line, start, place in zip(lines, [0, *lines], places, strict=False):
            said = numbers[line]
            sums = (above[line] - above[start], above[line], above[-1])
            if said is not None and said not in sums:
                found.append((place, column.title, said, sums[1]))
    return found
