"""What an operator decided about names and words that nobody knew: applied from the next run on.

What enters: the lines «mappings» of `decisions/`, the order's reference. What leaves: a reference
with more aliases, more words of the enumerations, names of schools, pairs of accounts, and lines
that could not be applied. A machine only suggests; nothing gets in here by itself.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum

from ingest.casts import fold_code
from ingest.decisions import BadLine, Decisions, Line, decision_words, problem
from ingest.forms import Column, ColumnType, Form, FormVersion, load_forms
from ingest.reference import Alias, Reference
from ingest.territories import TerritoryResolver
from ingest.text import fold

_NUMBER = re.compile(r"^[tт]?(\d{1,2})$", re.IGNORECASE)


class Kind(StrEnum):
    """What a line is about; the values are what the file says."""

    TERRITORY = "территория"
    WORD = "слово"
    SCHOOL = "школа"
    PERSON = "человек"


@dataclass(frozen=True, order=True)
class Question:
    """What waits for a decision, or was decided: kind, place and text, as compared."""

    kind: Kind
    place: str
    text: str


@dataclass(frozen=True)
class Mappings:
    """Everything decided that the checks can use."""

    aliases: tuple[Alias, ...] = ()
    words: Mapping[tuple[str, str], Mapping[str, str]] = field(default_factory=dict)
    schools: tuple[tuple[int, str, str], ...] = ()  # territory, text, name in its list
    people: tuple[tuple[str, str, bool], ...] = ()  # two ids, whether they are one person
    decided: frozenset[Question] = frozenset()
    bad: tuple[BadLine, ...] = ()

    def form(self, code: str) -> Form:
        """A form whose enumerations know the decided words."""
        form = load_forms()[code]
        if not any(known == code for known, _ in self.words):
            return form
        versions = tuple(self._version(code, version) for version in form.versions)
        return form.model_copy(update={"versions": versions})

    def _version(self, code: str, version: FormVersion) -> FormVersion:
        columns = tuple(self._column(code, column) for column in version.columns)
        return version.model_copy(update={"columns": columns})

    def _column(self, code: str, column: Column) -> Column:
        words = self.words.get((code, column.name))
        if not words:
            return column
        values = {
            value: (*known, *(text for text, meant in words.items() if meant == value))
            for value, known in column.values.items()
        }
        return column.model_copy(update={"values": values})


class _Refused(Exception):
    """A line that cannot be applied; the text is for who wrote it."""


def _expected(title: str, text: str | None, expected: str) -> _Refused:
    return _Refused(problem("not_understood", title=title, text=text or "", expected=expected))


def question_of(kind: Kind, place: str | None, text: str) -> Question:
    """A question as it is compared: the order of two ids and the spelling do not matter."""
    if kind is Kind.PERSON:
        return Question(kind, "", " + ".join(sorted(_ids(text))))
    return Question(kind, (place or "").strip(), fold(text))


def _ids(text: str) -> list[str]:
    return [part.strip() for part in text.split("+")]


def _words() -> dict[str, str]:
    said: dict[str, str] = decision_words()["decided"]
    return said


def territory_number(text: str, resolver: TerritoryResolver) -> int | None:
    """A territory by its number (14, T14) or one of its names."""
    match = _NUMBER.match(text.strip())
    return resolver.known(int(match[1])) if match else resolver.resolve(text)


class _Reader:
    """Lines one after another; each may rest on those before it."""

    def __init__(self, reference: Reference) -> None:
        self.reference = reference
        self.resolver = TerritoryResolver(reference)
        self.aliases: list[Alias] = []
        self.words: dict[tuple[str, str], dict[str, str]] = {}
        self.schools: dict[tuple[int, str], str] = {}
        self.people: dict[tuple[str, str], bool] = {}

    def take(self, line: Line) -> Question:
        """Apply a line; `_Refused` says why not."""
        try:
            kind = Kind(fold(line["kind"]))
        except ValueError:
            raise _expected("Что", line["kind"], ", ".join(Kind)) from None
        if fold(line["decision"]) != _words()["none"]:
            {
                Kind.TERRITORY: self._territory,
                Kind.WORD: self._word,
                Kind.SCHOOL: self._school,
                Kind.PERSON: self._person,
            }[kind](line)
        return question_of(kind, line["place"], line["text"])

    def _number(self, title: str, text: str | None) -> int:
        number = territory_number(text or "", self.resolver)
        if number is None:
            raise _expected(title, text, decision_words()["expected"]["territory"])
        return number

    def _territory(self, line: Line) -> None:
        number = self._number("Решение", line["decision"])
        known = self.resolver.resolve(line["text"])
        if known not in (None, number):
            name = self.reference.territory(known).name if known else ""
            raise _Refused(problem("contradicts", text=line["text"], name=name))
        if known is None:
            self.aliases.append(Alias(number, line["text"], "decided"))
            aliases = [*self.reference.aliases, *self.aliases]
            self.resolver = TerritoryResolver(replace(self.reference, aliases=aliases))

    def _word(self, line: Line) -> None:
        code, _, name = (line["place"] or "").partition(".")
        form = load_forms().get(code)
        column = next((c for c in form.latest.columns if c.name == name), None) if form else None
        if column is None or column.type is not ColumnType.ENUM:
            raise _expected("Где", line["place"], decision_words()["expected"]["place"])
        known = {fold_code(word): value for value, said in column.values.items() for word in said}
        known |= {value: value for value in column.values}
        value = known.get(fold_code(line["decision"]), line["decision"])
        if value not in column.values:
            expected = ", ".join(said[0] for said in column.values.values())
            raise _expected("Решение", line["decision"], expected)
        self.words.setdefault((code, name), {})[line["text"]] = value

    def _school(self, line: Line) -> None:
        number = self._number("Где", line["place"])
        self.schools[number, line["text"]] = line["decision"]

    def _person(self, line: Line) -> None:
        ids = sorted(_ids(line["text"]))
        answers = {_words()["same"]: True, _words()["different"]: False}
        said = answers.get(fold(line["decision"]))
        if said is None or len(set(ids)) != 2:
            expected = f"«{'», «'.join(answers)}», два ID через «+»"
            raise _expected("Решение", line["decision"], expected)
        self.people[ids[0], ids[1]] = said


def read_mappings(decisions: Decisions, reference: Reference) -> Mappings:
    """Apply the lines in the order of their decisions; a later one about the same thing wins.

    Args:
        decisions: what was decided by the moment of a run.
        reference: the order's own, without decided aliases.
    """
    reader = _Reader(reference)
    bad = [item for item in decisions.bad if item.kind == "mappings"]
    decided: set[Question] = set()
    for line in decisions.of("mappings"):
        try:
            decided.add(reader.take(line))
        except _Refused as error:
            bad.append(BadLine(line.kind, line.file, line.number, f"{error}"))
    return Mappings(
        aliases=tuple(reader.aliases),
        words=reader.words,
        schools=tuple((number, text, name) for (number, text), name in reader.schools.items()),
        people=tuple((*pair, said) for pair, said in reader.people.items()),
        decided=frozenset(decided),
        bad=tuple(bad),
    )


def with_aliases(reference: Reference, aliases: Iterable[Alias]) -> Reference:
    """A reference in which decided names of territories are known, too."""
    return replace(reference, aliases=[*reference.aliases, *aliases])
