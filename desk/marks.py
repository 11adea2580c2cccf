"""The marked workbook: the sender's own file, bad cells coloured and commented, «Итог» first.

What enters: the bytes that came and what is told of them. What leaves: an .xlsx with the same
sheets; from formats that carry no marks, a workbook of the data read. The same bytes every time.
"""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any, cast

from openpyxl import Workbook, load_workbook
from openpyxl.cell.cell import Cell as SheetCell
from openpyxl.cell.cell import MergedCell
from openpyxl.comments import Comment
from openpyxl.packaging.custom import StringProperty
from openpyxl.styles import PatternFill
from openpyxl.worksheet.worksheet import Worksheet

from desk.marks_summary import write_summary
from desk.places import Cell, Places
from desk.told import Told
from expectations.models import Severity
from expectations.protocol import protocol_words
from expectations.split import Finding
from ingest.bombs import is_light
from ingest.cells import text_of
from ingest.look import ANSWER
from ingest.sniff import WORDS as KINDS
from ingest.sniff import Kind
from ingest.text import FORMULA_STARTS, printable
from ingest.yaml_files import read_yaml

MOST_BYTES = 8 << 20  # of a workbook that is opened with all its looks: fifty times that in memory
MOST_ROWS = 20_000  # copied from formats without marks
MOST_CELLS = 200_000  # copied
MOST_MARKS = 5_000
_OUTSIDE = re.compile(r"\[|\||!'?\\|WEBSERVICE|HYPERLINK|FILTERXML|CALL\(|EXEC\(|REGISTER", re.I)
_ODD_IN_NAMES = re.compile(r'[\x00-\x1f\x7f<>:"/\\|?*]')  # for Windows
_LONGEST_NAME = 180  # bytes
_EPOCH = (1980, 1, 1, 0, 0, 0)


@dataclass(frozen=True)
class Marked:
    """A workbook to give back."""

    name: str
    data: bytes


@cache
def words() -> dict[str, Any]:
    """`marks.yml`."""
    path = Path(__file__).with_name("marks.yml")
    found: dict[str, Any] = read_yaml(path)
    return found


def _opened(data: bytes, places: Places) -> Workbook | None:
    """The sender's own workbook, without what runs or reaches outside; None if it is not one."""
    if places.kind is not Kind.XLSX or not places.sheets or len(data) > MOST_BYTES:
        return None
    if not is_light(data):
        return None
    try:
        book = load_workbook(io.BytesIO(data), keep_links=False)
    except Exception:  # noqa: BLE001 - a foreign writer on foreign bytes; the data is copied instead
        return None
    for sheet in book.worksheets:
        _disarm(sheet)
    _forget(book)
    return book


def own_cells(sheet: Worksheet) -> list[SheetCell]:
    """Cells that the file holds; asking for rows would make all 17 billion of a formatted sheet."""
    kept: dict[tuple[int, int], Any] = vars(sheet)["_cells"]
    return [cell for cell in kept.values() if not isinstance(cell, MergedCell)]


def _disarm(sheet: Worksheet) -> None:
    """Formulas that reach out of the book become texts; links stay only inside the book."""
    for cell in own_cells(sheet):
        if cell.data_type == "f" and _OUTSIDE.search(f"{cell.value}"):
            cell.value, cell.data_type = f"'{cell.value}", "s"
        if cell.hyperlink is not None and cell.hyperlink.target:
            cell.hyperlink = None


def _properties(book: Any) -> Any:
    """Custom properties of a document, which the stubs of the library leave out."""
    return book.custom_doc_props


def _forget(book: Workbook) -> None:
    """Take away what an earlier answer left in a file that came back with it."""
    ours, known = {*words()["fills"].values(), words()["row_fill"]}, _properties(book)
    if ANSWER not in known.names:
        return
    if words()["sheet"] in book.sheetnames and len(book.sheetnames) > 1:
        del book[words()["sheet"]]
    del known[ANSWER]
    for sheet in book.worksheets:
        for cell in own_cells(sheet):
            if cell.comment is not None and cell.comment.author == words()["author"]:
                cell.comment = None
            if cell.fill.fgColor.rgb in ours:
                cell.fill = PatternFill()


def _copied(places: Places) -> Workbook:
    """A workbook of the data read: every cell a text at the address it was read from."""
    book, left = Workbook(), MOST_CELLS
    del book[book.sheetnames[0]]
    for sheet in places.sheets:
        if not sheet.visible:
            continue
        copy = book.create_sheet(re.sub(r"[\[\]:*?/\\]", "_", sheet.name)[:31] or "Лист")
        for number, cells in sheet.rows():
            left -= len(cells)
            if number > MOST_ROWS or left < 0:
                break
            for position, value in enumerate(cells, 1):
                text = text_of(value)
                if text is not None:
                    _put_text(copy.cell(number, position), text)
    return book


def _put_text(cell: Any, text: str) -> None:
    """A text that no program takes for a formula."""
    cell.value = printable(text)
    cell.data_type = "s"
    if text.startswith(FORMULA_STARTS):
        cell.quotePrefix = True


