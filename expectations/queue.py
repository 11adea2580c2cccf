"""The mapping queue: names and words that nobody knew, for an operator to decide.

What enters: a checked database. What leaves: questions with suggestions, as a workbook to fill in
and as a table, both restricted. A suggestion is only shown: similar names are dangerous (D-54).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
from rapidfuzz import fuzz, process

from expectations.checks import Checked
from expectations.database import Connection, columns_of
from expectations.outcomes import looked_at
from expectations.people import FORM, Pair, similar_people
from expectations.queue_book import Sheet, write_book
from ingest.casts import fold_code
from ingest.decisions import decision_words
from ingest.forms import ColumnType, load_forms
from ingest.mappings import Kind, Question, question_of
from ingest.territories import TerritoryResolver
from ingest.yaml_files import read_yaml

TABLE = "mapping_queue"
_LIST_FORM = "M02"  # the list of a territory's schools
_SCHOOL = "school_name"
_LOOKED_AT = 12  # several spellings may mean one thing


@dataclass(frozen=True)
class Waiting:
    """One question: what is written, how often, where, and what it may mean."""

    question: Question
    text: str
    n_rows: int
    example: str
    choices: tuple[str, ...] = ()
    note: str = ""
    pair: Pair | None = None  # whose accounts; names stay in a file of their own


@cache
def queue_words() -> dict[str, Any]:
    """`queue.yml`."""
    path = Path(__file__).with_name("queue.yml")
    words: dict[str, Any] = read_yaml(path)
    return words


def suggest(text: str, choices: dict[str, str]) -> tuple[str, ...]:
    """The nearest of `choices` (text to compare → what to show), best first, never applied."""
    best: dict[str, float] = {}
    for name, score, _ in process.extract(
        text, list(choices), scorer=fuzz.WRatio, limit=_LOOKED_AT
    ):
        best[choices[name]] = max(score, best.get(choices[name], 0))
    # Equal scores: by text, so that the same data give the same queue.
    nearest = sorted(best.items(), key=lambda item: (-item[1], item[0]))
    return tuple(f"{shown} ({score:.0f} %)" for shown, score in nearest[: queue_words()["choices"]])


def choice_of(shown: str) -> str:
    """What a suggestion proposes, without its score."""
    return shown.rsplit(" (", 1)[0]


_EXAMPLE = "min(format('{}, лист «{}», строка {}', delivery_id, _sheet, _row))"


def _texts(con: Connection, relation: str, columns: str) -> list[tuple[Any, ...]]:
    return con.execute(
        f"select {columns}, count(*), {_EXAMPLE} from {relation} group by {columns} order by all"
    ).fetchall()


def _territories(con: Connection, checked: Checked, code: str) -> Iterator[Waiting]:
    places = checked.setup.reference.territories
    for column in load_forms()[code].latest.columns:
        # Most schools are no state school of the order's list: their names are no question.
        if column.lookup not in ("municipality", "any"):
            continue
        known = {
            TerritoryResolver.normalise(t.name): f"{t.territory_id} {t.name}"
            for t in places
            if column.lookup in ("any", t.kind)
        }
        wanted = (
            f'{code}__all where {looked_at(checked, code)} and "{column.name}" is not null'
            f" and {column.name}_territory_id is null"
        )
        for text, n_rows, example in _texts(con, wanted, f'"{column.name}"'):
            place = f"{code}.{column.name}"
            question = question_of(Kind.TERRITORY, "", text)
            choices = suggest(TerritoryResolver.normalise(text), known)
            yield Waiting(question, text, n_rows, example, choices, note=place)


def _words(con: Connection, checked: Checked, code: str) -> Iterator[Waiting]:
    for column in load_forms()[code].latest.columns:
        if column.type is not ColumnType.ENUM:
            continue
        known = {fold_code(word): words[0] for words in column.values.values() for word in words}
        wanted = (
            f'{code}__all where {looked_at(checked, code)} and "{column.name}__raw" is not null'
            f' and "{column.name}" is null'
        )
        for text, n_rows, example in _texts(con, wanted, f'"{column.name}__raw"'):
            question = question_of(Kind.WORD, f"{code}.{column.name}", text)
            yield Waiting(question, text, n_rows, example, suggest(fold_code(text), known))


def _digits(text: str) -> list[str]:
    return re.findall(r"\d+", text)


# Every spelling of a listed school; shown by its short name, which people recognise.
_SCHOOL_NAMES = f"""
    select * from (
        select m.sender_territory_id, unnest([m.{_SCHOOL}, s.full_name, s.short_name]) as name,
            coalesce(s.short_name, m.{_SCHOOL}) as shown
        from {_LIST_FORM} m left join P01 s on s.inn = m.inn)
    where name is not null order by all"""


def _schools(con: Connection, checked: Checked, code: str) -> Iterator[Waiting]:
    """Schools that a report names and the territory's own list does not."""
    if not {_SCHOOL, "is_in_list"} <= columns_of(con, f"{code}__crossed").keys():
        return
    lists: dict[int, dict[str, str]] = {}
    for number, name, shown in con.execute(_SCHOOL_NAMES).fetchall():
        lists.setdefault(number, {})[fold_code(name)] = shown
    wanted = f"{code}__crossed where not is_in_list"
    for number, text, n_rows, example in _texts(con, wanted, f"sender_territory_id, {_SCHOOL}"):
        question = question_of(Kind.SCHOOL, f"{number}", text)
        # № 11 is not № 1, however near the texts are.
        same = {k: v for k, v in lists.get(number, {}).items() if _digits(k) == _digits(text)}
        choices = suggest(fold_code(text), same)
        name = checked.setup.reference.territory(number).name
        yield Waiting(question, text, n_rows, example, choices, note=f"{code}: {name}")


