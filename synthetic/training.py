"""Courses of navigators and administrators: P11 on a date.

What enters: the world, its schools and navigators. What leaves: the year's courses, and the typed
columns of a date; progress only grows from date to date.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from synthetic.config import Array, World, day
from synthetic.navigators import NEW, Navigators
from synthetic.people import random_days
from synthetic.places import NEVER
from synthetic.schools import Schools

COURSE, INTENSIVE, PROJECT = "course_36h", "intensive_6h", "project_16h"


@dataclass(frozen=True)
class Courses:
    """Who learns what over the year, one participation a position."""

    participant: Array  # number of the navigator; for administrators, of the school
    is_navigator: Array
    school: Array
    programme: Array
    hours: Array
    enrolled_on: Array
    finished_on: Array  # NaT: never


@dataclass(frozen=True)
class _Part:
    """One programme's participations."""

    programme: str
    hours: int
    participant: Array
    school: Array
    enrolled_on: Array
    finished_on: Array


def _course(world: World, rng: np.random.Generator, navigators: Navigators) -> _Part:
    """The long course in its groups of autumn."""
    who = np.flatnonzero(navigators.kind <= NEW)
    quality = np.array([world.share("training_quality", int(t)) for t in navigators.territory[who]])
    ends = np.array([day(f"{world.year}-{g}") for g in world.region["training"]["groups"]])
    finished = ends[rng.integers(0, len(ends), len(who))]
    return _Part(
        programme=COURSE,
        hours=world.reference.number("course_hours"),
        participant=navigators.number[who],
        school=navigators.school[who],
        enrolled_on=random_days(rng, len(who), f"{world.year}-09-02", f"{world.year}-09-12"),
        finished_on=np.where(rng.random(len(who)) < quality, finished, NEVER),
    )


def _intensive(world: World, rng: np.random.Generator, schools: Schools) -> _Part:
    """One administrator a school: most in time, some late, some never."""
    count, due = len(schools.code), world.due("12-1")
    starts = random_days(rng, count, f"{world.year}-05-06", f"{world.year}-07-20")
    ends = np.minimum(starts + rng.integers(10, 40, count).astype("timedelta64[D]"), due)
    share, chance = world.region["training"]["intensive_share"], rng.random(count)
    late = random_days(rng, count, due + 1, due + 30)
    return _Part(
        programme=INTENSIVE,
        hours=world.reference.number("intensive_hours"),
        participant=np.arange(1, count + 1),
        school=np.arange(count),
        enrolled_on=starts,
        finished_on=np.where(chance < share, ends, np.where(chance < (1 + share) / 2, late, NEVER)),
    )


def _project(world: World, rng: np.random.Generator, navigators: Navigators) -> _Part:
    """One navigator of most territories, in the last month of the project."""
    share = world.region["training"]["project_share"]
    leaders = [navigators.leading(t) for t in world.territories]
    who = np.array([own[0] for own in leaders if len(own) and rng.random() < share], np.int64)
    starts = random_days(rng, len(who), f"{world.year}-11-01", f"{world.year}-11-08")
    return _Part(
        programme=PROJECT,
        hours=world.reference.number("project_hours"),
        participant=navigators.number[who],
        school=navigators.school[who],
        enrolled_on=starts,
        finished_on=starts + rng.integers(10, 20, len(who)).astype("timedelta64[D]"),
    )


def build_courses(world: World, schools: Schools, navigators: Navigators) -> Courses:
    """All courses of the year."""
    rng = world.rng("training")
    parts = [
        _course(world, rng, navigators),
        _intensive(world, rng, schools),
        _project(world, rng, navigators),
    ]
    sizes = [len(part.participant) for part in parts]
    hours = np.repeat([part.hours for part in parts], sizes)
    wrong = rng.random(len(hours)) < world.region["training"]["wrong_hours_share"]
    return Courses(
        participant=np.concatenate([part.participant for part in parts]),
        is_navigator=np.repeat([part.programme != INTENSIVE for part in parts], sizes),
        school=np.concatenate([part.school for part in parts]),
        programme=np.repeat(np.array([part.programme for part in parts], object), sizes),
        hours=np.where(wrong, hours // 2, hours),
        enrolled_on=np.concatenate([part.enrolled_on for part in parts]),
        finished_on=np.concatenate([part.finished_on for part in parts]),
    )
