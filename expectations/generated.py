"""Rules that every form's contract implies, so that nobody writes them twice.

What enters: a form, the rules written for it and the texts of `rules/_generated.yml`. What leaves:
«can be understood», «is filled», «is not repeated», what people do to names, and «is not fewer».
"""

from __future__ import annotations

from typing import Any

from expectations.models import Rule
from ingest.forms import Column, ColumnType, Form, Sender

DATES = (ColumnType.DATE, ColumnType.TS)


def _kind(column: Column, kinds: dict[str, str]) -> str:
    values = ", ".join(f"«{words[0]}»" for words in column.values.values() if words)
    return kinds[column.type.value].replace("<<values>>", values)


def _fill(texts: dict[str, str], marks: dict[str, str]) -> dict[str, str]:
    filled = dict(texts)
    for name, value in marks.items():
        # A mark of the row's own texts inside a title would be read as a column.
        safe = value.replace("{", "(").replace("}", ")")
        filled = {k: v.replace(f"<<{name}>>", safe) for k, v in filled.items()}
    return filled


class Generator:
    """Makes the contract's rules of one form, except those a written rule replaces."""

    def __init__(self, form: Form, written: tuple[Rule, ...], texts: dict[str, Any]) -> None:
        self.form = form
        self.texts = texts
        self.taken = {(r.replaces, r.column) for r in written if r.replaces}
        self.key_taken = any(r.replaces == "key" for r in written)

    def _make(self, kind: str, rule_id: str, column: str, severity: str, **extra: Any) -> Rule:
        marks = {"form": self.form.code, **extra.pop("marks")}
        texts = self.texts[kind] | extra.pop("texts", {})
        facts = {
            "id": rule_id,
            "form": self.form.code,
            "column": column,
            "severity": severity,
            "file": "_generated.yml",
        }
        return Rule.model_validate(facts | _fill(texts, marks) | extra)

    def _severity(self, column: Column) -> str:
        level = "key" if column.key and column.required else "optional"
        if level == "optional" and column.required:
            level = "required"
        return str(self.texts["severity"][level])

    def column_rules(self, column: Column) -> list[Rule]:
        """«Can be converted» and «is filled» of one column."""
        made: list[Rule] = []
        name, severity = column.name, self._severity(column)
        marks = {"title": column.title}
        if column.required and ("required", name) not in self.taken:
            check = f"{name}__raw is not null" if column.is_typed else f"{name} is not null"
            made.append(
                self._make("required", f"N-{name}", name, severity, marks=marks, check=check)
            )
        if column.is_typed and ("convertible", name) not in self.taken:
            check = f"{name}__raw is null or {name} is not null"
            marks["kind"] = _kind(column, self.texts["kinds"])
            texts = self.texts["convertible_date"] if column.type in DATES else {}
            made.append(
                self._make(
                    "convertible",
                    f"T-{name}",
                    name,
                    severity,
                    marks=marks,
                    texts=texts,
                    check=check,
                )
            )
        return made

    def trait_rules(self, column: Column) -> list[Rule]:
        """What people do to names, classes and numbers while they fill in a form."""
        if self.form.sender is Sender.PLATFORM:
            return []
        traits = {
            "person_name": column.pii == "name",
            "full_name": column.pii == "name" and "ФИО" in column.title,
            "grade": column.type is ColumnType.GRADE,
            "inn": column.type is ColumnType.INN,
        }
        marks = {"title": column.title, "name": column.name, "form": self.form.code}
        texts = [trait for trait in self.texts["traits"] if traits[trait["of"]]]
        return [
            Rule.model_validate(
                {"form": self.form.code, "column": column.name, "file": "_generated.yml"}
                | _fill({k: v for k, v in trait.items() if k not in ("of", "id")}, marks)
                | {"id": f"{trait['id']}-{column.name}"}
            )
            for trait in texts
        ]

    def key_rules(self) -> list[Rule]:
        """«A row is not repeated» and «an id is one person's»: a broken row breaks one of them."""
        version = self.form.latest
        keys = version.keys
        person = next((column for column in version.columns if column.person), None)
        # Who the person of the row is: of other people (a parent) a form asks by the way.
        named = [
            c for c in version.columns if c.pii in ("name", "birth_date") and (c.key or c.required)
        ]
        made: list[Rule] = []
        if person is not None and named:
            is_key = keys == (person,)
            names = {"agree": tuple(c.name for c in named), "unique": (person.name,)}
            marks = {"title": person.title, "names": ", ".join(c.title for c in named)}
            severity = "reject" if is_key else "error"
            made.append(
                self._make("person", "K-person", person.name, severity, marks=marks, **names)
            )
            keys = (*keys, *named) if is_key else keys
        if not self.key_taken:
            marks = {"title": ", ".join(c.title for c in keys)}
            unique = tuple(c.name for c in keys)
            made.insert(
                0, self._make("key", "K-key", unique[0], "reject", marks=marks, unique=unique)
            )
        return made

    def rules(self) -> list[Rule]:
        """All generated rules of the latest layout."""
        version = self.form.latest
        made = [rule for column in version.columns for rule in self.column_rules(column)]
        made += [rule for column in version.columns for rule in self.trait_rules(column)]
        made += self.key_rules()
        if self.form.kind != "period":
            # A report for a month says nothing about the size of the next one.
            made.append(self._make("drop", "H-drop", "n_rows", "warning", marks={}))
        return made
