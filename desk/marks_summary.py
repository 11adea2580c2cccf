"""The first sheet of a marked workbook: verdict, facts, and each problem with links to its cells.

What enters: a workbook and what is told of its file. What leaves: the sheet «Итог» before all
others, ready to print; blocking problems first, repeated ones told once.
"""

from __future__ import annotations

from typing import Any

from openpyxl import Workbook
from openpyxl.styles import Alignment, Border, Font, PatternFill, Side
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.hyperlink import Hyperlink
from openpyxl.worksheet.properties import PageSetupProperties
from openpyxl.worksheet.worksheet import Worksheet

from desk.places import Cell
from desk.told import Problem, Told, problems
from expectations.protocol import protocol_words
from expectations.split import Finding
from ingest.settings import MOSCOW
from ingest.text import FORMULA_STARTS, printable
from reports.formats import month

_INK, _LINE = "FF1F2933", Side(style="thin", color="FFD8DEE5")
_HEAD = PatternFill("solid", fgColor="FF1F4E79")
_FONT = "Liberation Sans"
_LETTERS = 1.05  # of a column's width that one line of text needs, with a margin


def _facts(told: Told, words: dict[str, Any]) -> list[tuple[str, str]]:
    names, counts = words["facts"], told.counts
    rows = words["rows"].format_map(vars(counts)) if counts is not None else words["unread"]
    received = told.received_at
    facts = {
        "file": told.delivery.file_name,
        "form": told.form_title or words["unknown"],
        "territory": told.territory_name,
        "period": _month(told) or words["unknown"],
        "received": f"{received.astimezone(MOSCOW):%d.%m.%Y %H:%M}" if received else None,
        "rows": rows,
        "due": f"{told.due_on:%d.%m.%Y}" if told.due_on else None,
        "todo": told.todo or words["todo"][told.status],
    }
    return [(names[key], value) for key, value in facts.items() if value]


def _month(told: Told) -> str | None:
    """«сентябрь 2024» for a month, the day for a snapshot."""
    day = told.delivery.as_of
    if day is None:
        return None
    return f"{month(f'{day}')} {day.year}" if told.is_monthly else f"{day:%d.%m.%Y}"


