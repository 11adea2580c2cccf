"""Navigators: who continues, who is new in the order's year, who left, and when each was confirmed.

What enters: the world and its schools. What leaves: arrays, one navigator a position.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from synthetic.config import Array, World, day
from synthetic.people import MAIL_DOMAIN, people, random_days
from synthetic.schools import Schools

CONTINUING, NEW, LEFT, BLOCKED, IDLE = range(5)


@dataclass(frozen=True)
class Navigators:
    """Truth about navigators over the whole year."""

    number: Array
    territory: Array
    school: Array
    kind: Array  # CONTINUING … IDLE
    last: Array
    first: Array
    middle: Array
    email: Array
    position: Array
    cohort: Array
    registered_on: Array
    confirmed_on: Array  # profile, application and consent complete; NaT when never
    gone_on: Array  # NaT while active
    original_on: Array  # when the paper consent comes in

    def leading(self, territory: int) -> Array:
        """Positions of those who have pupils."""
        return np.flatnonzero((self.territory == territory) & (self.kind <= NEW))


def _counts(world: World, territory: int) -> list[int]:
    continuing = max(1, world.people(territory, "c6", "I-1"))
    new = world.people(territory, "c7", "I-2")
    if world.reference.targets[(territory, "c7")]:
        new = max(1, new)
    rest = max(0, world.people(territory, "c5") - continuing)
    fate = world.region["navigators"]["not_continuing"]
    left, blocked = round(rest * fate["left"]), round(rest * fate["blocked"])
    return [continuing, new, left, blocked, rest - left - blocked]


def _school_of(world: World, schools: Schools, territory: Array) -> Array:
    """Spread each territory's navigators over its schools, one after another."""
    school = np.empty(len(territory), np.int32)
    for number in world.territories:
        own, places = schools.of(number), np.flatnonzero(territory == number)
        confirmed = own[~schools.is_pending[own]]
        pool = confirmed if len(confirmed) else own
        school[places] = pool[np.arange(len(places)) % len(pool)]
    return school


def _dates(
    world: World, rng: np.random.Generator, kind: Array, cohort: Array
) -> tuple[Array, Array, Array]:
    """(registered, confirmed, gone)."""
    settings, year, count = world.region["navigators"], world.year, len(kind)
    due = day(f"{year}-05-17")
    registered = random_days(rng, count, f"{year}-01-15", due)
    late = rng.random(count) < settings["registered_after_due_share"]
    registered = np.where(
        late, random_days(rng, count, f"{year}-05-18", f"{year}-09-12"), registered
    )
    first = world.cohorts[0]
    earlier = day(f"{first}-09-01") + (cohort - first) * np.timedelta64(365, "D")
    earlier = earlier + rng.integers(0, 110, count).astype("timedelta64[D]")
    registered = np.where(kind == NEW, registered, earlier)
    slow = rng.random(count) < settings["late_confirmed_share"]
    confirmed = random_days(rng, count, f"{year}-02-01", due)
    confirmed = np.where(slow, random_days(rng, count, due + 1, f"{year}-09-25"), confirmed)
    after = registered + rng.integers(0, 12, count).astype("timedelta64[D]")
    confirmed = np.where(kind == NEW, after, confirmed)
    confirmed[kind > NEW] = np.datetime64("NaT")
    gone = random_days(rng, count, f"{year}-01-10", f"{year}-08-30")
    gone[(kind != LEFT) & (kind != BLOCKED)] = np.datetime64("NaT")
    return registered, confirmed, gone


def handed_in_on(world: World, number: Array, confirmed: Array) -> Array:
    """Day on which the paper consent comes in: over the autumn, fixed by the number."""
    autumn = np.maximum(confirmed, day(f"{world.year}-09-02"))
    handed: Array = autumn + (number * 13 % 75).astype("timedelta64[D]")
    return handed


def build_navigators(world: World, schools: Schools) -> Navigators:
    """All navigators the platform knows in the order's year."""
    rng = world.rng("navigators")
    counts = np.array([_counts(world, t) for t in world.territories])
    territory = np.repeat(np.array(world.territories, np.int32), counts.sum(axis=1))
    kind = np.concatenate([np.repeat(np.arange(5), row) for row in counts])
    count = len(kind)
    shares = world.weights(world.region["navigators"]["cohort_shares"])
    cohort = rng.choice(world.cohorts, count, p=shares)
    cohort[kind == NEW] = world.year
    registered, confirmed, gone = _dates(world, rng, kind, cohort)
    names = people(rng, count, 0.88)
    number = np.arange(1, count + 1)
    positions = np.array(world.region["navigators"]["positions"], object)
    return Navigators(
        number=number,
        territory=territory,
        school=_school_of(world, schools, territory),
        kind=kind,
        last=names.last,
        first=names.first,
        middle=names.middle,
        email=names.latin + "." + number.astype(str).astype(object) + f"@{MAIL_DOMAIN}",
        position=positions[rng.integers(0, len(positions), count)],
        cohort=cohort,
        registered_on=registered,
        confirmed_on=confirmed,
        gone_on=gone,
        original_on=handed_in_on(world, number, confirmed),
    )
