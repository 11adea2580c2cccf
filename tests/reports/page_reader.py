"""Reads a written page as a browser without scripts would.

What enters: the text of a page. What leaves: its tables, scripts and attributes, entities decoded.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from html.parser import HTMLParser

VOID = {"meta", "br", "input", "img", "link"}


@dataclass
class Line:
    """One `<tr>` of a body."""

    territory: str | None
    cells: list[str] = field(default_factory=list)


@dataclass
class ReadTable:
    """One `<table>`: header texts and body lines; `total` holds the lines of `tbody.total`."""

    heads: list[str] = field(default_factory=list)
    rows: list[Line] = field(default_factory=list)
    total: list[Line] = field(default_factory=list)


class PageReader(HTMLParser):
    """Collects what the tests look at."""

    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=True)
        self.tables: dict[str, ReadTable] = {}
        self.scripts: list[tuple[dict[str, str], str]] = []
        self.tags: list[tuple[str, dict[str, str]]] = []
        self.open: list[tuple[str, dict[str, str]]] = []
        self.text: list[str] = []
        self._table = ReadTable()
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        known = {name: value or "" for name, value in attrs}
        self.tags.append((tag, known))
        if tag not in VOID:
            self.open.append((tag, known))
        if tag == "script":
            self.scripts.append((known, ""))
        elif tag == "table":
            self._table = self.tables.setdefault(known.get("id", ""), ReadTable())
        elif tag == "tr" and self._body():
            self._lines().append(Line(known.get("data-t")))
        elif tag in ("td", "th"):
            (self._lines()[-1].cells if self._body() else self._table.heads).append("")

    def handle_endtag(self, tag: str) -> None:
        while self.open and self.open.pop()[0] != tag:
            pass

    def handle_data(self, data: str) -> None:
        inside = [name for name, _ in self.open]
        if inside and inside[-1] == "script":
            attrs, text = self.scripts[-1]
            self.scripts[-1] = (attrs, text + data)
            return
        if "style" not in inside:
            self.text.append(data)
        if "td" in inside or "th" in inside:
            cells = self._lines()[-1].cells if self._body() else self._table.heads
            cells[-1] += f" {data.strip()}" if inside[-1] == "small" else data

    def _body(self) -> str:
        return next((a.get("class", "-") for n, a in reversed(self.open) if n == "tbody"), "")

    def _lines(self) -> list[Line]:
        return self._table.total if self._body() == "total" else self._table.rows
