"""Typed arrays become the texts that a form prints: words of enums, да/нет, dates of the office.

What enters: a form version and one array a column. What leaves: `pa.Table` of texts in the form's
order. A column that one side does not know raises: the region can never drift from the forms.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from ingest.forms import Column, ColumnType, Form, FormVersion
from synthetic.config import Array, RegionError

_EPOCH = np.datetime64("1899-12-30")
_MINUTES = 24 * 60


def changed(
    table: pa.Table, name: str, change: Callable[[int, str | None], str | None]
) -> pa.Table:
    """The table with one column of texts changed, row by row."""
    values = [change(n, v) for n, v in enumerate(table.column(name).to_pylist())]
    position = table.column_names.index(name)
    return table.set_column(position, name, pa.array(values, pa.string()))


def _taken(words: list[str], places: Array, missing: Array) -> pa.Array:
    return pa.array(words, pa.string()).take(pa.array(places, mask=missing))


def day_texts(days: Array) -> pa.Array:
    """`ДД.ММ.ГГГГ`; each distinct day is formatted once."""
    missing = np.isnat(days)
    if missing.all():
        return pa.nulls(len(days), pa.string())
    first, last = days[~missing].min(), days[~missing].max()
    words = [f"{d:%d.%m.%Y}" for d in np.arange(first, last + 1).astype(object)]
    places = np.where(missing, 0, (days - first).astype(np.int64))
    return _taken(words, places, missing)


def moment_texts(moments: Array) -> pa.Array:
    """`ДД.ММ.ГГГГ ЧЧ:ММ`."""
    missing = np.isnat(moments)
    days = moments.astype("datetime64[D]")
    minutes = (moments - days.astype("datetime64[m]")).astype(np.int64)
    words = [f"{m // 60:02d}:{m % 60:02d}" for m in range(_MINUTES)]
    clock = _taken(words, np.where(missing, 0, minutes), missing)
    return pc.binary_join_element_wise(day_texts(days), clock, " ")


def words_at(words: tuple[str, ...] | list[str], places: Array) -> pa.Array:
    """One word of a list for each place."""
    return pa.array(list(words), pa.string()).take(pa.array(places))


def strings(values: Array) -> pa.Array:
    """Texts; None is NULL."""
    return pa.array(values, pa.string(), from_pandas=True)


def strings_where(condition: Array, values: Array) -> pa.Array:
    """Texts where the condition holds, else NULL."""
    return pa.array(values, pa.string(), mask=~condition)


def numbered(prefix: str, numbers: Array, width: int) -> pa.Array:
    """Platform ids: a letter and a padded number; negative numbers become NULL."""
    digits = pc.utf8_lpad(pc.cast(pa.array(numbers), pa.string()), width, "0")
    ids = pc.binary_join_element_wise(pa.scalar(prefix), digits, "")
    return pc.if_else(pa.array(numbers >= 0), ids, pa.scalar(None, pa.string()))


def serial_texts(days: Array) -> pa.Array:
    """Excel's own day numbers, for cells that are real dates."""
    serial = (days - _EPOCH).astype("timedelta64[D]").astype(np.int64)
    return pc.cast(pa.array(np.where(np.isnat(days), 0, serial), mask=np.isnat(days)), pa.string())


def _enum_texts(column: Column, codes: Any) -> pa.Array:
    encoded = pa.array(codes, pa.string()).dictionary_encode()
    unknown = set(encoded.dictionary.to_pylist()) - set(column.values)
    if unknown:
        raise RegionError(f"column {column.name}: codes {sorted(unknown)} are not in the form")
    words = [column.values[code][0] for code in encoded.dictionary.to_pylist()]
    return pa.array(words, pa.string()).take(encoded.indices)


def column_texts(column: Column, values: Any, *, as_serial: bool = False) -> pa.Array:
    """One column as text; ready texts pass as they are."""
    if column.type is ColumnType.ENUM:
        return _enum_texts(column, values)
    if isinstance(values, (pa.Array, pa.ChunkedArray)):
        return values
    array = np.asarray(values)
    if not len(array):
        return pa.nulls(0, pa.string())
    if array.dtype.kind == "M":
        if column.type is ColumnType.TS:
            return moment_texts(array.astype("datetime64[m]"))
        days = array.astype("datetime64[D]")
        return serial_texts(days) if as_serial else day_texts(days)
    if array.dtype.kind == "b":
        return _taken(["нет", "да"], array.astype(np.int64), np.zeros(len(array), bool))
    if array.dtype.kind in "iu":
        return pc.cast(pa.array(array), pa.string())
    return pa.array(array, pa.string())


def text_table(
    form: Form, version: FormVersion, data: dict[str, Any], *, as_serial: bool = False
) -> pa.Table:
    """A form's table of texts.

    Raises:
        RegionError: the form has a column that `data` has not, or the other way round.
    """
    wanted, given = {c.name for c in version.columns}, set(data)
    if wanted != given:
        raise RegionError(
            f"form {form.code}: the region does not know {sorted(wanted - given)} "
            f"and the form does not know {sorted(given - wanted)}; "
            f"add the columns to synthetic/ or correct ingest/forms/{form.code}.yml"
        )
    arrays = [column_texts(c, data[c.name], as_serial=as_serial) for c in version.columns]
    return pa.table(arrays, names=[c.name for c in version.columns])
