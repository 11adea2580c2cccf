"""What the checks said of each delivery, over all runs: the newest verdict counts.

What enters: the outcome tables of validated runs. What leaves: `FileVerdict` objects; no value of
any cell, and of the findings only the titles of the broken rules.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq

from expectations.models import Severity
from ingest.deliveries import Status
from ingest.settings import MOSCOW, Settings

Row = dict[str, Any]
REASONS_SHOWN = 3


@dataclass(frozen=True)
class CheckedRun:
    """A validated run by its folder."""

    settings: Settings
    run_id: str
    as_of: date
    known_at: datetime

    @property
    def returned(self) -> Path:
        """Folder of the answers that the run wrote."""
        return self.settings.returned / self.run_id

    @property
    def is_answered(self) -> bool:
        """Whether the answers are those of this validation, not of one before it."""
        checked = self.settings.accepted / self.run_id / "run.parquet"
        try:
            return self.returned.stat().st_mtime_ns >= checked.stat().st_mtime_ns
        except FileNotFoundError:
            return False

    def _rows(self, name: str, *columns: str) -> list[Row]:
        path = self.settings.accepted / self.run_id / f"{name}.parquet"
        try:
            rows: list[Row] = pq.read_table(path, columns=list(columns) or None).to_pylist()
        except FileNotFoundError:
            return []  # the run is being validated again at this moment
        return rows

    @cached_property
    def deliveries(self) -> list[Row]:
        """Its outcome table `deliveries`."""
        return self._rows("deliveries")

    @cached_property
    def reasons(self) -> dict[str, list[tuple[str, int]]]:
        """Delivery → titles of its gravest broken rules and how often each is broken."""
        titles = {(r["rule_id"], r["form_code"]): r["title_ru"] for r in self._rows("rules")}
        counts: dict[str, Counter[tuple[int, str]]] = defaultdict(Counter)
        for row in self._rows("findings", "delivery_id", "form_code", "rule_id", "severity"):
            rank = Severity(row["severity"]).rank
            title = titles.get((row["rule_id"], row["form_code"]))
            if row["delivery_id"] and title and row["severity"] != Severity.INFO:
                counts[row["delivery_id"]][(rank, title)] += 1
        return {
            delivery: [
                (title, count)
                for (_, title), count in sorted(found.items(), key=lambda i: (i[0][0], -i[1], i[0]))
            ][:REASONS_SHOWN]
            for delivery, found in counts.items()
        }

    @property
    def moment(self) -> datetime:
        """`known_at` in Moscow."""
        return self.known_at.replace(tzinfo=MOSCOW)


@dataclass(frozen=True)
class FileVerdict:
    """What one run said of one delivery."""

    run: CheckedRun
    row: Row

    @property
    def status(self) -> Status:
        """Its status."""
        return Status(self.row["status"])

    @property
    def reasons(self) -> list[tuple[str, int]]:
        """Titles of broken rules, the gravest first."""
        return self.run.reasons.get(self.row["delivery_id"], [])

    @property
    def fingerprint(self) -> tuple[str, ...]:
        """What a sender would call the same answer."""
        counts = ("n_accepted", "n_rejected", "n_errors", "n_warnings")
        return (str(self.row["status"]), *(f"{self.row[name]}" for name in counts))


def checked_runs(settings: Settings) -> list[CheckedRun]:
    """All validated runs, those with the newest knowledge last."""
    found = []
    for path in settings.accepted.glob("*__*/run.parquet"):
        row = pq.read_table(path).to_pylist()[0]
        found.append(CheckedRun(settings, row["run_id"], row["as_of"], row["known_at"]))
    return sorted(found, key=lambda run: (run.known_at, run.as_of, run.run_id))


def newest_verdicts(runs: Iterable[CheckedRun]) -> dict[str, FileVerdict]:
    """Delivery → its verdict by the last of the runs that saw it."""
    return {row["delivery_id"]: FileVerdict(run, row) for run in runs for row in run.deliveries}
