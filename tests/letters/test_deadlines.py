"""Who is written to before and after a deadline, by the order's working days."""

from __future__ import annotations

from datetime import date

import pytest

from desk.letters.compose import Letter
from desk.letters.plan import Asked, Plan, make_plan
from ingest.settings import Settings
from tests.letters.world import World, at

ROLES = ("coordinator", "head")


def _plan(settings: Settings, day: str) -> Plan:
    return make_plan(settings, Asked(date.fromisoformat(day)))


def _went(settings: Settings, day: str) -> set[tuple[str, str, str]]:
    """Who is written to of territory 14's files, and of points; others owe much, too."""
    return {
        (notice.kind, notice.to.code, notice.to.role)
        for planned in _plan(settings, day).letters
        for notice in planned.letter.notices
        if notice.debt and (notice.debt.debtor == "T14" or not notice.debt.is_file)
    }


def _letter(settings: Settings, day: str) -> Letter:
    """The reminder to territory 14."""
    letters = [planned.letter for planned in _plan(settings, day).letters]
    return next(x for x in letters if (x.kind, x.to.code) == ("reminder", "T14"))


@pytest.fixture
def debtor(world: World) -> World:
    """Territory 14 owes M11 for October and for December, and nothing else of the year."""
    world.sent_all(14, ("M11", "2024-10"), ("M11", "2024-12"))
    for code in ("T14", "T15"):
        for role in ROLES:
            world.address(code, role, f"{role}.{code.lower()}@mo.example")
    for code in ("operator", "ministry"):
        world.address(code, "coordinator", f"{code}@mo.example")
    return world


REMIND = {("reminder", "T14", "coordinator")}


@pytest.mark.parametrize(
    ("day", "went"),
    [
        # October's M11 is due on Tuesday 5 November; Saturday the 2nd works, Monday does not.
        ("2024-10-21", set()),  # 11 working days left
        ("2024-10-22", REMIND),  # 10
        ("2024-10-31", REMIND),  # 3
        ("2024-11-02", REMIND),  # a working Saturday
        ("2024-11-03", set()),  # a Sunday: nothing goes
        ("2024-11-04", set()),  # a holiday
        ("2024-11-05", REMIND),  # the day itself
        ("2024-11-06", {("escalation", "T14", "head"), ("digest", "operator", "coordinator")}),
        # December's is due on Monday 13 January 2025, after the holidays and after the order's end.
        ("2024-12-30", set()),  # a day off instead of Saturday the 28th
        ("2025-01-08", set()),
        ("2025-01-13", REMIND),
        ("2025-01-14", {("escalation", "T14", "head"), ("digest", "operator", "coordinator")}),
    ],
)  # fmt: skip
def test_letters_by_working_days(debtor: World, day: str, went: set[tuple[str, str, str]]) -> None:
    assert _went(debtor.settings, day) == went


def test_the_ministry_is_told_later_than_the_operator(debtor: World) -> None:
    ministry = ("digest", "ministry", "coordinator")
    assert ministry not in _went(debtor.settings, "2024-11-11")  # four working days late
    assert ministry in _went(debtor.settings, "2024-11-12")


def test_a_reminder_says_what_by_when_and_how_long(debtor: World) -> None:
    letter = _letter(debtor.settings, "2024-10-31")
    assert letter.subject == "Жуковский: до 05.11.2024 — 3 рабочих дня"
    for text in ("M11 Ежемесячная сводка по целевым показателям за октябрь 2024 г.",
                 "Состояние: не поступил", "Нулевой отчёт"):  # fmt: skip
        assert text in letter.text
    assert "\n\n--\n" in letter.text


def test_a_reminder_ends_with_whom_to_ask(debtor: World) -> None:
    path = debtor.settings.data_dir / "contacts.txt"
    path.write_text("Шаблоны форм: https://example.org/\nВопросы: 8 495 000-00-00\n", "utf-8")
    text = _letter(debtor.settings, "2024-10-31").text
    end = "\n\nШаблоны форм: https://example.org/\nВопросы: 8 495 000-00-00\n\n--\n"
    assert end in text


