"""What the project's YAML says about published tables and columns, in both languages.

What enters: the description files beside the models and `dbt_project/glossary.yml`. What leaves:
one `Described` a table, in the order of the layers and names.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from ingest.yaml_files import read_yaml
from warehouse.runner import PROJECT

PUBLISHED = ("facts", "marts")
GLOSSARY = PROJECT / "glossary.yml"


@dataclass(frozen=True)
class Text:
    """A description: Russian for those who ask the tables, English for those who make them."""

    ru: str
    en: str

    @property
    def both(self) -> str:
        """«По-русски. In English.», as comments and the catalogue show it."""
        return " ".join(part for part in (self.ru, self.en) if part)


@dataclass(frozen=True)
class Column:
    """A column as its contract names it."""

    name: str
    kind: str
    text: Text


@dataclass(frozen=True)
class Described:
    """The description of a table and of its columns."""

    layer: str
    name: str
    text: Text
    columns: Mapping[str, Column]
    key: tuple[str, ...] = ()  # what one row is: the columns of its test `unique_key`


def _line(text: str | None) -> str:
    return " ".join((text or "").split())


def russian_of(column: Mapping[str, Any], glossary: Mapping[str, str]) -> str:
    """Russian text of a column: its own, else of the term it refers to, else of its name."""
    meta = column.get("config", {}).get("meta", {})
    return _line(meta.get("ru") or glossary.get(meta.get("term", column["name"])))


def _key(model: Mapping[str, Any]) -> tuple[str, ...]:
    for test in model.get("data_tests", []):
        if "unique_key" in test:
            return tuple(test["unique_key"]["arguments"]["columns"])
    return ()


def _read(layer: str, model: Mapping[str, Any], glossary: Mapping[str, str]) -> Described:
    columns = [
        Column(
            column["name"],
            column["data_type"],
            Text(russian_of(column, glossary), _line(column.get("description"))),
        )
        for column in model["columns"]
    ]
    russian = _line(model.get("config", {}).get("meta", {}).get("ru"))
    return Described(
        layer,
        model["name"],
        Text(russian, _line(model["description"])),
        {column.name: column for column in columns},
        _key(model),
    )


def _all() -> Iterator[Described]:
    glossary = read_yaml(GLOSSARY)
    for layer in PUBLISHED:
        for path in sorted((PROJECT / "models" / layer).glob("*.yml")):
            for model in read_yaml(path)["models"]:
                yield _read(layer, model, glossary)


@cache
def load_descriptions() -> Mapping[str, Described]:
    """Description of every published table by its name."""
    return {described.name: described for described in _all()}
