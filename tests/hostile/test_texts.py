"""Texts of senders stay texts: no formula, no link, no script, no template in anything we write."""

from __future__ import annotations

import csv
import io
import os
import re
from dataclasses import dataclass
from datetime import date, datetime
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from click.testing import CliRunner

from bvb.commands.check import command as check_command
from bvb.commands.sql import command as sql_command
from desk.letters.plan import Asked, make_plan
from desk.receipts import write_receipts
from desk.returned import write_marked
from expectations.protocol import write_protocols
from expectations.validate import validate
from ingest.knowledge import load_knowledge
from ingest.landing import all_landed, land_folder
from ingest.read import read_delivery
from ingest.runs import RunContext, make_run
from ingest.settings import MOSCOW, Settings
from ingest.text import inert
from reports.workbook import workbook_options
from reports.workbook_styles import Sheet, Styles
from tests.defects.base import book, passport, saved, titles

SENT = datetime(2024, 10, 2, 12, 0, tzinfo=MOSCOW)
NOW = datetime(2024, 10, 3, 12, 0, tzinfo=MOSCOW)
TEXTS = (
    "=cmd|' /C calc'!A0", "@SUM(1)", "+1+1", "-2+3", '=HYPERLINK("http://evil")', "\t=1+1",
    "\r=1+1", "<script>alert(1)</script>", "{{7*7}}", "{% raise %}", "http://evil", "[/b][link=http://evil]x",
    "=" + "я" * 40_000, "_x0041_\x0b\uffff",
)  # fmt: skip
NAMES = (
    "=cmd|' C calc'!A0.xlsx", "@SUM(1).xlsx", "+1+1.xlsx", "-2+3.xlsx", "{{7*7}}.xlsx",
    "<script>alert(1)<script>.xlsx", "[b]x[red].xlsx", "{file}%s{0}.xlsx",
    "ж" * 120 + ".xlsx",
)  # fmt: skip


def _typed(text: str) -> str:
    return re.sub(r"[\x00-\x08\x0b-\x1f\uffff]", "", text)[:32_000]


def hostile(code: str, territory: int, first: int) -> bytes:
    """A file of a form that holds every text in every column, in its titles and in its name."""
    rows: list[list[Any]] = [[*titles(code), *map(_typed, TEXTS)]]
    width = len(titles(code))
    for shift in range(len(TEXTS)):
        rows.append([_typed(TEXTS[(shift + n + first) % len(TEXTS)]) for n in range(width)])
    face = passport(code, territory, **{"E-mail": TEXTS[first % len(TEXTS)]})
    made = book(rows, face, "=1+1 {{7+7}} <b>")
    for sheet in made.worksheets:
        for row in sheet.iter_rows():
            for cell in row:
                if isinstance(cell.value, str):
                    cell.data_type = "s"  # a text in their file, too
    return saved(made)


@dataclass(frozen=True)
class Told:
    """A run over hostile files."""

    run: RunContext
    settings: Settings


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> Told:
    settings = Settings(tmp_path_factory.mktemp("hostile"))
    for number, name in enumerate(NAMES):
        for code, territory in (("M08", 14 + number), ("M03", 30 + number)):
            path = settings.incoming / f"T{territory:02d}" / name
            path.parent.mkdir(parents=True)
            path.write_bytes(hostile(code, territory, number))
            os.utime(path, (SENT.timestamp(), SENT.timestamp()))
    land_folder(settings, settings.incoming, NOW)
    for landed in all_landed(settings):
        read_delivery(settings, landed, load_knowledge())
    run = make_run(settings, date(2024, 9, 30))
    validate(run, "load-of-tests")
    write_protocols(run)
    write_marked(run)
    write_receipts(settings)
    return Told(run, settings)


def test_no_cell_of_an_answer_is_a_formula_or_a_link(told: Told) -> None:
    books = list(told.run.returned_dir.rglob("*.xlsx"))
    answers = [path for path in books if path.name.startswith("Ответ__")]
    assert len(answers) == 2 * len(NAMES)
    assert len(books) == 2 * len(answers)  # as many marked workbooks
    texts: set[str] = set()
    for path in books:
        for sheet in openpyxl.load_workbook(path).worksheets:
            cells = [c for row in sheet.iter_rows() for c in row if c.value is not None]
            assert {c.data_type for c in cells} <= {"s", "n"}
            links = [c.hyperlink for c in cells if c.hyperlink]
            assert not any(link.target for link in links)  # only to places of the book itself
            starts = ("=", "+", "-", "@")
            odd = [c for c in cells if isinstance(c.value, str) and c.value.startswith(starts)]
            # A sender's own cells are as she wrote them.
            assert path not in answers or all(c.quotePrefix for c in odd), odd
            texts |= {c.value for c in cells if c.data_type == "s"}
    shown = "\n".join(texts)
    for text in ("=cmd|", "@SUM(1)", "<script>alert(1)</script>", "{{7*7}}"):
        assert text in shown  # as the sender wrote it, to be found by her


