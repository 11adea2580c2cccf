"""The answer: what is new since the version before, what was decided, what came of a reply."""

from __future__ import annotations

from datetime import date, datetime
from itertools import takewhile
from pathlib import Path
from typing import Any

import openpyxl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from expectations.outcomes import write_table
from expectations.protocol import protocol_words, write_protocols
from ingest.reference import load_reference
from ingest.runs import RunContext
from ingest.settings import MOSCOW, Settings

Row = dict[str, Any]
CONTACTS = "Вопросы: 8 495 000-00-00"
DETAIL = pa.schema(
    [(name, pa.string()) for name in (
        "delivery_id", "form_code", "rule_id", "severity", "sheet", "column_title", "value",
        "message", "how_to_fix", "clause", "expected", "finding_key", "value_key", "answered",
        "answered_by", "answered_why", "since_last")]
    + [("row", pa.int32()), ("answered_on", pa.date32()), ("answered_until", pa.date32())]
)  # fmt: skip


def delivery(delivery_id: str, status: str, **more: Any) -> Row:
    row = {"delivery_id": delivery_id, "form_code": "M04", "sender_territory_id": 14}
    counts = {"n_received": 9, "n_accepted": 9, "n_rejected": 0, "n_errors": 2, "n_warnings": 0}
    moments = {"as_of": date(2024, 9, 30), "received_at": datetime(2024, 10, 3, 9)}  # noqa: DTZ001
    return {**row, **counts, **moments, "status": status, "file_name": f"{delivery_id}.xlsx"} | more


def finding(message: str, **more: Any) -> Row:
    key = {"finding_key": "BCDFGHKLMNPRSTVZ" * 2, "value_key": "ZVTSRPNM" * 4}
    place = {"delivery_id": "v2", "form_code": "M04", "rule_id": "V-1", "severity": "warning"}
    return {**place, **key, "message": message, **more}


@pytest.fixture
def answers(tmp_path: Path) -> Path:
    known_at = datetime(2024, 10, 3, 23, 59, 59, tzinfo=MOSCOW)
    run = RunContext(Settings(tmp_path), load_reference(), date(2024, 9, 30), known_at)
    nothing = {"form_code": None, "as_of": None, "n_accepted": None, "n_rejected": None}
    sent = [
        delivery("v2", "accepted_with_remarks", is_selected=True),
        delivery("back", "reply", is_selected=False, n_received=2) | nothing,
    ]
    write_table(run.accepted_dir, "deliveries", sent)
    write_table(run.accepted_dir, "expected", [])
    version = {"delivery_id": "v2", "previous_delivery_id": "v1", "period": ""}
    counts = {"n_fixed": 3, "n_left": 2, "n_new": 1}
    write_table(run.accepted_dir, "versions", [{**version, **counts}])
    lines = [{"kind": "waivers", "file": "waivers.csv", "line": n} for n in (2, 3)]
    write_table(run.accepted_dir, "decisions", lines)
    refused = {"kind": "replies", "file": "back", "line": 7, "message": "Напишите причину"}
    unknown = {"kind": "waivers", "file": "waivers.csv", "line": 3, "message": "Правила нет"}
    write_table(
        run.quarantine_dir, "decision_messages", [refused, unknown, refused | {"file": "older"}]
    )
    waived = {"answered": "waived", "answered_until": date(2024, 12, 31), "answered_by": "Орлова"}
    found = [
        finding("а", since_last="new"),
        finding("б", since_last="left"),
        finding("в", **waived, answered_why="Акт"),
        finding(
            "г", answered="confirmed", answered_on=date(2024, 10, 2), answered_why="Так и было"
        ),
        finding("д"),
    ]
    path = run.quarantine_dir / "findings_detail.parquet"
    pq.write_table(pa.Table.from_pylist(found, schema=DETAIL), path)
    (tmp_path / "contacts.txt").write_text(CONTACTS, "utf-8")
    write_protocols(run)
    return run.returned_dir


def test_an_answer_ends_with_whom_to_ask(answers: Path) -> None:
    (path,) = (answers / "T14").iterdir()
    sheet = openpyxl.load_workbook(path)[protocol_words()["summary_sheet"]]
    assert sheet.cell(sheet.max_row, 1).value == CONTACTS
    assert sheet.cell(sheet.max_row - 1, 1).value is None


def table(path: Path, sheet: str) -> list[Row]:
    rows = list(openpyxl.load_workbook(path)[protocol_words()[sheet]].iter_rows(values_only=True))
    return [dict(zip(rows[4], row, strict=True)) for row in takewhile(any, rows[5:])]


def test_a_new_version_is_told_what_it_mended(answers: Path) -> None:
    (path,) = (answers / "T14").iterdir()
    todo = {row["Файл"]: row["Что делать"] for row in table(path, "summary_sheet")}
    assert todo["v2.xlsx"].endswith(
        "По сравнению с прежней версией: исправлено 3, осталось 2, новых 1."
    )
    assert todo["back.xlsx"].startswith("Подтверждений в ответе: 2.")


def test_each_finding_says_what_is_known_of_it_and_has_a_code(answers: Path) -> None:
    (path,) = (answers / "T14").iterdir()
    found = {row["Что не так"]: row for row in table(path, "findings_sheet")}
    assert {message: row["Что с ним"] for message, row in found.items()} == {
        "а": "новое",
        "б": "осталось",
        "в": "разрешено до 31.12.2024: Орлова (Акт)",
        "г": "подтверждено 02.10.2024: Так и было",
        "д": "",
        "Напишите причину": "",
    }
    assert found["а"]["Код замечания"] == "BCDFGHKL-ZVTS"
    assert found["Напишите причину"]["Строка"] == 7


def test_the_operator_hears_of_lines_that_were_not_applied(answers: Path) -> None:
    (path,) = (answers / "operator").iterdir()
    (line,) = table(path, "summary_sheet")
    assert (line["Файл"], line["Строк получено"], line["Не принято"]) == (
        "decisions/waivers.csv",
        2,
        1,
    )
    (found,) = table(path, "findings_sheet")
    assert (found["Что не так"], found["Строка"]) == ("Правила нет", 3)
