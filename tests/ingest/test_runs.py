"""A run sees what had come by its moment; the newest usable delivery comes first."""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path

import pytest

from ingest.calendar import CalendarYearMissing
from ingest.expected import expected_deliveries
from ingest.knowledge import Knowledge
from ingest.landing import all_landed
from ingest.orders import AsOfOutsideOrder
from ingest.read import read_delivery
from ingest.reference import Reference
from ingest.runs import (
    NotReadYet,
    RunContext,
    candidates,
    duplicates,
    late_deliveries,
    line_of,
    make_run,
    visible_deliveries,
)
from ingest.settings import MOSCOW, Settings

from .drop_folder import land, put
from .files import data_sheet, passport, table, titles, xlsx

SEPTEMBER = date(2024, 9, 30)
LATE = datetime(2024, 10, 20, 12, 0, tzinfo=MOSCOW)


def at(day: int, month: int = 10) -> datetime:
    return datetime(2024, month, day, 10, 0, tzinfo=MOSCOW)


class Office:
    """A drop folder whose files are landed and read at once."""

    def __init__(self, settings: Settings, known: Knowledge, reference: Reference) -> None:
        self.settings, self.known, self.reference = settings, known, reference
        settings.incoming.mkdir(parents=True)

    def send(self, source: str, data: bytes, sent: datetime) -> None:
        put(self.settings, source, data, sent)
        land(self.settings, now=LATE)
        for landed in all_landed(self.settings):
            read_delivery(self.settings, landed, self.known)

    def run(self, as_of: date = SEPTEMBER, known_at: datetime | None = None) -> RunContext:
        return make_run(self.settings, as_of, known_at)

    def chosen(self, code: str, run: RunContext | None = None) -> list[str]:
        return [item.file_name for item in candidates(run or self.run())[code]]


@pytest.fixture
def office(settings: Settings, known: Knowledge, reference: Reference) -> Office:
    return Office(settings, known, reference)


def book(code: str, rows: int = 3) -> bytes:
    return xlsx([data_sheet(table(code, rows))])


P05, M04, M11 = book("P05"), book("M04"), book("M11")


def name(code: str, when: str, version: int = 1) -> str:
    where = "__T14" if code[0] == "M" else ""
    return f"{code}_x{where}__{when}__v{version}.xlsx"


def test_a_run_without_a_moment_sees_what_came_by_the_freeze(office: Office) -> None:
    run = office.run()
    assert run.known_at == datetime(2024, 10, 3, 23, 59, 59, tzinfo=MOSCOW)
    assert run.run_id == "2024-09-30__20241003T235959"
    office.send(f"platform/{name('P05', '2024-09-30')}", P05, at(3))
    office.send(f"platform/{name('P05', '2024-09-30', 2)}", book("P05", 2), at(4))
    assert office.chosen("P05") == [name("P05", "2024-09-30")]
    assert late_deliveries(run) == 1
    known_later = office.run(known_at=at(5))
    assert office.chosen("P05", known_later) == [
        name("P05", "2024-09-30", 2),
        name("P05", "2024-09-30"),
    ]
    assert late_deliveries(known_later) == 0


@pytest.mark.parametrize("as_of", [date(2023, 12, 31), date(2025, 1, 31)])
def test_a_date_of_another_year_is_refused(office: Office, as_of: date) -> None:
    with pytest.raises(AsOfOutsideOrder, match="r-423-2024 from 2024-01-01 to 2024-12-31"):
        office.run(as_of)


def test_the_freeze_of_december_needs_the_next_calendar(office: Office) -> None:
    assert office.run(date(2024, 12, 31)).known_at.date() == date(2025, 1, 13)
    with pytest.raises(CalendarYearMissing):
        office.reference.calendar.add_working_days(date(2025, 12, 31), 3)


def test_a_landed_file_that_nobody_read_stops_the_run(office: Office) -> None:
    put(office.settings, f"platform/{name('P05', '2024-09-30')}", P05, at(1))
    land(office.settings, now=LATE)
    with pytest.raises(NotReadYet, match="run the receiving step"):
        visible_deliveries(office.run())


def test_a_broken_resend_removes_nothing(office: Office) -> None:
    office.send(f"T14/{name('M04', '2024-09')}", M04, at(1))
    office.send(f"T14/{name('M04', '2024-09', 2)}", M04[:-40], at(2))
    assert office.chosen("M04") == [name("M04", "2024-09")]
    assert len(visible_deliveries(office.run())) == 2


def test_a_corrected_file_goes_before_the_first_one(office: Office) -> None:
    office.send(f"T14/{name('M04', '2024-09')}", M04, at(1))
    office.send(f"T14/{name('M04', '2024-09', 2)}", book("M04", 2), at(2))
    assert office.chosen("M04") == [name("M04", "2024-09", 2), name("M04", "2024-09")]


def test_the_same_bytes_under_another_name_are_a_duplicate(office: Office) -> None:
    office.send(f"T14/{name('M04', '2024-09')}", M04, at(1))
    office.send("T14/Копия M04_x__T14__2024-09 (1).xlsx", M04, at(2))
    first, second = visible_deliveries(office.run())
    assert duplicates([first, second]) == {second.delivery_id: first.delivery_id}
    assert office.chosen("M04") == [name("M04", "2024-09")]


def test_the_same_bytes_of_another_sender_are_not(office: Office) -> None:
    for territory in (14, 15):
        source = f"T{territory}/M04_x__T{territory}__2024-09.xlsx"
        office.send(source, M04, at(1))
    assert duplicates(visible_deliveries(office.run())) == {}
    assert len(office.chosen("M04")) == 2


