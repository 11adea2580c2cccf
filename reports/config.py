"""The YAML of this room, checked once: words, sheets, books and methodology.

What enters: the `.yml` files beside this module. What leaves: frozen pydantic models.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Annotated, Literal, TypeVar

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from reports.errors import BadReportConfig, UnknownCode

ROOM = Path(__file__).resolve().parent
Kind = Literal["text", "int", "dec1", "dec2", "pct", "share", "date", "datetime", "code", "month"]
# What a spreadsheet accepts as the name of a sheet.
SheetName = Annotated[str, Field(min_length=1, max_length=31, pattern=r"^[^\[\]:*?/\\']+$")]


class Strict(BaseModel):
    """A misspelt key in a YAML must fail, not be ignored."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Tone(Strict):
    """Fill and ink as #RRGGBB."""

    fill: str
    ink: str


class Word(Strict):
    """What a code is called and how it looks."""

    label: str
    mark: str = ""
    tone: str = "plain"
    short: str = ""

    @property
    def shown(self) -> str:
        """Mark and label as one text."""
        return f"{self.mark} {self.label}".strip()


class Sentence(Strict):
    """Template of one line of «Что бросается в глаза»."""

    tone: str
    mark: str
    text: str


class Pace(Strict):
    """Thresholds of the traffic light."""

    near_share: str


class Words(Strict):
    """`words.yml`."""

    tones: dict[str, Tone]
    statuses: dict[str, Word]
    pace: Pace
    laggards_in_workbook: int
    dictionaries: dict[str, dict[str, Word]]
    months: list[str]
    plurals: dict[str, list[str]]
    insights: dict[str, Sentence]
    missing_names: str
    none_text: str
    no_rows: str

    def word(self, dictionary: str, code: str) -> Word:
        """The Russian word of a code.

        Raises:
            UnknownCode: the dictionary does not hold the code.
        """
        known = self.dictionaries[dictionary]
        if code not in known:
            raise UnknownCode(dictionary, code, known)
        return known[code]


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
    """One column of a table over a mart."""

    column: str
    title: str
    kind: Kind
    width: int
    group: str = ""
    words: str = ""
    empty: str = "нет данных"
    part: str = ""
    whole: str = ""
    alarm: AlarmSpec | None = None


class PivotSpec(Strict):
    """Values of `key` become groups of columns."""

    key: str
    label: str
    label_kind: Kind = "text"
    exclude: list[str] = Field(default_factory=list)
    columns: list[ColumnSpec]


class TableSpec(Strict):
    """One simple sheet and page section over one mart."""

    id: str
    sheet: SheetName
    title: str
    note: str
    mart: str
    order_by: list[str]
    columns: list[ColumnSpec]
    total_territory: int | None = None
    where: dict[str, str] = Field(default_factory=dict)
    pivot: PivotSpec | None = None


class ProgressSheet(Strict):
    """Words of the sheet «Показатели»."""

    sheet: SheetName
    title: str
    graph: str
    derived: str
    deadline: str
    heads: dict[str, str]
    widths: dict[str, float]
    number_head: str
    territory_head: str
    total: str
    distinct: str
    printed: str
    difference: str


class SummarySheet(Strict):
    """Words of the sheet «Сводка»."""

    sheet: SheetName
    title: str
    subtitle: str
    state: str
    indicators_title: str
    insights_title: str
    laggards_title: str
    columns: dict[str, str]
    widths: dict[str, float]
    laggard_columns: dict[str, str]


class MethodologySheet(Strict):
    """Words of the sheet «Методика»."""

    sheet: SheetName
    title: str
    decisions: str
    exceptions: str
    legend: str
    source: str
    order: str
    as_of: str
    load_id: str
    operator: str
    known: str
    widths: dict[str, float]


class PrintSpec(Strict):
    """What stands at the foot of every printed sheet."""

    footer: str
    page: str


class Sheets(Strict):
    """`sheets.yml`."""

    print: PrintSpec
    progress: ProgressSheet
    summary: SummarySheet
    methodology: MethodologySheet
    tables: list[TableSpec]

    @model_validator(mode="after")
    def _names_differ(self) -> Sheets:
        """A workbook holds no two sheets of one name."""
        names = [self.progress.sheet, self.summary.sheet, self.methodology.sheet]
        names = [name.casefold() for name in [*names, *(item.sheet for item in self.tables)]]
        if len(set(names)) < len(names):
            raise ValueError(f"expected sheets with different names, found {names}")
        return self


class Section(Strict):
    """A titled list of (term, explanation)."""

    title: str
    rows: list[tuple[str, str]]


class Methodology(Strict):
    """`methodology.yml`."""

    sections: list[Section]


class Book(Strict):
    """A workbook of tables only."""

    title: str
    tables: list[TableSpec]


class Books(Strict):
    """`books.yml`."""

    books: dict[str, Book]


Model = TypeVar("Model", bound=Strict)


def load_model(name: str, model: type[Model]) -> Model:
    """One YAML of this room, checked.

    Raises:
        BadReportConfig: it does not fit the model; the place is named.
    """
    text = (ROOM / name).read_text(encoding="utf-8")
    try:
        return model.model_validate(yaml.safe_load(text))
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(str(part) for part in first["loc"])
        raise BadReportConfig(name, place, first["msg"]) from error


@cache
def words() -> Words:
    """Words and looks."""
    return load_model("words.yml", Words)


@cache
def sheets() -> Sheets:
    """Tables of the workbook and the page."""
    return load_model("sheets.yml", Sheets)


@cache
def methodology() -> Methodology:
    """Explanations."""
    return load_model("methodology.yml", Methodology)


@cache
def books() -> Books:
    """Workbooks of tables only."""
    return load_model("books.yml", Books)
