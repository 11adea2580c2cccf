"""Events of the year and who took part: weekly ones of each group, trials, visits to partners.

What enters: the world, schools, navigators and pupils. What leaves: two sets of arrays; what an
export shows of them on a date is decided elsewhere.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from synthetic.config import Array, World, day
from synthetic.navigators import Navigators
from synthetic.pupils import NEW, Pupils

PARTICIPATIONS = ("attended", "absent", "enrolled", "cancelled")
ATTENDED, ABSENT, ENROLLED, CANCELLED = range(4)
KIND_SECTIONS = ("usual", "trial", "partner", "special")


@dataclass(frozen=True)
class Events:
    """Truth about events; `kind` is the row of `kinds` that says type, place and format."""

    number: Array
    kind: Array
    navigator: Array
    held_on: Array
    hour: Array
    published_at: Array
    is_cancelled: Array
    direction: Array
    name_no: Array
    place_no: Array  # venue or partner
    is_free: Array
    is_in_schedule: Array  # whether its slot is published
    seats: Array  # of the slot; -1: a few more than came


@dataclass(frozen=True)
class Participations:
    """Truth about records of pupils in events; positions of both."""

    number: Array
    event: Array
    pupil: Array
    status: Array
    lead_days: Array  # enrolled so many days before


@dataclass(frozen=True)
class _Draft:
    """Events before they get their common facts."""

    kind: Array
    navigator: Array
    held_on: Array
    members_event: Array
    members_pupil: Array


def kinds(world: World) -> list[dict[str, Any]]:
    """Every mixture of type, place and format that the region has."""
    settings = world.region["events"]
    return [mixture for section in KIND_SECTIONS for mixture in settings[section]]


def _ranges(starts: Array, lengths: Array) -> Array:
    """Concatenated `start … start + length - 1`."""
    total = int(lengths.sum())
    shift = np.repeat(np.cumsum(lengths) - lengths, lengths)
    places: Array = np.arange(total) - shift + np.repeat(starts, lengths)
    return places


def is_there(pupils: Pupils, who: Array, when: Array, rollover: np.datetime64) -> Array:
    """Whether pupils take part on a day: their account lives and they have not moved on."""
    entered = pupils.enters_on[who] <= when
    gone = (pupils.status[who] > NEW) & (when >= np.minimum(pupils.status_on[who], rollover))
    moved = pupils.moved_on[who] <= when
    there: Array = entered & ~gone & ~moved
    return there


def _usual(
    world: World, rng: np.random.Generator, pupils: Pupils, navigators: Navigators
) -> _Draft:
    """One event a group and season, if it takes place."""
    order = np.argsort(pupils.group, kind="stable")
    order = order[pupils.group[order] >= 0]
    groups, starts, sizes = np.unique(pupils.group[order], return_index=True, return_counts=True)
    leader = pupils.navigator[order[starts]]
    own_kinds = world.region["events"]["usual"]
    weights = np.array([k["weight"] for k in own_kinds])
    drafts = []
    for season in world.region["seasons"]:
        happens = np.flatnonzero(rng.random(len(groups)) < season["chance"])
        held = working_days(world, rng, len(happens), season["from"], season["to"])
        known = navigators.registered_on[leader[happens]] <= held
        happens, held = happens[known], held[known]
        who = order[_ranges(starts[happens], sizes[happens])]
        event = np.repeat(np.arange(len(happens)), sizes[happens])
        there = is_there(pupils, who, held[event], world.rollover)
        event, who = event[there], who[there]
        filled, event = np.unique(event, return_inverse=True)
        kind = rng.choice(len(own_kinds), len(filled), p=weights / weights.sum())
        drafts.append(_Draft(kind, leader[happens[filled]], held[filled], event, who))
    return _joined(drafts)


def working_days(
    world: World, rng: np.random.Generator, count: int, first: Any, last: Any
) -> Array:
    """Chosen working days between two days, by the production calendar."""
    works = world.working_days(day(first), day(last))
    chosen: Array = works[rng.integers(0, len(works), count)]
    return chosen


def _joined(drafts: list[_Draft]) -> _Draft:
    first = np.cumsum([0] + [len(d.kind) for d in drafts])
    return _Draft(
        kind=np.concatenate([d.kind for d in drafts]),
        navigator=np.concatenate([d.navigator for d in drafts]),
        held_on=np.concatenate([d.held_on for d in drafts]),
        members_event=np.concatenate(
            [d.members_event + n for d, n in zip(drafts, first, strict=False)]
        ),
        members_pupil=np.concatenate([d.members_pupil for d in drafts]),
    )


_PHASES = (("02-12", "05-24"), ("09-16", "09-30"), ("10-01", "11-18"), ("11-19", "12-13"))


def _phases(
    world: World, rng: np.random.Generator, pupils: Pupils, own: Array, quota: int
) -> tuple[Array, Array]:
    """Choose the distinct pupils of one territory's quota and when each goes."""
    settings = world.region["events"]
    done = world.share("done_by_september", int(pupils.territory[own[0]]))
    stays = (pupils.status[own] <= NEW) & np.isnat(pupils.moved_on[own])
    spring = own[
        stays & pupils.in_spring[own] & (pupils.enters_on[own] < day(f"{world.year}-02-12"))
    ]
    early = own[stays & (pupils.enters_on[own] < day(f"{world.year}-09-16"))]
    late = own[stays & (pupils.enters_on[own] < day(f"{world.year}-10-01"))]
    wanted = [round(quota * done * 0.35), round(quota * done) - round(quota * done * 0.35)]
    wanted += [quota - sum(wanted), round(quota * settings["after_window_share"])]
    taken = np.empty(0, np.int64)
    who, phase = [], []
    for number, (pool, count) in enumerate(zip((spring, early, late, late), wanted, strict=True)):
        free = np.setdiff1d(pool, taken)
        chosen = rng.permutation(free)[:count]
        taken = np.concatenate([taken, chosen])
        who.append(chosen)
        phase.append(np.full(len(chosen), number))
    people, when = np.concatenate(who), np.concatenate(phase)
    again = rng.random(len(people)) < settings["trial_repeat_share"]
    again &= when == 1
    return np.concatenate([people, people[again]]), np.concatenate([when, when[again] + 1])