class _Summary:
    """The sheet being written, row by row."""

    def __init__(self, book: Workbook, told: Told, words: dict[str, Any]) -> None:
        if words["sheet"] in book.sheetnames:  # the sender has a sheet of this name, too
            book[words["sheet"]].title = f"{words['sheet']} (файл)"
        self.sheet: Worksheet = book.create_sheet(words["sheet"], 0)
        self.told, self.words = told, words
        self.row = 1
        for number, column in enumerate(words["columns"], 1):
            self.sheet.column_dimensions[get_column_letter(number)].width = column["width"]

    def put(self, column: int, text: str, **look: Any) -> Any:
        """One cell of text, never a formula."""
        cell = self.sheet.cell(self.row, column)
        cell.value, cell.data_type = printable(text), "s"
        cell.quotePrefix = text.startswith(FORMULA_STARTS)
        size, bold = look.get("size", 10), look.get("bold", False)
        cell.font = Font(name=_FONT, size=size, bold=bold, color=look.get("ink", _INK),
                         underline=look.get("underline"))  # fmt: skip
        cell.alignment = Alignment(vertical="top", wrap_text=look.get("wrap", True))
        if fill := look.get("fill"):
            cell.fill = (
                fill if isinstance(fill, PatternFill) else PatternFill("solid", fgColor=fill)
            )
        if look.get("boxed"):
            cell.border = Border(top=_LINE, bottom=_LINE, left=_LINE, right=_LINE)
        return cell

    def head(self) -> None:
        """Verdict and facts."""
        status = protocol_words()["statuses"][self.told.status]
        tone = protocol_words()["tones"][status["tone"]]
        self.put(1, self.words["title"], size=15, bold=True, wrap=False)
        self.row = 2
        label = status["label"]
        fill, ink = (f"FF{tone[part].lstrip('#')}" for part in ("fill", "ink"))
        for column in range(1, len(self.words["columns"]) + 1):
            self.put(column, label[:1].upper() + label[1:] if column == 1 else "", size=14,
                     bold=True, fill=fill, ink=ink, wrap=False)  # fmt: skip
        self.sheet.row_dimensions[1].height, self.sheet.row_dimensions[2].height = 24, 26
        self.row = 4
        for name, value in _facts(self.told, self.words):
            self.put(1, name, ink="FF5B6570")
            self.put(2, value, bold=name == self.words["facts"]["todo"], wrap=False)
            self.row += 1
        if self.told.status not in ("accepted", "duplicate"):
            self.put(2, self.words["where"], ink="FF5B6570", wrap=False)
            self.row += 1
        self.row += 1

    def line(self, cells: dict[str, str], fill: str | None, link: Cell | None = None) -> None:
        """A line of the list of problems."""
        lines = 1
        for number, column in enumerate(self.words["columns"], 1):
            text = cells.get(column["name"], "")
            is_link = link is not None and column["name"] == "place"
            cell = self.put(number, text, boxed=True, fill=fill if number == 1 else None,
                            ink="FF0B5CAD" if is_link else _INK,
                            underline="single" if is_link else None)  # fmt: skip
            if is_link and link is not None:
                _link(cell, link)
            lines = max(lines, -(-int(_LETTERS * len(text)) // column["width"]))
        self.sheet.row_dimensions[self.row].height = 13.5 * lines + 3
        self.row += 1

    def list_head(self, *, is_coloured: bool) -> None:
        """The title of the list and its columns; what colours mean where there are any."""
        self.put(1, self.words["findings"], size=12, bold=True, wrap=False)
        self.row += 1
        if is_coloured:
            self.put(1, self.words["legend"], ink="FF5B6570", wrap=False)
            self.row += 1
        for number, column in enumerate(self.words["columns"], 1):
            self.put(number, column["title"], bold=True, fill=_HEAD, ink="FFFFFFFF", boxed=True)
        self.sheet.print_title_rows = f"{self.row}:{self.row}"
        self.row += 1

    def problem(self, problem: Problem, cells: dict[int, Cell]) -> None:
        """A problem: its words once, then its places, each with a link."""
        first, many = problem.first, len(problem.findings) > 1
        message = first.message
        if many and not problem.is_the_same and first.expected and first.column_title:
            facts = {"column": first.column_title, "expected": first.expected}
            message = self.words["general"].format_map(facts)
        if many:
            message = self.words["several"].format(message=message, count=len(problem.findings))
        label = protocol_words()["severities"][first.severity]["label"]
        texts = {
            "severity": label, "message": message, "how_to_fix": first.how_to_fix,
            "rule_id": first.rule_id,
            "place": self.words["below"] if many else _place(first, cells),
        }  # fmt: skip
        fill, top = self.words["fills"][first.severity], self.row
        self.line(texts, fill, None if many else cells.get(id(first)))
        if not many:
            return
        for found in problem.findings[: self.words["places_shown"]]:
            told = "" if problem.is_the_same else found.message
            place = _place(found, cells)
            self.line({"message": told, "place": place}, None, cells.get(id(found)))
        left = len(problem.findings) - self.words["places_shown"]
        if left > 0:
            self.line({"place": self.words["more"].format(count=left)}, None)
        self.join(top, told_at_places=not problem.is_the_same)

    def join(self, top: int, *, told_at_places: bool) -> None:
        """One frame a problem: what is said once stands beside all its places."""
        once = {"severity", "how_to_fix", "rule_id"} | (set() if told_at_places else {"message"})
        last = self.row - 1
        for number, column in enumerate(self.words["columns"], 1):
            if column["name"] in once:
                self.sheet.merge_cells(None, top, number, last, number)

    def contacts(self) -> None:
        """Whom to ask and where the blanks lie, where an operator has written it down."""
        self.row += 1
        for line in self.told.contacts:
            self.put(1, line, wrap=False)
            self.row += 1

    def finish(self) -> None:
        """Ready to print and to read."""
        sheet = self.sheet
        sheet.sheet_view.showGridLines = False
        sheet.page_setup.orientation, sheet.page_setup.paperSize = "landscape", 9
        sheet.page_setup.fitToWidth, sheet.page_setup.fitToHeight = 1, 0
        sheet.sheet_properties.pageSetUpPr = PageSetupProperties(fitToPage=True)
        sheet.page_margins.left = sheet.page_margins.right = 0.4


def _place(found: Finding, cells: dict[int, Cell]) -> str:
    cell = cells.get(id(found))
    if cell is None:
        return found.sheet or ""
    return f"{cell.sheet}, {get_column_letter(cell.column)}{cell.row}"


def _link(cell: Any, place: Cell) -> None:
    sheet = place.sheet.replace("'", "''")
    target = f"'{sheet}'!{get_column_letter(place.column)}{place.row}"
    cell.hyperlink = Hyperlink(ref=cell.coordinate, location=target)


def write_summary(
    book: Workbook,
    told: Told,
    by_cell: dict[Cell, list[Finding]],
    words: dict[str, Any],
    *,
    copied_from: str | None,
) -> None:
    """Put «Итог» before the sheets of a marked workbook and open the book on it."""
    cells = {id(finding): cell for cell, found in by_cell.items() for finding in found}
    cells = {key: cell for key, cell in cells.items() if cell.sheet in book.sheetnames}
    summary = _Summary(book, told, words)
    summary.head()
    if copied_from:
        summary.put(1, words["copied"].format(kind=copied_from), ink="FF7A5200", wrap=False)
        summary.row += 2
    gathered = problems(told.findings)
    if gathered:
        summary.list_head(is_coloured=bool(cells))
    else:
        summary.put(1, words["nothing"], wrap=False)
    for problem in gathered[: words["problems_shown"]]:
        summary.problem(problem, cells)
    summary.contacts()
    summary.finish()
    for sheet in book.worksheets:
        sheet.sheet_view.tabSelected = False
    book.active = 0
    summary.sheet.sheet_view.tabSelected = True
