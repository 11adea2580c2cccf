"""The region at its true size: sizes from the order, facts that hit and miss in known rows."""

from __future__ import annotations

from datetime import date

import numpy as np
import pytest

from ingest.reference import load_reference
from synthetic.cases import plant
from synthetic.config import World, load_yaml
from synthetic.cut import Cut, Truth, build_truth
from synthetic.jobs import PLATFORM, jobs

COLUMNS = {"I-1": "c6", "I-2": "c7", "I-3": "c9", "I-4": "c10", "I-5": "c11", "I-6": "c12"}
TERRITORIES = range(1, 67)
TARGETS = load_reference().targets


@pytest.fixture(scope="module")
def truth() -> Truth:
    return plant(build_truth(World(load_reference(), 1.0, 1)))


@pytest.fixture(scope="module")
def last_day(truth: Truth) -> Cut:
    """The last day whose events count."""
    return Cut(truth, np.datetime64("2024-11-18"))


def test_sizes_of_the_region(truth: Truth) -> None:
    cut = Cut(truth, np.datetime64("2024-09-30"))
    assert len(truth.schools.code) == sum(TARGETS[(t, "c3")] for t in TERRITORIES) == 925
    planned = sum(TARGETS[(t, c)] for t in TERRITORIES for c in ("c8", "c10"))
    assert len(cut.pupils) == pytest.approx(planned, rel=0.02)  # 127 024
    assert len(cut.participations) == pytest.approx(600_000, rel=0.05)
    assert 1_700 < len(cut.navigators) < 2_300


def test_sizes_of_every_territory(truth: Truth) -> None:
    schools = np.bincount(truth.schools.territory, minlength=67)
    planted = truth.pupils.number >= 9_000_000
    older = truth.pupils.cohort < 2024
    pupils = np.bincount(truth.pupils.territory[older & ~planted], minlength=67)
    for t in TERRITORIES:
        assert schools[t] == TARGETS[(t, "c3")]
        assert pupils[t] == pytest.approx(max(8, TARGETS[(t, "c8")]), abs=5)


def _meets(cut: Cut, indicator: str, territory: int) -> bool:
    fact = int(cut.counts[indicator][territory])
    return fact >= TARGETS[(territory, COLUMNS[indicator])]


@pytest.mark.parametrize("indicator", COLUMNS)
def test_leaders_hit_and_laggards_miss(truth: Truth, last_day: Cut, indicator: str) -> None:
    named = load_yaml("region.yml")["territories"]
    column = COLUMNS[indicator]
    # A target of one or two people cannot be missed by a share of it.
    lagging = [t for t in named["lagging"] if TARGETS[(t, column)] > 2]
    assert all(_meets(last_day, indicator, t) for t in named["leader"])
    assert not any(_meets(last_day, indicator, t) for t in lagging)
    # Close ones lack a little: cancelled events, and those of the last days not yet published.
    close = [last_day.counts[indicator][t] for t in named["close"] if TARGETS[(t, column)] > 40]
    plans = [TARGETS[(t, column)] for t in named["close"] if TARGETS[(t, column)] > 40]
    assert all(0.7 < fact / plan < 1 for fact, plan in zip(close, plans, strict=True))


def test_the_region_as_a_whole_is_a_little_behind(last_day: Cut) -> None:
    for indicator, column in COLUMNS.items():
        plan = sum(TARGETS[(t, column)] for t in TERRITORIES)
        assert 0.9 < last_day.counts[indicator].sum() / plan < 1.0


def test_every_territory_is_different(truth: Truth, last_day: Cut) -> None:
    facts = {tuple(int(last_day.counts[i][t]) for i in COLUMNS) for t in TERRITORIES}
    names = {
        tuple(truth.pupils.last[np.flatnonzero(truth.pupils.territory == t)[:8]])
        for t in TERRITORIES
    }
    assert len(facts) == len(names) == 66


@pytest.mark.parametrize("as_of", [date(2024, 5, 31), date(2024, 9, 16), date(2024, 10, 31)])
def test_facts_only_grow_with_the_date(truth: Truth, last_day: Cut, as_of: date) -> None:
    earlier = Cut(truth, np.datetime64(as_of))
    for indicator in ("I-2", "I-4", "I-5", "I-6"):
        assert earlier.counts[indicator].sum() < last_day.counts[indicator].sum() * 1.001
    assert set(earlier.pupils) <= set(last_day.pupils)
    assert set(earlier.participations) <= set(last_day.participations)


def test_every_platform_form_has_its_export_and_every_export_its_form(truth: Truth) -> None:
    codes = {job.file.form.code for job in jobs(truth, date(2024, 9, 30))}
    assert {code for code in codes if code[0] == "P"} == set(PLATFORM)


def test_sizes_of_the_places_and_of_the_training(truth: Truth, last_day: Cut) -> None:
    slots, training = (PLATFORM[code](last_day) for code in ("P09", "P11"))
    assert len(PLATFORM["P07"](last_day)["venue_id"]) > 118
    assert len(PLATFORM["P10"](last_day)["partner_id"]) > 164
    # Trials and visits to partners are made in groups of eighteen.
    assert 1_500 < len(slots["slot_id"]) < 2_500
    assert 2_500 < len(training["participant_id"]) < 3_500
