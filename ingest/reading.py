"""The state of one file while it is read: what was found so far and what the file is taken for.

What enters: a manifest and the reader's knowledge. What leaves: findings worded for the sender.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date

from ingest.body import RowCount
from ingest.deliveries import FileFinding, Landed, Reply, file_finding
from ingest.forms import FormVersion
from ingest.header import Header
from ingest.knowledge import Knowledge
from ingest.limits import most
from ingest.routing import Route
from ingest.settings import MOSCOW
from ingest.stamp import Stamp


@dataclass
class Reading:
    """State of one file while it is read."""

    landed: Landed
    knowledge: Knowledge
    findings: list[FileFinding] = field(default_factory=list)
    route: Route = field(default_factory=Route)
    version: FormVersion | None = None
    stamp: Stamp | None = None
    n_rows: int = 0
    replies: tuple[Reply, ...] | None = None

    def find(self, code: str, at: Header | None = None, **facts: object) -> None:
        """Add the finding `code` of `messages.yml`, at a header if it is about a table."""
        known = {"file": self.landed.file_name, **facts}
        sheet, row = (at.label, at.row) if at else (None, None)
        self.findings.append(file_finding(code, known, sheet=sheet, row=row))

    def find_cells(self, count: RowCount) -> None:
        """Cells of text that hold an error of Excel, one finding each while they are few."""
        for header, row, title, found in count.errors[: most("cell_findings")]:
            facts = {"file": self.landed.file_name, "found": found}
            said = file_finding(
                "F-ERROR-CELL", facts, sheet=header.label, row=row, column_title=title
            )
            self.findings.append(said)

    @property
    def received_on(self) -> date:
        """Moscow's day of the receipt."""
        return self.landed.received_at.astimezone(MOSCOW).date()

    @property
    def is_blocked(self) -> bool:
        """Whether something found so far refuses the file."""
        return any(finding.severity == "block" for finding in self.findings)
