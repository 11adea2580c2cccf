"""The mapping queue: names and words that nobody knew, for an operator to decide.

What enters: a checked database. What leaves: questions with suggestions, as a workbook to fill in
and as a table, both restricted. A suggestion is only shown: similar names are dangerous (D-54).
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import yaml
from rapidfuzz import fuzz, process

from expectations.checks import Checked
from expectations.database import Connection, columns_of
from expectations.outcomes import looked_at
from expectations.people import FORM, Pair, similar_people
from ingest.casts import fold_code
from ingest.decisions import decision_words
from ingest.forms import ColumnType, load_forms
from ingest.mappings import Kind, Question, question_of
from ingest.territories import TerritoryResolver

TABLE = "mapping_queue"
_LIST_FORM = "M02"  # the list of a territory's schools
_SCHOOL = "school_name"
_LINE_HEIGHT, _NOTE = 14, 40  # points; letters of a line of the widest column
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


@cache
def queue_words() -> dict[str, Any]:
    """`queue.yml`."""
    path = Path(__file__).with_name("queue.yml")
    words: dict[str, Any] = yaml.safe_load(path.read_text(encoding="utf-8"))
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
    words, decided = queue_words(), decision_words()["decided"]
    one, other = (words["account"].format_map(x) for x in (pair.first, pair.second))
    note = words["people"].format(reason=words["notes"][pair.reason], one=one, other=other)
    text = f"{pair.one} + {pair.other}"
    question = question_of(Kind.PERSON, "", text)
    return Waiting(question, text, 2, FORM, (decided["same"], decided["different"]), note)


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
    people = [_person(pair) for pair in similar_people(con, queue_words()["person"])]
    decided = checked.setup.mappings.decided
    asked = [item for item in (*found.values(), *people) if item.question not in decided]
    kinds = list(Kind)
    return sorted(asked, key=lambda w: (kinds.index(w.question.kind), -w.n_rows, w.question))


def _with_rows(item: Waiting, n_rows: int) -> Waiting:
    return Waiting(item.question, item.text, n_rows, item.example, item.choices, item.note)


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


def write_queue(folder: Path, waiting: Sequence[Waiting], made_at: datetime) -> None:
    """Write the queue as a table and, unless it is empty, as a workbook to fill in."""
    rows = queue_rows(waiting)
    pq.write_table(pa.Table.from_pylist(rows, schema=_schema()), folder / f"{TABLE}.parquet")
    if rows:
        _write_book(folder / queue_words()["file_name"], rows, made_at)


def read_queue(folder: Path) -> list[dict[str, Any]]:
    """Rows of a run's queue."""
    rows: list[dict[str, Any]] = pq.read_table(folder / f"{TABLE}.parquet").to_pylist()
    return rows


def _write_book(path: Path, rows: list[dict[str, Any]], made_at: datetime) -> None:
    import xlsxwriter

    words = queue_words()
    options = {f"strings_to_{kind}": False for kind in ("formulas", "urls", "numbers")}
    with xlsxwriter.Workbook(f"{path}", options) as book:
        book.set_properties({"title": words["sheet"], "created": made_at.replace(tzinfo=None)})
        base = {"font_name": "Liberation Sans", "font_size": 10, "valign": "top", "border": 1,
                "border_color": "#D8DEE5"}  # fmt: skip
        head = book.add_format(
            {**base, "bold": True, "bg_color": "#1F4E79", "font_color": "#FFFFFF"}
        )
        plain = book.add_format({**base, "text_wrap": True})
        fill_in = book.add_format({**base, "text_wrap": True, "bg_color": "#FFF3D1"})
        sheet = book.add_worksheet(words["sheet"])
        sheet.freeze_panes(1, 0)
        sheet.set_landscape()
        sheet.set_paper(9)
        sheet.fit_to_pages(1, 0)
        sheet.repeat_rows(0)
        for place, column in enumerate(words["columns"]):
            sheet.set_column(place, place, column["width"])
            sheet.write_string(0, place, column["title"], head)
            for number, row in enumerate(rows, 1):
                sheet.set_row(number, _LINE_HEIGHT * max(1, math.ceil(len(row["note"]) / _NOTE)))
                look = plain if column["name"] in row else fill_in
                value = row.get(column["name"], "")
                write = sheet.write_number if isinstance(value, int) else sheet.write_string
                write(number, place, value, look)
        sheet.autofilter(0, 0, len(rows), len(words["columns"]) - 1)
        about = book.add_worksheet("О файле")
        about.set_column(0, 0, 120)
        for number, name in enumerate(("hint", "personal")):
            about.write_string(number, 0, words[name], plain)
