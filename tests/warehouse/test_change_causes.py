"""Two publications of one region: each person who came or went has the one cause planted for it.

What enters: the published hand-made region and the same people a month later, changed one by one.
What leaves: the parts of every difference, counted by hand, and their identity with the difference.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any

import duckdb
import pytest

from ingest.settings import load_settings
from tests.dbt.accepted import ORDER, Accepted
from tests.dbt.conftest import failed_nodes
from tests.dbt.golden import (
    BALASHIKHA,
    KHIMKI,
    LOBNYA,
    LYCEUM,
    a_navigator,
    a_part,
    a_pupil,
    an_event,
    golden_run,
)
from tests.warehouse.conftest import Built
from warehouse import history
from warehouse.runner import PROJECT, close_database

REGION = 0
AS_OF = date(2024, 12, 31)
PARTS = (
    "new_facts", "late_facts", "corrections", "moved_in", "moved_out", "left_project",
    "formula_changes", "unknown_facts",
)  # fmt: skip
Key = tuple[str, int]
Parts = dict[str, int]

# What was planted: (indicator, territory) → parts; whoever is not here has not changed.
PLANTED: dict[Key, Parts] = {
    ("I-1", LYCEUM): {"left_project": -1},  # nav_lyceum left
    ("I-1", LOBNYA): {"formula_changes": 1},  # nav_half: item 9 is not asked for any more
    ("I-1", REGION): {"left_project": -1, "formula_changes": 1},
    ("I-2", KHIMKI): {"new_facts": 1},  # nav_december
    ("I-2", REGION): {"new_facts": 1},
    ("I-3", LOBNYA): {"corrections": -1, "moved_in": 1},  # mover's year was wrong, lyceum_11 came
    ("I-3", LYCEUM): {"moved_out": -1},
    ("I-3", BALASHIKHA): {"left_project": -2},  # alone refused, the row of wrong is gone
    ("I-3", REGION): {"left_project": -2, "corrections": -1},
    ("I-4", KHIMKI): {"corrections": 1, "new_facts": 1},  # fifth_grade was in the sixth, december
    ("I-4", REGION): {"corrections": 1, "new_facts": 1},
    # The child's trial of 10.11 was published in December; mover was absent in October after all,
    # and stays in the region by the other trial; the graduate's event was called off.
    ("I-5", KHIMKI): {"late_facts": 1, "corrections": -1},
    ("I-5", BALASHIKHA): {"corrections": -1},
    ("I-5", REGION): {"late_facts": 1, "corrections": -1},
    ("I-6", KHIMKI): {"moved_out": -1},  # the child's school of that day was another one
    ("I-6", LOBNYA): {"moved_in": 1},
}
SUMS = {"I-7": ("I-1", "I-2"), "I-8": ("I-3", "I-4")}


def _changed(rows: list[Any], name: str, key: str, **changes: Any) -> None:
    found = [i for i, row in enumerate(rows) if row[name] == key]
    assert found, f"no {name} {key}"
    rows[found[0]] = {**rows[found[0]], **changes}


def a_month_later() -> Accepted:
    """The hand-made region with one change a cause."""
    run = golden_run()
    run.as_of, run.known_at = AS_OF, datetime.fromisoformat("2024-12-31T23:00:00")
    navigators, pupils = run.rows["P02"], run.rows["P03"]
    _changed(navigators, "navigator_key", "nav_lyceum", status="left")
    december = {"registered_on": date(2024, 12, 3)}
    navigators.append(a_navigator("nav_december", "khimki", 2024, **december))
    pupils[:] = [row for row in pupils if row["pupil_key"] != "wrong"]
    _changed(pupils, "pupil_key", "lyceum_11", school_id="lobnya")
    _changed(pupils, "pupil_key", "alone", status="refused")
    _changed(pupils, "pupil_key", "mover", cohort_year=2020)
    _changed(pupils, "pupil_key", "fifth_grade", grade=6)
    pupils.append(a_pupil("december", "khimki", 2024, **december))
    _changed(run.rows["P04"], "event_id", "may", status="cancelled")
    run.add("P04", an_event("november", "khimki", date(2024, 11, 10), date(2024, 12, 6)))
    run.add("P05", a_part("november", "child", "khimki"))
    _changed(run.rows["P05"], "event_id", "october", status="absent")
    _changed(run.rows["P05"], "event_id", "unplanned", school_id_at_event="lobnya")
    return run


def silent_month_later() -> Accepted:
    """The same people; the file of participations did not come."""
    run = golden_run()
    run.as_of, run.known_at = AS_OF, datetime.fromisoformat("2024-12-31T23:00:00")
    run.missing, run.rows["P05"] = {"P05"}, []
    return run


@dataclass(frozen=True)
class Compared:
    """A build after a publication."""

    database: Path
    before: Path
    failed: list[str]

    def rows(self, sql: str) -> list[tuple[Any, ...]]:
        with duckdb.connect(f"{self.database}", read_only=True) as connection:
            return connection.execute(sql).fetchall()

    def parts(self) -> dict[Key, Parts]:
        """Parts that are not zero."""
        sums = ", ".join(PARTS)
        found = self.rows(
            f"select indicator_id, territory_id, {sums} from marts.mart_indicator_change"
        )
        named = {(row[0], row[1]): dict(zip(PARTS, row[2:], strict=True)) for row in found}
        changed = {k: {n: v for n, v in parts.items() if v} for k, parts in named.items()}
        return {key: parts for key, parts in changed.items() if parts}


def _dbt(project: Path, folder: Path, accepted: Path, *arguments: str) -> list[str]:
    from dbt.cli.main import dbtRunner

    flags = {"project-dir": project, "profiles-dir": project, "target-path": folder / "target"}
    options = [part for name, value in flags.items() for part in (f"--{name}", f"{value}")]
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("BVB_RUN_DIR", f"{accepted}")
        environment.setenv("BVB_BUILD_DB", f"{folder / 'build.duckdb'}")
        result = dbtRunner().invoke(
            ["--quiet", *arguments, *options, "--log-path", f"{folder / 'logs'}"]
        )
        close_database()
    return failed_nodes(result)


@pytest.fixture(scope="module")
def compare(
    published_once: Built, tmp_path_factory: pytest.TempPathFactory
) -> Callable[[Accepted, Path], Compared]:
    """Build what leads to the explanation, with the publication of November as memory."""

    def build(run: Accepted, project: Path) -> Compared:
        folder = tmp_path_factory.mktemp("compared")
        accepted = run.write(folder / "accepted")
        previous = history.find_previous(load_settings(published_once.data), ORDER, run.as_of)
        assert previous is not None
        with pytest.MonkeyPatch.context() as patched:
            patched.setattr(history, "PROJECT", project)
            history.write_tables(accepted / "history", previous)
        chosen = ("--select", "+mart_indicator_change")
        failed = _dbt(project, folder, accepted, "seed", *chosen)
        failed += _dbt(project, folder, accepted, "run", *chosen)
        identity = ("--select", "change_is_the_sum_of_its_parts")
        failed += _dbt(project, folder, accepted, "test", *identity)
        return Compared(folder / "build.duckdb", previous.folder, failed)

    return build


@pytest.fixture(scope="module")
def amended(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The project after an amendment of the plan and another reading of «continuing» (Q-23)."""
    project = tmp_path_factory.mktemp("amended") / "dbt_project"
    shutil.copytree(PROJECT, project)
    parameters = project / "seeds" / "parameters.csv"
    text = parameters.read_text(encoding="utf-8")
    other = text.replace(",nav_active_level,L3,", ",nav_active_level,L2,")
    assert other != text
    parameters.write_text(other, encoding="utf-8")
    with (project / "seeds" / "target_amendments.csv").open("a", encoding="utf-8") as stream:
        stream.write(f"{ORDER},r-700,2024-12-15,{KHIMKI},c10,1100,Р-700\n")
        stream.write(f"{ORDER},r-800,2025-01-01,{LOBNYA},c10,1000,Р-800\n")
    return project


