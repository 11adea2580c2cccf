"""A filled blank is accepted, and each mistake in it is told at its own cell, for every form."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from desk.blank_checks import date_bounds
from expectations.check import FileVerdict, check_files
from ingest.deliveries import Status
from ingest.forms import Column, ColumnType, FormVersion
from ingest.orders import reference_at
from ingest.settings import load_settings
from tests.desk.filling import FIRST_ROW, NAME, NOW, blank_of, fill
from tests.desk.region_rows import FILLED_IN, Typed, typed_rows

BAD = {
    ColumnType.DATE: "31.02.2024",
    ColumnType.INT: "по списку",
    ColumnType.BOOL: "возможно",
    ColumnType.INN: "5001000011",
    ColumnType.URL: "сайт школы",
    ColumnType.EMAIL: "почта",
    ColumnType.GRADE: "старшие",
    ColumnType.ENUM: "неизвестное слово",
}
# What the invented region does on purpose, not the blank: late papers are shown, not mended.
LATE = {"K05": {"V-42f"}, "M01": {"V-49a"}, "M02": {"V-28"}}


@dataclass(frozen=True)
class Mistake:
    """One wrong cell, or a row that is there twice (`column` None)."""

    column: str | None
    value: Any
    rule: str  # empty: whichever written rule asks about the row


@dataclass
class Planted:
    """A file with mistakes: row of the sheet → what must be found there."""

    code: str
    typed: Typed
    rows: list[list[Any]]
    mistakes: dict[int, Mistake] = field(default_factory=dict)


def _mistakes(typed: Typed) -> Iterator[Mistake]:
    version = typed.form.version_at(typed.as_of)
    for column in version.columns:
        if column.required:
            yield Mistake(column.name, None, f"N-{column.name}")
        if column.is_typed:
            yield Mistake(column.name, BAD[column.type], f"T-{column.name}")
    reference = reference_at(typed.as_of)
    for name, bounds in date_bounds(typed.form, reference, typed.as_of).items():
        if bounds.last < date(2024, 12, 31) and not version.column(name).pii:
            yield Mistake(name, bounds.last + timedelta(days=1), "")
    yield Mistake(None, None, "K-key")


def _plant(file: Planted, place: int, mistake: Mistake, version: FormVersion) -> None:
    names = [c.name for c in version.columns]
    if mistake.column is None:
        file.rows.append(list(file.rows[place]))
        file.mistakes[FIRST_ROW + len(file.rows) - 1] = mistake
        return
    file.rows[place][names.index(mistake.column)] = mistake.value
    file.mistakes[FIRST_ROW + place] = mistake


def _planted(code: str) -> list[Planted]:
    """Files with a mistake a row, over as many senders as it takes."""
    todo, found = list(_mistakes(typed_rows()[code][0])), []
    while todo:
        for typed in typed_rows()[code]:
            file = Planted(code, typed, [list(row) for row in typed.rows])
            version = typed.form.version_at(typed.as_of)
            # A duplicate needs a sound row to repeat, and comes last so that no row moves.
            for place in range(len(typed.rows)):
                if todo:
                    _plant(file, place, todo.pop(0), version)
            if file.mistakes:
                found.append(file)
    return found


@pytest.fixture(scope="module")
def verdicts(tmp_path_factory: pytest.TempPathFactory) -> dict[str, FileVerdict]:
    """Every form, filled in soundly by its biggest sender; one call, read beside one another."""
    folder = tmp_path_factory.mktemp("sound")
    settings = load_settings(folder / "data")
    paths = [
        fill(
            blank_of(settings, code, typed.territory_id, typed.as_of),
            typed.rows,
            folder / code / NAME,
        )
        for code in FILLED_IN
        for typed in typed_rows()[code][:1]
    ]
    return dict(zip(FILLED_IN, check_files(paths, NOW), strict=True))


@pytest.mark.parametrize("code", FILLED_IN)
def test_a_filled_blank_is_accepted(verdicts: dict[str, FileVerdict], code: str) -> None:
    verdict = verdicts[code]
    remarks = {f.rule_id for f in verdict.findings if f.severity != "info"}
    assert remarks <= LATE.get(code, set())
    assert verdict.status is Status.ACCEPTED or remarks


@pytest.fixture(scope="module")
def planted(
    tmp_path_factory: pytest.TempPathFactory,
) -> dict[str, list[tuple[Planted, FileVerdict]]]:
    """Every form with all its mistakes."""
    folder = tmp_path_factory.mktemp("planted")
    settings = load_settings(folder / "data")
    files = [file for code in FILLED_IN for file in _planted(code)]
    paths = [
        fill(
            blank_of(settings, file.code, file.typed.territory_id, file.typed.as_of),
            file.rows,
            folder / f"{number}" / NAME,
        )
        for number, file in enumerate(files)
    ]
    found: dict[str, list[tuple[Planted, FileVerdict]]] = defaultdict(list)
    for file, verdict in zip(files, check_files(paths, NOW), strict=True):
        found[file.code].append((file, verdict))
    return found


@pytest.mark.parametrize("code", FILLED_IN)
def test_each_mistake_is_told_at_its_own_cell(
    planted: dict[str, list[tuple[Planted, FileVerdict]]], code: str
) -> None:
    seen: set[str] = set()
    for file, verdict in planted[code]:
        version = file.typed.form.version_at(file.typed.as_of)
        for row, mistake in file.mistakes.items():
            told = {(f.rule_id, f.column_name) for f in verdict.findings if f.row == row}
            column = mistake.column or version.keys[0].name
            if mistake.rule:
                assert (mistake.rule, column) in told, (mistake, verdict.findings)
            else:
                assert told, mistake
            seen.add(mistake.rule)
        others = {f.row for f in verdict.findings if f.row and f.severity in {"reject", "error"}}
        assert others - {FIRST_ROW - 1} <= set(file.mistakes) or code in LATE
    columns: tuple[Column, ...] = planted[code][0][0].typed.form.latest.columns
    assert {f"N-{c.name}" for c in columns if c.required} <= seen
    assert {f"T-{c.name}" for c in columns if c.is_typed} <= seen
    assert "K-key" in seen


def test_the_place_of_a_file_says_nothing(verdicts: dict[str, FileVerdict]) -> None:
    """All were called the same and lay in folders that name no sender: the passport sufficed."""
    assert {Path(v.path).name for v in verdicts.values()} == {NAME}
    assert {f.rule_id for v in verdicts.values() for f in v.findings} & {
        "F-NO-FORM", "F-NO-TERRITORY", "F-NO-PERIOD", "F-OTHER-ROUTE",
    } == set()  # fmt: skip
