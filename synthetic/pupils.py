"""Pupils: cohorts of earlier years, newcomers and leavers, with their groups, consents and moves.

What enters: the world, schools and navigators. What leaves: arrays, one account a position.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from synthetic.config import HANDFUL, Array, World, day, load_yaml
from synthetic.frames import NEVER
from synthetic.navigators import Navigators
from synthetic.people import age_reached_on, birth_dates, moments, people, random_days

STATUSES = (
    *("continuing", "new", "graduated_9", "graduated_11"),
    *("refused", "transferred", "deleted"),
)
CONTINUING, NEW, GRADUATED_9, GRADUATED_11, REFUSED, TRANSFERRED, DELETED = range(7)
CONSENTS = ("not_required", "missing", "under_review", "attached", "declined", "withdrawn")
NOT_REQUIRED, MISSING, UNDER_REVIEW, ATTACHED, DECLINED, WITHDRAWN = range(6)


@dataclass(frozen=True)
class Pupils:
    """Truth about pupils' accounts over the whole year; an export is a cut of it by date."""

    number: Array
    territory: Array
    school: Array
    navigator: Array  # -1: none
    group: Array  # -1: takes part in nothing regular
    grade_spring: Array
    grade_fall: Array
    letter: Array
    last: Array
    first: Array
    middle: Array
    birth: Array
    cohort: Array
    registered_on: Array
    enters_on: Array  # from here on the export shows the account
    in_spring: Array
    status: Array  # the year's last status
    status_on: Array
    authorised_at: Array
    verified_at: Array
    consent: Array
    consent_on: Array
    original_on: Array  # when the paper consent comes in
    moved_on: Array  # NaT: stays
    new_school: Array
    new_navigator: Array

    @property
    def stays(self) -> Array:
        """Whether the account is active at the year's end."""
        active: Array = self.status <= NEW
        return active


@dataclass(frozen=True)
class _Core:
    """The first facts about accounts, from which the others follow."""

    territory: Array
    status: Array
    cohort: Array
    in_spring: Array
    grade_fall: Array
    grade_spring: Array


def _counts(world: World, territory: int) -> list[int]:
    continuing = max(HANDFUL, world.people(territory, "c9", "I-3"))
    new = max(HANDFUL - 1, world.people(territory, "c10", "I-4"))
    left = max(HANDFUL, world.people(territory, "c8") - continuing)
    leavers = world.region["pupils"]["leavers"]
    shares = [leavers[name] for name in STATUSES[2:]]
    parts = [int(left * share) for share in shares]
    parts[0] += left - sum(parts)
    return [continuing, new, *parts]


def _grades(world: World, rng: np.random.Generator, core: tuple[Array, Array, Array]) -> Array:
    status, cohort, in_spring = core
    shares = world.region["pupils"]["fall_grades"]
    grade = rng.choice(list(shares), len(status), p=list(shares.values()))
    # Who was in class 6 in the cohort's year, or in this spring, cannot be in class 6 in autumn.
    least = np.where(status == NEW, 6 + in_spring, 6 + world.year - np.minimum(cohort, world.year))
    grade = np.maximum(grade, np.minimum(least, 11))
    grade[status == GRADUATED_9] = 9
    grade[status == GRADUATED_11] = 11
    final: Array = grade.astype(np.int16)
    return final


def _core(world: World, rng: np.random.Generator) -> _Core:
    settings = world.region["pupils"]
    counts = np.array([_counts(world, t) for t in world.territories])
    territory = np.repeat(np.array(world.territories, np.int32), counts.sum(axis=1))
    status = np.concatenate([np.repeat(np.arange(len(STATUSES)), row) for row in counts])
    count = len(status)
    cohort = rng.choice(world.cohorts, count, p=world.weights(settings["cohort_shares"]))
    cohort[status == NEW] = world.year
    spring = settings["spring_share"]
    share = np.where(status == NEW, spring["new"], spring["continuing"])
    in_spring = rng.random(count) < np.where(status > NEW, share / 2, share)
    grade = _grades(world, rng, (status, cohort, in_spring))
    graduate = (status == GRADUATED_9) | (status == GRADUATED_11)
    return _Core(territory, status, cohort, in_spring, grade, np.where(graduate, grade, grade - 1))


