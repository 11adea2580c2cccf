"""Forms as data: a form's titles, types, keys and versions, read from `ingest/forms/*.yml`.

What enters: one YAML a form. What leaves: frozen `Form` objects that the reader, the casts, the
rules, the templates and the synthetic region are all derived from (source contract, section 5).
"""

from __future__ import annotations

from datetime import date
from enum import StrEnum
from functools import cache, cached_property
from pathlib import Path
from typing import Any, Literal

import yaml
from pydantic import BaseModel, ConfigDict, Field, model_validator

from ingest.text import fold, without_years
from ingest.yaml_files import read_yaml

FORMS_DIR = Path(__file__).parent / "forms"


class FormError(Exception):
    """A form's YAML contradicts itself; the message names the file and the line of thought."""


class Sender(StrEnum):
    """Who sends a form."""

    PLATFORM = "platform"
    TERRITORY = "territory"
    OPERATOR = "operator"


class ColumnType(StrEnum):
    """Types of section 5.0 of the source contract, plus `grade` («7А» → 7 and «А»)."""

    ID = "id"
    STR = "str"
    DATE = "date"
    TS = "ts"
    INT = "int"
    BOOL = "bool"
    ENUM = "enum"
    INN = "inn"
    URL = "url"
    EMAIL = "email"
    GRADE = "grade"


# Text types pass as they are; every other type has a "can be converted" rule.
TEXT_TYPES = frozenset({ColumnType.ID, ColumnType.STR})

DEFAULT_NULL_TOKENS = ("-", "–", "—", "нет данных", "н/д", "null", "none", "nan", "б/н")
DEFAULT_BOOL_VALUES = {
    "true": (
        "да",
        "+",
        "v",
        "✓",
        "1",
        "x",
        "х",
        "есть",
        "имеется",
        "прикреплено",
        "true",
        "истина",
    ),
    "false": ("нет", "-", "0", "не прикреплено", "отсутствует", "false", "ложь"),
}


class Column(BaseModel):
    """One column of a form; `title` is the first synonym and the one templates print."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str = Field(pattern=r"^[a-z][a-z0-9_]*$")
    title: str
    type: ColumnType
    synonyms: tuple[str, ...] = ()
    key: bool = False
    required: bool = False
    values: dict[str, tuple[str, ...]] = Field(default_factory=dict)
    null_tokens: tuple[str, ...] = DEFAULT_NULL_TOKENS
    pii: Literal["name", "birth_date", "contact", "note"] | None = None
    # Whose platform id this is: the accepted table carries `<stem>_key` (HMAC) instead of the id.
    person: Literal["pupil", "navigator", "subject"] | None = None
    # Personal value that joins tables: the accepted table carries its HMAC as `<name>_key`.
    match_key: bool = False
    # Offices print it once, in a line of its own above its rows (D-15).
    section: bool = False
    # Resolve the text to a territory through the alias seed: adds `<name>_territory_id`.
    lookup: Literal["municipality", "state_school", "any"] | None = None
    # What a blank offers to choose from; any other text is taken too.
    suggest: Literal["schools"] | None = None

    @property
    def key_name(self) -> str:
        """Name of the pseudonymous column that stands for this one outside the restricted layer."""
        return self.name.removesuffix("_id") + "_key"

    @property
    def titles(self) -> tuple[str, ...]:
        """Every header text that means this column."""
        return (self.title, *self.synonyms)

    @property
    def choices(self) -> dict[str, str]:
        """The word that a blank offers for each code: the first one that is not the code itself."""
        return {
            code: next((word for word in words if word != code), code)
            for code, words in self.values.items()
        }

    @property
    def is_typed(self) -> bool:
        """Whether the text has to be converted, and so may fail to be."""
        return self.type not in TEXT_TYPES

    @model_validator(mode="before")
    @classmethod
    def _text_values(cls, data: dict[str, Any]) -> dict[str, Any]:
        values = data.get("values") or {}
        data["values"] = {str(k): tuple(str(v) for v in vs) for k, vs in values.items()}
        return data

    @model_validator(mode="after")
    def _consistent(self) -> Column:
        if (self.type is ColumnType.ENUM) != bool(self.values):
            raise FormError(f"column {self.name}: `values` belongs to type enum, and only there")
        if self.match_key and not self.pii:
            raise FormError(f"column {self.name}: match_key is for personal columns (set pii)")
        if self.person and not self.name.endswith("_id"):
            raise FormError(f"column {self.name}: a person's platform id must be named *_id")
        return self


class FullName(BaseModel):
    """Titles under which offices write a whole name, and the columns that it is split into."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    titles: tuple[str, ...]
    into: tuple[str, str, str]