def _visits(
    world: World, rng: np.random.Generator, pupils: Pupils, goal: tuple[str, str, str]
) -> _Draft:
    """Trips that fill a quota of distinct pupils in each territory, in groups of one phase."""
    column, indicator, section = goal
    settings, drafts = world.region["events"], []
    before = KIND_SECTIONS[: KIND_SECTIONS.index(section)]
    offset = sum(len(settings[name]) for name in before)
    weights = np.array([k["weight"] for k in settings[section]])
    for territory in world.territories:
        quota = world.people(territory, column, indicator)
        quota = max(quota, 1 if world.reference.targets[(territory, column)] else 0)
        own = np.flatnonzero(pupils.territory == territory)
        who, phase = _phases(world, rng, pupils, own, quota)
        for number, (first, last) in enumerate(_PHASES):
            goers = who[phase == number]
            event = np.arange(len(goers)) // settings["trial_group"]
            count = int(event[-1]) + 1 if len(goers) else 0
            days = (f"{world.year}-{first}", f"{world.year}-{last}")
            held = working_days(world, rng, count, *days)
            kind = offset + rng.choice(len(weights), count, p=weights / weights.sum())
            leader = pupils.navigator[goers[:: settings["trial_group"]]]
            drafts.append(_Draft(kind, leader, held, event, goers))
    return _joined(drafts)


def _publication(world: World, rng: np.random.Generator, held: Array) -> Array:
    """Moment of publication: so many working days after the event, -1 for an announcement."""
    lags = world.region["events"]["publication_lag"]
    weights = np.array(list(lags.values()))
    lag = rng.choice(list(lags), len(held), p=weights / weights.sum())
    calendar = world.reference.calendar
    published = held - rng.integers(1, 6, len(held)).astype("timedelta64[D]")
    for when in np.unique(held):
        for count in (n for n in lags if n >= 0):
            places = (held == when) & (lag == count)
            shown = calendar.add_working_days(when.astype(object), count) if count else when
            published[places] = day(shown)
    minutes = rng.integers(15 * 60 + 30, 22 * 60, len(held))
    shown_at: Array = published.astype("datetime64[m]") + minutes.astype("timedelta64[m]")
    return shown_at


def _finished(
    world: World, rng: np.random.Generator, draft: _Draft
) -> tuple[Events, Participations]:
    settings, count = world.region["events"], len(draft.kind)
    order = np.argsort(draft.held_on, kind="stable")
    rank = np.empty(count, np.int64)
    rank[order] = np.arange(count)
    held = draft.held_on[order]
    events = Events(
        number=np.arange(1, count + 1),
        kind=draft.kind[order],
        navigator=draft.navigator[order],
        held_on=held,
        hour=rng.integers(9, 16, count),
        published_at=_publication(world, rng, held),
        is_cancelled=rng.random(count) < settings["cancelled_share"],
        direction=rng.integers(0, len(settings["directions"]), count),
        name_no=rng.integers(0, 2, count),
        place_no=rng.integers(1, settings["venues"] + 1, count),
        is_free=np.ones(count, bool),
        is_in_schedule=np.ones(count, bool),
        seats=np.full(count, -1),
    )
    event, pupil = rank[draft.members_event].astype(np.int32), draft.members_pupil
    sort = np.lexsort((pupil, event))
    event, pupil = event[sort], pupil[sort].astype(np.int32)
    weights = [settings["status"][name] for name in PARTICIPATIONS]
    status = rng.choice(4, len(event), p=weights).astype(np.int8)
    # A quota is a quota of attended visits: only the usual weekly events have absentees.
    status[events.kind[event] >= len(settings["usual"])] = ATTENDED
    status[events.is_cancelled[event]] = CANCELLED
    lead = rng.integers(1, 6, len(event)).astype(np.int8)
    number = np.arange(1, len(event) + 1)
    return events, Participations(number, event, pupil, status, lead)


def build_events(
    world: World, navigators: Navigators, pupils: Pupils
) -> tuple[Events, Participations]:
    """All events of the year by date, and all records by event."""
    rng = world.rng("events")
    drafts = [
        _usual(world, rng, pupils, navigators),
        _visits(world, rng, pupils, ("c11", "I-5", "trial")),
        _visits(world, rng, pupils, ("c12", "I-6", "partner")),
    ]
    return _finished(world, rng, _joined(drafts))
