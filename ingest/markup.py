"""Tables of a web page or an XML spreadsheet that a portal saved as a «workbook» (D-03).

What enters: bytes that begin with «<». What leaves: (name, rows) of each table, every cell a text.
Nothing is fetched, no entity is resolved and nothing in the file is run.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from lxml import etree, html

from ingest.limits import within

_SPREADSHEET = "urn:schemas-microsoft-com:office:spreadsheet"
_SS = f"{{{_SPREADSHEET}}}"
_SPACES = re.compile(r"\s+")
# Spans and indexes are numbers that anybody may write; the widest form has some thirty columns.
_MOST_COLUMNS = 200
_MOST_ROWS = 1 << 20
Table = tuple[str, list[list[str]]]


def tables_of(text: str) -> list[Table]:
    """Tables of a page or a SpreadsheetML book; empty when there are none.

    Args:
        text: the decoded file.

    Raises:
        OverLimit: the tables take more places than any honest page.
    """
    data = text.encode()
    places = _Places()
    try:
        if _SPREADSHEET in text[:4096]:
            parser = etree.XMLParser(encoding="utf-8", resolve_entities=False, no_network=True)
            return list(_worksheets(etree.fromstring(data, parser), places))
        page = html.HTMLParser(encoding="utf-8", no_network=True)
        root = html.document_fromstring(data, parser=page)
    except etree.LxmlError:
        return []
    # A table that holds others only lays them out.
    leaves = [table for table in root.iter("table") if table.find(".//table") is None]
    return [(f"Таблица {n}", _Grid(places).filled(table)) for n, table in enumerate(leaves, 1)]


def _whole(text: str | None, least: int, most: int = _MOST_COLUMNS) -> int:
    """A span or an index as a number within reason."""
    return min(max(int(text[:9]), least), most) if text and text.isdecimal() else least


@dataclass
class _Places:
    """How many places the tables of a page take, filled or not."""

    taken: int = 0

    def take(self, count: int) -> None:
        self.taken = within("page_cells", self.taken + count)


@dataclass
class _Grid:
    """Rows of an HTML table; a merged cell gives its text to its first place only."""

    places: _Places
    # Column → how many rows more a cell above reaches down to.
    held: dict[int, int] = field(default_factory=dict)

    def _next(self, row: list[str]) -> None:
        """Pass over the places that cells above reach down to."""
        while self.held.get(len(row), 0) > 0:
            self.held[len(row)] -= 1
            row.append("")

    def _row(self, line: html.HtmlElement) -> list[str]:
        row: list[str] = []
        for cell in line.iterchildren("td", "th"):
            self._next(row)
            if len(row) >= _MOST_COLUMNS:
                break
            wide, high = _whole(cell.get("colspan"), 1), _whole(cell.get("rowspan"), 1)
            for place in range(len(row), len(row) + wide):
                self.held[place] = high - 1
            row += [_SPACES.sub(" ", cell.text_content()).strip(), *[""] * (wide - 1)]
        self._next(row)
        self.places.take(len(row) + 1)
        return row

    def filled(self, table: html.HtmlElement) -> list[list[str]]:
        """Rows of the table from top to bottom."""
        return [self._row(line) for line in table.iter("tr")]


def _worksheets(book: etree._Element, places: _Places) -> Iterator[Table]:
    for sheet in book.iter(f"{_SS}Worksheet"):
        rows: list[list[str]] = []
        for line in sheet.iter(f"{_SS}Row"):
            index = _whole(line.get(f"{_SS}Index"), len(rows) + 1, _MOST_ROWS)
            places.take(max(index - len(rows), 1))
            rows += [[] for _ in range(index - 1 - len(rows))]
            rows.append(_cells(line))
            places.take(len(rows[-1]))
        yield sheet.get(f"{_SS}Name") or "", rows


def _cells(line: etree._Element) -> list[str]:
    row: list[str] = []
    for cell in line.iterchildren(f"{_SS}Cell"):
        if len(row) >= _MOST_COLUMNS:
            break
        place = _whole(cell.get(f"{_SS}Index"), len(row) + 1)
        row += [""] * (place - 1 - len(row))
        data = cell.find(f"{_SS}Data")
        row.append("" if data is None else "".join(data.itertext()).strip())
        row += [""] * _whole(cell.get(f"{_SS}MergeAcross"), 0)
    return row
