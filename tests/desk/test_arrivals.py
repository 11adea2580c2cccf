"""A file is answered minutes after it came: once, as `bvb check` judges it, in closed folders."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path

import openpyxl
import pytest

from bvb.arrival_steps import answer_arrivals
from ingest.landing import all_landed
from ingest.settings import MOSCOW, Settings
from tests.defects.corpus import corpus
from tests.defects.golden import judged

NOW = datetime(2024, 10, 2, 12, 0, tzinfo=MOSCOW)
SENT = ("D-07", "D-26", "D-42", "D-05", "D-12", "D-27b")


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    found = Settings(tmp_path)
    for defect in SENT:
        path = found.incoming / corpus()[defect].source
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(corpus()[defect].data)
        path.with_name(path.name + ".done").touch()
    return found


def answers(settings: Settings) -> list[str]:
    folder = settings.returned / "arrivals"
    found = sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*.xlsx"))
    return [f"{name.rsplit('__', 1)[0]}" for name in found]


def test_each_file_is_answered_once(settings: Settings) -> None:
    first = answer_arrivals(settings, NOW)
    # The report, the letter and the scan of the archive; the platform's export is left to runs.
    assert (first["answered"], first["marked"]) == (7, 5)
    assert answers(settings) == [
        "T05/Проверено__M08_parents_meetings__T05__2024-09",
        "T07/личные данные/Проверено__Письмо",
        "T07/личные данные/Проверено__Скан",
        "T26/Проверено__Отчёт",
        "T42/личные данные/Проверено__Отчёт",
    ]
    again = answer_arrivals(settings, NOW + timedelta(minutes=15))
    assert (again["answered"], again["marked"], again["waiting"]) == (0, 0, 0)


def test_the_answer_is_that_of_a_check(settings: Settings) -> None:
    answer_arrivals(settings, NOW)
    found = next((settings.returned / "arrivals" / "T26").glob("*.xlsx"))
    sheet = openpyxl.load_workbook(found)["Данные"]
    marks = {cell.row for row in sheet.iter_rows() for cell in row if cell.comment}
    assert marks == {finding.row for finding in judged("D-26")[0].findings}


def test_what_came_long_ago_is_left_to_the_runs(settings: Settings) -> None:
    from bvb.steps import receive

    receive(settings)
    late = max(landed.landed_at for landed in all_landed(settings)) + timedelta(days=4)
    assert answer_arrivals(settings, late)["answered"] == 0


def test_a_pass_that_died_is_repeated(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    import desk.arrivals

    written = desk.arrivals.write_atomically

    def dies(path: Path, data: bytes) -> None:
        if path.suffix == ".json" and "D-26" not in path.name:
            raise KeyboardInterrupt
        written(path, data)

    monkeypatch.setattr(desk.arrivals, "write_atomically", dies)
    with pytest.raises(KeyboardInterrupt):
        answer_arrivals(settings, NOW)
    monkeypatch.undo()
    assert answer_arrivals(settings, NOW)["answered"] == 7
