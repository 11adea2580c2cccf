"""Where trials and visits take place: venues, their programmes, partners and their agreements.

What enters: the world. What leaves: arrays of the whole year, one place a position; ids agree with
those that events carry.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache

import numpy as np

from synthetic.config import Array, World
from synthetic.frames import NEVER, Row, appended, dated
from synthetic.people import random_days
from synthetic.schools import inn_of

# An event at place n carries programme 3n: see `exports.events`.
PROGRAMMES_A_PLACE = 3
# Planted places have numbers of their own, the same for an event and its place.
FIRST_PLANTED = 901
_VENUE_INNS, _PARTNER_INNS = (502_000_000, 31), (503_000_000, 37)


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
    direction: Array
    submitted_on: Array
    approved_on: Array
    confirmed_before: Array  # when it was approved in earlier years, else NaT

    @property
    def venue(self) -> Array:
        """Numbers of the venues."""
        venue: Array = self.number // PROGRAMMES_A_PLACE
        return venue

    @property
    def is_carried_over(self) -> Array:
        """Which of them are of earlier years."""
        return ~np.isnat(self.confirmed_before)


def _municipalities(world: World) -> Array:
    return np.array(
        [t.territory_id for t in world.reference.territories if t.parent_territory_id is None]
    )


def _texts(words: Iterable[str]) -> Array:
    return np.array(list(words), object)


def _homes(world: World, count: int, step: int) -> Array:
    """Territories of places: spread over the municipalities in a fixed way."""
    own = _municipalities(world)
    return own[(np.arange(count) * step) % len(own)]


def partner_numbers(world: World, place_no: Array) -> Array:
    """Number of the partner that an event at a place is held by."""
    usual = place_no % world.region["events"]["partners"] + 1
    return np.where(place_no < FIRST_PLANTED, usual, place_no)


def _name(world: World, kinds: list[str], number: int, home: int) -> str:
    return f"{kinds[(number - 1) % len(kinds)]} № {number} ({world.names[home]})"


def _inn(numbering: tuple[int, int], number: int) -> str:
    first, step = numbering
    return inn_of(first + (number - 1) * step)


def _planted(world: World, section: str) -> list[Row]:
    rows = [dated(case) for case in world.cases[section]]
    return [{k: v for k, v in row.items() if k != "why"} for row in rows]


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
    kinds, names = settings["venue_kinds"], [k["name"] for k in settings["venue_kinds"]]
    due, cabinets = world.due("26-1"), world.due("27-1")
    contract = _dated(world, rng, count, settings["contracts"], due)
    cabinet = contract + rng.integers(1, 12, count).astype("timedelta64[D]")
    cabinet = np.where((contract <= due) & (cabinet > cabinets), cabinets, cabinet)
    number = np.arange(1, count + 1)
    found = Venues(
        number=number,
        territory=homes,
        name=_texts(_name(world, names, n, t) for n, t in zip(number, homes, strict=True)),
        inn=_texts(_inn(_VENUE_INNS, n) for n in number),
        kind=np.array([kinds[n % len(kinds)]["code"] for n in range(count)], object),
        contract_on=contract,
        cabinet_on=np.where(rng.random(count) < settings["no_cabinet_share"], NEVER, cabinet),
        seats=rng.integers(3, 9, count) * 100,
    )
    home = world.cases["place_territory"]
    own = [
        {
            "territory": home,
            "name": _name(world, names, row["number"], home),
            "inn": _inn(_VENUE_INNS, row["number"]),
            "kind": kinds[0]["code"],
            "seats": 300,
        }
        | row
        for row in _planted(world, "venues")
    ]
    return appended(found, own)


@cache
def partners(world: World) -> Partners:
    """All partner employers of the year."""
    rng, settings = world.rng("partners"), world.region["places"]
    count = world.region["events"]["partners"]
    homes = _homes(world, count, 5)
    agreement = _dated(world, rng, count, settings["agreements"], world.due("35-1"))
    cabinet = agreement + rng.integers(0, 9, count).astype("timedelta64[D]")
    number, names = np.arange(1, count + 1), settings["partner_kinds"]
    found = Partners(
        number=number,
        territory=homes,
        name=_texts(_name(world, names, n, t) for n, t in zip(number, homes, strict=True)),
        inn=_texts(_inn(_PARTNER_INNS, n) for n in number),
        agreement_on=agreement,
        cabinet_on=np.where(rng.random(count) < settings["no_cabinet_share"], NEVER, cabinet),
    )
    home = world.cases["place_territory"]
    own = [
        {
            "territory": home,
            "name": _name(world, names, row["number"], home),
            "inn": _inn(_PARTNER_INNS, row["number"]),
        }
        | row
        for row in _planted(world, "partners")
    ]
    return appended(found, own)


def _steps(
    world: World, rng: np.random.Generator, count: int, is_carried_over: Array
) -> tuple[Array, Array]:
    """(submitted, approved) this year; some are late, some never get so far."""
    settings = world.region["places"]
    first, last = world.opens("28-1"), world.due("28-1")
    approval, approval_from = world.due("29-1"), world.opens("29-1")
    submitted = random_days(rng, count, first, approval - 21)
    late = rng.random(count) < settings["late_programme_share"]
    submitted = np.where(late, random_days(rng, count, approval + 1, last), submitted)
    approved = submitted + rng.integers(10, 21, count).astype("timedelta64[D]")
    approved = np.maximum(approved, approval_from)
    approved = np.where(rng.random(count) < settings["not_approved_share"], NEVER, approved)
    forgotten = is_carried_over & (rng.random(count) < settings["not_confirmed_again_share"])
    return np.where(forgotten, NEVER, submitted), np.where(forgotten, NEVER, approved)


@cache
def programmes(world: World) -> Programmes:
    """One or two programmes a venue; most first ones are those of earlier years."""
    rng, settings = world.rng("programmes"), world.region["places"]
    places = np.arange(1, world.region["events"]["venues"] + 1)
    second = places[rng.random(len(places)) < settings["second_programme_share"]]
    number = np.concatenate([places * PROGRAMMES_A_PLACE, second * PROGRAMMES_A_PLACE + 1])
    count = len(number)
    shares = settings["carried_over_share"]
    share = np.where(np.arange(count) < len(places), shares["first"], shares["second"])
    carried = rng.random(count) < share
    submitted, approved = _steps(world, rng, count, carried)
    before = random_days(rng, count, f"{world.cohorts[0]}-06-15", f"{world.year - 1}-08-31")
    directions = np.array(world.region["events"]["directions"], object)
    found = Programmes(
        number=number,
        direction=directions[number % len(directions)],
        submitted_on=submitted,
        approved_on=approved,
        confirmed_before=np.where(carried, before, NEVER),
    )
    own = [{"direction": directions[0]} | row for row in _planted(world, "programmes")]
    return appended(found, own)
