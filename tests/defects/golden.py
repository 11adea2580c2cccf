"""What is answered to each fixture, as short lines that a person can read and judge.

`python -m tests.defects` writes `golden.yml` anew; read the difference before you commit it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from expectations.check import FileVerdict, check_given
from expectations.split import Finding
from ingest.settings import MOSCOW
from tests.defects.corpus import Fixture, corpus

GOLDEN = Path(__file__).with_name("golden.yml")
NOW = datetime(2024, 10, 2, 12, 0, tzinfo=MOSCOW)
_HEAD = """# The answer to each defect of spec 05: «status received/accepted/rejected», then what
# was found as «severity code sheet!row:column». Made by `python -m tests.defects`.
"""


def place(sheet: str | None, row: int | None, column: str | None) -> str:
    at = f" {sheet or ''}!{row or ''}" if sheet or row else ""
    return f"{at}:{column}" if column else at


def _line(finding: Finding) -> str:
    at = place(finding.sheet, finding.row, finding.column_title)
    return f"{finding.severity} {finding.rule_id}{at}"


def _shown(verdict: FileVerdict) -> dict[str, Any]:
    counts = verdict.counts
    numbers = f" {counts.received}/{counts.accepted}/{counts.rejected}" if counts else ""
    found = Counter(_line(finding) for finding in verdict.findings)
    lines = [f"{line} ×{n}" if n > 1 else line for line, n in found.items()]
    return {"status": f"{verdict.status}{numbers}", "findings": lines}


@cache
def judged(defect: str) -> Sequence[FileVerdict]:
    """Verdicts on the fixture's own file, or on the members of its archive."""
    fixture = corpus()[defect]
    verdicts = check_given(fixture.files, NOW)
    return verdicts[: len(verdicts) - len(fixture.beside)]


def answer(fixture: Fixture) -> dict[str, Any]:
    shown = {v.path.name: _shown(v) for v in judged(fixture.defect)}
    only = next(iter(shown.values()))
    return only if len(shown) == 1 else {"members": shown}


def write() -> None:
    table = {defect: answer(fixture) for defect, fixture in corpus().items()}
    text = yaml.safe_dump(table, allow_unicode=True, sort_keys=False, width=110)
    GOLDEN.write_text(_HEAD + text, encoding="utf-8")


def load() -> dict[str, Any]:
    table: dict[str, Any] = yaml.safe_load(GOLDEN.read_text(encoding="utf-8"))
    return table
