"""The questions of docs/queries.md have answers, the same ones from both catalogues."""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

import pytest

from ingest.settings import load_settings
from tests.warehouse.conftest import Built
from tests.warehouse.server import Region
from warehouse.query import select

PAGE = Path(__file__).parents[2] / "docs" / "queries.md"
SECTION = re.compile(r"^## (?P<title>.+?)\n(?P<note>.*?)```sql\n(?P<sql>.+?)```", re.M | re.S)


@dataclass(frozen=True)
class Question:
    title: str
    sql: str
    may_be_empty: bool


def questions() -> list[Question]:
    found = SECTION.finditer(PAGE.read_text(encoding="utf-8"))
    return [Question(m["title"], m["sql"], "Может быть пусто:" in m["note"]) for m in found]


def plain(rows: list[tuple[object, ...]]) -> list[tuple[object, ...]]:
    """Numbers alike: the engines differ in the types of sums and means."""
    kinds = (int, float, Decimal)
    return [
        tuple(
            round(float(cell), 6)
            if isinstance(cell, kinds) and not isinstance(cell, bool)
            else cell
            for cell in row
        )
        for row in rows
    ]


def test_every_block_of_the_page_is_a_question() -> None:
    text = PAGE.read_text(encoding="utf-8")
    assert len(questions()) == text.count("```sql") == text.count("\n## ") >= 12


@pytest.mark.parametrize("question", questions(), ids=lambda question: question.title)
def test_the_published_catalogue_answers(question: Question, published_once: Built) -> None:
    answer = select(load_settings(published_once.data), question.sql)
    assert len(set(answer.columns)) == len(answer.columns) > 1
    assert answer.rows or question.may_be_empty


def test_the_server_answers_the_same(served: Region, published_once: Built) -> None:
    settings = load_settings(published_once.data)
    with served.session("bvb_analyst") as cursor:
        cursor.execute("set search_path to marts, facts, ops")
        for question in questions():
            cursor.execute(question.sql)
            assert plain(cursor.fetchall()) == plain(select(settings, question.sql).rows), (
                question.title
            )
