"""Rows below a header, in batches: text by canonical column, with sheet and row number.

What enters: headers that fit the form. What leaves: one parquet of text and what was left out.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from functools import reduce
from itertools import groupby, islice
from operator import itemgetter
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from ingest.body import Body, RowCount
from ingest.casts import fold_code
from ingest.cells import text_column
from ingest.forms import DEFAULT_BOOL_VALUES, Column, ColumnType, FormVersion
from ingest.header import Header
from ingest.sheets import Row
from ingest.totals import differences
from ingest.words import ERRORS, TOTALS

BATCH_ROWS = 50_000
_TOTAL_COLUMNS = 3  # a label of a totals row stands in one of the first columns


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


def _squared(rows: list[Row], width: int, header: Header, count: RowCount) -> list[Row]:
    """Rows of one width: short ones are filled up, remarks beside the table are cut off.

    In csv a cell beyond the last title is a surplus delimiter: nobody knows which cell is whose.
    """
    if all(len(cells) == width for _, cells in rows):
        return rows
    squared: list[Row] = []
    for number, cells in rows:
        if header.sheet.is_text and any(cell not in ("", None) for cell in cells[width:]):
            count.broken.append((header, number, len(cells)))
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
    pattern = TOTALS.pattern
    for position, array in enumerate(arrays.values()):
        filled = pc.or_(filled, pc.is_valid(array))
        if position < _TOTAL_COLUMNS:
            said = pc.match_substring_regex(array.dictionary, pattern, ignore_case=True)
            if pc.any(said).as_py():
                hits = pc.fill_null(said.take(array.indices), False)
                totals = pc.or_(totals, hits)
    return filled, totals


def _without_errors(
    texts: dict[str, pa.DictionaryArray],
    rows: list[Row],
    header: Header,
    version: FormVersion,
    count: RowCount,
) -> dict[str, pa.DictionaryArray]:
    """Columns without «#Н/Д» and its like: each such cell is told and counts as empty."""
    for name, array in texts.items():
        said = pc.match_substring_regex(array.dictionary, ERRORS.pattern, ignore_case=True)
        if not pc.any(said).as_py():
            continue
        wrong = pc.fill_null(said.take(array.indices), False)
        for n in pc.indices_nonzero(wrong).to_pylist():
            title = version.column(name).title
            count.errors.append((header, rows[n][0], title, array[n].as_py()))
        plain = pc.if_else(wrong, None, array.dictionary.take(array.indices))
        texts[name] = plain.dictionary_encode()
    return texts


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
    arrays = _without_errors(arrays, rows, header, version, count)
    filled, totals = _keep_mask(arrays, numbers)
    untouched = _untouched(arrays, count.listed, len(rows))
    count.untouched += [(header.label, n) for n in numbers.filter(untouched).to_pylist()]
    if pc.any(totals).as_py():
        places = numbers.filter(totals).to_pylist()
        count.totals += [(header.label, n) for n in places]
        wrong = differences(arrays, totals, places, version)
        count.wrong_totals += [(header, *said) for said in wrong]
    keep = pc.and_(filled, pc.invert(pc.or_(totals, untouched)))
    schema = schema_of(version)
    data = {
        "_extra": _extras(columns, header.unknown, len(rows)),
        "_sheet": pa.repeat(pa.scalar(header.label), len(rows)),
        "_row": numbers,
        **{name: pc.cast(array, pa.string()) for name, array in arrays.items()},
    }
    full = [data[f.name] if f.name in data else pa.nulls(len(rows), pa.string()) for f in schema]
    return pa.table(full, schema=schema).filter(keep)


def _write_table(
    writer: pq.ParquetWriter,
    header: Header,
    rows: Iterator[Row],
    count: RowCount,
    version: FormVersion,
) -> None:
    width = header.range[1]
    while batch := list(islice(rows, BATCH_ROWS)):
        squared = _squared(batch, width, header, count)
        if squared:
            table = _table(squared, header, version, count)
            writer.write_table(table)
            count.kept += table.num_rows


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
            rows = Body(header, version, count).rows()
            # A sheet may hold several tables, each read by the header above it.
            for found, group in groupby(rows, key=itemgetter(0)):
                _write_table(writer, found, map(itemgetter(1), group), count, version)
    return count


def content_hash(path: Path) -> str:
    """Hash of the rows of a written table, wherever they stood in their file (D-60)."""
    table = pq.read_table(path).drop_columns(["_sheet", "_row"])
    rows = repr([column.to_pylist() for column in table.columns])
    return hashlib.sha256(rows.encode()).hexdigest()
