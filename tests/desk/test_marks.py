"""The marked workbook: the sender's own file, every finding at its cell, mended and sent again."""

from __future__ import annotations

import io
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from openpyxl.cell.cell import MergedCell
from openpyxl.workbook import Workbook

from desk.marks import Marked, marked, own_cells, words
from desk.places import Places
from desk.told import problems, told_of
from expectations.check import Given, check_given
from ingest.contacts import load_contacts
from ingest.settings import Settings
from ingest.sheets import open_sheets
from ingest.sniff import Kind, sniff
from tests.defects.base import book, meetings, passport, saved, titles
from tests.defects.corpus import corpus
from tests.defects.golden import NOW, judged

OURS = {*words()["fills"].values(), words()["row_fill"]}


@cache
def answer(defect: str) -> Marked:
    return marked(corpus()[defect].data, told_of(judged(defect)[0]), NOW)


def opened(data: bytes) -> Workbook:
    return openpyxl.load_workbook(io.BytesIO(data))


def _is_archive(defect: str) -> bool:
    return corpus()[defect].name.endswith((".zip", ".rar"))


DEFECTS = [defect for defect in corpus() if not _is_archive(defect)]


@pytest.mark.parametrize("defect", DEFECTS)
def test_every_finding_with_a_row_is_a_comment_at_its_cell(defect: str) -> None:
    verdict, made = judged(defect)[0], opened(answer(defect).data)
    places = Places.of(corpus()[defect].data, verdict.delivery)
    for finding in verdict.findings:
        if finding.row is None:
            continue
        place = places.cell(finding)
        if place is None:  # about a table as a whole: told on the first sheet
            assert finding.row in {header.row for header in places.headers}
            continue
        assert place.row == finding.row
        cell = made[place.sheet].cell(place.row, place.column)
        if isinstance(cell, MergedCell):
            continue  # said in the first cell of its area
        assert finding.rule_id in cell.comment.text or "ещё замечаний" in cell.comment.text
        assert cell.fill.fgColor.rgb in OURS


# Cells that a person would point to, by what stands in them.
POINTED = {
    "D-23": ["#DIV/0!", "#N/A"],
    "D-24b": ["сент.24"],
    "D-26": ["30.02.2024", "00.00.0000", "12.09.2204"],
    "D-28b": ["~50", "25-30"],
    "D-29": [501000001],
    "D-31b": ["скоро будет"],
    "D-36": ["по списку", "см. вкладку 2"],
    "D-56": ["Балашиха"],
}


@pytest.mark.parametrize("defect", POINTED)
def test_marks_stand_on_what_is_wrong(defect: str) -> None:
    made = opened(answer(defect).data)
    marks = [
        cell.value
        for sheet in made.worksheets[1:]
        for cell in sorted(own_cells(sheet), key=lambda cell: (cell.row, cell.column))
        if cell.comment and cell.comment.author == words()["author"] and cell.row > 1
    ]
    assert marks == POINTED[defect]


def _values(made: Workbook) -> dict[tuple[str, int, int], Any]:
    return {
        (sheet.title, cell.row, cell.column): cell.value
        for sheet in made.worksheets
        for cell in own_cells(sheet)
        if cell.value is not None
    }


@pytest.mark.parametrize("defect", DEFECTS)
def test_the_file_comes_back_whole_and_with_nothing_added(defect: str) -> None:
    sent = corpus()[defect].data
    if sniff(sent) is not Kind.XLSX:
        pytest.skip("the format carries no marks: its data is copied, see below")
    before, after = opened(sent), opened(answer(defect).data)
    assert after.sheetnames == [words()["sheet"], *before.sheetnames]
    assert [s.sheet_state for s in after][1:] == [s.sheet_state for s in before]
    values = {k: v for k, v in _values(after).items() if k[0] != words()["sheet"]}
    assert values == _values(before)
    for sheet in before.worksheets:
        widths = {k: v.width for k, v in sheet.column_dimensions.items()}
        assert {k: after[sheet.title].column_dimensions[k].width for k in widths} == widths


@pytest.mark.parametrize("defect", ["D-01", "D-03", "D-04", "D-08a", "D-62a", "D-62d"])
def test_formats_without_marks_are_copied_to_the_same_addresses(defect: str) -> None:
    sent = corpus()[defect].data
    made = opened(answer(defect).data)
    for sheet in open_sheets(sent, sniff(sent)):
        for number, cells in sheet.rows():
            for position, value in enumerate(cells, 1):
                kept = made[sheet.name].cell(number, position).value
                assert (kept is None) == (value in ("", None))
    assert "ячейки не выделить" in "".join(
        f"{cell.value}" for row in made[words()["sheet"]].iter_rows() for cell in row
    )


@pytest.mark.parametrize("defect", ["D-05", "D-06a", "D-08b"])
def test_a_file_that_cannot_be_opened_gets_its_answer_all_the_same(defect: str) -> None:
    made = opened(answer(defect).data)
    assert made.sheetnames == [words()["sheet"]]
    told = " ".join(f"{c.value}" for row in made.active.iter_rows() for c in row if c.value)
    for finding in judged(defect)[0].findings:
        assert finding.message in told
        assert finding.how_to_fix in told


def test_what_stops_the_file_stands_first_and_repeated_things_once() -> None:
    rows = [[*row[:4], "много", *row[5:]] for row in meetings() * 5]
    rows[3][1] = "завтра"
    data = saved(book([titles("M08"), *rows], passport("M08", 1)))
    verdict = check_given([Given(Path("T01/Отчёт.xlsx"), data)], NOW)[0]
    gathered = problems(verdict.findings)
    ranks = [problem.severity.rank for problem in gathered]
    assert ranks == sorted(ranks)
    sheet = opened(marked(data, told_of(verdict), NOW).data)[words()["sheet"]]
    texts = [f"{cell.value}" for cell in sheet["B"] if cell.value]
    assert sum("Таких мест: 30" in text for text in texts) == 1
    told = [f"{cell.value}" for row in sheet.iter_rows() for cell in row if cell.value]
    assert any("и ещё мест: 20" in text for text in told)


