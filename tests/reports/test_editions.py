"""What was handed over stays for ever; a later edition says what changed.

What enters: marts of the invented region, published again and again. What leaves: verdicts on the
folder of a date.
"""

from __future__ import annotations

import json
import stat
from dataclasses import replace
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from python_calamine import CalamineWorkbook

from ingest.settings import Settings
from reports import render as room
from reports.editions import EDITIONS, MANIFEST
from reports.errors import ReportSkipped
from reports.marts import ANCHOR, MartSet
from reports.render import WRITERS, render
from tests.reports.region_marts import AS_OF, LOAD, ORDER, write_marts

LATER = "later"
ONE = ("consents_report",)
FILE = f"consents_report__{ORDER}__{AS_OF}.xlsx"
NOTE = f"what_changed__{ORDER}__{AS_OF}.xlsx"


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    made = Settings(tmp_path / "data")
    write_marts(made.marts / f"r__{LOAD}")
    publish(made, LOAD)
    return made


def publish(settings: Settings, load_id: str) -> None:
    """Show a version of the marts as the date's own."""
    link = settings.marts / "by_date" / f"{ORDER}__{AS_OF}"
    link.parent.mkdir(exist_ok=True)
    link.unlink(missing_ok=True)
    link.symlink_to(f"../r__{load_id}")


def correct(settings: Settings) -> None:
    """A later load in which one fact is another one."""
    folder = write_marts(settings.marts / f"r__{LATER}", load_id=LATER)
    path = folder / f"{ANCHOR}.parquet"
    rows = pq.read_table(path).to_pylist()
    for row in rows:
        if (row["territory_id"], row["indicator_id"]) == (14, "I-3"):
            row["fact"] += 5
    pq.write_table(pa.Table.from_pylist(rows), path)
    publish(settings, LATER)


def manifest(settings: Settings) -> dict[str, Any]:
    path = settings.reports / f"{AS_OF}" / MANIFEST
    read: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return read


def tree(settings: Settings) -> dict[str, bytes]:
    return {
        path.relative_to(settings.reports).as_posix(): path.read_bytes()
        for path in sorted(settings.reports.rglob("*"))
        if path.is_file()
    }


def test_the_same_load_makes_no_second_edition(settings: Settings) -> None:
    assert render(settings, AS_OF, ORDER, ONE).edition == 1
    first = tree(settings)
    assert render(settings, AS_OF, ORDER, ONE).edition == 1
    assert tree(settings) == first


def test_another_report_of_the_load_joins_the_edition(settings: Settings) -> None:
    render(settings, AS_OF, ORDER, ONE)
    kept = tree(settings)[f"{AS_OF}/{EDITIONS}/01__{LOAD}/{FILE}"]
    render(settings, AS_OF, ORDER, ("events_report",))
    told = manifest(settings)
    assert [item["id"] for item in told["reports"]] == ["events_report", "consents_report"]
    assert (told["edition"], told["what_changed"], told["not_renewed"]) == (1, None, [])
    assert tree(settings)[f"{AS_OF}/{EDITIONS}/01__{LOAD}/{FILE}"] == kept


def test_a_correction_makes_an_edition_and_a_note(settings: Settings) -> None:
    render(settings, AS_OF, ORDER, (*ONE, "events_report"))
    before = {k: v for k, v in tree(settings).items() if EDITIONS in k}
    correct(settings)
    done = render(settings, AS_OF, ORDER, ONE)
    assert (done.edition, done.not_renewed) == (2, ["events_report"])
    after = tree(settings)
    assert {k: v for k, v in after.items() if f"{EDITIONS}/01__" in k} == before
    # Where readers look there is nothing of the load before.
    shown = {path.name for path in (settings.reports / f"{AS_OF}").iterdir()}
    assert shown == {FILE, NOTE, MANIFEST, EDITIONS}
    told = manifest(settings)
    assert (told["edition"], told["load_id"], told["replaces"]) == (2, LATER, LOAD)
    assert told["what_changed"]["file"] == NOTE
    grid = CalamineWorkbook.from_path(settings.reports / f"{AS_OF}" / NOTE)
    lines = grid.get_sheet_by_index(0).to_python()
    changed = [line for line in lines if line[0] == 14]
    old = next(
        row["fact"]
        for row in pq.read_table(settings.marts / f"r__{LOAD}" / f"{ANCHOR}.parquet").to_pylist()
        if (row["territory_id"], row["indicator_id"]) == (14, "I-3")
    )
    assert [line[3:7] for line in changed] == [["факт", old, old + 5, 5]]
    assert LOAD in lines[1][0]
    assert LATER in lines[1][0]


def test_the_note_says_when_nothing_changed(settings: Settings) -> None:
    render(settings, AS_OF, ORDER, ONE)
    write_marts(settings.marts / f"r__{LATER}", load_id=LATER)
    publish(settings, LATER)
    render(settings, AS_OF, ORDER, ONE)
    lines = CalamineWorkbook.from_path(settings.reports / f"{AS_OF}" / NOTE)
    told = [line[0] for line in lines.get_sheet_by_index(0).to_python()]
    assert "Ни одно число не изменилось." in told


def test_a_new_look_of_the_same_load_is_an_edition_too(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    render(settings, AS_OF, ORDER, (*ONE, "events_report"))
    before = {k: v for k, v in tree(settings).items() if EDITIONS in k}
    book = WRITERS["events_report"]

    def other(_: MartSet) -> bytes:
        return b"another look"

    monkeypatch.setitem(
        room.WRITERS, "events_report", replace(book, make=other, check=lambda *_: None)
    )
    done = render(settings, AS_OF, ORDER, ("events_report",))
    assert done.edition == 2
    assert {k: v for k, v in tree(settings).items() if f"{EDITIONS}/01__" in k} == before
    # The figures are those of the same load, so the other report still holds and stays in sight.
    assert [item["id"] for item in manifest(settings)["reports"]] == [
        "events_report", "consents_report",
    ]  # fmt: skip
    assert (settings.reports / f"{AS_OF}" / FILE).exists()


def test_nobody_edits_a_handed_over_file_by_accident(settings: Settings) -> None:
    for path in render(settings, AS_OF, ORDER, ONE).paths:
        assert not path.stat().st_mode & (stat.S_IWUSR | stat.S_IWGRP | stat.S_IWOTH)


def test_a_report_that_this_machine_cannot_make_is_told(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    def missing(_: MartSet) -> bytes:
        raise ReportSkipped("final_report", "нет Pango: apt-get install libpango-1.0-0")

    monkeypatch.setitem(
        room.WRITERS, "final_report", replace(WRITERS["final_report"], make=missing)
    )
    done = render(settings, AS_OF, ORDER, ("final_report", "final_report_word"))
    assert done.skipped == {"final_report": "нет Pango: apt-get install libpango-1.0-0"}
    told = manifest(settings)
    assert told["skipped"] == done.skipped
    assert [item["id"] for item in told["reports"]] == ["final_report_word"]
    monkeypatch.undo()
    assert render(settings, AS_OF, ORDER, ("final_report",)).skipped == {}
    assert manifest(settings)["skipped"] == {}
