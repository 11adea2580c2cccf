"""Sound rows of every form that somebody fills in, as the invented region would type them."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import Any

from ingest.forms import Column, ColumnType, Form, Sender, load_forms
from ingest.orders import reference_at
from synthetic.config import World
from synthetic.cut import build_truth
from synthetic.jobs import jobs
from synthetic.texts import text_table

END = date(2024, 11, 30)  # by then every form has been asked for
FILLED_IN = [code for code, form in load_forms().items() if form.sender is not Sender.PLATFORM]


@dataclass(frozen=True)
class Typed:
    """The rows of one sender, as Python values in the order of the columns."""

    form: Form
    territory_id: int
    as_of: date
    rows: list[list[Any]]


def _typed(column: Column, text: str | None) -> Any:
    if text is None:
        return None
    if column.type is ColumnType.DATE:
        day, month, year = map(int, text.split("."))
        return date(year, month, day)
    return int(text) if column.type is ColumnType.INT else text


@cache
def typed_rows() -> dict[str, list[Typed]]:
    """For each form the newest rows of each sender that has any, the longest tables first."""
    truth = build_truth(World(reference_at(END), 0.02, 1))
    newest: dict[tuple[str, int], Typed] = {}
    for job in sorted(jobs(truth, END), key=lambda job: job.file.as_of):
        file = job.file
        if file.form.code not in FILLED_IN or file.is_zero:
            continue
        table = text_table(file.form, file.layout, job.columns())
        columns = zip(file.layout.columns, table.columns, strict=True)
        cells = [[_typed(c, text) for text in texts.to_pylist()] for c, texts in columns]
        rows = [list(row) for row in zip(*cells, strict=True)]
        if rows:
            newest[file.form.code, file.territory] = Typed(
                file.form, file.territory, file.as_of, rows
            )
    found: dict[str, list[Typed]] = defaultdict(list)
    for typed in newest.values():
        found[typed.form.code].append(typed)
    return {c: sorted(found[c], key=lambda t: (-len(t.rows), t.territory_id)) for c in FILLED_IN}
