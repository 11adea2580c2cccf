"""What holds a letter back: no address, a pause, a cap, a day off; and what comes together."""

from __future__ import annotations

import os
import shutil
from datetime import date

import pytest

from desk.letters.compose import Letter
from desk.letters.config import Config, load_config
from desk.letters.ledger import load_ledger, record
from desk.letters.plan import Asked, Plan, make_plan
from tests.letters.world import World, at

FILES = frozenset({"receipt", "answer"})


def _plan(world: World, day: str, config: Config | None = None) -> Plan:
    return make_plan(world.settings, Asked(date.fromisoformat(day)), config)


def _kinds(plan: Plan) -> list[str]:
    return [planned.letter.kind for planned in plan.letters]


def _held(plan: Plan, code: str = "T14") -> list[tuple[str, str]]:
    return [(item.letter.kind, item.reason) for item in plan.held if item.letter.to.code == code]


def _send(world: World, day: str, config: Config | None = None) -> list[Letter]:
    """Write into the ledger what would have gone."""
    plan = _plan(world, day, config)
    for planned in plan.letters:
        record(world.settings, planned, at(day), "sent", "")
    return [planned.letter for planned in plan.letters]


def _rules(**changes: int) -> Config:
    return load_config().model_copy(update=changes)


@pytest.fixture
def owing(world: World) -> World:
    """Territory 14 owes M11 for October (due 05.11) and M06 for October (due 07.11)."""
    world.sent_all(14, ("M11", "2024-10"), ("M06", "2024-10"))
    world.address("T14", "coordinator", "k@mo.example")
    return world


def test_two_deadlines_of_a_day_come_in_one_letter(owing: World) -> None:
    (letter,) = (planned.letter for planned in _plan(owing, "2024-11-02").letters)
    assert len(letter.notices) == 2
    assert letter.text.index("ДО 05.11.2024") < letter.text.index("ДО 07.11.2024")


def test_the_same_thing_is_told_once(owing: World) -> None:
    assert [letter.kind for letter in _send(owing, "2024-10-24")] == ["reminder"]
    again = _plan(owing, "2024-10-24")
    assert (again.letters, _held(again)) == ((), [])
    assert _plan(owing, "2024-10-28").letters == ()  # nothing new until three days are left
    assert _kinds(_plan(owing, "2024-10-31")) == ["reminder"]


@pytest.mark.parametrize(
    ("last", "day", "goes"),
    [
        ("2024-11-01", "2024-11-02", False),  # Friday, then a working Saturday: one day between
        ("2024-11-01", "2024-11-05", True),
        ("2024-11-02", "2024-11-05", True),  # its deadline is today: no pause holds it
    ],
)
def test_the_pause_counts_working_days_and_never_holds_the_last_day(
    owing: World, last: str, day: str, goes: bool
) -> None:
    _send(owing, last)
    shutil.rmtree(owing.settings.landing)  # what came is forgotten: all of October is owed
    plan = _plan(owing, day)
    assert (_kinds(plan) == ["reminder"]) is goes
    assert (("reminder", "cooling") in _held(plan)) is not goes


def test_the_cap_of_a_recipient_lets_the_more_important_letter_go(owing: World) -> None:
    came = owing.file("M08", 14, "2024-10", at("2024-11-01"), name="one.xlsx")
    owing.verdict(came, "M08", 14, "accepted")
    owing.run(date(2024, 10, 31), at("2024-11-01"))
    owing.file("M09", 14, "2024-10", at("2024-11-02"), name="two.xlsx")
    assert _kinds(_plan(owing, "2024-11-02")) == ["reminder", "answer", "receipt"]
    plan = _plan(owing, "2024-11-02", _rules(daily_cap=2))
    assert _kinds(plan) == ["reminder", "answer"]
    assert _held(plan) == [("receipt", "cap")]
    _send(owing, "2024-11-02", _rules(daily_cap=2))
    assert _held(_plan(owing, "2024-11-02", _rules(daily_cap=2))) == [("receipt", "cap")]
    assert _kinds(_plan(owing, "2024-11-03", _rules(daily_cap=2))) == ["receipt"]


def test_the_cap_of_a_day_counts_what_went_before(owing: World) -> None:
    for code in (15, 16, 17):
        owing.address(f"T{code}", "coordinator", f"k{code}@mo.example")
    assert len(_send(owing, "2024-10-31", _rules(total_cap=2))) == 2
    plan = _plan(owing, "2024-10-31", _rules(total_cap=3))
    assert len(plan.letters) == 1
    assert [
        r for code in ("T15", "T16", "T17") for k, r in _held(plan, code) if k == "reminder"
    ] == ["total_cap"]


