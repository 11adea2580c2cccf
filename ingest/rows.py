"""Rows below a header, in batches: text by canonical column, with sheet and row number.

What enters: headers that fit the form. What leaves: one parquet of text and what was left out.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import reduce
from itertools import dropwhile, islice
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from ingest.casts import fold_code
from ingest.cells import text_column
from ingest.forms import DEFAULT_BOOL_VALUES, Column, ColumnType, FormVersion
from ingest.header import Header
from ingest.sheets import Row, Sheet

BATCH_ROWS = 50_000
_TOTALS = r"(?i)^\s*(итого|всего)([^а-яё]|$)"
_TOTAL_COLUMNS = 3  # a label of a totals row stands in one of the first columns


@dataclass
class RowCount:
    """How many rows were kept and which were left out on purpose."""

    listed: str | None = None  # column that the blank came with filled in
    kept: int = 0
    totals: list[str] = field(default_factory=list)  # «лист:строка»
    broken: list[str] = field(default_factory=list)
    untouched: list[str] = field(default_factory=list)  # rows as the blank came


def null_tokens(column: Column) -> frozenset[str]:
    """Words that mean «nothing» in this column, unless they are one of its own code words."""
    values = DEFAULT_BOOL_VALUES if column.type is ColumnType.BOOL else column.values
    words = {fold_code(word) for synonyms in values.values() for word in synonyms}
    return frozenset(t.casefold() for t in column.null_tokens if fold_code(t) not in words)


def schema_of(version: FormVersion) -> pa.Schema:
    """Schema of a parsed file: everything text but the row number."""
    fields = [pa.field(column.name, pa.string()) for column in version.columns]
    fields += [pa.field("_extra", pa.string()), pa.field("_sheet", pa.string())]
    return pa.schema([*fields, pa.field("_row", pa.int64())])


def _is_numbering(cells: list[Any]) -> bool:
    """A row «1 2 3 …» under the header, as in printed forms (D-12)."""
    filled = [cell for cell in cells if cell not in ("", None)]
    try:
        return len(filled) > 1 and [float(c) for c in filled] == [*range(1, len(filled) + 1)]
    except (ValueError, TypeError, OverflowError):
        return False


def _squared(rows: list[Row], width: int, sheet: Sheet, count: RowCount) -> list[Row]:
    """Rows of one width: short ones are filled up, remarks beside the table are cut off.

    In csv a cell beyond the last title is a surplus delimiter: nobody knows which cell is whose.
    """
    if all(len(cells) == width for _, cells in rows):
        return rows
    squared: list[Row] = []
    for number, cells in rows:
        if sheet.is_text and any(cell not in ("", None) for cell in cells[width:]):
            count.broken.append(f"{sheet.name}:{number}")
            continue
        squared.append((number, cells[:width] + [""] * (width - len(cells))))
    return squared


def _extras(columns: list[tuple[Any, ...]], unknown: dict[int, str], length: int) -> pa.Array:
    if not unknown:
        return pa.nulls(length, pa.string())
    texts = {
        title: text_column(columns[position], frozenset()).to_pylist()
        for position, title in unknown.items()
    }
    rows = (
        {title: values[i] for title, values in texts.items() if values[i]} for i in range(length)
    )
    return pa.array([json.dumps(r, ensure_ascii=False) if r else None for r in rows], pa.string())


def _keep_mask(arrays: dict[str, pa.Array], numbers: pa.Array) -> tuple[pa.Array, pa.Array]:
    """(rows that hold anything, rows that are totals)."""
    filled = pa.array([False] * len(numbers))
    totals = filled
    for position, array in enumerate(arrays.values()):
        filled = pc.or_(filled, pc.is_valid(array))
        if position < _TOTAL_COLUMNS:
            words = pc.match_substring_regex(array.dictionary, _TOTALS)
            if pc.any(words).as_py():
                hits = pc.fill_null(words.take(array.indices), False)
                totals = pc.or_(totals, hits)
    return filled, totals


def _untouched(arrays: dict[str, pa.Array], listed: str | None, length: int) -> pa.Array:
    """Rows that hold nothing but what their blank came with."""
    if listed not in arrays:
        return pa.array([False] * length)
    others = (pc.is_valid(array) for name, array in arrays.items() if name != listed)
    return pc.and_(pc.is_valid(arrays[listed]), pc.invert(reduce(pc.or_, others)))


def _table(rows: list[Row], header: Header, version: FormVersion, count: RowCount) -> pa.Table:
    numbers = pa.array([number for number, _ in rows], pa.int64())
    columns = list(zip(*(cells for _, cells in rows), strict=True))
    arrays = {
        name: text_column(columns[position], null_tokens(version.column(name)))
        for position, name in sorted(header.positions.items())
    }
    filled, totals = _keep_mask(arrays, numbers)
    untouched = _untouched(arrays, count.listed, len(rows))
    for left_out, mask in ((count.totals, totals), (count.untouched, untouched)):
        left_out += [f"{header.sheet.name}:{n}" for n in numbers.filter(mask).to_pylist()]
    keep = pc.and_(filled, pc.invert(pc.or_(totals, untouched)))
    schema = schema_of(version)
    data = {
        "_extra": _extras(columns, header.unknown, len(rows)),
        "_sheet": pa.repeat(pa.scalar(header.sheet.name), len(rows)),
        "_row": numbers,
        **{name: pc.cast(array, pa.string()) for name, array in arrays.items()},
    }
    full = [data[f.name] if f.name in data else pa.nulls(len(rows), pa.string()) for f in schema]
    return pa.table(full, schema=schema).filter(keep)


def _below(header: Header, count: RowCount) -> Iterator[Row]:
    below = (row for row in header.sheet.rows() if row[0] > header.row)
    rows = dropwhile(lambda row: all(cell in ("", None) for cell in row[1]), below)
    for first in islice(rows, 1):
        if _is_numbering(first[1]):
            count.totals.append(f"{header.sheet.name}:{first[0]}")
        else:
            yield first
    yield from rows


def write_rows(
    headers: list[Header], version: FormVersion, path: Path, listed: str | None = None
) -> RowCount:
    """Write the rows of all headers to `path` (parquet, all text, `_row` int64).

    Args:
        headers: where the tables begin.
        version: the layout.
        path: file to write.
        listed: column that the file's blank came with filled in; rows with nothing else are left
            out.

    Raises:
        UnreadableTable: the sheet breaks off in the middle.
    """
    count = RowCount(listed)
    with pq.ParquetWriter(path, schema_of(version), compression="snappy") as writer:
        for header in headers:
            rows = _below(header, count)
            width = max([*header.positions, *header.unknown]) + 1
            while batch := list(islice(rows, BATCH_ROWS)):
                squared = _squared(batch, width, header.sheet, count)
                if squared:
                    table = _table(squared, header, version, count)
                    writer.write_table(table)
                    count.kept += table.num_rows
    return count