class FormVersion(BaseModel):
    """A layout of a form and the day it starts to be valid."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    version: int
    valid_from: date
    columns: tuple[Column, ...]
    full_name: FullName | None = None

    @property
    def keys(self) -> tuple[Column, ...]:
        """Columns that identify a row inside one delivery."""
        return tuple(c for c in self.columns if c.key)

    @cached_property
    def by_title(self) -> dict[str, str]:
        """Canonical column by folded title."""
        return {fold(title): c.name for c in reversed(self.columns) for title in c.titles}

    @cached_property
    def by_yearless_title(self) -> dict[str, str]:
        """The same with years blanked: «Статус 2024» is found in the 2025 export too."""
        return {without_years(title): name for title, name in self.by_title.items()}

    def column(self, name: str) -> Column:
        """The column called `name`; KeyError names what exists."""
        for column in self.columns:
            if column.name == name:
                return column
        raise KeyError(f"no column {name!r}; there are {[c.name for c in self.columns]}")

    @model_validator(mode="after")
    def _unique_names(self) -> FormVersion:
        names = [c.name for c in self.columns]
        doubled = sorted({n for n in names if names.count(n) > 1})
        if doubled:
            raise FormError(f"columns named twice: {doubled}")
        if not self.keys:
            raise FormError("a form needs at least one key column")
        return self


class Form(BaseModel):
    """A source form: who sends it, what it says and how; when it is owed, the order says."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    code: str = Field(pattern=r"^[A-Z]\d{2}$")
    entity: str = Field(pattern=r"^[a-z][a-z_]*$")
    title: str
    sender: Sender
    # What a file says: everything as of a date, a full current list, or what happened in a month.
    kind: Literal["snapshot", "register", "period"]
    versions: tuple[FormVersion, ...]

    @property
    def latest(self) -> FormVersion:
        """The newest layout."""
        return self.versions[-1]

    def listed_key(self, version: FormVersion) -> Column | None:
        """The key whose values are known before the month: a blank comes with a row for each."""
        if self.kind != "period" or len(version.keys) != 1:
            return None
        key = version.keys[0]
        return key if key.suggest or key.values else None

    def version_at(self, day: date) -> FormVersion:
        """The layout valid on `day`; before the first one, the first."""
        valid = [v for v in self.versions if v.valid_from <= day]
        return valid[-1] if valid else self.versions[0]

    @model_validator(mode="after")
    def _consistent(self) -> Form:
        starts = [v.valid_from for v in self.versions]
        if starts != sorted(set(starts)):
            raise FormError(f"{self.code}: versions must start on different, growing dates")
        return self


@cache
def load_forms(folder: Path = FORMS_DIR) -> dict[str, Form]:
    """All forms by code, in the order of their codes.

    Raises:
        FormError: a file's name and code differ, or the YAML does not fit the model.
    """
    forms: dict[str, Form] = {}
    for path in sorted(folder.glob("*.yml")):
        try:
            form = Form.model_validate(read_yaml(path))
        except (ValueError, AttributeError, FormError, yaml.YAMLError) as error:
            raise FormError(f"{path.name}: {error}") from error
        if form.code != path.stem:
            raise FormError(f"{path.name}: the file must be called {form.code}.yml")
        forms[form.code] = form
    return forms