@pytest.fixture(scope="module")
def changed(compare: Callable[[Accepted, Path], Compared], amended: Path) -> Compared:
    return compare(a_month_later(), amended)


def test_each_planted_person_has_its_cause(changed: Compared) -> None:
    expected = dict(PLANTED)
    for total, components in SUMS.items():
        for (indicator, territory), parts in PLANTED.items():
            if indicator in components:
                summed = expected.setdefault((total, territory), {})
                for name, value in parts.items():
                    summed[name] = summed.get(name, 0) + value
    expected = {key: {n: v for n, v in parts.items() if v} for key, parts in expected.items()}
    assert changed.parts() == expected


def test_the_parts_are_the_difference_of_the_two_publications(changed: Compared) -> None:
    assert changed.failed == []
    before = changed.before / "mart_indicator_progress.parquet"
    parts = " + ".join(PARTS)
    rows = changed.rows(
        "select count(*), sum(abs(changes.difference)), count(*) filter (where"
        f" changes.difference <> now.fact - before.fact or changes.difference <> {parts})"
        " from marts.mart_indicator_change as changes"
        " join marts.mart_indicator_progress as now using (territory_id, indicator_id)"
        f" join read_parquet('{before}') as before using (territory_id, indicator_id)"
    )
    # 17 in the six indicators, 10 in their two sums.
    assert rows == [(67 * 8, 27, 0)]


def test_nobody_has_two_causes_and_nobody_has_none(changed: Compared) -> None:
    caused = changed.rows(
        "select indicator_id, territory_id, person_key, direction"
        " from intermediate.int_indicator_cause where territory_id <> 0"
    )
    old = f"read_parquet('{changed.before / 'fct_indicator_contribution.parquet'}')"
    now = "facts.fct_indicator_contribution"
    person = "select indicator_id, territory_id, person_key"
    moved = [
        (*row, direction)
        for one, other, direction in ((now, old, 1), (old, now, -1))
        for row in changed.rows(f"{person} from {one} except {person} from {other}")
    ]
    assert sorted(caused) == sorted(moved)
    assert len(caused) == 15


def test_another_plan_is_a_part_of_its_own(changed: Compared) -> None:
    rows = changed.rows(
        "select territory_id, indicator_id, target_before, target_after, plan_change"
        " from marts.mart_indicator_change where plan_change <> 0 order by 1, 2"
    )
    assert rows == [
        (REGION, "I-4", 33170, 33230, 60),
        (REGION, "I-8", 80115, 80175, 60),
        (KHIMKI, "I-4", 1040, 1100, 60),
        (KHIMKI, "I-8", 2167, 2227, 60),
    ]
    assert changed.rows("select distinct plan_version from facts.fct_target") == [("r-700",)]


def test_a_form_that_did_not_come_is_no_departure(
    compare: Callable[[Accepted, Path], Compared],
) -> None:
    silent = compare(silent_month_later(), PROJECT)
    assert silent.failed == []
    assert silent.parts() == {
        ("I-5", KHIMKI): {"unknown_facts": -1},
        ("I-5", LOBNYA): {"unknown_facts": -1},
        ("I-5", BALASHIKHA): {"unknown_facts": -1},
        ("I-5", REGION): {"unknown_facts": -2},
        ("I-6", KHIMKI): {"unknown_facts": -1},
        ("I-6", LYCEUM): {"unknown_facts": -1},
        ("I-6", REGION): {"unknown_facts": -2},
    }
