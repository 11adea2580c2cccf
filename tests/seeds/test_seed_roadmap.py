"""Roadmap, calendar, aliases: the order and the decree go in, agreement of the seeds comes out."""

from __future__ import annotations

import re
from datetime import date, timedelta

import holidays
import pytest

from ingest.calendar import CalendarYearMissing
from ingest.reference import load_reference, read_seed
from ingest.territories import TerritoryResolver

from .order_text import ORDER_TEXT, RoadmapItem, roadmap

CALENDAR = load_reference().calendar
ITEMS = {int(row["id"]): row for row in read_seed("roadmap_items")}


def plain(text: str) -> str:
    """Text without spaces and separators: line breaks of the print do not count."""
    return re.sub(r"[\s|]+", "", text)


def words(text: str) -> list[str]:
    """Words of a cell: the print repeats who is responsible, the seed says it once."""
    return re.findall(r"[\w-]+", text)


def test_the_roadmap_has_38_items_in_the_printed_order() -> None:
    assert [item.number for item in roadmap()] == list(range(1, 39)) == list(ITEMS)


@pytest.mark.parametrize("item", roadmap(), ids=lambda item: str(item.number))
def test_item_is_as_printed(item: RoadmapItem) -> None:
    seed = ITEMS[item.number]
    # The page break inside item 14 prints the word «часов)» twice.
    title = item.title.replace("часов) часов)", "часов)")
    assert plain(seed["title_ru"]) == plain(title)
    assert plain(seed["term_as_printed"]) == plain(item.term)
    assert plain(seed["expected_result_ru"]) == plain(item.result)
    assert set(words(seed["responsible_ru"])) == set(words(item.responsible))


def test_92_control_points_carry_only_dates_that_the_order_prints() -> None:
    points = read_seed("control_points")
    assert len(points) == len({p["control_id"] for p in points}) == 92
    printed = set(re.findall(r"\d{2}\.\d{2}\.2024", ORDER_TEXT.read_text("utf-8")))
    for point in points:
        if point["due_date"] and not point["inference_note"]:
            day = date.fromisoformat(point["due_date"])
            assert day.strftime("%d.%m.%Y") in printed or point["kind"] == "period", point


def test_control_points_know_the_calendar() -> None:
    for point in read_seed("control_points"):
        if not point["due_date"] or point["due_date"] > "2025-05-31":
            continue
        day = date.fromisoformat(point["due_date"])
        assert (point["due_is_working"] == "true") is CALENDAR.is_working(day), point
        assert point["next_working_day"] == CALENDAR.next_working_day(day).isoformat(), point


def test_control_points_that_fall_on_days_off_are_the_known_ones() -> None:
    due = {p["due_date"] for p in read_seed("control_points") if p["due_is_working"] == "false"}
    assert {"2024-08-31", "2024-09-01", "2024-12-01"} <= due


@pytest.mark.parametrize(("year", "count", "days"), [(2024, 248, 366), (2025, 247, 365)])
def test_working_days_of_the_year(year: int, count: int, days: int) -> None:
    first = date(year, 1, 1)
    year_days = [first + timedelta(n) for n in range(days)]
    assert sum(CALENDAR.is_working(day) for day in year_days) == count


def test_transferred_days_of_the_decrees() -> None:
    working = ["2024-04-27", "2024-11-02", "2024-12-28", "2025-11-01"]
    off = [
        *("2024-04-29", "2024-04-30", "2024-05-10", "2024-12-30", "2024-12-31"),
        *("2025-05-02", "2025-05-08", "2025-06-13", "2025-11-03", "2025-12-31"),
    ]
    assert all(CALENDAR.is_working(date.fromisoformat(day)) for day in working)
    assert not any(CALENDAR.is_working(date.fromisoformat(day)) for day in off)


@pytest.mark.parametrize(
    ("event", "limit"),
    [
        *(("2024-04-26", "2024-05-03"), ("2024-05-08", "2024-05-15")),
        *(("2024-10-31", "2024-11-05"), ("2024-11-01", "2024-11-06")),
        *(("2024-11-02", "2024-11-07"), ("2024-11-18", "2024-11-21")),
        *(("2024-12-27", "2025-01-10"), ("2024-12-28", "2025-01-13")),
    ],
)
def test_three_working_days(event: str, limit: str) -> None:
    assert CALENDAR.add_working_days(date.fromisoformat(event), 3).isoformat() == limit


