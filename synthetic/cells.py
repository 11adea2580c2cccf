"""Planted cells: one text of one file that somebody typed, as `cases.yml` lists them.

What enters: a file's table of texts. What leaves: the table with the listed cells changed; an empty
file, where nobody typed anything, stays as it is.
"""

from __future__ import annotations

from datetime import date
from functools import partial

import numpy as np
import pyarrow as pa

from ingest.forms import Sender
from synthetic.config import RegionError, World, day
from synthetic.files import Outgoing
from synthetic.frames import Row
from synthetic.texts import changed, day_texts, serial_texts


def _text(cell: Row, file: Outgoing) -> str | None:
    if "text" in cell:
        return str(cell["text"]) or None
    on: date = cell["day"]
    words = day_texts if file.form.sender is Sender.PLATFORM else serial_texts
    text: str = words(np.array([day(on)]))[0].as_py()
    return text


def _typed(place: int, value: str | None, row: int | str, text: str | None) -> str | None:
    return text if row in ("all", place) else value


def with_cells(world: World, file: Outgoing, table: pa.Table) -> pa.Table:
    """Put the listed cells into a file's table.

    Raises:
        RegionError: a cell names a column or a row that the file does not have.
    """
    for cell in world.cases["cells"] if table.num_rows else ():
        if (cell["form"], cell["territory"]) != (file.form.code, file.territory):
            continue
        if cell.get("as_of", file.as_of) != file.as_of:
            continue
        name, row = cell["column"], cell["row"]
        if name not in table.column_names or (row != "all" and row >= table.num_rows):
            raise RegionError(
                f"cases.yml: expected a cell of {file.stem}, which has {table.num_rows} rows and "
                f"columns {table.column_names}; found row {row} of column {name}"
            )
        text = _text(cell, file)
        table = changed(table, name, partial(_typed, row=row, text=text))
    return table
