"""Examples of rules: what the YAML files say, and the small worlds of rows that they stand for.

What enters: `examples/_base.yml` and `examples/<FORM>.yml`. What leaves: `Example` objects whose
rows can be checked many at a time, because no two worlds share an id, a name or a sheet.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from itertools import count
from pathlib import Path
from typing import Any

import yaml

from expectations.catalogue import BEFORE, SEED_FORM, load_catalogue
from expectations.models import Beside, Each, Rule
from ingest.forms import Column, ColumnType, load_forms

EXAMPLES = Path(__file__).parent / "examples"
GENERATED = "_generated.yml"
FIRST_ROW = 2
_FIRST_SENDER = 1000  # senders of worlds that need a delivery of their own
Row = dict[str, Any]
Place = tuple[str, str, int]  # form, rule, row

# A text of each type that can be converted, and one that cannot. A new type must be added here.
GOOD = {
    ColumnType.ID: "Я-#",
    ColumnType.STR: "текст",
    ColumnType.DATE: "02.09.2024",
    ColumnType.TS: "02.09.2024 10:00",
    ColumnType.INT: "7",
    ColumnType.BOOL: "да",
    ColumnType.INN: "5001000002",
    ColumnType.URL: "https://example.ru/1",
    ColumnType.EMAIL: "somebody-#@example.ru",
    ColumnType.GRADE: "8А",
}
BAD = {
    ColumnType.DATE: "31.02.2024",
    ColumnType.TS: "30.09.2024 25:61",
    ColumnType.INT: "семь",
    ColumnType.BOOL: "наверное",
    ColumnType.ENUM: "такого нет",
    ColumnType.INN: "5001000003",
    ColumnType.URL: "example.ru",
    ColumnType.EMAIL: "почта",
    ColumnType.GRADE: "старший",
}


# What breaks a rule about columns of a kind, by the first letter of its id.
SPOILT = {
    "S": "Тест",
    "W": "Орлова Мария, Иванов Пётр",
    "Y": "Орлова М. С.",
    "L": "Orlova Maria",
    "G": "2024-02-10 00:00:00",
    "Z": "501000001",
}
_MARKS = {"_times", "_sender", "_before", "_as_of"}


class ExampleBroken(Exception):
    """An example that says something that cannot be meant."""


def letters(number: int) -> str:
    """A number as letters only: names are compared without digits."""
    return "".join(chr(ord("a") + int(digit)) for digit in f"{number:04d}")


@dataclass(frozen=True)
class Example:
    """One world of rows, and what the rule must say about the row `at`."""

    form: str
    rule_id: str
    case: str
    breaks: bool
    as_of: date
    tables: dict[str, list[Row]]
    mark: str
    at: int = FIRST_ROW
    severity: str | None = None
    says: str | None = None
    also: frozenset[Place] = frozenset()
    # The rule has nothing to judge here (NULL): allowed, but such an example proves little.
    is_empty: bool = False
    # Only the rule itself is looked at: what else happens is another example's business.
    is_loose: bool = False

    @property
    def name(self) -> str:
        return f"{self.form} {self.rule_id} «{self.case}» ({self.mark})"

    @property
    def place(self) -> Place:
        return self.form, self.rule_id, self.at

    @property
    def available(self) -> frozenset[str]:
        """Forms that have rows in this world."""
        there = [form for form, rows in self.tables.items() if rows]
        return frozenset(there) | {f"{f}__{n}" for f in there for n in (BEFORE, *Beside)}


def read_yaml(path: Path) -> Any:
    """What a YAML file says."""
    return yaml.safe_load(path.read_text(encoding="utf-8"))


def _default(column: Column) -> str | None:
    if column.type is ColumnType.ENUM:
        return next(iter(column.values.values()))[0]
    # Optional texts are never judged by themselves.
    return GOOD[column.type] if column.required or column.is_typed else None


def _sender(text: str, number: int, repetition: int) -> int:
    """«#»: a sender of the world's own; «2%»: territory 2 and, repeated, those after it."""
    if text == "#":
        return _FIRST_SENDER + number
    return int(text[:-1]) + repetition if text.endswith("%") else int(text)


