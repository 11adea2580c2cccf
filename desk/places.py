"""Where findings lie in a file: from sheet, row and title of a column to cells.

What enters: the bytes of a file and what was found in it. What leaves: its sheets and, for each
finding, a cell, a row's first cell, or nothing when the whole file is meant.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from expectations.split import Finding
from ingest.deliveries import Delivery
from ingest.forms import FormVersion, load_forms
from ingest.header import Header, find_headers
from ingest.limits import OverLimit
from ingest.sheets import Sheet, UnreadableTable, open_sheets
from ingest.sniff import READABLE, Kind, sniff


@dataclass(frozen=True, order=True)
class Cell:
    """An address: the sheet's own name, row from 1, column from 1."""

    sheet: str
    row: int
    column: int


@dataclass
class Places:
    """A file's sheets and the headers that its rows were read by."""

    kind: Kind
    sheets: list[Sheet] = field(default_factory=list)
    headers: list[Header] = field(default_factory=list)
    version: FormVersion | None = None

    @classmethod
    def of(cls, data: bytes, delivery: Delivery) -> Places:
        """Open a file once more; one that cannot be opened has no places."""
        kind = sniff(data)
        if kind not in READABLE:
            return cls(kind)
        try:
            sheets = open_sheets(data, kind)
            for sheet in sheets:
                sheet.head()  # some files break off only when their rows are asked for
            form = load_forms().get(delivery.form_code or "")
            if form is None or delivery.as_of is None:
                return cls(kind, sheets)
            version = form.version_at(delivery.as_of)
            return cls(kind, sheets, find_headers(sheets, version), version)
        except (UnreadableTable, OverLimit):
            return cls(kind)

    def _header(self, label: str | None) -> Header | None:
        return next((header for header in self.headers if header.label == label), None)

    def _column(self, header: Header, title: str | None) -> int:
        """Position of a column by its title; the table's first one where it has none."""
        if self.version is None or title is None:
            return header.range[0]
        names = {column.name for column in self.version.columns if column.title == title}
        found = [p for p, name in header.positions.items() if name in names]
        if not found:
            return header.range[0]
        # Parts of a whole name and names of sections stand beyond the sheet's own columns.
        last = max([p for p in header.positions if p < len(header.cells)], default=found[0])
        if found[0] > last and header.full_name_at is not None:
            return header.full_name_at
        return found[0]

    def used(self) -> dict[str, int]:
        """Sheet → the last column of its table."""
        # Parts of a whole name are read as columns beyond the sheet's own.
        used: dict[str, int] = {}
        for header in self.headers:
            last = min(header.range[1], len(header.cells))
            used[header.sheet.name] = max(last, used.get(header.sheet.name, 0))
        return used

    def cell(self, finding: Finding) -> Cell | None:
        """The cell that a finding is about; None when it is about the file."""
        if finding.row is None or finding.sheet is None:
            return None
        if any(finding.row == h.row and finding.sheet == h.label for h in self.headers):
            return None  # about the table as a whole: its first cell is no more wrong than others
        header = self._header(finding.sheet)
        if header is None:
            known = any(sheet.name == finding.sheet for sheet in self.sheets)
            return Cell(finding.sheet, finding.row, 1) if known else None
        position = self._column(header, finding.column_title)
        return Cell(header.sheet.name, finding.row, position + 1)

    def by_cell(self, findings: Iterable[Finding]) -> dict[Cell, list[Finding]]:
        """Findings by the cell that they are about, in the order of cells."""
        found: dict[Cell, list[Finding]] = {}
        for finding in findings:
            if (cell := self.cell(finding)) is not None:
                found.setdefault(cell, []).append(finding)
        return dict(sorted(found.items()))
