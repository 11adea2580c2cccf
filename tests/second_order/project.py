"""A copy of the project that knows a second order: another year, made by editing seeds and YAML.

What enters: the repository's own files. What leaves: a folder whose code is byte for byte the
repository's and whose data holds two orders. Nothing of Python, SQL or templates is touched, and
`changed_files` says what was.
"""

from __future__ import annotations

import csv
import re
import shutil
import subprocess
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import holidays

REPOSITORY = Path(__file__).resolve().parents[2]
OLD, NEW = "r-423-2024", "r-500-2025"
OLD_YEAR, NEW_YEAR = 2024, 2025
DATA = {".csv", ".yml"}
Row = dict[str, str]
_DATE = re.compile(r"\b(\d{4})-(\d{2})\b")


@dataclass(frozen=True)
class Project:
    """A working copy; `environment` makes its rooms the ones that are imported."""

    root: Path

    @property
    def seeds(self) -> Path:
        return self.root / "dbt_project" / "seeds"

    def rows(self, seed: str) -> list[Row]:
        with (self.seeds / f"{seed}.csv").open(encoding="utf-8", newline="") as stream:
            return list(csv.DictReader(stream))

    def append(self, seed: str, rows: list[Row]) -> None:
        path = self.seeds / f"{seed}.csv"
        with path.open(encoding="utf-8", newline="") as stream:
            names = csv.DictReader(stream).fieldnames or []
        with path.open("a", encoding="utf-8", newline="") as stream:
            csv.DictWriter(stream, names, lineterminator="\n").writerows(rows)


def copied(root: Path) -> Project:
    """The files under version control, copied."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=REPOSITORY, capture_output=True, check=True, text=True,
    ).stdout  # fmt: skip
    for name in filter(None, listed.split("\0")):
        source = REPOSITORY / name
        if source.is_file() and not name.startswith("tests/"):
            target = root / name
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(source, target)
    return Project(root)


def changed_files(project: Project) -> set[str]:
    """Files of the copy that differ from the repository's."""
    return {
        path.relative_to(project.root).as_posix()
        for path in project.root.rglob("*")
        if path.is_file()
        and "__pycache__" not in path.parts
        and (REPOSITORY / path.relative_to(project.root)).exists()
        and path.read_bytes() != (REPOSITORY / path.relative_to(project.root)).read_bytes()
    }


def _next_year(text: str) -> str:
    """Dates a year later; the year in words, too."""
    moved = _DATE.sub(lambda m: f"{int(m[1]) + 1}-{m[2]}", text)
    return re.sub(rf"(?<![\d-]){OLD_YEAR}(?![\d-])", f"{NEW_YEAR}", moved)


def next_year(row: Row) -> Row:
    """A seed's row as the second order prints it."""
    return {k: NEW if k == "order_id" else _next_year(v or "") for k, v in row.items()}


def _working(day: date, calendar: dict[date, bool]) -> date:
    while not calendar[day]:
        day += timedelta(days=1)
    return day


def _calendar(project: Project) -> dict[date, bool]:
    """The production calendar, with the year after the second order's added."""
    known = {
        date.fromisoformat(r["date"]): r["is_working"] == "true" for r in project.rows("calendar")
    }
    official: Any = holidays.country_holidays("RU", years=[NEW_YEAR + 1])
    day, added = date(NEW_YEAR + 1, 1, 1), []
    while day.year == NEW_YEAR + 1:
        if day not in known:
            known[day] = official.is_working_day(day)
            added.append({"date": f"{day}", "is_working": str(known[day]).lower()})
        day += timedelta(days=1)
    project.append("calendar", added)
    return known


def _control_point(row: Row, calendar: dict[date, bool]) -> Row:
    moved = next_year(row)
    if moved["due_date"]:
        due = date.fromisoformat(moved["due_date"])
        moved["due_is_working"] = str(calendar[due]).lower()
        moved["next_working_day"] = f"{_working(due, calendar)}"
    return moved


def second_order(project: Project, changes: dict[str, Callable[[list[Row]], list[Row]]]) -> None:
    """Append the second order to every seed.

    Args:
        project: the copy.
        changes: seed → what the second order prints otherwise, applied to the moved rows.
    """
    calendar = _calendar(project)
    for path in sorted(project.seeds.glob("*.csv")):
        seed = path.stem
        rows = [row for row in project.rows(seed) if row.get("order_id") == OLD]
        if not rows and seed not in changes:
            continue
        if seed == "control_points":
            moved = [_control_point(row, calendar) for row in rows]
        else:
            moved = [next_year(row) for row in rows]
        project.append(seed, list(changes.get(seed, list)(moved)))


def data_only(project: Project) -> Iterator[str]:
    """Changed files that are neither a seed nor YAML: there must be none."""
    for name in sorted(changed_files(project)):
        if Path(name).suffix not in DATA:
            yield name
