"""Where trials and visits take place: venues, their programmes, partners and their agreements.

What enters: the world. What leaves: arrays of the whole year, one place a position; ids agree with
those that events carry.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np

from synthetic.config import Array, World, day
from synthetic.people import random_days
from synthetic.schools import inn_of

NEVER = np.datetime64("NaT")
# An event at place n carries programme 3n: see `exports.events`.
PROGRAMMES_A_PLACE = 3


@dataclass(frozen=True)
class Venues:
    """Venues of trials; a date that never comes is NaT."""

    number: Array
    territory: Array
    name: Array
    inn: Array
    kind: Array
    contract_on: Array
    cabinet_on: Array
    seats: Array


@dataclass(frozen=True)
class Partners:
    """Partner employers."""

    number: Array
    territory: Array
    name: Array
    inn: Array
    agreement_on: Array
    cabinet_on: Array


@dataclass(frozen=True)
class Programmes:
    """Programmes of trials; those of earlier years have to be confirmed again."""

    number: Array
    venue: Array  # number of the venue
    direction: Array
    submitted_on: Array
    approved_on: Array
    is_carried_over: Array
    confirmed_before: Array  # when it was approved in earlier years, else NaT


def _municipalities(world: World) -> Array:
    return np.array(
        [t.territory_id for t in world.reference.territories if t.parent_territory_id is None]
    )


def _homes(world: World, count: int, step: int) -> Array:
    """Territories of places: spread over the municipalities in a fixed way."""
    own = _municipalities(world)
    return own[(np.arange(count) * step) % len(own)]


def _names(world: World, kinds: list[str], count: int, homes: Array) -> Array:
    words = [kinds[n % len(kinds)] for n in range(count)]
    return np.array(
        [f"{word} № {n + 1} ({world.names[int(t)]})" for n, (word, t) in
         enumerate(zip(words, homes, strict=True))], object,
    )  # fmt: skip


def _dated(
    world: World, rng: np.random.Generator, count: int, shares: dict[str, float], due: np.datetime64
) -> Array:
    """Days of a step: early in the year, up to the due day, after it, or never."""
    chance = rng.random(count)
    early = random_days(rng, count, f"{world.year}-01-10", f"{world.year}-02-09")
    usual = random_days(rng, count, f"{world.year}-05-20", due)
    late = random_days(rng, count, due + 1, due + 40)
    edges = np.cumsum([shares["early"], shares["usual"], shares["late"]])
    found = np.where(chance < edges[0], early, np.where(chance < edges[1], usual, late))
    return np.where(chance < edges[2], found, NEVER)


@cache
def venues(world: World) -> Venues:
    """All venues of the year."""
    rng, settings = world.rng("venues"), world.region["places"]
    count = world.region["events"]["venues"]
    homes = _homes(world, count, 7)
    kinds = settings["venue_kinds"]
    due, cabinets = world.due("26-1"), world.due("27-1")
    contract = _dated(world, rng, count, settings["contracts"], due)
    cabinet = contract + rng.integers(1, 12, count).astype("timedelta64[D]")
    cabinet = np.where((contract <= due) & (cabinet > cabinets), cabinets, cabinet)
    return Venues(
        number=np.arange(1, count + 1),
        territory=homes,
        name=_names(world, [k["name"] for k in kinds], count, homes),
        inn=np.array([inn_of(502_000_000 + n * 31) for n in range(count)], object),
        kind=np.array([kinds[n % len(kinds)]["code"] for n in range(count)], object),
        contract_on=contract,
        cabinet_on=np.where(rng.random(count) < settings["no_cabinet_share"], NEVER, cabinet),
        seats=rng.integers(3, 9, count) * 100,
    )


@cache
def partners(world: World) -> Partners:
    """All partner employers of the year."""
    rng, settings = world.rng("partners"), world.region["places"]
    count = world.region["events"]["partners"]
    homes = _homes(world, count, 5)
    agreement = _dated(world, rng, count, settings["agreements"], world.due("35-1"))
    cabinet = agreement + rng.integers(0, 9, count).astype("timedelta64[D]")
    return Partners(
        number=np.arange(1, count + 1),
        territory=homes,
        name=_names(world, settings["partner_kinds"], count, homes),
        inn=np.array([inn_of(503_000_000 + n * 37) for n in range(count)], object),
        agreement_on=agreement,
        cabinet_on=np.where(rng.random(count) < settings["no_cabinet_share"], NEVER, cabinet),
    )


@cache
def programmes(world: World) -> Programmes:
    """One or two programmes a venue, and one at each partner that holds trials."""
    rng, settings = world.rng("programmes"), world.region["places"]
    places = venues(world).number
    second = places[rng.random(len(places)) < settings["second_programme_share"]]
    number = np.concatenate([places * PROGRAMMES_A_PLACE, second * PROGRAMMES_A_PLACE + 1])
    venue, count = number // PROGRAMMES_A_PLACE, len(number)
    ends, approval = world.due("28-1"), world.due("29-1")
    submitted = random_days(rng, count, f"{world.year}-05-15", approval - 21)
    late = rng.random(count) < settings["late_programme_share"]
    submitted = np.where(late, random_days(rng, count, approval + 1, ends), submitted)
    approved = submitted + rng.integers(10, 21, count).astype("timedelta64[D]")
    approved = np.maximum(approved, day(f"{world.year}-06-15"))
    approved = np.where(rng.random(count) < settings["not_approved_share"], NEVER, approved)
    carried = rng.random(count) < settings["carried_over_share"]
    before = random_days(rng, count, f"{world.year - 3}-06-15", f"{world.year - 1}-08-31")
    directions = np.array(world.region["events"]["directions"], object)
    return Programmes(
        number=number,
        venue=venue,
        direction=directions[number % len(directions)],
        submitted_on=submitted,
        approved_on=approved,
        is_carried_over=carried,
        confirmed_before=np.where(carried, before, NEVER),
    )
