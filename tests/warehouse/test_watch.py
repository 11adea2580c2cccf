"""The deadline watch on a hand-made roadmap: what it lists, for whom, and what it leaves out."""

from __future__ import annotations

import os
from datetime import date
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from ingest.settings import Settings
from warehouse.watch import OVERDUE, Watch, watch

ORDER = "r-423-2024"
MONDAY = date(2024, 9, 16)
TODAY, IN_THREE, IN_TEN = MONDAY, date(2024, 9, 19), date(2024, 9, 30)
AHEAD = (10, 3, 0)
COLUMNS = ("control_id", "item", "item_title", "grace_on", "status", "territory_name", "is_waived")
POINTS: list[tuple[object, ...]] = [
    ("20-1", "20", "Списки", TODAY, "due_soon", "Лобня", False),
    ("20-1", "20", "Списки", TODAY, "done", "Химки", False),
    ("20-1", "20", "Списки", TODAY, "no_data", "Дубна", False),
    ("27-1", "27", "План", IN_THREE, "due_soon", "Лобня", False),
    ("27-1", "27", "План", IN_THREE, "due_soon", "Дубна", True),
    ("30-1", "30", "Отчёт", IN_TEN, "not_due", "Химки", False),
    ("31-1", "31", "Завтра", date(2024, 9, 17), "due_soon", "Химки", False),
    ("12-1", "12", "Давно", date(2024, 9, 2), "overdue", "Химки", False),
    ("13-1", "13", "Сдано поздно", date(2024, 9, 2), "done_late", "Химки", False),
    ("40-1", "40", "Без срока", None, "not_due", "Химки", False),
]


def _publish(data: Path, as_of: date, points: list[tuple[object, ...]], order: str = ORDER) -> None:
    rows = [dict(zip(COLUMNS, point, strict=True)) for point in points]
    version = data / "marts" / f"{order}-{as_of}"
    version.mkdir(parents=True)
    places = pa.table(
        {
            **{name: [row[name] for row in rows] for name in COLUMNS},
            "grace_on": pa.array([row["grace_on"] for row in rows], pa.date32()),
            "territory_id": pa.array(range(1, len(rows) + 1), pa.int32()),
            "evidence_text": ["0 из 1, файлов"] * len(rows),
            "unit": ["файлов"] * len(rows),
        }
    )
    pq.write_table(places, version / "mart_roadmap.parquet")
    links = data / "marts" / "by_date"
    links.mkdir(exist_ok=True)
    os.symlink(f"../{version.name}", links / f"{order}__{as_of}")


@pytest.fixture
def published(tmp_path: Path) -> Settings:
    _publish(tmp_path, date(2024, 9, 13), POINTS)
    return Settings(tmp_path)


def _lines(found: Watch) -> list[tuple[str, int, tuple[str, ...]]]:
    return [(item.control_id, item.days_left, item.owing) for item in found.reminders]


def test_each_point_is_one_line_with_all_who_owe_it(published: Settings) -> None:
    found = watch(published, MONDAY, AHEAD)
    assert found.as_of == date(2024, 9, 13)
    assert _lines(found) == [
        ("12-1", OVERDUE, ("Химки",)),
        ("20-1", 0, ("Лобня", "Дубна")),  # done by Химки; a missing form is owed
        ("27-1", 3, ("Лобня",)),  # waived for Дубна
        ("30-1", 10, ("Химки",)),  # 17 September is in one day: no day of the list
    ]
    assert all(item.is_known for item in found.reminders)


def test_a_day_of_the_list_is_exact(published: Settings) -> None:
    assert {item.control_id for item in watch(published, MONDAY, (1,)).due_in(1)} == {"31-1"}
    next_day = watch(published, date(2024, 9, 17), AHEAD)
    assert _lines(next_day) == [
        ("12-1", OVERDUE, ("Химки",)),
        ("20-1", OVERDUE, ("Лобня", "Дубна")),
        ("31-1", 0, ("Химки",)),
    ]


def test_the_newest_roadmap_of_the_day_is_read(published: Settings) -> None:
    _publish(published.data_dir, date(2024, 9, 15), [POINTS[0]])
    _publish(published.data_dir, date(2024, 9, 30), [POINTS[7]])
    assert watch(published, MONDAY, AHEAD).as_of == date(2024, 9, 15)
    assert _lines(watch(published, MONDAY, AHEAD)) == [("20-1", 0, ("Лобня",))]
    assert watch(published, date(2024, 9, 13), AHEAD).as_of == date(2024, 9, 13)


def test_another_order_does_not_answer_for_this_one(tmp_path: Path) -> None:
    _publish(tmp_path, date(2024, 9, 13), POINTS, order="other")
    found = watch(Settings(tmp_path), MONDAY, AHEAD)
    assert found.as_of is None
    assert found.reminders
    assert not any(item.is_known or item.owing for item in found.reminders)


def test_without_a_roadmap_nobody_is_called_overdue(tmp_path: Path) -> None:
    found = watch(Settings(tmp_path), date(2024, 12, 31), AHEAD)
    assert found.as_of is None
    assert [item for item in found.reminders if item.days_left == OVERDUE] == []


def test_a_day_of_no_order_has_no_deadlines(tmp_path: Path) -> None:
    assert watch(Settings(tmp_path), date(2019, 1, 9), AHEAD) == Watch(date(2019, 1, 9), None, ())