def _comment(found: list[Finding]) -> Comment:
    known, labels = words(), protocol_words()["severities"]
    texts = []
    for finding in found[: known["comments_of_a_cell"]]:
        facts = vars(finding) | {"severity": labels[finding.severity]["label"].capitalize()}
        template = known["comment" if finding.expected else "comment_plain"]
        texts.append(template.format_map(facts))
    if len(found) > len(texts):
        texts.append(known["more_in_cell"].format(count=len(found) - len(texts)))
    comment = Comment(printable("\n\n".join(texts)), known["author"], width=380)
    comment.height = 24 + 17 * sum(1 + len(line) // 52 for line in comment.text.splitlines())
    return comment


def _mark(book: Workbook, by_cell: dict[Cell, list[Finding]]) -> None:
    fills = {
        severity: PatternFill("solid", fgColor=colour)
        for severity, colour in words()["fills"].items()
    }
    for place, found in list(by_cell.items())[:MOST_MARKS]:
        if place.sheet not in book.sheetnames:
            continue
        cell = _whole(book[place.sheet], place)
        worst = min(found, key=lambda f: Severity(f.severity).rank)
        cell.fill = fills[worst.severity]
        cell.comment = _with_own(cell, _comment(found))


def _tint(book: Workbook, rows: Iterable[tuple[str, int]], used: Mapping[str, int]) -> None:
    """Colour lightly what else stands in the rows that were not taken.

    Args:
        book: the workbook; cells that have a colour keep it.
        rows: sheet and number of each row.
        used: sheet → how many columns its table has.
    """
    fill = PatternFill("solid", fgColor=words()["row_fill"])
    for name, row in rows:
        if name not in book.sheetnames:
            continue
        for column in range(1, used.get(name, 0) + 1):
            cell = book[name].cell(row, column)
            if not isinstance(cell, MergedCell) and cell.fill.fill_type is None:
                cell.fill = fill


def _whole(sheet: Worksheet, place: Cell) -> SheetCell:
    """A cell, or the first one of the merged area it lies in: only that one shows anything."""
    cell = sheet.cell(place.row, place.column)
    if not isinstance(cell, MergedCell):
        return cell
    area = next(a for a in sheet.merged_cells.ranges if cell.coordinate in a)
    first: Any = sheet.cell(area.min_row, area.min_col)
    return cast(SheetCell, first)


def _with_own(cell: SheetCell, ours: Comment) -> Comment:
    """Our comment, and below it what the sender had written there."""
    if cell.comment is not None:
        ours.text = f"{ours.text}\n\n{cell.comment.text}"
    return ours


def _saved(book: Workbook, made_at: datetime) -> bytes:
    """The book as bytes that depend on nothing but its content and `made_at`."""
    stream, fixed = io.BytesIO(), io.BytesIO()
    book.save(stream)
    stamp = f"{made_at:%Y-%m-%dT%H:%M:%S}Z".encode()
    with zipfile.ZipFile(stream) as made, zipfile.ZipFile(fixed, "w", zipfile.ZIP_DEFLATED) as file:
        for name in made.namelist():
            data = made.read(name)
            if name == "docProps/core.xml":
                data = re.sub(
                    rb"(<dcterms:(?:created|modified)[^>]*>)[^<]*", rb"\g<1>" + stamp, data
                )
            file.writestr(zipfile.ZipInfo(name, _EPOCH), data, zipfile.ZIP_DEFLATED)
    return fixed.getvalue()


def _name(file_name: str) -> str:
    stem = re.sub(r"\.[A-Za-z0-9]{1,5}$", "", file_name) or file_name
    plain = stem.removeprefix(words()["file_name"].split("{", 1)[0])
    # With what is put around it, the name has to fit any file system: 255 bytes.
    plain = _ODD_IN_NAMES.sub("_", plain).encode()[:_LONGEST_NAME].decode(errors="ignore")
    name: str = words()["file_name"].format(name=plain)
    return name


def marked(data: bytes, told: Told, made_at: datetime) -> Marked:
    """The sender's workbook with marks, or a workbook of what could be read of her file.

    Args:
        data: the bytes as they came.
        told: what is told of them.
        made_at: the moment of the answer, aware; it is written into the workbook.
    """
    places = Places.of(data, told.delivery)
    own = _opened(data, places)
    book = own if own is not None else _copied(places)
    by_cell = places.by_cell(told.findings)
    _mark(book, by_cell)
    rejected = {
        (place.sheet, place.row)
        for place, found in list(by_cell.items())[:MOST_MARKS]
        if any(Severity(finding.severity).rejects for finding in found)
    }
    _tint(book, sorted(rejected), places.used())
    copied_from = KINDS[places.kind] if own is None and places.sheets else None
    write_summary(book, told, by_cell, words(), copied_from=copied_from)
    _properties(book).append(StringProperty(name=ANSWER, value=f"{told.status}"))
    return Marked(_name(told.delivery.file_name), _saved(book, made_at))


def is_worth_marking(findings: Iterable[Finding]) -> bool:
    """Whether a file has anything that its sender should look at."""
    return any(Severity(finding.severity).is_remark for finding in findings)
