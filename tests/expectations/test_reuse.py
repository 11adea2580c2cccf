"""A check that takes over unchanged forms gives the same bytes as one that begins from nothing."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import openpyxl
import pytest

from expectations.agreement import agree, require_agreed
from expectations.errors import ChecksGone, NotAgreed
from expectations.reuse import checks_path, forget_checks
from expectations.validate import validate
from ingest.decisions import FOLDER
from ingest.forms import load_forms
from ingest.knowledge import load_knowledge
from ingest.landing import all_landed, land_folder
from ingest.read import read_delivery
from ingest.runs import RunContext, make_run
from ingest.settings import SECRET_VARIABLE, Settings
from synthetic.region import generate
from tests.expectations.test_spoilt_region import digests

AS_OF = date(2024, 9, 30)
LOAD = "load-of-tests"


def receive(settings: Settings, run: RunContext) -> None:
    """Land and read what lies in `incoming/`."""
    land_folder(settings, settings.incoming, run.known_at + timedelta(days=1))
    known = load_knowledge()
    for landed in all_landed(settings):
        read_delivery(settings, landed, known)


@pytest.fixture(scope="module")
def region(tmp_path_factory: pytest.TempPathFactory) -> RunContext:
    """A checked region with defects, and the database of its check."""
    settings = Settings(tmp_path_factory.mktemp("reuse"))
    generate(settings.incoming, as_of=AS_OF, scale=0.01, seed=3, defects=True)
    run = make_run(settings, AS_OF)
    receive(settings, run)
    validate(run, LOAD)
    agree(run)
    return run


@pytest.fixture
def run(region: RunContext, tmp_path: Path) -> Iterator[RunContext]:
    shutil.copytree(region.settings.data_dir, tmp_path / "data", copy_function=shutil.copy2)
    yield replace(region, settings=Settings(tmp_path / "data"))


def send(run: RunContext, name: str, change: Callable[[openpyxl.Workbook], None]) -> None:
    """A newer version of a file, an hour before the freeze."""
    old = next(run.settings.incoming.rglob(f"{name}*__v1.xlsx"))
    book = openpyxl.load_workbook(old)
    change(book)
    new = old.with_name(old.name.replace("__v1", "__v8"))
    book.save(new)
    moment = (run.known_at - timedelta(hours=1)).timestamp()
    os.utime(new, (moment, moment))
    new.with_name(f"{new.name}.done").touch()
    receive(run.settings, run)


def spoil_a_row(book: openpyxl.Workbook) -> None:
    book.worksheets[-1].cell(3, 3).value = "?"


def spoil_everything(book: openpyxl.Workbook) -> None:
    sheet = book.worksheets[-1]
    for row in range(2, sheet.max_row + 1):
        for column in range(1, sheet.max_column + 1):
            sheet.cell(row, column).value = "?"


def waive(run: RunContext) -> None:
    folder = run.settings.data_dir / FOLDER
    folder.mkdir(parents=True, exist_ok=True)
    lines = (
        "Правило,Кто разрешил,Причина,По,Решено",
        "V-19,Иванова,данные сверены,31.12.2024,30.09.2024",
    )
    (folder / "waivers.csv").write_text("\n".join(lines), encoding="utf-8")


CHANGES: dict[str, tuple[Callable[[RunContext], None], set[str]]] = {
    "a list": (lambda run: send(run, "M03_navigator_list__T14", spoil_a_row), {"M03", "P02"}),
    "a list that is refused": (
        lambda run: send(run, "M03_navigator_list__T14", spoil_everything),
        {"M03", "P02"},
    ),
    "originals": (lambda run: send(run, "M04_consent_originals__T40", spoil_a_row), {"M04", "P03"}),
    "a waiver": (waive, set()),
}


@pytest.mark.parametrize("name", CHANGES)
def test_the_same_bytes_as_from_nothing(run: RunContext, name: str) -> None:
    change, changed = CHANGES[name]
    change(run)
    before = {path: path.stat().st_ino for path in run.accepted_dir.glob("*.parquet")}
    summary = validate(run, LOAD)
    warm = digests(run.accepted_dir) | digests(run.quarantine_dir)
    everything = {path.stem for path in before} & load_forms().keys()
    assert changed <= everything - set(summary.unchanged)
    assert len(summary.unchanged) >= len(everything) - 3
    kept = {path for path, inode in before.items() if path.stat().st_ino == inode}
    assert {path.stem for path in kept} == set(summary.unchanged)
    forget_checks(run.settings)
    from_nothing = validate(run, LOAD)
    assert from_nothing.unchanged == ()
    assert digests(run.accepted_dir) | digests(run.quarantine_dir) == warm
    assert replace(from_nothing, unchanged=summary.unchanged) == summary


def test_the_second_count_of_changed_forms_says_what_a_whole_one_says(run: RunContext) -> None:
    send(run, "M03_navigator_list__T14", spoil_a_row)
    folder = run.outcomes_dir / "gx"
    kept = next((folder / "validations" / "P03").rglob("*.json"))
    inode = kept.stat().st_ino
    validate(run, LOAD)
    count, index = agree(run), (folder / "data_docs" / "index.html").read_text("utf-8")
    assert kept.stat().st_ino == inode
    pages = digests(folder).keys()
    shutil.rmtree(folder)
    assert agree(run) == count
    assert (folder / "data_docs" / "index.html").read_text("utf-8") == index
    assert digests(folder).keys() == pages


def test_a_file_lost_or_cut_since_is_written_again(run: RunContext) -> None:
    before = digests(run.accepted_dir) | digests(run.quarantine_dir)
    (run.accepted_dir / "P03.parquet").unlink()
    path = run.accepted_dir / "restricted" / "P02.parquet"
    path.write_bytes(path.read_bytes()[:-10])
    summary = validate(run, LOAD)
    assert {"P02", "P03"} <= set(summary.unchanged)
    assert digests(run.accepted_dir) | digests(run.quarantine_dir) == before


def test_rows_taken_out_of_a_delivery_are_a_change(run: RunContext) -> None:
    path = next(run.settings.parsed.glob("*/rows.parquet"))
    os.utime(path, (1, 1))
    assert len(validate(run, LOAD).unchanged) < len(load_forms())


def test_another_secret_begins_from_nothing(
    run: RunContext, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(SECRET_VARIABLE, "another secret of this region")
    assert validate(run, LOAD).unchanged == ()


def test_a_decided_name_begins_from_nothing(run: RunContext) -> None:
    folder = run.settings.data_dir / FOLDER
    folder.mkdir(parents=True, exist_ok=True)
    text = "Что,Написано,Решение,Кто решил,Решено\nтерритория,Тридевятый,14,Б,01.09.2024"
    (folder / "mappings.csv").write_text(text, encoding="utf-8")
    assert validate(run, LOAD).unchanged == ()


def test_a_damaged_database_begins_from_nothing(run: RunContext) -> None:
    before = digests(run.accepted_dir)
    checks_path(run).write_bytes(b"not a database at all")
    assert validate(run, LOAD).unchanged == ()
    assert digests(run.accepted_dir) == before


def test_a_check_that_failed_leaves_nothing_to_take_over(
    run: RunContext, monkeypatch: pytest.MonkeyPatch
) -> None:
    import expectations.validate as room

    def fails(*_: object) -> None:
        raise OSError("the disk went away")

    with monkeypatch.context() as patched:
        patched.setattr(room, "write_findings", fails)
        with pytest.raises(OSError, match="went away"):
            validate(run, LOAD)
    assert not checks_path(run).exists()
    assert validate(run, LOAD).unchanged == ()


def test_the_newest_databases_are_kept(run: RunContext) -> None:
    folder = run.settings.quarantine
    others = [folder / f".2024-0{month}-30__20240101T000000.checks.duckdb" for month in (4, 6)]
    for moment, path in enumerate(others, 1):
        path.touch()
        os.utime(path, (moment, moment))
    validate(run, LOAD)
    assert sorted(folder.glob(".*.duckdb")) == [others[1], checks_path(run)]


def test_nobody_is_told_what_was_not_counted_twice(run: RunContext) -> None:
    require_agreed(run)
    validate(run, "another-load")
    with pytest.raises(NotAgreed, match="another-load"):
        require_agreed(run)
    agree(run)
    require_agreed(run)
    forget_checks(run.settings)
    with pytest.raises(ChecksGone, match="run the task validate again"):
        agree(run)
