"""Natural slips: what people type into a cell instead of what the form asks for.

What enters: a table of texts, and which row of the year's truth each row is. What leaves: the same
table with a few cells changed; a row keeps its slip in every later export.
"""

from __future__ import annotations

import zlib

import numpy as np
import pyarrow as pa

from synthetic.config import Array, World


def with_slips(world: World, form: str, table: pa.Table, identity: Array) -> pa.Table:
    """Put the slips of `region.yml` into a form's table.

    Args:
        world: its seed and shares.
        form: the form's code.
        table: texts, one row a record.
        identity: stable whole number of each record.
    """
    slips: dict[str, list[str]] = world.region["noise"].get(form, {})
    share = world.region["noise_share"]["platform" if form[0] == "P" else "territory"]
    for name, texts in slips.items():
        # A hash of the record, not a running chance: later exports have more rows.
        salt = zlib.crc32(f"{world.seed}:{form}:{name}".encode())
        mixed = (identity.astype(np.uint64) + np.uint64(salt)) * np.uint64(0x9E3779B97F4A7C15)
        mixed = mixed ^ (mixed >> np.uint64(29))
        chosen = (mixed * np.uint64(0xBF58476D1CE4E5B9)) >> np.uint64(40)
        places = np.flatnonzero(chosen < share * 2**24)
        if not len(places):
            continue
        column = table.column(name).to_numpy(zero_copy_only=False)
        values = np.array(column, object)
        values[places] = [texts[int(p) % len(texts)] for p in identity[places]]
        position = table.column_names.index(name)
        table = table.set_column(position, name, pa.array(values, pa.string(), from_pandas=True))
    return table