def _person(pair: Pair) -> Waiting:
    decided = decision_words()["decided"]
    question = question_of(Kind.PERSON, "", f"{pair.one} + {pair.other}")
    note = queue_words()["notes"][pair.reason]
    choices = (decided["same"], decided["different"])
    return Waiting(question, question.text, 2, FORM, choices, note, pair)


def waiting_questions(con: Connection, checked: Checked) -> list[Waiting]:
    """Everything that nobody has decided yet, what stands in most rows first."""
    found: dict[Question, Waiting] = {}
    for code in checked.compiled:
        asked = [
            *_territories(con, checked, code),
            *_words(con, checked, code),
            *_schools(con, checked, code),
        ]
        for item in asked:
            known = found.get(item.question)
            rows = item.n_rows + (known.n_rows if known else 0)
            found[item.question] = _with_rows(known or item, rows)
    limits = queue_words()["person"]
    pairs = checked.reuse.once(
        con, FORM, "similar_people", lambda: [vars(p) for p in similar_people(con, limits)]
    )
    people = [_person(Pair(**pair)) for pair in pairs]
    decided = checked.setup.mappings.decided
    asked = [item for item in (*found.values(), *people) if item.question not in decided]
    kinds = list(Kind)
    return sorted(asked, key=lambda w: (kinds.index(w.question.kind), -w.n_rows, w.question))


def _with_rows(item: Waiting, n_rows: int) -> Waiting:
    return replace(item, n_rows=n_rows)


def queue_rows(waiting: Iterable[Waiting]) -> list[dict[str, Any]]:
    """Rows of the queue, numbered from 1."""
    count = queue_words()["choices"]
    return [
        {
            "number": number,
            "kind": f"{item.question.kind}",
            "place": item.question.place,
            "text": item.text,
            "n_rows": item.n_rows,
            "example": item.example,
            "note": item.note,
            **{
                f"choice_{n}": item.choices[n - 1] if n <= len(item.choices) else ""
                for n in range(1, count + 1)
            },
        }
        for number, item in enumerate(waiting, 1)
    ]


def _schema() -> pa.Schema:
    names = ("kind", "place", "text", "example", "note")
    choices = [f"choice_{n}" for n in range(1, queue_words()["choices"] + 1)]
    texts = {name: pa.string() for name in (*names, *choices)}
    return pa.schema({"number": pa.int32(), "n_rows": pa.int64()} | texts)


def _people_rows(waiting: Iterable[Waiting]) -> list[dict[str, Any]]:
    """Both accounts of each pair, under the number of their question."""
    return [
        {"number": number, "id": pupil, **about}
        for number, item in enumerate(waiting, 1)
        if item.pair
        for pupil, about in ((item.pair.one, item.pair.first), (item.pair.other, item.pair.second))
    ]


def write_queue(folder: Path, waiting: Sequence[Waiting], made_at: datetime) -> None:
    """Write the queue as a table and as workbooks: one to fill in, one with names to look at."""
    words, rows = queue_words(), queue_rows(waiting)
    pq.write_table(pa.Table.from_pylist(rows, schema=_schema()), folder / f"{TABLE}.parquet")
    if rows:
        sheet = Sheet(words["sheet"], words["columns"], rows, (words["hint"], words["personal"]))
        write_book(folder / words["file_name"], sheet, made_at)
    people = _people_rows(waiting)
    if people:
        sheet = Sheet(words["people_sheet"], words["people_columns"], people)
        write_book(folder / words["people_file_name"], sheet, made_at)


def read_queue(folder: Path) -> list[dict[str, Any]]:
    """Rows of a run's queue."""
    rows: list[dict[str, Any]] = pq.read_table(folder / f"{TABLE}.parquet").to_pylist()
    return rows
