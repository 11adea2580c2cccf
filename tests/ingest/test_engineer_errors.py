"""Faults of our own: each has its own exception that says what was expected, found and to do."""

from __future__ import annotations

import shutil
from datetime import date
from pathlib import Path

import pytest

from ingest.calendar import Calendar, CalendarYearIncomplete, CalendarYearMissing
from ingest.forms import FormError, load_forms
from ingest.reference import (
    SEEDS_DIR,
    SeedBroken,
    SeedMissing,
    load_reference,
    read_seed,
)
from ingest.settings import SECRET_VARIABLE, SecretTooShort, Settings, load_settings
from ingest.territories import AmbiguousAlias, TerritoryResolver

NEEDED = (
    *("orders", "territories", "territory_aliases", "targets", "parameters"),
    *("control_points", "calendar"),
)

ORDER = "r-423-2024"


@pytest.fixture
def seeds(tmp_path: Path) -> Path:
    """A copy of the seeds that a test may spoil."""
    return Path(shutil.copytree(SEEDS_DIR, tmp_path / "seeds"))


def change(seeds: Path, name: str, old: str, new: str) -> None:
    path = seeds / f"{name}.csv"
    text = path.read_text("utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), "utf-8")


@pytest.mark.parametrize("name", NEEDED)
def test_a_missing_seed_is_named(seeds: Path, name: str) -> None:
    (seeds / f"{name}.csv").unlink()
    with pytest.raises(SeedMissing, match=rf"expected seed {name}\.csv.*restore it"):
        load_reference(ORDER, seeds)


@pytest.mark.parametrize("name", NEEDED[1:-1])
def test_a_seed_without_rows_of_the_order_is_named(seeds: Path, name: str) -> None:
    path = seeds / f"{name}.csv"
    path.write_text(path.read_text("utf-8").splitlines()[0] + "\n", "utf-8")
    with pytest.raises(SeedMissing, match=rf"rows of order .* in {name}\.csv, found none"):
        load_reference(ORDER, seeds)


def test_an_unknown_order_is_named_beside_the_known_ones() -> None:
    with pytest.raises(SeedMissing, match=r"'r-1-2031' in orders\.csv, found \['r-423-2024'\]"):
        load_reference("r-1-2031")


def test_an_unknown_parameter_is_named() -> None:
    reference = load_reference()
    with pytest.raises(SeedMissing, match="expected parameter 'load'"):
        reference.parameter("load")
    with pytest.raises(SeedMissing, match="timezone: expected a whole number"):
        reference.number("timezone")
    with pytest.raises(SeedMissing, match="load_limit: expected a date"):
        reference.day("load_limit")
    with pytest.raises(SeedMissing, match="no territory 67"):
        reference.territory(67)


@pytest.mark.parametrize(
    ("name", "old", "new", "said"),
    [
        ("targets", ",1,c3,37", ",1,c3,37 школ", "a whole number in column 'value', found '37 шк"),
        ("territories", ",58,", ",п. 58,", "a whole number in column 'territory_id'"),
        ("parameters", "consent_age,14,int", "consent_age,14 лет,int", "found '14 лет'"),
        ("parameters", "14,int", "14,число", "expected a type out of"),
        ("parameters", "2024-09-30,date", "30.09.2024,date", "a date YYYY-MM-DD"),
        ("calendar", "2024-01-09,true", "2024-01-09,да", "true or false in column 'is_working'"),
        ("calendar", "2024-01-09,true", "9.01.2024,true", "a date YYYY-MM-DD in column 'date'"),
        ("targets", "order_id,", "order_id;", "expected column 'order_id', found"),
        ("territories", ",name,", ",title,", "expected column 'name'"),
    ],
)
def test_a_broken_cell_of_a_seed_is_pointed_at(
    seeds: Path, name: str, old: str, new: str, said: str
) -> None:
    change(seeds, name, old, new)
    with pytest.raises(SeedBroken, match=rf"seed {name}\.csv: .*{said}"):
        load_reference(ORDER, seeds)


def test_a_seed_that_a_spreadsheet_has_saved_is_told(seeds: Path) -> None:
    path = seeds / "territories.csv"
    path.write_bytes(path.read_text("utf-8").encode("cp1251"))
    with pytest.raises(SeedBroken, match="expected UTF-8"):
        read_seed("territories", seeds)


def test_a_missing_year_of_the_calendar_fails() -> None:
    calendar = load_reference().calendar
    for call in (
        lambda: calendar.is_working(date(2026, 1, 12)),
        lambda: calendar.add_working_days(date(2025, 12, 30), 3),
        lambda: calendar.next_working_day(date(2025, 12, 31)),
        lambda: calendar.working_days_between(date(2023, 12, 1), date(2024, 2, 1)),
    ):
        with pytest.raises(CalendarYearMissing, match=r"202[36].*from the decree"):
            call()
    with pytest.raises(ValueError, match="from 0, found -1"):
        calendar.add_working_days(date(2024, 9, 30), -1)


def test_a_calendar_with_a_hole_fails(seeds: Path) -> None:
    """A day that is not there would silently be no working day."""
    change(seeds, "calendar", "2024-10-02,true\n", "")
    with pytest.raises(CalendarYearIncomplete, match=r"all 366 days of 2024.* found 365"):
        load_reference(ORDER, seeds)


def test_a_year_between_two_loaded_ones_is_not_jumped_over() -> None:
    days = {date.fromordinal(n): True for n in range(1, 4000)}
    loaded = {day: works for day, works in days.items() if day.year in {3, 5}}
    with pytest.raises(CalendarYearMissing):
        Calendar(loaded).add_working_days(date(3, 12, 31), 1)


def test_an_alias_of_two_territories_is_refused(seeds: Path) -> None:
    change(seeds, "territory_aliases", ",1,Железнодорожный,", ",1,Ногинск,")
    with pytest.raises(AmbiguousAlias, match="'Ногинск' stands for territories 1 and 2"):
        TerritoryResolver(load_reference(ORDER, seeds))


GOOD_FORM = """
code: M77
entity: lists
title: Список
sender: territory
kind: register
versions:
  - version: 1
    valid_from: 2024-01-01
    columns:
      - {name: school, title: ОО, type: str, key: true}
"""


def form_of(folder: Path, text: str, name: str = "M77.yml") -> None:
    (folder / name).write_text(text, "utf-8")
    load_forms(folder)


def test_the_smallest_form(tmp_path: Path) -> None:
    form_of(tmp_path, GOOD_FORM)


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("type: str", "type: text", "type"),
        ("type: str", "type: enum", "`values` belongs to type enum"),
        ("key: true", "required: true", "at least one key"),
        ("key: true", "kye: true", "kye"),
        ("kind: register", "kind: list", "kind"),
        ("type: str, key: true", "type: str, key: true, match_key: true", "set pii"),
        ("type: str, key: true", "type: str, key: true, person: pupil", r"named \*_id"),
        ("code: M77", "code: M78", r"must be called M78\.yml"),
        ("columns:\n", "columns:\n      - {name: school, title: Школа, type: str}\n", "twice"),
        ("title: Список", "title: [", "M77.yml"),
    ],
)
def test_a_broken_form_is_pointed_at(tmp_path: Path, old: str, new: str, said: str) -> None:
    assert old in GOOD_FORM
    with pytest.raises(FormError, match=rf"(?s)M77\.yml.*{said}|{said}"):
        form_of(tmp_path, GOOD_FORM.replace(old, new, 1))