def test_letters_and_receipts_repeat_no_template(told: Told) -> None:
    receipts = list((told.settings.returned / "receipts").rglob("*.txt"))
    assert len(receipts) == 2 * len(NAMES)
    texts = [path.read_text(encoding="utf-8") for path in receipts]
    lines = ["code,role,address", *(f"T{n},coordinator,a{n}@mo.example" for n in range(1, 67))]
    (told.settings.data_dir / "addresses.csv").write_text("\n".join(lines), encoding="utf-8")
    plan = make_plan(told.settings, Asked(NOW.date()))
    assert plan.letters
    for planned in plan.letters:
        assert "\n" not in planned.letter.subject
        texts.append(planned.letter.text)
    shown = "\n".join(texts)
    assert "{{7*7}}.xlsx" in shown
    assert "49.xlsx" not in shown


class _Scripts(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_data(self, data: str) -> None:
        if self.lasttag == "script" and "alert(1)" in data:
            self.found.append(data)


def test_pages_run_no_script_of_a_sender(told: Told) -> None:
    for path in told.settings.data_dir.rglob("*.html"):
        scripts = _Scripts()
        scripts.feed(path.read_text(encoding="utf-8"))
        assert not scripts.found, path


def test_nothing_lies_outside_of_the_data_directory_or_under_a_sender_s_name(told: Told) -> None:
    known = {"incoming", "landing", "parsed", "accepted", "quarantine", "returned", "outcomes"}
    kept = {path.name for path in told.settings.data_dir.iterdir() if path.is_dir()}
    assert kept <= known | {".secret"}
    written = [p for p in told.settings.data_dir.rglob("*") if "incoming" not in p.parts]
    odd = [p for p in written if re.search(r"[=@+{<>\[\x00-\x1f]", p.name)]
    assert {p.name.split("__")[0] for p in odd} == {"Проверено"}
    assert not [p for p in odd if re.search(r'[<>:"|?*\\]', p.name)]


@pytest.mark.parametrize("text", TEXTS[:7])
def test_reports_keep_texts_as_texts(text: str) -> None:
    import xlsxwriter

    stream = io.BytesIO()
    made = xlsxwriter.Workbook(stream, workbook_options())
    sheet = Sheet(made, Styles(made), "Лист")
    sheet.put(0, 0, text)
    sheet.put(1, 0, "я" * 40_000)
    made.close()
    cells = openpyxl.load_workbook(stream).worksheets[0]
    assert (cells["A1"].data_type, cells["A1"].quotePrefix) == ("s", True)
    assert len(cells["A2"].value) == 32_000


def test_a_csv_of_ours_holds_no_formula(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    class _Answer:
        columns, rows = ["=1+1"], [(text,) for text in TEXTS] + [(-5,), (None,), ("дом-2",)]

    monkeypatch.setattr("warehouse.query.select", lambda *_: _Answer)
    for arguments in (["x", "--csv"], ["x"]):
        out = CliRunner().invoke(sql_command, [*arguments, "--data", f"{tmp_path}"])
        assert out.exit_code == 0, out.output
        if "--csv" in arguments:
            cells = [row[0] for row in csv.reader(io.StringIO(out.output, newline="")) if row]
    assert not [c for c in cells if c.startswith(("=", "+", "@", "\t", "\r", "-")) and c != "-5"]
    assert "дом-2" in cells
    assert inert(-5) == -5


@pytest.mark.parametrize("name", NAMES)
def test_a_check_prints_any_name_and_text(tmp_path: Path, name: str) -> None:
    path = tmp_path / "T14" / name
    path.parent.mkdir()
    path.write_bytes(hostile("M08", 14, 0))
    result = CliRunner().invoke(check_command, [f"{path}"])
    assert result.exit_code in (1, 2), result.output
    assert name in result.output.replace("\n", "")