def test_a_file_that_came_ends_the_reminders_and_a_refused_one_does_not(debtor: World) -> None:
    refused = debtor.file("M11", 14, "2024-10", at("2024-11-01"), blocked="Файл защищён паролем")
    letter = _letter(debtor.settings, "2024-11-05")
    assert "файл от 01.11.2024 не принят" in letter.text
    debtor.verdict(refused, "M11", 14, "rejected")
    debtor.file("M11", 14, "2024-10", at("2024-11-05"), name="second.xlsx")
    assert ("reminder", "T14", "coordinator") not in _went(debtor.settings, "2024-11-05")


def test_a_file_of_tomorrow_is_not_known_today(debtor: World) -> None:
    debtor.file("M11", 14, "2024-10", at("2024-11-06"))
    assert _went(debtor.settings, "2024-11-05") == REMIND


def test_a_file_that_a_run_rejected_is_still_owed(debtor: World) -> None:
    came = debtor.file("M11", 14, "2024-10", at("2024-11-01"))
    debtor.verdict(came, "M11", 14, "rejected")
    debtor.run(date(2024, 10, 31), at("2024-11-04"))
    assert "файл от 01.11.2024 не принят" in _letter(debtor.settings, "2024-11-05").text


@pytest.mark.parametrize("day", ["2019-01-09", "2026-11-28"])
def test_a_day_far_from_every_order_has_no_deadlines(world: World, day: str) -> None:
    world.address("T14", "coordinator", "a@mo.example")
    plan = _plan(world.settings, day)
    assert (plan.letters, plan.held) == ((), ())


def test_a_month_without_duties_raises_no_alarm(world: World) -> None:
    """M08 is owed from September: nobody is asked for July's meetings."""
    world.sent_all(14, *(("M08", f"2024-{month:02d}") for month in range(1, 13)))
    world.address("T14", "coordinator", "a@mo.example")
    world.address("T14", "head", "b@mo.example")
    days = [f"2024-{month}-{day}" for month in ("07", "08", "09") for day in (10, 17)]
    assert [day for day in days if _went(world.settings, day)] == []
    assert _went(world.settings, "2024-09-19") == REMIND  # September's is due on 3 October


POINTS = [
    ("due_soon", date(2024, 9, 30), "2024-09-30", {"reminder"}),
    ("not_due", date(2024, 10, 14), "2024-09-30", {"reminder"}),
    ("due_soon", date(2024, 9, 30), "2024-10-01", set()),  # nobody has judged it since its day
    ("overdue", date(2024, 9, 30), "2024-10-01", {"escalation", "digest"}),
    ("no_data", date(2024, 9, 30), "2024-09-30", set()),  # an export is missing, not a deed
]


@pytest.mark.parametrize(("status", "due_on", "day", "kinds"), POINTS)
def test_points_of_the_roadmap(
    debtor: World, status: str, due_on: date, day: str, kinds: set[str]
) -> None:
    debtor.roadmap(date(2024, 9, 29), {"status": status, "grace_on": due_on})
    went = _went(debtor.settings, day)
    assert {kind for kind, _, _ in went} == kinds
    if "reminder" in kinds:
        letter = _letter(debtor.settings, day)
        assert "14 из 684, человек" in letter.text
        assert "по данным на 29.09.2024" in letter.text


@pytest.mark.parametrize(
    ("point", "code"),
    [
        ({}, "T14"),
        ({"unit": "выгрузок"}, "operator"),  # the platform's exports are not a territory's to send
        ({"control_id": "8-1"}, "operator"),  # its only owner is the operator
        ({"territory_id": 0, "territory_name": "область"}, "operator"),
    ],
)
def test_a_point_belongs_to_whoever_can_act(
    debtor: World, point: dict[str, str], code: str
) -> None:
    debtor.roadmap(date(2024, 9, 29), point)
    assert _went(debtor.settings, "2024-09-30") == {("reminder", code, "coordinator")}


def test_a_point_proved_by_a_form_is_reminded_of_once(debtor: World) -> None:
    """Point 16-1 is proved by M05, and the form is asked for."""
    debtor.roadmap(date(2024, 9, 29), {"control_id": "16-1"})
    assert _went(debtor.settings, "2024-09-30") == set()