def test_links_lead_to_the_cells() -> None:
    sheet = opened(answer("D-26").data)[words()["sheet"]]
    links = [c.hyperlink.location for row in sheet.iter_rows() for c in row if c.hyperlink]
    assert links == ["'Данные'!B2", "'Данные'!B3", "'Данные'!B4"]


def test_mended_and_sent_back_it_is_accepted_without_a_word() -> None:
    """The marked file itself is mended: our colours and comments are no question any more."""
    made = opened(answer("D-26").data)
    for n, cell in enumerate(("B2", "B3", "B4"), 1):
        made["Данные"][cell] = date(2024, 9, n + 1)
    again = Given(Path("T26/Проверено__Отчёт.xlsx"), saved(made))
    verdict = check_given([again], NOW)[0]
    assert (verdict.status, verdict.findings) == ("accepted", ())
    clean = opened(marked(again.data, told_of(verdict), NOW).data)
    assert clean.sheetnames == [words()["sheet"], "Паспорт", "Данные"]
    for row in clean["Данные"].iter_rows():
        assert not any(cell.comment or cell.fill.fgColor.rgb in OURS for cell in row)


def test_the_senders_own_comment_stays_below_ours() -> None:
    told = told_of(judged("D-35")[0])
    made = opened(marked(corpus()["D-35"].data, told, NOW).data)
    assert made["Данные"]["B4"].comment.text == "выбыл"


def test_formulas_that_reach_out_come_back_as_texts() -> None:
    made = book([titles("M08"), *meetings()], passport("M08", 1))
    made["Данные"]["J2"] = "=[1]Лист1!A1"
    made["Данные"]["J3"] = '=HYPERLINK("http://evil.example","щёлкни")'
    made["Данные"]["J4"] = "=SUM(E2:E7)"
    made["Данные"]["J5"].hyperlink = "http://evil.example"
    data = saved(made)
    verdict = check_given([Given(Path("T01/Отчёт.xlsx"), data)], NOW)[0]
    sheet = opened(marked(data, told_of(verdict), NOW).data)["Данные"]
    assert [sheet[c].data_type for c in ("J2", "J3", "J4")] == ["s", "s", "f"]
    assert sheet["J5"].hyperlink is None


def test_the_same_file_gives_the_same_bytes() -> None:
    told = told_of(judged("D-36")[0])
    assert marked(corpus()["D-36"].data, told, NOW) == answer("D-36")


def test_a_row_that_is_not_taken_is_coloured_whole() -> None:
    made = opened(answer("D-56").data)["Данные"]
    light, marked_cell = words()["row_fill"], words()["fills"]["reject"]
    colours = [cell.fill.fgColor.rgb if cell.fill.fill_type else None for cell in made[3]]
    title = next(cell.column for cell in made[1] if cell.value == "Муниципальное образование")
    assert colours.pop(title - 1) == marked_cell
    assert set(colours) == {light}
    assert all(cell.fill.fill_type is None for row in (2, 4) for cell in made[row])


def test_a_colour_of_the_sender_stays_in_a_row_that_is_not_taken() -> None:
    sent = openpyxl.load_workbook(io.BytesIO(corpus()["D-56"].data))
    own = openpyxl.styles.PatternFill("solid", fgColor="FF00FF00")
    sent["Данные"]["B3"].fill = own
    data = saved(sent)
    verdict = check_given([Given(Path("T56/Отчёт.xlsx"), data)], NOW)[0]
    made = opened(marked(data, told_of(verdict), NOW).data)["Данные"]
    assert made["B3"].fill.fgColor.rgb == "FF00FF00"
    assert made["A3"].fill.fgColor.rgb == words()["row_fill"]


def test_a_repeated_problem_is_one_frame() -> None:
    made = opened(answer("D-36").data)[words()["sheet"]]
    names = [column["name"] for column in words()["columns"]]
    frames = {(area.min_col, area.min_row, area.max_row) for area in made.merged_cells.ranges}
    (first,) = {top for _, top, _ in frames}
    once = {names.index(name) + 1 for name in ("severity", "how_to_fix", "rule_id")}
    assert frames == {(column, first, first + 2) for column in once}
    places = [made.cell(row, names.index("place") + 1).value for row in range(first, first + 3)]
    assert places == [words()["below"], "Данные, E2", "Данные, E3"]


def test_an_answer_ends_with_whom_to_ask(tmp_path: Path) -> None:
    settings = Settings(tmp_path)
    assert load_contacts(settings) == ()
    text = "# для всех\r\nШаблоны форм: https://example.org/\r\n\r\n=Вопросы: 8 495 000-00-00\r\n"
    (tmp_path / "contacts.txt").write_bytes(text.encode("cp1251"))
    contacts = load_contacts(settings)
    assert contacts == ("Шаблоны форм: https://example.org/", "=Вопросы: 8 495 000-00-00")
    told = told_of(judged("D-36")[0], contacts=contacts)
    sheet = opened(marked(corpus()["D-36"].data, told, NOW).data)[words()["sheet"]]
    last = [sheet.cell(sheet.max_row - back, 1) for back in (1, 0)]
    assert tuple(cell.value for cell in last) == contacts
    assert all(cell.data_type == "s" for cell in last)