def _sizes(rng: np.random.Generator, pupils: int, leaders: int, usual: int) -> Array:
    """How many pupils each navigator leads: uneven, but at most `usual` where that is possible."""
    weights = rng.uniform(0.75, 1.25, leaders)
    sizes: Array = np.minimum((weights / weights.sum() * pupils).astype(int), usual)
    while (rest := pupils - int(sizes.sum())) > 0:
        room = np.flatnonzero(sizes < usual)
        room = room if len(room) else np.arange(leaders)
        sizes[room[:rest]] += 1
    return sizes


def _attach(
    world: World, rng: np.random.Generator, core: _Core, navigators: Navigators
) -> tuple[Array, Array]:
    """(navigator, group) of each account; groups are numbered over the region."""
    settings = world.region["pupils"]
    navigator = np.full(len(core.status), -1, np.int32)
    group = np.full(len(core.status), -1, np.int32)
    first = 0
    for territory in world.territories:
        own = np.flatnonzero(core.territory == territory)
        active = own[core.status[own] <= NEW]
        active = active[np.lexsort((rng.random(len(active)), core.grade_fall[active]))]
        leaders = navigators.leading(territory)
        sizes = _sizes(rng, len(active), len(leaders), settings["usual_load"])
        navigator[active] = np.repeat(leaders, sizes)
        inside = np.arange(len(active)) - np.repeat(np.cumsum(sizes) - sizes, sizes)
        groups = -(-sizes // settings["group_size"])
        start = first + np.cumsum(groups) - groups
        group[active] = np.repeat(start, sizes) + inside // settings["group_size"]
        guests = own[(core.status[own] > NEW) & core.in_spring[own]]
        hosts = active[rng.integers(0, len(active), len(guests))]
        navigator[guests], group[guests] = navigator[hosts], group[hosts]
        first += int(groups.sum())
    return navigator, group


def _entry(world: World, rng: np.random.Generator, core: _Core) -> tuple[Array, Array, Array]:
    """(registered, enters the export, date of the year's last status)."""
    year, count = world.year, len(core.status)
    autumn = day(f"{year}-09-02") + np.minimum(rng.gamma(2.0, 4.0, count), 26).astype(
        "timedelta64[D]"
    )
    slack = np.isin([world.profile(t) for t in world.territories], ["close", "lagging"])
    slow = dict(zip(world.territories, slack, strict=True))
    late = rng.random(count) < world.region["pupils"]["late_share"]
    late &= np.array([slow[t] for t in world.territories])[core.territory - 1]
    autumn = np.where(late, random_days(rng, count, f"{year}-10-01", f"{year}-10-18"), autumn)
    is_new, leaves = core.status == NEW, core.status > NEW
    left_on = random_days(rng, count, f"{year}-06-25", f"{year}-09-10")
    spring = np.where(
        is_new,
        random_days(rng, count, f"{year}-01-20", f"{year}-04-26"),
        random_days(rng, count, f"{year}-01-09", f"{year}-01-21"),
    )
    enters = np.where(core.in_spring, spring, np.where(leaves, left_on, autumn))
    # The platform asks everybody again after the classes moved on (item 21).
    again = np.where(
        core.in_spring, random_days(rng, count, f"{year}-09-01", f"{year}-09-06"), autumn
    )
    status_on = np.where(leaves, left_on, np.where(is_new, enters, again))
    first = world.cohorts[0]
    earlier = day(f"{first}-09-01") + (core.cohort - first) * np.timedelta64(365, "D")
    earlier = earlier + rng.integers(0, 110, count).astype("timedelta64[D]")
    return np.where(is_new, enters, earlier), enters, status_on


def _verification(world: World, rng: np.random.Generator, registered: Array) -> tuple[Array, Array]:
    settings, count = world.region["pupils"], len(registered)
    authorised = registered + rng.integers(0, 9, count).astype("timedelta64[D]")
    authorised = moments(rng, authorised, 8, 20)
    authorised[rng.random(count) > settings["authorised_share"]] = NEVER
    later = authorised.astype("datetime64[D]") + rng.integers(1, 11, count).astype("timedelta64[D]")
    verified = moments(rng, later, 8, 20)
    verified[rng.random(count) > settings["verified_share"]] = NEVER
    return authorised, verified


def _consents(
    world: World, rng: np.random.Generator, facts: tuple[Array, Array, Array]
) -> tuple[Array, Array]:
    """(consent status at the year's end, date of the attached scan)."""
    territory, birth, enters = facts
    count, due = len(birth), world.reference.day("consent_scan_due")
    needed = age_reached_on(birth, world.reference.number("consent_age")) > enters
    shares = np.array([world.share("consent_quality", t) for t in world.territories])
    good = rng.random(count) < shares[territory - 1]
    other = rng.choice(
        [MISSING, UNDER_REVIEW, DECLINED, WITHDRAWN], count, p=[0.7, 0.2, 0.07, 0.03]
    )
    consent = np.where(needed, np.where(good, ATTACHED, other), NOT_REQUIRED).astype(np.int8)
    attached = enters + rng.integers(0, 15, count).astype("timedelta64[D]")
    prompt = (rng.random(count) < 0.98) & (enters <= day(due))
    attached = np.where(prompt, np.minimum(attached, day(due)), attached)
    attached[consent != ATTACHED] = NEVER
    return consent, attached


def _originals(world: World, rng: np.random.Generator, consent_on: Array) -> Array:
    """Papers come in over the autumn."""
    autumn = np.maximum(consent_on, day(f"{world.year}-09-02"))
    handed: Array = autumn + rng.integers(0, 75, len(consent_on)).astype("timedelta64[D]")
    return handed


def _moves(
    world: World, rng: np.random.Generator, core: _Core, navigators: Navigators
) -> tuple[Array, Array, Array]:
    """(day of the move, school after it, navigator after it); the last two only for movers."""
    count = len(core.status)
    moves = (rng.random(count) < world.region["pupils"]["mover_share"]) & (core.status <= NEW)
    moved = random_days(rng, count, f"{world.year}-09-20", f"{world.year}-12-10")
    leading = np.flatnonzero(navigators.kind <= 1)
    target = leading[rng.integers(0, len(leading), count)]
    moves &= navigators.territory[target] != core.territory
    moved[~moves] = NEVER
    return moved, navigators.school[target], target


def _re_register(world: World, rng: np.random.Generator, pupils: Pupils) -> Pupils:
    """Some newcomers have an older account: the same person twice (D-42, V-07)."""
    new = np.flatnonzero((pupils.status == NEW) & ~pupils.in_spring)
    old = np.flatnonzero(pupils.status == CONTINUING)
    twins = new[rng.random(len(new)) < world.region["pupils"]["re_registered_share"]]
    models = old[rng.integers(0, len(old), len(twins))]
    fields = ("last", "first", "middle", "birth", "grade_fall", "grade_spring")
    changed = {}
    for name in (*fields, "consent", "consent_on", "original_on"):
        values = getattr(pupils, name).copy()
        values[twins] = values[models]
        changed[name] = values
    return replace(pupils, **changed)


def _schools(world: World, core: _Core, navigators: Navigators, navigator: Array) -> Array:
    """School of each account: its navigator's, without one that of the territory's first."""
    hosts = np.array([navigators.leading(t)[0] for t in world.territories])[core.territory - 1]
    found: Array = navigators.school[np.where(navigator < 0, hosts, navigator)]
    return found


def build_pupils(world: World, navigators: Navigators) -> Pupils:
    """Every account of the year, sorted by territory."""
    rng = world.rng("pupils")
    core = _core(world, rng)
    navigator, group = _attach(world, rng, core, navigators)
    registered, enters, status_on = _entry(world, rng, core)
    birth = birth_dates(rng, core.grade_fall.astype(float), world.rollover)
    names = people(rng, len(core.status), 0.52)
    authorised, verified = _verification(world, rng, registered)
    consent, consent_on = _consents(world, rng, (core.territory, birth, enters))
    moved, new_school, new_navigator = _moves(world, rng, core, navigators)
    letters = np.array(load_yaml("names.yml")["letters"], object)
    pupils = Pupils(
        number=np.arange(1, len(group) + 1),
        territory=core.territory,
        school=_schools(world, core, navigators, navigator),
        navigator=navigator,
        group=group,
        grade_spring=core.grade_spring,
        grade_fall=core.grade_fall,
        letter=letters[np.maximum(group, 0) % len(letters)],
        last=names.last,
        first=names.first,
        middle=names.middle,
        birth=birth,
        cohort=core.cohort,
        registered_on=registered,
        enters_on=enters,
        in_spring=core.in_spring,
        status=core.status,
        status_on=status_on,
        authorised_at=authorised,
        verified_at=verified,
        consent=consent,
        consent_on=consent_on,
        original_on=_originals(world, rng, consent_on),
        moved_on=moved,
        new_school=new_school,
        new_navigator=new_navigator,
    )
    return _re_register(world, rng, pupils)
