"""An answer of ours that comes back is known by its columns, whatever it is called."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from expectations.protocol import protocol_words
from expectations.protocol_book import Answer, Line, write_answer
from ingest.decisions import decision_words
from ingest.deliveries import Landed, Reply
from ingest.knowledge import load_knowledge
from ingest.read import read_bytes
from ingest.replies import replying_sender
from ingest.settings import MOSCOW

MOMENT = datetime(2024, 10, 4, 10, tzinfo=MOSCOW)


def answer(folder: Path, said: dict[int, str]) -> bytes:
    """An answer of two findings; the sender wrote into some of its lines."""
    cells: list[dict[str, Any]] = [
        {"message": "Дата не та", "code": f"BCDFGHKL-MNP{n}"} for n in "RS"
    ]
    lines = [Line("warn", line) for line in cells]
    path = folder / "answer.xlsx"
    write_answer(Answer("Ответ", "Кому", MOMENT, [], lines), path, protocol_words())
    book = openpyxl.load_workbook(path)
    sheet = book[protocol_words()["findings_sheet"]]
    place = next(c.column for c in sheet[5] if c.value == decision_words()["reply"]["answer"])
    for row, text in said.items():
        sheet.cell(row, place).value = text
    book.save(path)
    return path.read_bytes()


def read(folder: Path, data: bytes, source: str = "T14/Ответ__T14__2024-09-30.xlsx") -> Any:
    landed = Landed(
        delivery_id="r", sha256="r", size=len(data), channel="incoming", source=source,
        received_at=MOMENT, landed_at=MOMENT,
    )  # fmt: skip
    return read_bytes(landed, data, load_knowledge(), folder / "rows.parquet")


def test_what_the_sender_wrote_is_read_with_its_code(tmp_path: Path) -> None:
    delivery = read(tmp_path, answer(tmp_path, {7: "верно, так и было"}))
    assert delivery.replies == (Reply(row=7, code="BCDFGHKL-MNPS", text="верно, так и было"),)
    assert (delivery.sender_territory_id, delivery.form_code) == (14, None)
    assert delivery.file_findings == ()


def test_an_answer_that_came_back_without_a_word_is_no_form_either(tmp_path: Path) -> None:
    delivery = read(tmp_path, answer(tmp_path, {}))
    assert delivery.replies == ()
    assert delivery.file_findings == ()


@pytest.mark.parametrize(
    ("folder", "name", "sender"),
    [
        ("T14", "Ответ__T14__2024-09-30.xlsx", 14),
        ("T14", "наш ответ.xlsx", 14),
        ("", "Ответ__T14__2024-09-30.xlsx", 14),
        ("T15", "Ответ__T14__2024-09-30.xlsx", None),
        ("platform", "Ответ__platform__2024-09-30.xlsx", 0),
        ("", "наш ответ.xlsx", None),
    ],
)
def test_whose_answer_it_is(folder: str, name: str, sender: int | None) -> None:
    resolver = load_knowledge().resolver_at(MOMENT.date())
    assert replying_sender(name, folder, resolver) == sender


def test_answer_and_reader_call_the_columns_alike() -> None:
    titles = {column["title"] for column in protocol_words()["findings_columns"]}
    reply = decision_words()["reply"]
    assert {reply["code"], reply["answer"]} <= titles
