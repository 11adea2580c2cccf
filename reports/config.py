"""The YAML of this room, checked once: words, sheets, books and methodology.

What enters: the `.yml` files beside this module. What leaves: frozen pydantic models.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import TypeVar

from pydantic import ValidationError, model_validator

from ingest.yaml_files import parse_yaml
from reports.errors import BadReportConfig, UnknownCode
from reports.specs import SheetName, Strict, TableSpec

ROOM = Path(__file__).resolve().parent


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


class Words(Strict):
    """`words.yml`."""

    tones: dict[str, Tone]
    statuses: dict[str, Word]
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

    def tables_on(self, place: str) -> list[TableSpec]:
        """Tables of the workbook, or of the page."""
        return [spec for spec in self.tables if spec.shown_on in ("both", place)]

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
        return model.model_validate(parse_yaml(text))
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
