"""Reports are checked before they are handed over; a bad one never replaces a good one.

What enters: a data directory with frozen marts. What leaves: verdicts on the folder of reports.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from ingest.settings import Settings
from reports import render as room
from reports.catalogue import Catalogue, ReportSpec, catalogue
from reports.check import check_page, check_workbook
from reports.errors import (
    BadReportConfig,
    DateMissing,
    FigureMismatch,
    IncompleteProgress,
    MartMissing,
    ReportNotWritten,
)
from reports.marts import ANCHOR, MartSet
from reports.page import page_bytes
from reports.render import MANIFEST, WRITERS, render
from reports.workbook import workbook_bytes
from tests.reports.page_samples import make_data
from tests.reports.region_marts import AS_OF, FINAL_ON, LOAD, ORDER, write_marts

EARLIER = date(2024, 8, 31)
TWO = ("ministry_workbook", "progress_page")


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """Two versions: an older date, and the current one."""
    made = Settings(tmp_path / "data")
    write_marts(made.marts / "v1", as_of=EARLIER, load_id="august")
    write_marts(made.marts / "v2")
    (made.marts / "current").symlink_to("v2")
    return made


def files(folder: Path) -> dict[str, bytes]:
    """What a reader sees: the newest edition."""
    return {path.name: path.read_bytes() for path in sorted(folder.iterdir()) if path.is_file()}


def altered(marts: MartSet, change: Callable[[dict[str, object]], dict[str, object]]) -> MartSet:
    """The same marts with other rows of the anchor."""
    rows = tuple(change(dict(row)) for row in marts.rows(ANCHOR))
    return replace(marts, tables={**marts.tables, ANCHOR: rows})


def change_one(
    territory: int, indicator: str, **values: object
) -> Callable[[dict[str, object]], dict[str, object]]:
    def change(row: dict[str, object]) -> dict[str, object]:
        here = (row["territory_id"], row["indicator_id"]) == (territory, indicator)
        return row | values if here else row

    return change


def test_every_entry_has_a_writer_and_every_writer_an_entry() -> None:
    assert {spec.id for spec in catalogue().reports} == set(WRITERS)


def test_all_files_and_the_manifest_are_made(settings: Settings) -> None:
    paths = render(settings, AS_OF, ORDER).paths
    made = [spec.file for spec in catalogue().chosen(AS_OF, FINAL_ON)]
    names = [name.format(order_id=ORDER, as_of=AS_OF) for name in made]
    assert [path.name for path in paths] == [*names, MANIFEST]
    assert len(names) == 8  # the end of a month
    assert {path.parent for path in paths} == {settings.reports / f"{AS_OF}"}
    assert sorted(files(paths[0].parent)) == sorted(path.name for path in paths)


def test_the_final_pack_is_made_on_its_day_and_on_request() -> None:
    def names(day: date, *only: str) -> set[str]:
        return {spec.id for spec in catalogue().chosen(day, FINAL_ON, only)}

    pack = {"final_report", "final_report_word"}
    assert names(FINAL_ON) >= pack
    assert not names(FINAL_ON - timedelta(days=1)) & pack
    assert not names(AS_OF) & pack
    assert names(AS_OF, *pack) == pack


def test_the_manifest_tells_what_was_made_from_what(settings: Settings) -> None:
    *reports, manifest = render(settings, AS_OF, ORDER, TWO).paths
    told = json.loads(manifest.read_text(encoding="utf-8"))
    assert (told["order_id"], told["as_of"], told["load_id"]) == (ORDER, f"{AS_OF}", LOAD)
    assert (told["edition"], told["replaces"], told["what_changed"]) == (1, None, None)
    assert (told["rules_version"], told["plan_version"]) == ("rules1", "original")
    by_file = {name: digest for item in told["reports"] for name, digest in item["files"].items()}
    assert set(by_file) == {path.name for path in reports}
    for path in reports:
        assert by_file[path.name] == hashlib.sha256(path.read_bytes()).hexdigest()
    assert ANCHOR in told["reports"][0]["marts"]


def test_made_again_the_bytes_are_the_same(settings: Settings, tmp_path: Path) -> None:
    folder = render(settings, AS_OF, ORDER, TWO).paths[0].parent
    first = files(folder)
    render(settings, AS_OF, ORDER, TWO)
    assert files(folder) == first
    elsewhere = Settings(tmp_path / "elsewhere")
    write_marts(elsewhere.marts / "current")
    assert files(render(elsewhere, AS_OF, ORDER, TWO).paths[0].parent) == first


def test_an_older_date_can_be_made_again(settings: Settings) -> None:
    *_, manifest = render(settings, EARLIER, ORDER, TWO).paths
    assert json.loads(manifest.read_text(encoding="utf-8"))["load_id"] == "august"
    assert manifest.parent.name == f"{EARLIER}"
    assert not (settings.reports / f"{AS_OF}").exists()


def test_a_date_without_marts_is_named(settings: Settings) -> None:
    with pytest.raises(DateMissing, match="2024-10-31"):
        render(settings, date(2024, 10, 31), ORDER)
    with pytest.raises(MartMissing, match="publish"):
        render(Settings(settings.data_dir / "nothing"), AS_OF, ORDER)
    assert not settings.reports.exists()


def test_a_hole_in_the_mart_makes_no_report(settings: Settings) -> None:
    path = settings.marts / "v2" / f"{ANCHOR}.parquet"
    rows = [row for row in pq.read_table(path).to_pylist() if row["territory_id"] != 33]
    rows += [row for row in pq.read_table(path).to_pylist() if row["territory_id"] == 33][:5]
    pq.write_table(pa.Table.from_pylist(rows), path)
    with pytest.raises(IncompleteProgress, match="missing 3"):
        render(settings, AS_OF, ORDER, TWO)


@pytest.mark.parametrize(
    ("territory", "indicator", "change", "place"),
    [
        (14, "I-4", {"fact": 12345}, r"Показатели, № 14, I-4, Факт"),
        (66, "I-6", {"target": 11}, r"Показатели, № 66, I-6, План"),
        (7, "I-1", {"fact": 0}, r"№ 7, I-1, Факт: expected 0 .* found 'н/д'"),
        (2, "I-3", {"fact": None}, r"№ 2, I-3, Факт: expected None"),
        (0, "I-2", {"fact": 1}, r"Показатели, По области без повторов, I-2"),
        (0, "I-1", {"target_declared": 835}, r"Напечатано в распоряжении, I-1"),
        (0, "I-8", {"fact_sum_of_territories": 1}, r"ВСЕГО, сумма строк, I-8"),
        (0, "I-5", {"fact_confirmed": 1}, r"Сводка, I-5, Факт подтверждён"),
        (0, "I-5", {"gap": 1}, r"Сводка, I-5, Осталось"),
    ],
)
def test_a_workbook_that_differs_from_the_mart_is_refused(
    settings: Settings, territory: int, indicator: str, change: dict[str, object], place: str
) -> None:
    marts = make_data(settings.marts)
    check_workbook(workbook_bytes(marts), "book.xlsx", marts)
    other = altered(marts, change_one(territory, indicator, **change))
    with pytest.raises(FigureMismatch, match=place):
        check_workbook(workbook_bytes(marts), "book.xlsx", other)


def test_a_page_that_differs_from_the_mart_is_refused(settings: Settings) -> None:
    marts = make_data(settings.marts)
    page = page_bytes(marts)
    check_page(page, "page.html", marts)
    for column in ("target", "fact", "fact_confirmed", "pct_display", "gap"):
        other = altered(marts, change_one(20, "I-8", **{column: 3}))
        with pytest.raises(FigureMismatch, match=f"№ 20, I-8, {column}"):
            check_page(page, "page.html", other)
    with pytest.raises(FigureMismatch, match="page-data"):
        check_page(b"<html></html>", "page.html", marts)


def test_a_hundred_before_the_plan_is_refused(settings: Settings) -> None:
    marts = make_data(settings.marts)
    flattering = altered(marts, change_one(1, "I-3", pct_display=100))
    for make, check in ((workbook_bytes, check_workbook), (page_bytes, check_page)):
        with pytest.raises(FigureMismatch, match="below 100"):
            check(make(flattering), "report", flattering)


def test_a_file_that_is_no_workbook_is_refused(settings: Settings) -> None:
    with pytest.raises(FigureMismatch, match="readable workbook"):
        check_workbook(b"PK\x03\x04 torn", "book.xlsx", make_data(settings.marts))


def test_a_refused_file_leaves_the_last_good_ones(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = render(settings, AS_OF, ORDER, TWO).paths[0].parent
    good = files(folder)
    write_marts(settings.marts / "v2", load_id="2024-09-30__20241010T000000")
    page = WRITERS["progress_page"]

    def lying(marts: MartSet) -> bytes:
        return page.make(altered(marts, change_one(1, "I-1", fact=1)))

    monkeypatch.setitem(room.WRITERS, "progress_page", replace(page, make=lying))
    with pytest.raises(FigureMismatch, match="last good one stays"):
        render(settings, AS_OF, ORDER, TWO)
    assert files(folder) == good
    monkeypatch.undo()
    render(settings, AS_OF, ORDER, TWO)
    note = f"what_changed__{ORDER}__{AS_OF}.xlsx"
    assert set(files(folder)) == {*good, note}
    assert files(folder) != good


def test_a_full_disk_leaves_the_last_good_ones(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = render(settings, AS_OF, ORDER, TWO).paths[0].parent
    good = files(folder)

    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(ReportNotWritten, match=r"ministry_workbook.*No space left"):
        render(settings, AS_OF, ORDER, TWO)
    assert files(folder) == good


def test_a_folder_that_cannot_be_made_is_named(settings: Settings) -> None:
    settings.reports.parent.mkdir(exist_ok=True)
    settings.reports.write_text("a file where a folder is expected", encoding="utf-8")
    with pytest.raises(ReportNotWritten, match="rights in the reports folder"):
        render(settings, AS_OF, ORDER, TWO)


def test_an_entry_without_a_writer_fails_before_anything_is_made(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    spec = ReportSpec(
        id="wishes", code="R-0", title="Пожелания", file="x", addressee="", period="",
        marts=[ANCHOR],
    )  # fmt: skip
    more = Catalogue(reports=[*catalogue().reports, spec])
    monkeypatch.setattr(room, "catalogue", lambda: more)
    with pytest.raises(BadReportConfig, match=r"wishes.*no writer"):
        render(settings, AS_OF, ORDER)
    assert not settings.reports.exists()
