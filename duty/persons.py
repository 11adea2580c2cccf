"""A person whose consent was withdrawn: found by key, or by name and birth date; and hidden.

What enters: rows of text as they were read. What leaves: which of them are hers, and the same texts
without her. Names live in memory only; what is kept of a person are HMACs.
"""

from __future__ import annotations

import hashlib
import hmac
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from functools import cache, cached_property
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict

from ingest.forms import load_forms
from ingest.names import split_name
from ingest.text import clean, fold
from ingest.yaml_files import parse_yaml

KEY_LETTERS = 32  # as `bvb_key` of the checks
_EPOCH = date(1899, 12, 30)  # of spreadsheets
_SERIAL = range(30_000, 60_000)  # days since, of whoever may be a pupil
_FORMATS = ("%d.%m.%Y", "%Y-%m-%d", "%d.%m.%y", "%d/%m/%Y", "%d-%m-%Y", "%Y.%m.%d")
_LETTERS = "[^\\W\\d_]"


class PersonColumns(BaseModel):
    """Columns of a form that say who a row is about."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: str
    name: tuple[str, ...]
    born: str


class Marked(BaseModel):
    """A cell of later files that the withdrawal decides."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    column: str
    text: str


class WithdrawalSpec(BaseModel):
    """`withdrawals.yml`."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    forms: dict[str, PersonColumns]
    marked: dict[str, Marked]
    last_name: str
    other: str
    letters: str
    parts_of_year: tuple[str, ...]


@cache
def load_spec() -> WithdrawalSpec:
    """`withdrawals.yml`."""
    text = Path(__file__).with_name("withdrawals.yml").read_text(encoding="utf-8")
    return WithdrawalSpec.model_validate(parse_yaml(text))


def _hmac(secret: bytes, text: str) -> str:
    return hmac.new(secret, text.encode(), hashlib.sha256).hexdigest()[:KEY_LETTERS]


def key_of(secret: bytes, platform_id: str) -> str:
    """The person key of a platform id, as the warehouse holds it."""
    return _hmac(secret, platform_id)


def day_of(value: Any) -> date | None:
    """A date as people and spreadsheets write it."""
    if isinstance(value, datetime):
        return value.date()
    if isinstance(value, date):
        return value
    text = f"{value}".strip().split("T")[0].split(" ")[0]
    if text.removesuffix(".0").isdigit():
        number = int(text.removesuffix(".0"))
        return _EPOCH + timedelta(days=number) if number in _SERIAL else None
    for pattern in _FORMATS:
        try:
            return datetime.strptime(text, pattern).date()  # noqa: DTZ007 - a day has no zone
        except ValueError:
            continue
    return None


def rounded(day: date) -> date:
    """A birth date that says no more than the order has to know."""
    starts = [day.replace(month=int(s[:2]), day=int(s[3:])) for s in load_spec().parts_of_year]
    return max(start for start in starts if start <= day)


@dataclass(frozen=True)
class Known:
    """Persons to be found: by key, or by a fingerprint of name and birth date."""

    secret: bytes
    keys: frozenset[str]
    fingerprints: Mapping[str, str] = field(default_factory=dict)  # -> key

    def fingerprint(self, words: Iterable[str], born: date) -> str:
        """HMAC of surname, first name and birth date; the order of the words does not count."""
        return _hmac(self.secret, "|".join([*sorted(map(fold, words)), f"{born}"]))

    def owner(self, form_code: str, row: Mapping[str, str | None]) -> str | None:
        """Whose row it is: the key of a known person, else None."""
        columns = load_spec().forms[form_code]
        person_id = row.get(columns.id)
        if person_id and (key := key_of(self.secret, person_id)) in self.keys:
            return key
        found = self.fingerprint_of(form_code, row)
        return self.fingerprints.get(found) if found else None

    def fingerprint_of(self, form_code: str, row: Mapping[str, str | None]) -> str | None:
        """The fingerprint of a row; None without a whole name and a birth date."""
        columns = load_spec().forms[form_code]
        last, first, _ = name_of(columns, row)
        born = day_of(row.get(columns.born))
        return self.fingerprint((last, first), born) if last and first and born else None


def name_of(columns: PersonColumns, row: Mapping[str, str | None]) -> tuple[str, str, str]:
    """Surname, first name, patronymic of a row; empty where it has none."""
    parts = [row.get(name) or "" for name in columns.name]
    if len(parts) == 1:
        return split_name(parts[0])
    last, first, middle = parts
    return last, first, middle


def _pattern(words: Iterable[str]) -> re.Pattern[str] | None:
    """Whole words, whatever their case; «е» and «ё» are one letter."""
    texts = {clean(word) for word in words if clean(word)}
    if not texts:
        return None
    found = (re.escape(text) for text in sorted(texts, key=len, reverse=True))
    either = "|".join(re.sub("[её]", "[её]", text, flags=re.I) for text in found)
    return re.compile(f"(?<!{_LETTERS})(?:{either})(?!{_LETTERS})", re.I)


@dataclass
class Veil:
    """All that is known of one person, and what stands in for it."""

    key: str
    mark: Marked | None = None
    ids: set[str] = field(default_factory=set)
    last: set[str] = field(default_factory=set)
    first: set[str] = field(default_factory=set)
    middle: set[str] = field(default_factory=set)
    born: set[date] = field(default_factory=set)
    others: set[str] = field(default_factory=set)  # whole cells: who signed, where the paper lies

    def learn(self, form_code: str, row: Mapping[str, str | None]) -> None:
        """Take in a row of hers."""
        columns = load_spec().forms[form_code]
        last, first, middle = name_of(columns, row)
        self.last |= {last} - {""}
        self.first |= {first} - {""}
        self.middle |= {middle} - {""}
        self.ids |= {row.get(columns.id) or ""} - {""}
        if day := day_of(row.get(columns.born)):
            self.born.add(day)
        about_her = {*columns.name, columns.born}
        for column in load_forms()[form_code].latest.columns:
            if column.pii and column.name not in about_her and (said := row.get(column.name)):
                self.others.add(said)
        self.__dict__.pop("_patterns", None)

    @property
    def code_name(self) -> str:
        """The word that tells her from others whose names are hidden."""
        letters = load_spec().letters
        return "".join(letters[int(digit, 16)] for digit in self.key[:8]).capitalize()

    @cached_property
    def _patterns(self) -> list[tuple[re.Pattern[str], str]]:
        spec = load_spec()
        pairs = [
            (_pattern(self.others), spec.other),
            (_pattern(self.last), spec.last_name),
            (_pattern(self.middle), ""),
            (_pattern(self.first), self.code_name),
        ]
        found = [(pattern, text) for pattern, text in pairs if pattern]
        for day in sorted(self.born):
            texts = {f"{day:{form}}": f"{rounded(day):{form}}" for form in _FORMATS}
            for text, instead in texts.items():
                found.append((re.compile(rf"(?<!\d){re.escape(text)}(?!\d)"), instead))
        return found

    def hidden(self, value: Any) -> Any:
        """A cell of one of her rows without her; other cells stay as they are."""
        if isinstance(value, datetime) and value.date() in self.born:
            return datetime.combine(rounded(value.date()), value.time())
        if isinstance(value, date) and not isinstance(value, datetime) and value in self.born:
            return rounded(value)
        if isinstance(value, (int, float)) and not isinstance(value, bool):
            day = day_of(value) if float(value).is_integer() else None
            is_hers = day in self.born
            return (rounded(day) - _EPOCH).days if day and is_hers else value
        if not isinstance(value, str):
            return value
        if value.strip().isdigit() and (day := day_of(value)) and day in self.born:
            return f"{(rounded(day) - _EPOCH).days}"
        text = value
        for pattern, instead in self._patterns:
            text = pattern.sub(instead, text)
        return value if text == value else re.sub(r"\s+", " ", text).strip()

    def says(self, text: str) -> bool:
        """Whether a line may name her: her surname with anything else of hers."""
        return _found(self.last, text) and (
            _found(self.first | self.middle, text) or self._has_more(text)
        )

    def surely(self, text: str) -> bool:
        """Whether a line names her and no namesake: her surname with her birth date or id."""
        return _found(self.last, text) and self._has_more(text)

    def _has_more(self, text: str) -> bool:
        dates = (f"{day:{form}}" for day in self.born for form in _FORMATS)
        return any(day in text for day in dates) or any(i in text for i in self.ids)

    def names(self, text: str) -> bool:
        """Whether a cell is her surname and nothing else."""
        return fold(text) in set(map(fold, self.last))


@cache
def _compiled(words: frozenset[str]) -> re.Pattern[str] | None:
    return _pattern(words)


def _found(words: Iterable[str], text: str) -> bool:
    pattern = _compiled(frozenset(words))
    return bool(pattern and pattern.search(text))


@dataclass(frozen=True)
class Place:
    """A row that names a person, in the file it came in."""

    key: str
    delivery_id: str
    sheet: str
    row: int


def rows_of(
    known: Known, form_code: str, delivery_id: str, path: Path
) -> Iterator[tuple[Place, dict[str, str | None]]]:
    """Rows of known persons in a parsed file."""
    import pyarrow.parquet as pq

    if form_code not in load_spec().forms:
        return
    with pq.ParquetFile(path) as parsed:
        for batch in parsed.iter_batches():
            for row in batch.to_pylist():
                if key := known.owner(form_code, row):
                    yield Place(key, delivery_id, row.pop("_sheet"), row.pop("_row")), row