def test_the_calendar_agrees_with_an_independent_library_day_by_day() -> None:
    library = holidays.country_holidays("RU", years=[2024, 2025])
    rows = {date.fromisoformat(r["date"]): r["is_working"] == "true" for r in read_seed("calendar")}
    assert len(rows) == 366 + 365
    assert {day for day, works in rows.items() if library.is_working_day(day) is not works} == set()


def test_a_missing_year_fails_instead_of_guessing() -> None:
    with pytest.raises(CalendarYearMissing, match="2026"):
        CALENDAR.is_working(date(2026, 1, 12))


@pytest.mark.parametrize(
    ("text", "territory_id"),
    [
        *(("Балашиха г.о.", 1), ("Администрация городского округа Балашиха", 1), ("Ногинск", 2)),
        *(("Власиха ЗАТО", 4), ("ЗАТО Власиха", 4), ("Видное", 25), ("Лосино- Петровский", 27)),
        *(
            ("Ивантеевка", 40),
            ("Муниципальный округ Чехов", 53),
            ("Раменский муниципальный округ", 41),
        ),
        *(("Озёры", 20), ("Рошаль", 54), ("Пущино", 46), ("Серпухов (Пушино, Протвино)", 46)),
        *(("Павлово-Посадский г.о.", 38), ("Электрогорск", 38), ("Щёлково", 56)),
        *(("ГАОУ МО Балашихинский лицей", 58), ("ГБОУ МО «Одинцовский «Десятый лицей»", 62)),
        ("ГАОУ МО «Королевский лицей научно-инженерного профиля»", 60),
        (
            "Государственное казенное общеобразовательное учреждение Московской области "
            "«Чкаловская школа-интернат»",
            65,
        ),
    ],
)
def test_names_that_offices_really_write_resolve(text: str, territory_id: int) -> None:
    assert TerritoryResolver(load_reference()).resolve(text, "any") == territory_id


@pytest.mark.parametrize("text", ["Королевский лицей", "Одинцовский лицей", "Тверь", ""])
def test_similar_names_are_never_guessed(text: str) -> None:
    assert TerritoryResolver(load_reference()).resolve(text, "any") is None


def test_fourteen_municipal_districts_have_a_name_from_2025() -> None:
    later = {
        int(row["territory_id"])
        for row in read_seed("territory_aliases")
        if row["valid_from"] == "2025-01-01"
    }
    assert later == {5, 9, 13, 15, 17, 28, 29, 32, 41, 43, 45, 53, 54, 55}


def test_parameters_of_the_decision_register() -> None:
    found = {row["name"]: row["value"] for row in read_seed("parameters")}
    expected = {
        **{"load_limit": "70", "publication_lag_wd": "3", "consent_age": "14"},
        **{"grade_min": "6", "grade_max": "11", "fact_to": "2024-11-18"},
        **{"consent_scan_due": "2024-09-30", "consent_original_due": "2024-12-01"},
    }
    assert {name: found[name] for name in expected} == expected
    assert all(row["decision_id"] and row["description_ru"] for row in read_seed("parameters"))


# Decisions of the register that the machinery reads as a parameter.
REGISTER = {
    **{"Q-01": "regional_target_mode", "Q-02": "deadline_inclusive", "Q-03": "deadline_grace"},
    **{"Q-04": "count_event_day", "Q-05": "calendar_id", "Q-07": "consent_ref_date_rule"},
    **{"Q-09": "participation_status_counted", "Q-10": "freeze_lag_wd"},
    **{"Q-11": "trial_at_partner_counts", "Q-12": "online_counts", "Q-18": "truth_source"},
    **{"Q-21": "k_anonymity", "Q-23": "nav_active_level", "Q-24": "pupil_active_level"},
    **{"Q-25": "timezone"},
}


def test_every_decision_with_a_parameter_has_it_with_its_number() -> None:
    rows = {row["name"]: row for row in read_seed("parameters")}
    assert len(rows) == len(read_seed("parameters"))
    assert {rows[name]["decision_id"] for name in REGISTER.values()} == set(REGISTER)
    # Typed by the loader: a text that does not fit its type cannot be loaded at all.
    assert set(load_reference().parameters) == set(rows)