@dataclass
class Worlds:
    """Makes worlds out of changes to the base rows."""

    base: dict[str, Row]
    around: list[str]
    as_of: date
    numbers: Iterator[int] = field(default_factory=lambda: count(1))

    @classmethod
    def read(cls) -> Worlds:
        data = read_yaml(EXAMPLES / "_base.yml")
        base = {}
        for code, form in load_forms().items():
            given = data["rows"].get(code, {})
            known = {c.name for c in form.latest.columns} | {"_sender"}
            if unknown := given.keys() - known:
                raise ExampleBroken(f"_base.yml: {code} has no columns {sorted(unknown)}")
            # A column that nobody wrote an example row for yet gets a value of its type.
            base[code] = {c.name: _default(c) for c in form.latest.columns} | given
            for history in load_catalogue().forms[code].history:
                base[f"{code}__{history.name}"] = base[code]
        return cls(base, data["around"], data["as_of"])

    def _rows(self, form: str, changes: Iterable[Row], number: int) -> list[Row]:
        made: list[Row] = []
        for change in changes:
            if unknown := change.keys() - self.base[form].keys() - _MARKS:
                raise ExampleBroken(f"{form} has no columns {sorted(unknown)}")
            for repetition in range(change.get("_times", 1)):
                row = self.base[form] | {k: v for k, v in change.items() if k != "_times"}
                made.append(self._filled(row, number, repetition, len(made)))
        return made

    @staticmethod
    def _filled(row: Row, number: int, repetition: int, place: int) -> Row:
        marks = {"#": letters(number), "%": letters(repetition)}
        filled: Row = {}
        for name, value in row.items():
            text = None if value is None else str(value)
            if name == "_sender":
                filled[name] = _sender(text or "0", number, repetition)
                continue
            for mark, with_ in marks.items():
                text = text.replace(mark, with_) if text else text
            filled[name] = text
        return filled | {"_sheet": letters(number), "_row": FIRST_ROW + place}

    def example(self, rule: Rule, breaks: bool, data: Mapping[str, Any], **more: Any) -> Example:
        """The world of one example."""
        known = {"case", "as_of", "row", "more", "with", "at", "severity", "says", "also", "empty"}
        if unknown := data.keys() - known:
            raise ExampleBroken(f"{rule.form} {rule.id}: unknown words {sorted(unknown)}")
        number = next(self.numbers)
        changes: dict[str, list[Row]] = {form: [{}] for form in self.around}
        changes |= data.get("with", {})
        changes[rule.form] = [data.get("row", {}), *data.get("more", [])]
        says = data.get("says")
        return Example(
            form=rule.form,
            rule_id=rule.id,
            case=data["case"],
            breaks=breaks,
            as_of=data.get("as_of", self.as_of),
            tables={form: self._rows(form, rows, number) for form, rows in changes.items()},
            mark=letters(number),
            at=data.get("at", FIRST_ROW),
            severity=data.get("severity"),
            says=says.replace("#", letters(number)) if says else None,
            also=frozenset(_place(text, rule.form) for text in data.get("also", [])),
            is_empty=data.get("empty", False),
            is_loose=data.get("at", FIRST_ROW) < 0 or more.pop("is_loose", False),
        )


def _place(text: str, form: str) -> Place:
    """«V-10b», «V-10b 3» or «P02 V-19 2»."""
    parts = text.split()
    if len(parts[0]) == 3 and "-" not in parts[0]:
        form, *parts = parts
    return form, parts[0], int(parts[1]) if len(parts) > 1 else FIRST_ROW


def example_files() -> dict[str, Any]:
    """What was written by hand, by form."""
    files = {path.stem: read_yaml(path) for path in sorted(EXAMPLES.glob("[!_]*.yml"))}
    for stem, data in files.items():
        if data["form"] != stem:
            raise ExampleBroken(f"{stem}.yml: the file of form {data['form']}")
    return files


def written(worlds: Worlds, form: str, data: Mapping[str, Any]) -> Iterator[Example]:
    """Examples written by hand for a source form."""
    rules = {rule.id: rule for rule in load_catalogue().forms[form].rules}
    for rule_id, examples in data["rules"].items():
        if rule_id not in rules:
            continue  # a test of its own says so
        for breaks, kind in ((False, "holds"), (True, "broken")):
            for example in examples[kind]:
                yield worlds.example(rules[rule_id], breaks, example)


def _second_key(form: str) -> Row:
    """A change to the base row that makes its key another one."""
    keys = load_forms()[form].latest.keys
    column = next((c for c in keys if not c.is_typed), keys[0])
    if column.type is ColumnType.ENUM:
        return {column.name: list(column.values.values())[1][0]}
    return {column.name: f"{GOOD[column.type]}2"}


def generated(worlds: Worlds, rule: Rule, also: list[str]) -> Iterator[Example]:
    """Examples of a rule that a form's contract implies, made from the column's type."""
    if rule.each is Each.DELIVERY:
        for breaks, before in ((True, 100), (False, 1)):
            row = {"_before": before, "_sender": "#"}
            changed = {"case": f"прежде строк {before}", "row": row, "at": 0}
            yield worlds.example(rule, breaks, changed, is_loose=True)
        return
    if rule.unique:
        again = {rule.agree[0]: "Другой Человек"} if rule.agree else {}
        case = "тот же ID у другого человека" if rule.agree else "строка повторяется"
        repeated = {"case": case, "more": [again], "at": FIRST_ROW + 1, "also": also}
        other = {"case": "ключ другой", "more": [_second_key(rule.form)]}
        yield worlds.example(rule, True, repeated)
        yield worlds.example(rule, False, other, is_loose=True)
        return
    column = load_forms()[rule.form].latest.column(rule.column)
    kind = rule.id.split("-", 1)[0]
    value = None if kind == "N" else SPOILT.get(kind) or BAD[column.type]
    changed = {"case": f"{column.title}: {value}", "row": {column.name: value}, "also": also}
    yield worlds.example(rule, True, changed, is_loose=kind in SPOILT)
    yield worlds.example(rule, False, {"case": "верная строка"})


def all_examples() -> list[Example]:
    """Every example of every source form; those of the target table stand in test_seed.py."""
    worlds = Worlds.read()
    files = example_files()
    examples: list[Example] = []
    for form, of_form in load_catalogue().forms.items():
        data = files.get(form, {"rules": {}})
        if form == SEED_FORM:
            continue
        examples += written(worlds, form, data)
        for rule in of_form.rules:
            if rule.file == GENERATED and rule.id not in data["rules"]:
                examples += generated(worlds, rule, data.get("generated", {}).get(rule.id, []))
    return examples
