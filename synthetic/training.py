"""Courses of navigators and administrators: P11 on a date.

What enters: the world, its schools and navigators. What leaves: the year's courses, and the typed
columns of a date; progress only grows from date to date.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from synthetic.config import Array, World, day
from synthetic.frames import NEVER
from synthetic.navigators import NEW, Navigators
from synthetic.people import random_days
from synthetic.schools import Schools

COURSE, INTENSIVE, PROJECT, LOYALTY = "course_36h", "intensive_6h", "project_16h", "loyalty"
# The order's parameters of each programme start with this word.
_PARAMETERS = {COURSE: "course", INTENSIVE: "intensive", PROJECT: "project", LOYALTY: "project"}


def is_for_navigators(programme: str) -> bool:
    """Whether navigators learn it; the others are administrators."""
    return programme != INTENSIVE


def hours_of(world: World, programme: str) -> int:
    """Hours that the order asks for."""
    return world.reference.number(f"{_PARAMETERS[programme]}_hours")


def period_of(world: World, programme: str) -> tuple[np.datetime64, np.datetime64]:
    """First and last day of a programme's period."""
    stem = _PARAMETERS[programme]
    return day(world.reference.day(f"{stem}_from")), day(world.reference.day(f"{stem}_to"))


@dataclass(frozen=True)
class Courses:
    """Who learns what over the year, one participation a position."""

    participant: Array  # number of the navigator; for administrators, of the school
    school: Array
    programme: Array
    hours: Array
    enrolled_on: Array
    finished_on: Array  # NaT: never
    document: Array  # number of the document

    @cached_property
    def is_navigator(self) -> Array:
        """Whether a navigator learns, not an administrator."""
        return np.array([is_for_navigators(name) for name in self.programme], bool)


@dataclass(frozen=True)
class _Part:
    """One programme's participations."""

    programme: str
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
    enrolled = random_days(rng, len(who), f"{world.year}-09-02", f"{world.year}-09-12")
    return _Part(
        programme=COURSE,
        participant=navigators.number[who],
        school=navigators.school[who],
        # Nobody is enrolled before being on the platform.
        enrolled_on=np.maximum(enrolled, navigators.registered_on[who]),
        finished_on=np.where(rng.random(len(who)) < quality, finished, NEVER),
    )


def _intensive(world: World, rng: np.random.Generator, schools: Schools) -> _Part:
    """One administrator a school: most in time, some late, some never."""
    first, due = period_of(world, INTENSIVE)
    count = len(schools.code)
    starts = random_days(rng, count, first, due - 43)
    ends = np.minimum(starts + rng.integers(10, 40, count).astype("timedelta64[D]"), due)
    share, chance = world.region["training"]["intensive_share"], rng.random(count)
    late = random_days(rng, count, due + 1, due + 30)
    return _Part(
        programme=INTENSIVE,
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
    first, _ = period_of(world, PROJECT)
    starts = random_days(rng, len(who), first + 2, first + 9)
    return _Part(
        programme=PROJECT,
        participant=navigators.number[who],
        school=navigators.school[who],
        enrolled_on=starts,
        finished_on=starts + rng.integers(10, 19, len(who)).astype("timedelta64[D]"),
    )


def _loyalty(world: World, rng: np.random.Generator, project: _Part) -> _Part:
    """Some of those who take the project programme come by the loyalty programme."""
    chosen = rng.random(len(project.participant)) < world.region["training"]["loyalty_share"]
    return _Part(
        programme=LOYALTY,
        participant=project.participant[chosen],
        school=project.school[chosen],
        enrolled_on=project.enrolled_on[chosen] - 1,
        finished_on=project.finished_on[chosen],
    )


def build_courses(world: World, schools: Schools, navigators: Navigators) -> Courses:
    """All courses of the year."""
    rng = world.rng("training")
    project = _project(world, rng, navigators)
    parts = [_course(world, rng, navigators), _intensive(world, rng, schools), project]
    parts.append(_loyalty(world, rng, project))
    sizes = [len(part.participant) for part in parts]
    hours = np.repeat([hours_of(world, part.programme) for part in parts], sizes)
    wrong = rng.random(len(hours)) < world.region["training"]["wrong_hours_share"]
    return Courses(
        participant=np.concatenate([part.participant for part in parts]),
        school=np.concatenate([part.school for part in parts]),
        programme=np.repeat(np.array([part.programme for part in parts], object), sizes),
        hours=np.where(wrong, hours // 2, hours),
        enrolled_on=np.concatenate([part.enrolled_on for part in parts]),
        finished_on=np.concatenate([part.finished_on for part in parts]),
        document=np.arange(1, len(hours) + 1),
    )
