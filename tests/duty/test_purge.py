"""What is due goes and is proved; what an order or a version stands on stays."""

from __future__ import annotations

import hashlib
import json
import os
from datetime import date, datetime
from pathlib import Path

import pytest

from duty.errors import RetentionUnclear
from duty.purge import proof_path, purge, summed
from duty.retention import Purpose, due, names_are_gone, read_purposes
from ingest.deliveries import load_delivery
from ingest.knowledge import load_knowledge
from ingest.landing import all_landed, land_folder
from ingest.read import read_delivery
from ingest.settings import MOSCOW, Settings
from tests.duty.conftest import NOW, digests

LAST, BEFORE = "2024-09-30__20241003T235959", "2024-09-30__20241002T120000"
ROWS = "Дата;СМИ/сеть;Уровень;Вид;Заголовок;Ссылка\n03.09.2024;Вести;региональный;новость;О;https://a.ru/1\n"


def put(root: Path, name: str, text: str = "x", day: date = date(2024, 10, 3)) -> Path:
    path = root / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    moment = datetime(day.year, day.month, day.day, 12, tzinfo=MOSCOW).timestamp()
    os.utime(path, (moment, moment))
    return path


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """Two runs of one date, the second one published; a form and a scan received."""
    for run in (BEFORE, LAST):
        for name in ("accepted/{}/restricted/P03.parquet", "accepted/{}/P03.parquet",
                     "quarantine/{}/P03.parquet", "returned/{}/T14/Ответ.xlsx"):  # fmt: skip
            put(tmp_path, name.format(run), f"{run} {name}")
    put(tmp_path, f"marts/{LAST}__abc/mart_a.parquet")
    (tmp_path / "marts" / "by_date").mkdir()
    (tmp_path / "marts" / "by_date" / "r-423-2024__2024-09-30").symlink_to(f"../{LAST}__abc")
    (tmp_path / "marts" / "current").symlink_to(f"{LAST}__abc")
    put(tmp_path, "incoming/T14/M09_media__T14__2024-09__v1.csv", ROWS)
    put(tmp_path, "incoming/T14/Иванова скан.pdf", "%PDF-1.4 scan")
    settings = Settings(tmp_path)
    landed = datetime(2024, 10, 3, 13, tzinfo=MOSCOW)
    land_folder(settings, settings.incoming, landed, pause=lambda _: None)
    for item in all_landed(settings):
        read_delivery(settings, item, load_knowledge())
    return settings


def layers(settings: Settings, day: date) -> set[str]:
    return {item.path.relative_to(settings.data_dir).as_posix() for item in due(settings, day)}


def test_nothing_is_due_in_the_first_weeks(settings: Settings) -> None:
    assert due(settings, date(2024, 11, 2)) == []


def test_while_the_order_is_in_force_only_what_was_replaced_goes(settings: Settings) -> None:
    found = layers(settings, date(2024, 12, 31))
    assert f"accepted/{BEFORE}/restricted/P03.parquet" in found
    assert f"quarantine/{BEFORE}/P03.parquet" in found
    assert f"accepted/{BEFORE}/P03.parquet" not in found  # keys only
    assert not any(LAST in name for name in found)
    scan = next(x for x in all_landed(settings) if x.file_name.endswith("pdf"))
    form = next(x for x in all_landed(settings) if x.file_name.endswith("csv"))
    assert f"landing/objects/{scan.sha256[:2]}/{scan.sha256}" in found
    assert f"landing/deliveries/{form.delivery_id}.json" not in found
    assert "incoming/T14/M09_media__T14__2024-09__v1.csv" in found


def test_the_databases_of_checks_have_a_term_of_their_own(settings: Settings) -> None:
    name = f"quarantine/.{LAST}.checks.duckdb"
    put(settings.data_dir, name)
    put(settings.data_dir, f"quarantine/.{LAST}.tmp/P03.parquet")  # of a killed run: no run
    assert name not in layers(settings, date(2024, 12, 2))
    found = {item.path.name: item.purpose for item in due(settings, date(2024, 12, 31))}
    assert found[Path(name).name] == "build"


