"""The workbook of an answer: «Итог» first, then one line a finding, ready to print.

What enters: an `Answer` with finished texts. What leaves: an .xlsx, the same bytes for the same
answer; texts that look like formulas stay texts.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from ingest.deliveries import room_for
from ingest.text import FORMULA_STARTS

_HEAD_ROWS = 4
_LIMIT = 1_048_000  # rows of a sheet, less the head
_LINE_HEIGHT = 13.5  # points
_LONGEST = 2_000  # letters of a cell; Excel takes 32 767 and shows a page of them at most
_MOST_LINES = 30  # Excel's highest row has 409 points


@dataclass(frozen=True)
class Line:
    """One line of a sheet: cells by column name, and how grave it is."""

    tone: str
    cells: dict[str, Any]


@dataclass(frozen=True)
class Answer:
    """What one sender is told."""

    title: str
    subtitle: str
    made_at: datetime
    summary: list[Line]
    findings: list[Line]
    contacts: tuple[str, ...] = ()  # whom to ask, where the blanks lie


def _lines(line: Line, columns: list[dict[str, Any]]) -> int:
    """How many lines the longest wrapped text of a row needs."""
    printed = [column for column in columns if not column.get("screen")]
    lengths: Iterable[int] = (
        math.ceil(1.1 * len(f"{line.cells.get(c['name']) or ''}") / c["width"]) for c in printed
    )
    return min(max(1, *lengths), _MOST_LINES)


def _printed(columns: list[dict[str, Any]]) -> int:
    """Number of the last printed column."""
    return sum(not column.get("screen") for column in columns) - 1


class _Book:
    """Formats and words of one workbook."""

    def __init__(self, path: Path, answer: Answer, words: dict[str, Any]) -> None:
        import xlsxwriter

        options = {
            "strings_to_formulas": False,
            "strings_to_urls": False,
            "strings_to_numbers": False,
        }
        self.book = xlsxwriter.Workbook(f"{path}", options)
        self.book.set_properties(
            {"title": answer.title, "created": answer.made_at.replace(tzinfo=None)}
        )
        self.answer = answer
        self.words = words
        base = {"font_name": "Liberation Sans", "font_size": 10, "valign": "top"}
        cell = {**base, "text_wrap": True, "border": 1, "border_color": "#D8DEE5"}
        self.plain = self.book.add_format(cell)
        self.quoted = self.book.add_format({**cell, "quote_prefix": True})
        self.tones = {
            tone: self.book.add_format(
                {**cell, "bg_color": look["fill"], "font_color": look["ink"], "bold": True}
            )
            for tone, look in words["tones"].items()
        }
        self.head = self.book.add_format(
            {**base, "bold": True, "text_wrap": True, "bg_color": "#1F4E79",
             "font_color": "#FFFFFF", "border": 1, "border_color": "#D8DEE5"}
        )  # fmt: skip
        self.title = self.book.add_format({**base, "bold": True, "font_size": 15})
        self.note = self.book.add_format({**base, "font_color": "#5B6570"})

    def sheet(self, name: str, columns: list[dict[str, Any]]) -> Any:
        """A titled sheet with its header, set up for A4 landscape."""
        sheet = self.book.add_worksheet(name)
        sheet.set_landscape()
        sheet.set_paper(9)
        sheet.fit_to_pages(1, 0)
        sheet.set_margins(0.4, 0.4, 0.5, 0.6)
        sheet.set_footer("&L&8" + self.answer.subtitle.replace("&", "&&") + "&R&8&P из &N")
        sheet.repeat_rows(_HEAD_ROWS)
        sheet.set_row(_HEAD_ROWS, 2 * _LINE_HEIGHT + 3)
        sheet.freeze_panes(_HEAD_ROWS + 1, 0)
        sheet.set_row(0, 24)
        sheet.write_string(0, 0, self.answer.title, self.title)
        sheet.write_string(1, 0, self.answer.subtitle, self.note)
        for number, column in enumerate(columns):
            sheet.set_column(number, number, column["width"])
            sheet.write_string(_HEAD_ROWS, number, column["title"], self.head)
        return sheet

    def line(self, sheet: Any, row: int, line: Line, columns: list[dict[str, Any]]) -> None:
        """One line; the column that names the state carries the tone."""
        # Excel fits a row's height when it is typed, not when a program writes it.
        sheet.set_row(row, _LINE_HEIGHT * _lines(line, columns) + 2)
        for number, column in enumerate(columns):
            value = line.cells.get(column["name"])
            look = self.tones[line.tone] if column["name"] in ("status", "severity") else self.plain
            if isinstance(value, int):
                sheet.write_number(row, number, value, look)
            else:
                text = "" if value is None else f"{value}"
                # A text that looks like a formula would become one when its cell is edited.
                is_quoted = look is self.plain and text.startswith(FORMULA_STARTS)
                sheet.write_string(row, number, text[:_LONGEST], self.quoted if is_quoted else look)


def _summary_sheet(book: _Book) -> None:
    words = book.words
    columns = words["summary_columns"]
    sheet = book.sheet(words["summary_sheet"], columns)
    sheet.write_string(2, 0, words["hint"], book.note)
    sheet.write_string(3, 0, words["personal"], book.note)
    for row, line in enumerate(book.answer.summary, _HEAD_ROWS + 1):
        book.line(sheet, row, line, columns)
    last = _HEAD_ROWS + len(book.answer.summary)
    for row, text in enumerate(book.answer.contacts, last + 2):
        sheet.write_string(row, 0, text, book.note)
        last = row
    sheet.print_area(0, 0, last, _printed(columns))


def _findings_sheet(book: _Book) -> None:
    words = book.words
    columns = words["findings_columns"]
    sheet = book.sheet(words["findings_sheet"], columns)
    sheet.write_string(2, 0, words["confirm"], book.note)
    lines = book.answer.findings[:_LIMIT]
    if not lines:
        sheet.write_string(_HEAD_ROWS + 1, 0, words["no_findings"], book.plain)
    for row, line in enumerate(lines, _HEAD_ROWS + 1):
        book.line(sheet, row, line, columns)
    sheet.print_area(0, 0, _HEAD_ROWS + max(1, len(lines)), _printed(columns))
    sheet.autofilter(_HEAD_ROWS, 0, _HEAD_ROWS + max(1, len(lines)), len(columns) - 1)


def write_answer(answer: Answer, path: Path, words: dict[str, Any]) -> None:
    """Write the workbook of one sender; `words` are those of `protocol.yml`.

    Raises:
        DiskFull: no room was left.
    """
    temporary = path.with_suffix(".tmp")
    with room_for(temporary):
        path.parent.mkdir(parents=True, exist_ok=True)
        book = _Book(temporary, answer, words)
        _summary_sheet(book)
        _findings_sheet(book)
        book.book.close()
        temporary.replace(path)