def test_what_is_urgent_goes_first(owing: World) -> None:
    owing.address("T13", "coordinator", "k13@mo.example")
    plan = _plan(owing, "2024-11-05", _rules(total_cap=2))
    assert all(planned.letter.is_urgent for planned in plan.letters)


def test_without_an_address_the_letter_is_shown_and_said_why(owing: World) -> None:
    held = [item for item in _plan(owing, "2024-10-31").held if item.letter.to.code == "T15"]
    assert {item.words for item in held} == {"в книге адресов нет адреса"}
    assert any("M11" in item.letter.text for item in held)


def test_a_receipt_goes_at_once_and_not_again_with_the_answer(owing: World) -> None:
    came = owing.file("M08", 14, "2024-10", at("2024-11-02"), name="meetings.xlsx")
    plan = make_plan(owing.settings, Asked(date(2024, 11, 3), FILES))  # a Sunday
    assert _kinds(plan) == ["receipt"]
    owing.verdict(came, "M08", 14, "accepted")
    owing.run(date(2024, 10, 31), at("2024-11-02"))
    (letter,) = (
        p.letter for p in make_plan(owing.settings, Asked(date(2024, 11, 3), FILES)).letters
    )
    assert letter.kind == "answer"
    assert "Квитанция №" in letter.text
    for planned in make_plan(owing.settings, Asked(date(2024, 11, 3), FILES)).letters:
        record(owing.settings, planned, at("2024-11-03"), "sent", "")
    assert make_plan(owing.settings, Asked(date(2024, 11, 3), FILES)).letters == ()


def test_another_run_that_says_the_same_is_no_news(owing: World) -> None:
    came = owing.file("M08", 14, "2024-10", at("2024-11-01"), name="meetings.xlsx")
    owing.verdict(came, "M08", 14, "accepted_with_remarks", n_warnings=1)
    owing.run(date(2024, 10, 31), at("2024-11-01"))
    _send(owing, "2024-11-01")
    owing.run(date(2024, 10, 31), at("2024-11-02"))
    assert "answer" not in _kinds(_plan(owing, "2024-11-02"))
    owing.rows[0]["n_warnings"] = 2
    owing.run(date(2024, 10, 31), at("2024-11-03"))
    assert _kinds(_plan(owing, "2024-11-03")) == ["answer"]


def test_an_answer_that_is_too_large_is_named_instead_of_attached(owing: World) -> None:
    came = owing.file("M08", 14, "2024-10", at("2024-11-01"), name="meetings.xlsx")
    owing.verdict(came, "M08", 14, "accepted")
    owing.run(date(2024, 10, 31), at("2024-11-01"))
    (*_, whole), (*_, bare) = (
        [p.letter for p in _plan(owing, "2024-11-01", _rules(attachments_mb=n)).letters]
        for n in (1, 0)
    )
    name = "Ответ__T14__2024-10-31.xlsx"
    assert [path.name for path in whole.attachments] == [name]
    assert bare.attachments == ()
    assert f"лежит в папке ответов: {name}" in bare.text


def test_old_answers_and_receipts_are_history(owing: World) -> None:
    came = owing.file("M08", 14, "2024-10", at("2024-11-01"), name="meetings.xlsx")
    assert "receipt" not in _kinds(_plan(owing, "2024-11-20"))
    owing.verdict(came, "M08", 14, "accepted")
    owing.run(date(2024, 10, 31), at("2024-11-01"))
    assert "answer" in _kinds(_plan(owing, "2024-11-15"))
    assert "answer" not in _kinds(_plan(owing, "2024-11-18"))


def test_answers_of_the_validation_before_are_not_sent(owing: World) -> None:
    came = owing.file("M08", 14, "2024-10", at("2024-11-01"), name="meetings.xlsx")
    owing.verdict(came, "M08", 14, "accepted")
    run_id = owing.run(date(2024, 10, 31), at("2024-11-01"))
    answered = (owing.settings.returned / run_id).stat().st_mtime + 1
    os.utime(owing.settings.accepted / run_id / "run.parquet", (answered, answered))
    assert "answer" not in _kinds(_plan(owing, "2024-11-01"))


def test_the_ledger_names_no_text_and_no_file_of_a_sender(owing: World) -> None:
    owing.file("M08", 14, "2024-10", at("2024-10-31"), name="Иванова Мария 12.04.2012.xlsx")
    assert [x.kind for x in _send(owing, "2024-10-31")] == ["reminder", "receipt"]
    kept = "".join(p.read_text() for p in (owing.settings.outcomes / "letters").rglob("*.json"))
    assert "Иванова" not in kept
    assert load_ledger(owing.settings).count(date(2024, 10, 31)) == 2
