"""Every item of the roadmap changes its status on the right day.

`roadmap_table.csv` holds what was worked out by hand from the order for the small region of
`roadmap_world`: since which of the evaluated days a control point has which status, and done when.
"""

from __future__ import annotations

import csv
import re
from collections import defaultdict
from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import pytest

from tests.dbt.conftest import PROJECT
from tests.dbt.replay import Replay
from tests.dbt.roadmap_scenario import roadmap_run
from tests.dbt.roadmap_world import GOOD, LATE, NO_TARGET, REGION, SILENT, STATE, d

pytestmark = pytest.mark.slow
PLACES = {
    "good": GOOD,
    "late": LATE,
    "silent": SILENT,
    "state": STATE,
    "no_target": NO_TARGET,
    "region": REGION,
}
Said = tuple[str, date | None]


def _table() -> dict[tuple[str, str], dict[date, Said]]:
    """(control point, place) → day of the change → status and day of fulfilment."""
    path = Path(__file__).with_name("roadmap_table.csv")
    table = {}
    for row in csv.DictReader(path.read_text(encoding="utf-8").splitlines()):
        changes = [change.split() for change in row["statuses"].split("; ")]
        table[row["control_id"], row["place"]] = {
            d(day): (status, d(done[0]) if done else None) for day, status, *done in changes
        }
    return table


TABLE = _table()
# The last day of the year is looked at even where nothing changes on it.
DAYS = sorted({d("12-31"), *(day for changes in TABLE.values() for day in changes)})


def _seed(name: str) -> list[dict[str, str]]:
    text = (PROJECT / "seeds" / f"{name}.csv").read_text(encoding="utf-8")
    return list(csv.DictReader(text.splitlines()))


@pytest.fixture(scope="module")
def replay(tmp_path_factory: pytest.TempPathFactory) -> Replay:
    return Replay(tmp_path_factory.mktemp("roadmap"), "+mart_roadmap +mart_roadmap_region")


@pytest.fixture(scope="module")
def year(replay: Replay) -> dict[date, dict[str, list[dict[str, Any]]]]:
    """Day → mart → rows, in the order of the days."""
    found = {}
    for day in DAYS:
        replay.run(roadmap_run(day))
        found[day] = {mart: replay.table(mart) for mart in ("mart_roadmap", "mart_roadmap_region")}
    return found


Year = dict[date, dict[str, list[dict[str, Any]]]]


@pytest.fixture(scope="module")
def said(year: Year) -> dict[tuple[str, int], dict[date, Said]]:
    """What was said of every control point and place, only the days on which it changed."""
    found: dict[tuple[str, int], dict[date, Said]] = defaultdict(dict)
    last: dict[tuple[str, int], str] = {}
    for day, marts in year.items():
        for row in marts["mart_roadmap"]:
            place = row["control_id"], row["territory_id"]
            if last.get(place) != row["status"]:
                found[place][day] = row["status"], row["done_on"]
            last[place] = row["status"]
    return found


@pytest.mark.parametrize("place", sorted(TABLE), ids="-".join)
def test_status_changes_on_its_day(
    place: tuple[str, str], said: dict[tuple[str, int], dict[date, Said]]
) -> None:
    assert said[place[0], PLACES[place[1]]] == TABLE[place]


def test_every_item_of_the_order_changes_in_the_table() -> None:
    points = {row["control_id"]: row["item"] for row in _seed("control_points")}
    changing = {points[control] for (control, _), changes in TABLE.items() if len(changes) > 1}
    assert changing == set(points.values())
    assert len(changing) == 40


def test_slack_agrees_with_the_status(year: Year) -> None:
    """Working days to the due day: none left is still in time, and a day off after it is late."""
    fits = {
        "done": lambda slack: slack >= 0,
        "done_late": lambda slack: slack < 0,
        "overdue": lambda slack: slack < 0,
        "no_data": lambda slack: slack < 0,
        "due_soon": lambda slack: 0 <= slack <= 10,
        "not_due": lambda slack: slack > 10,
    }
    dated = [
        row
        for marts in year.values()
        for row in marts["mart_roadmap"]
        if row["due_on"] and row["status"] in fits
    ]
    assert {row["status"] for row in dated} == set(fits)
    wrong = [row for row in dated if not fits[row["status"]](row["days_slack"])]
    assert wrong == []


def test_who_owes_what(year: Year) -> None:
    owed: dict[str, set[int]] = defaultdict(set)
    for row in year[DAYS[0]]["mart_roadmap"]:
        owed[row["item"]].add(row["territory_id"])
    municipalities, state = set(range(1, 58)), set(range(58, 67))
    for item in ("3", "15", "order p.5.1)"):  # G-05: no document of a state school is named
        assert owed[item] == municipalities, item
    assert owed["order p.6.1)"] == state
    assert owed["11"] == {REGION} | municipalities | state
    for item in ("1", "2", "5", "6", "26", "27", "28", "29", "30", "35", "38"):
        assert owed[item] == {REGION}, item
    for item in ("4", "7", "8", "9", "10", "14", "16", "18", "21", "24", "25", "31", "36", "37"):
        assert owed[item] == municipalities | state, item


