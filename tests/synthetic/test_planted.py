"""What `cases.yml` plants for the rules of places, courses and reports, found in the files."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import openpyxl
import pyarrow as pa
import pytest
import yaml

from ingest.forms import load_forms
from ingest.reference import load_reference
from ingest.schedule import duties
from synthetic.cells import with_cells
from synthetic.config import RegionError, World, load_yaml
from synthetic.files import Outgoing, receipt
from synthetic.people import age_reached_on
from synthetic.texts import text_table
from tests.synthetic.conftest import Region
from tests.synthetic.test_places import keyed

REFERENCE = load_reference()
CASES = load_yaml("cases.yml")
Row = dict[str, Any]


def points() -> dict[str, date]:
    return {
        p["control_id"]: date.fromisoformat(p["due_date"])
        for p in REFERENCE.control_points
        if p["due_date"]
    }


@pytest.mark.parametrize("section", ["venues", "programmes", "partners", "courses", "cells"])
def test_every_planted_line_says_why(section: str) -> None:
    assert CASES[section]
    assert all(len(line["why"]) > 5 for line in CASES[section])


def _file(region: Region, cell: Row) -> str:
    form, sender = load_forms()[cell["form"]], cell["territory"]
    folder = f"T{sender:02d}" if sender else str(form.sender)
    when = cell.get("as_of")
    found = sorted(
        source
        for source, d in region.read.items()
        if source.startswith(f"{folder}/{cell['form']}_") and (when is None or d.as_of == when)
    )
    return found[-1] if found else ""


@pytest.mark.parametrize("cell", CASES["cells"], ids=lambda c: f"{c['form']}-{c['territory']}")
def test_every_planted_cell_stands_in_its_file(
    september: Region, november: Region, cell: Row
) -> None:
    region = september if cell.get("as_of") == date(2024, 9, 30) else november
    source = _file(region, cell)
    assert source, "the file of a planted cell is not sent"
    sheet = openpyxl.load_workbook(region.root / source)["Данные"]
    rows = list(sheet.iter_rows(values_only=True))
    names = [c.name for c in load_forms()[cell["form"]].latest.columns]
    values = [row[names.index(cell["column"])] for row in rows[1:]]
    values = values if cell["row"] == "all" else [values[cell["row"]]]
    assert values
    for value in values:
        if "day" in cell:
            assert value.date() == cell["day"]
        else:
            assert f"{value if value is not None else ''}" == cell["text"]


def test_each_trial_lacks_one_link(november: Region) -> None:
    venues, programmes = keyed(november, "P07", "venue_id"), keyed(november, "P08", "programme_id")
    contracts = {row["inn"]: row["contract_on"] for row in november.typed("K05")}
    slots = keyed(november, "P09", "slot_id")
    lists = {row["direction"] for row in november.typed("K04")}
    lacks: dict[int, set[str]] = {}
    for number in (*range(9000061, 9000069), 9000070):
        (event,) = november.typed("P04", f"event_id = 'E{number}'")
        venue, programme = venues.get(event["venue_id"]), programmes.get(event["programme_id"])
        found = {
            "venue": venue is None,
            "contract": bool(venue) and not contracts.get(venue["inn"]),
            "cabinet": bool(venue) and venue["cabinet_on"] is None,
            "programme": bool(programme) and programme["status"] != "approved",
            "again": bool(programme) and programme["submitted_on"] is None,
            "direction": bool(programme) and programme["direction"] not in lists,
            "slot": event["slot_id"] not in slots,
        }
        lacks[number % 1000] = {name for name, is_so in found.items() if is_so}
    assert lacks == {
        61: {"contract"}, 62: {"cabinet"}, 63: {"programme"}, 64: {"venue"}, 65: {"again"},
        66: {"direction"}, 67: {"slot"}, 68: set(), 70: set(),
    }  # fmt: skip


def test_each_visit_lacks_one_link(november: Region) -> None:
    partners = keyed(november, "P10", "partner_id")
    lacks: dict[int, set[str]] = {}
    for number in range(9000071, 9000076):
        (event,) = november.typed("P04", f"event_id = 'E{number}'")
        partner = partners.get(event["partner_id"])
        agreed = partner["agreement_on"] if partner else None
        found = {
            "partner": partner is None,
            "agreement": bool(partner) and agreed is None,
            "before": agreed is not None and agreed > event["event_on"],
            "cabinet": bool(partner) and partner["cabinet_on"] is None,
            "free": not event["is_free"],
        }
        lacks[number % 1000] = {name for name, is_so in found.items() if is_so}
    assert lacks == {
        71: {"agreement"}, 72: {"before"}, 73: {"cabinet"}, 74: {"partner"}, 75: {"free"}
    }  # fmt: skip
    assert partners["W906"]["agreement_on"] > points()["35-1"]


def test_steps_of_venues_and_programmes_around_their_last_days(november: Region) -> None:
    due, programmes = points(), keyed(november, "P08", "programme_id")
    late_venue = keyed(november, "P07", "venue_id")["V907"]
    assert late_venue["cabinet_on"] > due["27-1"]
    (contract,) = november.typed("K05", f"inn = '{late_venue['inn']}'")
    assert contract["contract_on"] > due["26-1"]
    in_time, late = programmes["PR2721"], programmes["PR2724"]
    assert in_time["submitted_on"] <= due["28-1"] < late["submitted_on"]
    assert due["29-1"] < in_time["approved_on"] < late["approved_on"]


def test_two_places_at_one_hour(november: Region) -> None:
    first, second = (november.typed("P04", f"event_id = 'E{n}'")[0] for n in (9000069, 9000070))
    assert (first["event_on"], first["starts_at"]) == (second["event_on"], second["starts_at"])
    who = november.typed("P05", "event_id in ('E9000069', 'E9000070')")
    assert {(row["pupil_id"], row["status"]) for row in who} == {("U9000057", "attended")}


def test_courses_short_early_late_and_with_one_number(november: Region) -> None:
    number, day = REFERENCE.number, REFERENCE.day
    by = {(r["participant_id"], r["programme"]): r for r in november.typed("P11")}
    course = {n: by[f"N90000{n}", "course_36h"] for n in (1, 2, 3, 4, 5, 8)}
    assert [course[n]["hours"] == number("course_hours") for n in (1, 2)] == [False, True]
    assert course[3]["finished_on"] < day("course_from")
    assert (course[4]["status"], course[4]["finished_on"]) == ("studying", None)
    assert course[5]["document_no"] == course[8]["document_no"]
    assert by["N900008", "project_16h"]["hours"] < number("project_hours")
    assert by["D90001", "intensive_6h"]["finished_on"] < day("intensive_from")
    assert by["D90002", "intensive_6h"]["hours"] < number("intensive_hours")


def test_originals_of_consents_around_their_last_day(november: Region) -> None:
    due = REFERENCE.day("consent_original_due")
    grace = REFERENCE.calendar.next_working_day(due)
    cases = {case["number"]: case for case in CASES["pupils"]}
    assert (cases[9000015]["original_on"], cases[9000016]["original_on"]) == (due, grace)
    assert cases[9000020]["original_on"] > grace
    for number in (9000015, 9000016, 9000017, 9000020):
        (row,) = november.typed("M04", f"subject_id = 'U{number}'")
        assert row["is_original_received"] is False  # not yet by 30 November
        (reached,) = age_reached_on(np.array([row["birth_date"]], "datetime64[D]"), 14)
        assert reached > np.datetime64(REFERENCE.day("consent_scan_due"))
    papers = {n: november.typed("M04", f"subject_id = 'N{n}'")[0] for n in (900008, 900009)}
    assert [papers[n]["is_original_received"] for n in (900008, 900009)] == [True, False]


def test_a_navigator_works_at_a_school_that_is_not_confirmed(november: Region) -> None:
    schools = keyed(november, "P01", "school_id")
    where = {
        row["navigator_id"]: schools[row["school_id"]]["participation_status"]
        for row in november.typed("P02")
    }
    assert [who for who, status in where.items() if status != "participates"] == ["N900010"]


def test_a_planted_cell_that_has_no_place_stops_the_region(tmp_path: Path) -> None:
    cell = {"form": "K08", "territory": 0, "row": 1, "column": "role", "text": "Г", "why": "test"}
    cases = tmp_path / "cases.yml"
    cases.write_text(yaml.safe_dump(CASES | {"cells": [cell]}), encoding="utf-8")
    world, form = World(REFERENCE, 0.02, 1, files=("region.yml", f"{cases}")), load_forms()["K08"]
    file = Outgoing(form, 0, date(2024, 5, 31), receipt(world, date(2024, 5, 31), 1, 1))
    table = text_table(form, form.latest, {"member_name": ["А"], "role": ["Б"], "order_ref": ["В"]})
    with pytest.raises(RegionError, match=r"which has 1 rows .* found row 1 of column role"):
        with_cells(world, file, table)
    changed = with_cells(world, file, pa.concat_tables([table, table]))
    assert changed.column("role").to_pylist() == ["Б", "Г"]
    other = Outgoing(load_forms()["K01"], 0, file.as_of, file.received_at)
    assert with_cells(world, other, table).equals(table)


def test_days_move_with_the_year_of_the_order() -> None:
    order = REFERENCE.order | {"year": "2026"}
    later = World(replace(REFERENCE, order=order), 0.02, 1)
    assert later.region["operator"]["letter_6_on"] == date(2026, 5, 30)
    assert later.cases["courses"][0]["finished_on"] == date(2026, 10, 25)
    births = {case["number"]: case.get("birth") for case in later.cases["pupils"]}
    assert births[9000012] == date(2012, 9, 30)
    # A day that the other year does not have stays where it is.
    assert births[9000014] == date(2008, 2, 29)


def test_every_day_of_a_planted_cell_is_a_date_of_its_form() -> None:
    sent = {(d.form_code, d.content_on) for d in duties(REFERENCE)}
    for cell in CASES["cells"]:
        assert "as_of" not in cell or (cell["form"], cell["as_of"]) in sent
