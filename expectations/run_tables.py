"""The tables that a validated run left, as rows for those who put them into words.

What enters: a run. What leaves: deliveries, what is owed, versions and findings by delivery.
"""

from __future__ import annotations

from collections import defaultdict
from typing import Any

import pyarrow.parquet as pq

from expectations.models import Severity
from ingest.deliveries import load_delivery
from ingest.forms import load_forms
from ingest.runs import RunContext

Row = dict[str, Any]


class RunTables:
    """Tables of a validated run."""

    def __init__(self, run: RunContext) -> None:
        self.run = run
        self.forms = load_forms()
        self.deliveries = self.read_accepted("deliveries")
        self.expected = self.read_accepted("expected")
        self.versions = {row["delivery_id"]: row for row in self.read_accepted("versions")}
        self.names = {row["delivery_id"]: self._file_name(row) for row in self.deliveries}

    def read_accepted(self, name: str) -> list[Row]:
        """Rows of a public table of the run."""
        rows: list[Row] = pq.read_table(self.run.accepted_dir / f"{name}.parquet").to_pylist()
        return rows

    def read_quarantined(self, name: str) -> list[Row]:
        """Rows of a restricted table of the run."""
        rows: list[Row] = pq.read_table(self.run.quarantine_dir / f"{name}.parquet").to_pylist()
        return rows

    def _file_name(self, row: Row) -> str:
        delivery = load_delivery(self.run.settings, row["delivery_id"])
        return delivery.file_name if delivery else row["file_name"]

    def due(self) -> dict[tuple[str, int], Row]:
        """What is owed by form and sender."""
        return {(row["form_code"], row["sender_territory_id"]): row for row in self.expected}

    def findings(self) -> dict[str, list[Row]]:
        """Findings by delivery, the gravest first."""
        found: dict[str, list[Row]] = defaultdict(list)
        for row in self.read_quarantined("findings_detail"):
            if row["delivery_id"]:
                found[row["delivery_id"]].append(row)
        for rows in found.values():
            rows.sort(key=lambda r: (Severity(r["severity"]).rank, r["sheet"] or "", r["row"] or 0))
        return found