def test_items_of_the_region(year: Year) -> None:
    rows = {(day, row["item"]): row for day in DAYS for row in year[day]["mart_roadmap_region"]}
    assert len(rows) == 40 * len(DAYS)
    may, june = rows[d("05-20"), "7"], rows[d("12-31"), "38"]
    # Two in time, one late, 63 have not sent the list.
    assert (may["n_expected"], may["n_done"], may["n_done_late"], may["n_overdue"]) == (
        66,
        2,
        1,
        63,
    )
    assert (may["status"], may["next_due_on"], may["last_done_on"]) == ("overdue", None, d("05-16"))
    # Of 8 + 8 + 1 reports four were sent in time and three late.
    assert (june["n_expected"], june["n_done"], june["n_done_late"]) == (17, 3, 3)
    assert june["n_overdue"] == 11
    first = rows[DAYS[0], "38"]
    assert (first["n_open"], first["next_due_on"]) == (17, d("06-07"))


def test_what_cannot_be_measured_says_why(year: Year) -> None:
    rows = {
        (row["control_id"], row["territory_id"]): row for row in year[d("05-20")]["mart_roadmap"]
    }
    assert rows["24-1", GOOD]["evidence_text"] == "нет данных КТП (P06)"
    assert rows["8-1", SILENT]["evidence_text"] == "нет данных (M03)"


def test_proof_is_an_address(year: Year) -> None:
    rows = {(row["control_id"], row["territory_id"]): row for row in year[DAYS[-1]]["mart_roadmap"]}
    # On 11-12 a pupil of GOOD is without a navigator again: what was done on 09-30 keeps its proof.
    fallen = next(
        row
        for row in year[d("11-12")]["mart_roadmap"]
        if (row["control_id"], row["territory_id"]) == ("23-2", GOOD)
    )
    assert fallen["evidence_text"] == "было выполнено, теперь 50 из 51, обучающихся"
    proof = ("evidence_form", "evidence_delivery_id", "evidence_row_id")
    assert [rows["7-1", LATE][key] for key in proof] == ["M03", "M03-33-05-16", None]
    assert [rows["26-1", REGION][key] for key in proof] == ["K05", "K05-1", "K05-1:Данные:3"]
    done = [
        (day, row)
        for day in DAYS
        for row in year[day]["mart_roadmap"]
        if row["status"] in ("done", "done_late")
    ]
    assert done
    assert [(day, row["control_id"]) for day, row in done if not row["evidence_delivery_id"]] == []


def test_a_waiver_excuses_and_hides_nothing(year: Year, replay: Replay) -> None:
    assert year
    waiver = "('r-423-2024', '7-1', {}, date '{}', null, 'Министерство', 'школа закрыта')"
    with duckdb.connect(str(replay.database)) as connection:
        values = waiver.format(SILENT, "2024-05-20"), waiver.format(NO_TARGET, "2025-01-01")
        connection.execute(f"insert into seeds.waivers values {', '.join(values)}")
    replay.run(roadmap_run(DAYS[-1]))
    rows = {
        row["territory_id"]: (row["status"], row["is_waived"], row["waiver_on"])
        for row in replay.table("mart_roadmap")
        if row["control_id"] == "7-1"
    }
    assert rows[SILENT] == ("overdue", True, d("05-20"))
    assert rows[NO_TARGET] == ("overdue", False, None)
    (item,) = [row for row in replay.table("mart_roadmap_region") if row["item"] == "7"]
    assert (item["n_overdue"], item["n_waived"], item["status"]) == (62, 1, "overdue")


def test_every_criterion_is_counted_by_a_model() -> None:
    paths = list((PROJECT / "models" / "intermediate").glob("int_unit_*.sql"))
    text = "\n".join(path.read_text(encoding="utf-8") for path in paths)
    counted = set(re.findall(r"duty_unit\(\s*'(\w+)'", text))
    counted |= set(re.findall(r"criterion = '(\w+)'", text))
    registered = {row["criterion"] for row in _seed("criteria")}
    assert len(registered) >= 30
    assert counted == registered


def test_every_control_point_has_a_criterion() -> None:
    judged = {(row["order_id"], row["control_id"]) for row in _seed("control_criteria")}
    points = {(row["order_id"], row["control_id"]) for row in _seed("control_points")}
    assert len(points) == 92
    assert judged == points
