"""The words of the templates: `desk/blanks.yml`, checked once.

What enters: the YAML. What leaves: frozen models; a misspelt key fails at the first use.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path

from pydantic import BaseModel, ConfigDict

from ingest.yaml_files import read_yaml


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Kind(_Strict):
    """What a column holds, in a few words; `width` in letters."""

    hint: str
    width: int
    example: str = ""


class Sheets(_Strict):
    """Names of the four sheets; the reader skips all but the one with the data."""

    passport: str
    data: str
    guide: str
    lists: str


class Passport(_Strict):
    """The sheet «Паспорт»."""

    title: str
    lines: tuple[str, ...]
    to_fill: tuple[str, ...]
    widths: tuple[int, int]
    after: str


class Data(_Strict):
    """The sheet «Данные»."""

    legend: str
    required: str
    personal: str
    example: str
    free_rows: int


class Years(_Strict):
    """How far a date may lie from the order's year when no rule says more."""

    before: int
    after: int


class Lists(_Strict):
    """The sheet «Справочник»."""

    title: str
    schools: str
    territories: str
    bool: str
    also: str
    width: int


class Guide(_Strict):
    """The sheet «Инструкция»."""

    title: str
    facts: dict[str, str]
    operator: str
    due_on_request: str
    clause: str
    kinds: dict[str, str]
    filled: dict[str, str]
    how_title: str
    how: tuple[str, ...]
    columns_title: str
    columns: tuple[str, ...]
    needed: str
    key: str
    personal: dict[str, str]
    suggested: str
    rules_title: str
    rules_note: str
    rules: tuple[str, ...]
    widths: tuple[int, ...]


class BlankWords(_Strict):
    """All of `blanks.yml`."""

    sheets: Sheets
    title: str
    operator_folder: str
    passport: Passport
    data: Data
    kinds: dict[str, Kind]
    suggested: Kind
    widest: int
    checks: dict[str, str]
    years: Years
    lists: Lists
    guide: Guide
    footer: str
    page: str


@cache
def blank_words() -> BlankWords:
    """The words, read once."""
    path = Path(__file__).with_name("blanks.yml")
    return BlankWords.model_validate(read_yaml(path))
