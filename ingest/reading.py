"""The state of one file while it is read: what was found so far and what the file is taken for.

What enters: a manifest and the reader's knowledge. What leaves: findings worded for the sender.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

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
    n_broken: int = 0
    replies: tuple[Reply, ...] | None = None

    def find(self, code: str, at: Header | None = None, **facts: object) -> None:
        """Add the finding `code` of `messages.yml`, at a header if it is about a table."""
        known = {"file": self.landed.file_name, **facts}
        sheet, row = (at.label, at.row) if at else (None, None)
        self.findings.append(file_finding(code, known, sheet=sheet, row=row))

    def find_at(
        self, code: str, at: Header, row: int, title: str | None, facts: Mapping[str, object]
    ) -> None:
        """Add a finding about a row or a cell, unless there are more of them than anybody reads."""
        if sum(found.code == code for found in self.findings) < most("cell_findings"):
            known = {"file": self.landed.file_name, **facts}
            self.findings.append(
                file_finding(code, known, sheet=at.label, row=row, column_title=title)
            )

    @property
    def received_on(self) -> date:
        """Moscow's day of the receipt."""
        return self.landed.received_at.astimezone(MOSCOW).date()

    @property
    def is_blocked(self) -> bool:
        """Whether something found so far refuses the file."""
        return any(finding.severity == "block" for finding in self.findings)
