"""What a table of the YAML may say: columns, pivots, alarms, rows.

What enters: nothing. What leaves: pydantic models that `reports.config` fills from the files.
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

Kind = Literal[
    "text", "int", "signed", "dec1", "dec2", "pct", "share", "date", "datetime", "code", "month",
    "address",
]  # fmt: skip
# What a spreadsheet accepts as the name of a sheet.
SheetName = Annotated[str, Field(min_length=1, max_length=31, pattern=r"^[^\[\]:*?/\\']+$")]


class Strict(BaseModel):
    """A misspelt key in a YAML must fail, not be ignored."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class ParameterRef(Strict):
    """A threshold that lives in the order's parameters."""

    parameter: str


class AlarmSpec(Strict):
    """When a number of a column is marked, and how."""

    above: int | ParameterRef | None = None
    below: int | ParameterRef | None = None
    equals: int | ParameterRef | None = None
    tone: str
    mark: str


class ColumnSpec(Strict):
    """One column of a table over a mart.

    `when`: the cell is filled only in rows with these values; `limit`: a longer text is cut.
    """

    column: str
    title: str
    kind: Kind
    width: float
    group: str = ""
    words: str = ""
    empty: str = "нет данных"
    part: str = ""
    whole: str = ""
    alarm: AlarmSpec | None = None
    when: dict[str, str] = Field(default_factory=dict)
    limit: int = 0


class PivotSpec(Strict):
    """Values of `key` become groups of columns; rows with the same `line` make one line.

    `drop_empty`: a value of the key gets no columns when this column is empty in all its rows.
    """

    key: str
    label: str
    label_kind: Kind = "text"
    label_words: str = ""
    line: str = "territory_id"
    exclude: list[str] = Field(default_factory=list)
    drop_empty: str = ""
    columns: list[ColumnSpec]


class TableSpec(Strict):
    """One simple sheet and page section over one mart.

    Of the mart's rows those count that have the values of `only` and not all those of `unless`;
    `where` picks the row from which the columns before the pivot come; `total` the line that
    stands under the table; `shown_on` spares the workbook or the page a table.
    """

    id: str
    sheet: SheetName
    title: str
    note: str
    mart: str
    order_by: list[str]
    columns: list[ColumnSpec]
    total: dict[str, str] = Field(default_factory=dict)
    only: dict[str, str] = Field(default_factory=dict)
    unless: dict[str, str] = Field(default_factory=dict)
    where: dict[str, str] = Field(default_factory=dict)
    pivot: PivotSpec | None = None
    shown_on: Literal["both", "workbook", "page"] = "both"