def test_layouts_start_on_growing_dates(tmp_path: Path) -> None:
    second = GOOD_FORM[GOOD_FORM.index("  - version") :].replace("version: 1", "version: 2")
    with pytest.raises(FormError, match="growing dates"):
        form_of(tmp_path, GOOD_FORM + second)


def test_a_short_secret_is_refused(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(SECRET_VARIABLE, "short")
    with pytest.raises(SecretTooShort, match="16 characters or more, found 5"):
        settings.secret()
    monkeypatch.delenv(SECRET_VARIABLE)
    kept = settings.data_dir / ".secret" / "hmac.key"
    kept.parent.mkdir(parents=True)
    kept.write_text("")
    with pytest.raises(SecretTooShort, match="restore the file from the backup"):
        settings.secret()


def test_a_secret_is_made_once_and_only_for_its_owner(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv(SECRET_VARIABLE, raising=False)
    assert settings.secret() == settings.secret()
    kept = settings.data_dir / ".secret" / "hmac.key"
    assert kept.stat().st_mode & 0o777 == 0o600
    assert len(settings.secret()) == 64


def test_the_data_directory_comes_from_the_environment(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("BVB_DATA_DIR", str(tmp_path / "d"))
    assert load_settings().data_dir == tmp_path / "d"
    assert load_settings(tmp_path / "e").incoming == tmp_path / "e" / "incoming"
