"""Reports for a month: M05, M06, M08 and M09, as typed columns.

What enters: a cut of the truth at a month's end and a territory. What leaves: what happened in that
month only, a dictionary column → values.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from synthetic.config import Array, day
from synthetic.cut import Cut
from synthetic.events import working_days
from synthetic.people import SITE, random_days
from synthetic.places import partners

Columns = dict[str, Any]


def _rng(cut: Cut, form: str, territory: int) -> np.random.Generator:
    """Chance of one report: another month or territory does not disturb it."""
    return cut.truth.world.rng(f"{form}:{cut.on}:{territory}")


def _some_schools(cut: Cut, rng: np.random.Generator, territory: int, share: float) -> Array:
    own = cut.truth.schools.of(territory)
    chosen = own[rng.random(len(own)) < share]
    return chosen if len(chosen) else own[:1]


def _days_of(cut: Cut, period: dict[str, str]) -> tuple[np.datetime64, np.datetime64]:
    year = cut.truth.world.year
    return day(f"{year}-{period['from']}"), day(f"{year}-{period['to']}")


def career_week(cut: Cut, territory: int) -> Columns:
    """M05: one line a school."""
    rng, settings = _rng(cut, "M05", territory), cut.truth.world.region["campaigns"]["career_week"]
    own = _some_schools(cut, rng, territory, settings["school_share"])
    first, last = _days_of(cut, settings)
    count = len(own)
    return {
        "school_name": cut.truth.schools.short_name[own],
        "n_events": rng.integers(2, 9, count),
        "forms_held": ["классные часы, экскурсии, встречи"] * count,
        "n_pupils": rng.integers(60, 320, count),
        "n_teachers": rng.integers(3, 15, count),
        "n_parents": rng.integers(0, 60, count),
        "partners": ["предприятия округа"] * count,
        "url": [f"{SITE}/t{territory:02d}/week/{s}" for s in own],
        "held_from": np.full(count, first),
        "held_to": np.full(count, last),
    }


def turnstile_week(cut: Cut, territory: int) -> Columns:
    """M06: visits of the stage that falls into the month."""
    world, settings = cut.truth.world, cut.truth.world.region["campaigns"]
    rng = _rng(cut, "M06", territory)
    stages = {name: days for name, days in settings["turnstiles"].items() if name != "school_share"}
    month = f"{cut.on}"[5:7]
    stage = next(name for name, days in stages.items() if days["from"][:2] == month)
    own = _some_schools(cut, rng, territory, settings["turnstiles"]["school_share"])
    first, last = _days_of(cut, stages[stage])
    companies = partners(world)
    chosen = rng.integers(0, len(companies.number), len(own))
    forms = settings["visit_forms"]
    return {
        "stage": [stage] * len(own),
        "school_name": cut.truth.schools.short_name[own],
        "company_name": companies.name[chosen],
        "inn": companies.inn[chosen],
        "held_on": working_days(world, rng, len(own), first, last),
        "visit_form": [forms[n % len(forms)] for n in chosen],
        "n_pupils": rng.integers(12, 60, len(own)),
        "grades": ["8-11"] * len(own),
        "url": [f"{SITE}/t{territory:02d}/turnstiles/{stage}/{s}" for s in own],
    }


def _month(cut: Cut) -> tuple[np.datetime64, np.datetime64]:
    return day(f"{cut.on}"[:8] + "01"), cut.on


def parents_meetings(cut: Cut, territory: int) -> Columns:
    """M08: the month's meetings."""
    rng, settings = _rng(cut, "M08", territory), cut.truth.world.region["campaigns"]
    own = _some_schools(cut, rng, territory, settings["meetings_share"])
    topics = settings["meeting_topics"]
    return {
        "school_name": cut.truth.schools.short_name[own],
        "held_on": working_days(cut.truth.world, rng, len(own), *_month(cut)),
        "topic": [topics[int(s) % len(topics)] for s in own],
        "meeting_format": np.where(rng.random(len(own)) < 0.7, "onsite", "online"),
        "n_participants": rng.integers(15, 160, len(own)),
        "grades": ["6-11"] * len(own),
        "url": [f"{SITE}/t{territory:02d}/meetings/{cut.on}/{s}" for s in own],
    }


def media(cut: Cut, territory: int) -> Columns:
    """M09: the month's publications."""
    rng, settings = _rng(cut, "M09", territory), cut.truth.world.region["campaigns"]
    counts, outlets = settings["posts_a_month"], settings["outlets"]
    count = counts[territory % len(counts)]
    kinds = settings["post_kinds"]
    where = rng.integers(0, len(outlets), count)
    return {
        "published_on": random_days(rng, count, *_month(cut)),
        "outlet": [outlets[n]["name"] for n in where],
        "level": [outlets[n]["level"] for n in where],
        "kind": [kinds[int(n)] for n in rng.integers(0, len(kinds), count)],
        "headline": ["Школьники выбирают профессию"] * count,
        "url": [f"{SITE}/t{territory:02d}/news/{cut.on}/{n}" for n in range(count)],
    }