def test_the_same_register_for_another_month_is_not(office: Office) -> None:
    office.send(f"T14/{name('M04', '2024-08')}", M04, at(2, 9))
    office.send(f"T14/{name('M04', '2024-09')}", M04, at(1))
    assert office.chosen("M04") == [name("M04", "2024-09"), name("M04", "2024-08")]


def test_snapshots_and_registers_last_until_a_newer_one_comes(office: Office) -> None:
    office.send(f"platform/{name('P05', '2024-08-31')}", P05, at(2, 9))
    office.send(f"T14/{name('M04', '2024-08')}", M04, at(2, 9))
    assert office.chosen("P05") == [name("P05", "2024-08-31")]
    assert office.chosen("M04") == [name("M04", "2024-08")]


def test_reports_for_a_period_stay_beside_one_another(office: Office) -> None:
    office.send(f"T14/{name('M11', '2024-08')}", M11, at(2, 9))
    office.send(f"T14/{name('M11', '2024-09')}", book("M11", 2), at(1))
    office.send(f"T14/{name('M11', '2024-09', 2)}", book("M11", 1), at(2))
    assert office.chosen("M11") == [
        name("M11", "2024-09", 2),
        name("M11", "2024-09"),
        name("M11", "2024-08"),
    ]
    lines = [line_of(item) for item in candidates(office.run())["M11"]]
    assert lines == [(14, "2024-09"), (14, "2024-09"), (14, "2024-08")]
    assert office.chosen("M11", office.run(date(2024, 8, 31))) == [name("M11", "2024-08")]


def test_a_later_month_is_not_used(office: Office) -> None:
    office.send(f"T14/{name('M11', '2024-10')}", M11, at(20))
    assert office.chosen("M11", office.run(known_at=at(21))) == []


def test_a_snapshot_of_a_later_day_is_not_used(office: Office) -> None:
    office.send(f"platform/{name('P05', '2024-09-16')}", P05, at(17, 9))
    office.send(f"platform/{name('P05', '2024-09-30')}", book("P05", 2), at(1))
    control = office.run(date(2024, 9, 16), at(5))
    assert office.chosen("P05", control) == [name("P05", "2024-09-16")]
    assert office.chosen("P05") == [name("P05", "2024-09-30"), name("P05", "2024-09-16")]


def test_a_register_of_the_month_serves_a_control_date_inside_it(office: Office) -> None:
    office.send(f"T14/{name('M04', '2024-09')}", M04, at(1))
    assert office.chosen("M04", office.run(date(2024, 9, 16), at(5))) == [name("M04", "2024-09")]


def test_an_unusable_file_is_seen_but_never_chosen(office: Office) -> None:
    office.send("T14/фото.xlsx", b"\xff\xd8\xff\xe0" + bytes(50), at(1))
    office.send("T14/M04_x__2014-09.xlsx", M04, at(1))  # a slip in the year
    assert [d.is_readable for d in visible_deliveries(office.run())] == [False, False]
    assert all(not files for files in candidates(office.run()).values())


def test_a_zero_report_is_a_delivery(office: Office) -> None:
    face = passport(form_code="M04", territory_code="T65", period="2024-09", is_zero_report="да")
    office.send("T65/нулевой.xlsx", xlsx([face, data_sheet([titles("M04")])]), at(1))
    (item,) = candidates(office.run())["M04"]
    assert (item.is_zero_report, item.n_rows, item.sender_territory_id) == (True, 0, 65)


def test_what_is_owed_on_a_month_end(office: Office) -> None:
    owed = expected_deliveries(office.run())
    per_form = {
        code: [e for e in owed if e.form_code == code] for code in {e.form_code for e in owed}
    }
    platform = ["P01", "P02", "P03", "P04", "P05", "P06", "P07", "P08", "P09", "P10", "P11"]
    operator = ["K01", "K02", "K03", "K04", "K05", "K06", "K07"]
    assert {code: len(rows) for code, rows in per_form.items()} == {
        **dict.fromkeys([*platform, *operator], 1),
        **dict.fromkeys(["M01", "M03", "M04", "M07", "M08", "M09", "M11"], 66),
        "M02": 57,
        "M06": 66,  # the stage of May; that of October is to come
    }
    assert {e.due_on for e in per_form["M04"]} == {date(2024, 10, 3)}
    assert {(e.due_on, e.period) for e in per_form["M03"]} == {(date(2024, 5, 15), "2024-05")}
    assert all(e.is_due for e in owed)
    assert {e.sender_territory_id for e in per_form["M11"]} == set(range(1, 67))


def test_what_is_owed_inside_a_month(office: Office) -> None:
    owed = {e.form_code: e for e in expected_deliveries(office.run(date(2024, 9, 16)))}
    assert (owed["P03"].period, owed["P03"].due_on) == ("2024-09-16", date(2024, 9, 19))
    # The month is not over: its reports are not due yet.
    assert (owed["M11"].period, owed["M11"].due_on) == ("2024-09", date(2024, 10, 3))
    assert not owed["M11"].is_due


def test_forms_are_owed_from_their_first_month_and_their_day(office: Office) -> None:
    codes = {e.form_code for e in expected_deliveries(office.run(date(2024, 5, 14)))}
    assert "M03" not in codes and "M04" not in codes and {"M02", "M11"} <= codes
    assert "M03" in {e.form_code for e in expected_deliveries(office.run(date(2024, 5, 15)))}


def test_paths_of_a_run_lie_below_the_data_directory(office: Office, tmp_path: Path) -> None:
    run = office.run()
    for folder in (run.accepted_dir, run.quarantine_dir, run.outcomes_dir, run.returned_dir):
        assert folder.name == run.run_id
        assert folder.is_relative_to(tmp_path)
