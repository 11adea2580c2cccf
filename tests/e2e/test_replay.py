"""A span of dates in one command: their order, what is skipped, and a date that fails."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import pytest
from click.testing import CliRunner, Result

import bvb.replay
from bvb.cli import is_ours
from bvb.commands.replay import command
from bvb.replay import NothingToReplay, dates_between, replay
from ingest.runs import RunContext
from ingest.settings import Settings
from tests.conftest import SCALE, run_bvb
from warehouse.errors import LayerFailed

FIRST, LAST = date(2024, 9, 1), date(2024, 9, 30)
DATES = [date(2024, 9, 1), date(2024, 9, 16), date(2024, 9, 30)]
COUNTS = {"rows_accepted": 7, "findings": 3}
Step = Callable[[RunContext], dict[str, Any]]


@pytest.fixture
def seen(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, date, date]]:
    """Steps that only write down for which date, and with which freeze, they were called."""
    calls: list[tuple[str, date, date]] = []

    def note(name: str, outcome: dict[str, Any]) -> Step:
        def step(run: RunContext) -> dict[str, Any]:
            calls.append((name, run.as_of, run.known_at.date()))
            return outcome

        return step

    steps = {"validate": note("validate", COUNTS), "report": note("report", {})}
    monkeypatch.setattr(bvb.replay, "STEPS", steps)
    monkeypatch.setattr(bvb.replay, "finish", note("finish", {}))
    monkeypatch.setattr(bvb.replay, "has_work", lambda run: run.as_of != DATES[0])
    return calls


def _called(tmp_path: Path, *arguments: str) -> Result:
    options = ["--from", f"{FIRST}", "--to", f"{LAST}", "--data", f"{tmp_path}", *arguments]
    return CliRunner().invoke(command, options)


def test_the_dates_are_those_of_the_order() -> None:
    assert dates_between(FIRST, LAST) == DATES
    year = dates_between(date(2024, 5, 1), date(2024, 12, 31))
    assert (year[0], year[-1]) == (date(2024, 5, 6), date(2024, 12, 31))
    assert year == sorted(set(year))


def test_a_span_without_a_date_says_where_dates_stand() -> None:
    with pytest.raises(NothingToReplay, match=r"form_schedule\.csv"):
        dates_between(date(2024, 9, 2), date(2024, 9, 3))


def test_each_date_runs_with_its_own_freeze(
    tmp_path: Path, seen: list[tuple[str, date, date]]
) -> None:
    done = list(replay(Settings(tmp_path), FIRST, LAST, is_ours))
    assert [(item.as_of, item.is_new, item.rows, item.findings) for item in done] == [
        (DATES[0], False, 0, 0),
        (DATES[1], True, 7, 3),
        (DATES[2], True, 7, 3),
    ]
    assert seen == [
        (name, as_of, freeze)
        for as_of, freeze in ((DATES[1], date(2024, 9, 19)), (DATES[2], date(2024, 10, 3)))
        for name in ("validate", "report", "finish")
    ]


def test_a_date_that_fails_is_told_and_the_next_one_runs(
    tmp_path: Path, seen: list[tuple[str, date, date]], monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(run: RunContext) -> dict[str, Any]:
        if run.as_of == DATES[1]:
            raise LayerFailed("facts", ["dim_pupil"])
        return COUNTS

    monkeypatch.setattr(bvb.replay, "STEPS", {"validate": broken})
    answer = _called(tmp_path)
    assert answer.exit_code == 1
    assert "16.09.2024  не удалось: LayerFailed" in answer.output.replace("\n", " ")
    assert "01.09.2024  изменений нет" in answer.output
    assert "30.09.2024  строк" in answer.output
    assert seen == [("finish", DATES[2], date(2024, 10, 3))]


def test_a_fault_of_the_program_is_told_without_its_words(
    tmp_path: Path, seen: list[tuple[str, date, date]], monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(_: RunContext) -> dict[str, Any]:
        raise ValueError("Иванов Иван, 01.02.2010")  # libraries quote the rows they stumble over

    monkeypatch.setattr(bvb.replay, "STEPS", {"report": broken})
    answer = _called(tmp_path)
    assert answer.exit_code == 1
    assert answer.output.count("не удалось: ValueError") == 2
    assert "bvb run --as-of 2024-09-16" in answer.output.replace("\n", " ")
    assert "Иванов" not in answer.output


def test_a_span_that_went_well_ends_with_zero(
    tmp_path: Path, seen: list[tuple[str, date, date]]
) -> None:
    answer = _called(tmp_path)
    assert answer.exit_code == 0
    assert seen
    assert "не удалось" not in answer.output


@pytest.fixture(scope="module")
def replayed(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """The three dates of a September really run from invented files, and what was printed."""
    data = tmp_path_factory.mktemp("replayed")
    arguments = ("--synthetic", f"{SCALE}", "--data", f"{data}")
    answer = run_bvb("replay", "--from", f"{FIRST}", "--to", f"{LAST}", *arguments)
    assert answer.returncode == 0, answer.stdout + answer.stderr
    return data, answer.stdout


def _published(data: Path) -> dict[date, Path]:
    links = (data / "marts" / "by_date").iterdir()
    return {date.fromisoformat(link.name.split("__")[1]): link.resolve() for link in links}


def _column(folder: Path, table: str, expression: str) -> list[Any]:
    query = f"select distinct {expression} from read_parquet('{folder / table}.parquet')"
    return [row[0] for row in duckdb.sql(query).fetchall()]


def test_a_span_replays_from_nothing_in_one_command(replayed: tuple[Path, str]) -> None:
    data, printed = replayed
    assert sorted(_published(data)) == DATES
    for as_of in DATES:
        assert f"{as_of:%d.%m.%Y}  строк" in printed
        assert list((data / "reports" / f"{as_of}").iterdir())


def test_each_date_of_the_span_knows_the_one_before(replayed: tuple[Path, str]) -> None:
    found = {
        as_of: _column(folder, "mart_indicator_change", "previous_as_of")
        for as_of, folder in _published(replayed[0]).items()
    }
    assert found == {DATES[0]: [], DATES[1]: [DATES[0]], DATES[2]: [DATES[1]]}


def test_no_date_sees_what_came_after_its_freeze(replayed: tuple[Path, str]) -> None:
    newest = {
        as_of: _column(folder, "fct_delivery", "cast(max(received_at) as date)")[0]
        for as_of, folder in _published(replayed[0]).items()
    }
    freezes = {DATES[0]: date(2024, 9, 4), DATES[1]: date(2024, 9, 19), DATES[2]: date(2024, 10, 3)}
    assert all(newest[as_of] <= freezes[as_of] for as_of in DATES)
    # The later files were there all the time: the first date had them in landing/.
    assert newest[DATES[0]] < newest[DATES[1]] < newest[DATES[2]]


def test_the_same_span_again_has_nothing_to_do(replayed: tuple[Path, str]) -> None:
    data, _ = replayed
    before = _published(data)
    answer = run_bvb("replay", "--from", f"{FIRST}", "--to", f"{LAST}", "--data", f"{data}")
    assert answer.returncode == 0, answer.stdout + answer.stderr
    assert answer.stdout.count("изменений нет") == len(DATES)
    assert _published(data) == before
