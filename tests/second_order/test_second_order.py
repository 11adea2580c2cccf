"""Another year is data: a second order lives beside the first after editing seeds and YAML only."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
import pytest

from tests.second_order.order_2025 import (
    CHANGES,
    INDICATOR,
    ITEMS,
    RENAMED,
    SUFFIX,
    THRESHOLDS,
)
from tests.second_order.project import NEW, OLD, Project, copied, data_only, second_order

OLD_DAY, NEW_DAY = "2024-09-30", "2025-09-30"
# A layout of the second year: the same column under another title.
NEW_LAYOUT = ("ID мероприятия", "Идентификатор мероприятия")


@dataclass(frozen=True)
class Both:
    """The copied project and the data directory of both years."""

    project: Project
    data: Path

    def rows(self, order: str, day: str, query: str) -> list[tuple[Any, ...]]:
        """Rows of a query in which {name} stands for a frozen table of one date."""
        folder = (self.data / "marts" / "by_date" / f"{order}__{day}").resolve()
        tables = {path.stem: f"read_parquet('{path}')" for path in folder.glob("*.parquet")}
        with duckdb.connect() as connection:
            return connection.execute(query.format_map(tables)).fetchall()


def new_form_version(project: Project) -> None:
    """The participations' form gets a layout that is valid from the second year on."""
    path = project.root / "ingest" / "forms" / "P05.yml"
    text = path.read_text(encoding="utf-8")
    start = text.index("  - version: 1")
    layout = text[start:].replace("version: 1", "version: 2", 1)
    layout = layout.replace("valid_from: 2024-01-01", "valid_from: 2025-01-01")
    assert NEW_LAYOUT[0] in layout
    path.write_text(text + layout.replace(*NEW_LAYOUT, 1), encoding="utf-8")


@pytest.fixture(scope="module")
def both(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Both]:
    root = tmp_path_factory.mktemp("second_order")
    project = copied(root / "project")
    second_order(project, CHANGES)
    new_form_version(project)
    script = Path(__file__).with_name("both_years.py")
    environment = os.environ | {"PYTHONPATH": f"{project.root}", "BVB_DATA_DIR": f"{root / 'data'}"}
    done = subprocess.run(
        [sys.executable, f"{script}", f"{root / 'data'}", OLD_DAY, NEW_DAY],
        cwd=project.root, env=environment, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-4000:]
    yield Both(project, root / "data")


def test_only_data_was_touched(both: Both) -> None:
    assert list(data_only(both.project)) == []


def test_both_years_were_published_side_by_side(both: Both) -> None:
    names = {path.name for path in (both.data / "marts" / "by_date").iterdir()}
    assert names == {f"{OLD}__{OLD_DAY}", f"{NEW}__{NEW_DAY}"}
    history = both.data / "warehouse" / "catalog.duckdb"
    with duckdb.connect(f"{history}", read_only=True) as connection:
        found = connection.execute(
            "select order_id, count(distinct indicator_id), count(distinct territory_id)"
            " from history.mart_indicator_progress group by all order by all"
        ).fetchall()
    assert found == [(OLD, 8, 67), (NEW, 9, 67)]


def test_the_new_target_is_counted_by_a_registered_formula(both: Both) -> None:
    ((target, fact),) = both.rows(
        NEW, NEW_DAY,
        "select target, fact from {mart_indicator_progress}"
        f" where territory_id = 0 and indicator_id = '{INDICATOR}'",
    )  # fmt: skip
    ((finished,),) = both.rows(
        NEW, NEW_DAY,
        "select count(distinct a.pupil_key) from {fct_diagnostic_attempt} a"
        " join {dim_pupil} p using (pupil_key)"
        " where a.is_finished and p.is_active and p.territory_id is not null",
    )  # fmt: skip
    assert target == 14980
    assert fact == finished > 0


def test_thresholds_are_those_of_each_year(both: Both) -> None:
    query = "select distinct load_limit from {mart_navigator_load}"
    assert both.rows(OLD, OLD_DAY, query) == [(70,)]
    assert both.rows(NEW, NEW_DAY, query) == [(int(THRESHOLDS["load_limit"]),)]
    cohorts = "select min(cohort_year), max(cohort_year) from {dim_pupil} where is_counted_i3"
    assert both.rows(OLD, OLD_DAY, cohorts) == [(2021, 2023)]
    assert both.rows(NEW, NEW_DAY, cohorts) == [(2022, 2024)]


def test_renamed_territories_keep_their_numbers(both: Both) -> None:
    query = "select territory_id, territory_name from {dim_territory}"
    old, new = (dict(both.rows(*of, query)) for of in ((OLD, OLD_DAY), (NEW, NEW_DAY)))
    changed = {new[place] for place in new if place and old[place] != new[place]}
    assert changed == {f"{name} {SUFFIX}" for name in RENAMED}


def test_the_roadmap_has_two_items_more(both: Both) -> None:
    query = "select item from {mart_roadmap_region} where item_no is not null"
    old, new = (
        {row[0] for row in both.rows(*of, query)} for of in ((OLD, OLD_DAY), (NEW, NEW_DAY))
    )
    assert len(old) == 38
    assert new - old == set(ITEMS)


def test_each_year_is_read_in_its_own_layout(both: Both) -> None:
    query = (
        "select distinct form_version from {fct_delivery} where form_code = 'P05' and is_selected"
    )
    assert both.rows(OLD, OLD_DAY, query) == [(1,)]
    assert both.rows(NEW, NEW_DAY, query) == [(2,)]
    ((facts,),) = both.rows(NEW, NEW_DAY, "select count(*) from {fct_participation}")
    assert facts > 0


def test_reports_of_both_years_lie_beside_each_other(both: Both) -> None:
    for order, day in ((OLD, OLD_DAY), (NEW, NEW_DAY)):
        folder = both.data / "reports" / day
        assert (folder / f"ministry_workbook__{order}__{day}.xlsx").is_file()
        assert (folder / f"roadmap_sheet__{order}__{day}.xlsx").is_file()
    page = (both.data / "reports" / NEW_DAY / f"progress_page__{NEW}__{NEW_DAY}.html").read_text()
    assert "Р-500" in page and "Завершившие диагностику" in page