@pytest.mark.parametrize(("day", "is_due"), [(date(2025, 12, 31), False), (date(2026, 1, 1), True)])
def test_names_of_the_last_run_go_a_year_after_the_order(
    settings: Settings, day: date, is_due: bool
) -> None:
    assert (f"accepted/{LAST}/restricted/P03.parquet" in layers(settings, day)) is is_due


def test_raw_files_go_with_all_that_was_read_of_them(settings: Settings) -> None:
    kept = {x.file_name for x in all_landed(settings)}
    assert len(kept) == 2
    purge(settings, date(2027, 12, 31), NOW)
    assert {x.file_name for x in all_landed(settings)} == {"M09_media__T14__2024-09__v1.csv"}
    form = all_landed(settings)[0]
    assert load_delivery(settings, form.delivery_id)
    purge(settings, date(2028, 1, 1), NOW)
    assert all_landed(settings) == []
    assert not (settings.parsed / form.delivery_id).exists()
    # Nothing is left in the drop folder that would come in once more.
    assert not any(path.is_file() for path in settings.incoming.rglob("*"))


def test_names_on_the_server_go_when_they_went_here(settings: Settings) -> None:
    assert not names_are_gone(settings)
    purge(settings, date(2025, 12, 31), NOW)
    assert not names_are_gone(settings)
    purge(settings, date(2026, 1, 1), NOW)
    assert names_are_gone(settings)


def test_versions_of_marts_never_go(settings: Settings) -> None:
    before = digests(settings.marts)
    purge(settings, date(2050, 1, 1), NOW)
    assert digests(settings.marts) == before


def test_the_proof_names_hashes_and_nobody(settings: Settings) -> None:
    day = date(2024, 12, 31)
    expected = {hashlib.sha256(item.path.read_bytes()).hexdigest() for item in due(settings, day)}
    gone = purge(settings, day, NOW)
    text = proof_path(settings, day).read_text(encoding="utf-8")
    proof = json.loads(text)
    listed = [f for p in proof["purposes"].values() for f in p["files"]]
    assert {f["sha256"] for f in listed} == expected
    assert sum(item.n_files for item in gone) == len(listed)
    assert "Иванова" not in text
    before = digests(settings.data_dir)
    assert purge(settings, day, NOW) == []
    assert digests(settings.data_dir) == before


def test_a_killed_purge_is_finished_by_the_next(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    day, unlink, calls = date(2024, 12, 31), Path.unlink, []

    def dying(path: Path, missing_ok: bool = False) -> None:
        if len(calls) == 3:
            raise KeyboardInterrupt
        if not path.name.startswith("."):
            calls.append(path)
        unlink(path, missing_ok=missing_ok)

    whole = sum(item.n_files for item in summed(due(settings, day)))
    with monkeypatch.context() as killed, pytest.raises(KeyboardInterrupt):
        killed.setattr(Path, "unlink", dying)
        purge(settings, day, NOW)
    purge(settings, day, NOW)
    assert due(settings, day) == []
    proof = json.loads(proof_path(settings, day).read_text(encoding="utf-8"))
    assert sum(purpose["n_files"] for purpose in proof["purposes"].values()) == whole


def test_terms_count_whole_days_and_years() -> None:
    about = {"title": "т", "of": "deliveries", "why": "п", "clause": "к"}
    year, days = Purpose(**about, years=1), Purpose(**about, days=30)
    assert year.due_on(date(2024, 12, 31)) == date(2026, 1, 1)
    assert year.due_on(date(2024, 2, 28)) == date(2025, 3, 1)
    assert days.due_on(date(2024, 10, 3)) == date(2024, 11, 3)


@pytest.mark.parametrize("line", ["days: 3, years: 1", "days: 3, paths: [a]", "weeks: 2"])
def test_a_term_that_is_not_clear_is_refused(tmp_path: Path, line: str) -> None:
    path = tmp_path / "retention.yml"
    path.write_text(
        f"purposes: {{a: {{title: т, of: deliveries, why: п, clause: к, {line}}}}}", "utf-8"
    )
    with pytest.raises(RetentionUnclear, match=r"retention\.yml"):
        read_purposes(path)
