"""Schools of the region: as many as column c3 says, state schools inside municipalities.

What enters: the world. What leaves: arrays, one school a position, sorted by territory.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from synthetic.config import Array, World
from synthetic.people import MAIL_DOMAIN, is_missing, moments, people, random_days

_INN_WEIGHTS = (2, 4, 10, 3, 5, 9, 4, 6, 8)


@dataclass(frozen=True)
class Schools:
    """Truth about schools; `number` is the school's number inside its territory."""

    territory: Array
    code: Array  # platform id
    inn: Array
    ogrn: Array
    full_name: Array
    short_name: Array
    municipality: Array
    is_state: Array
    is_pending: Array
    first_year: Array
    included_on: Array
    administrator: Array
    email: Array
    updated_at: Array

    def of(self, territory: int) -> Array:
        """Positions of a territory's schools."""
        return np.flatnonzero(self.territory == territory)


def inn_of(base: int) -> str:
    """A taxpayer number of ten digits with its check digit, from nine digits."""
    digits = f"{base:09d}"
    check = sum(w * int(d) for w, d in zip(_INN_WEIGHTS, digits, strict=True)) % 11 % 10
    return f"{digits}{check}"


def ogrn_of(base: int) -> str:
    """A registration number of thirteen digits with its check digit, from twelve."""
    return f"{base:012d}{base % 11 % 10}"


def _municipal_names(world: World, rng: np.random.Generator, number: int) -> tuple[str, str]:
    settings = world.region["schools"]
    weights = [kind["weight"] for kind in settings["kinds"]]
    kind = settings["kinds"][rng.choice(len(weights), p=np.array(weights) / sum(weights))]
    full, short = kind["full"].format(n=number), kind["short"].format(n=number)
    if rng.random() < settings["named_share"]:
        named = settings["named_after"][rng.integers(len(settings["named_after"]))]
        full = f"{full} имени {named}"
    return full, short


def _state_names(world: World, territory: int) -> tuple[str, str]:
    prefix = world.region["schools"]["legal_prefix"]
    full = next(
        alias.text
        for alias in world.reference.aliases
        if alias.territory_id == territory and alias.text.startswith(prefix)
    )
    return full, world.reference.territory(territory).name


def _municipality(world: World, rng: np.random.Generator, territory: int) -> str:
    """Mostly the order's name, sometimes another one that everybody uses."""
    settings = world.region["schools"]
    aliases = [
        a.text
        for a in world.reference.aliases
        if a.territory_id == territory
        and a.kind == "municipality"
        and settings["alias_not_yet_valid"] not in a.text.lower()
    ]
    if aliases and rng.random() < settings["alias_share"]:
        return aliases[rng.integers(len(aliases))]
    return world.names[territory]


def _row(world: World, rng: np.random.Generator, territory: int, number: int) -> dict[str, Any]:
    is_state = world.reference.territory(territory).kind == "state_school"
    if is_state:
        full, short = _state_names(world, territory)
    else:
        full, short = _municipal_names(world, rng, number)
    base = territory * 1000 + number
    return {
        "territory": territory,
        "code": f"S{territory:02d}{number:03d}",
        "inn": inn_of(500_000_000 + base * 17),
        "ogrn": ogrn_of(102_500_000_000 + base * 1013),
        "full_name": full,
        "short_name": short,
        "municipality": world.names[territory]
        if is_state
        else _municipality(world, rng, territory),
        "is_state": is_state,
        "email": f"school{base}@{MAIL_DOMAIN}",
    }


def build_schools(world: World) -> Schools:
    """All schools of the 66 territories; their number does not depend on the scale."""
    rng = world.rng("schools")
    rows = [
        _row(world, rng, territory, number)
        for territory in world.territories
        for number in range(1, world.reference.targets[(territory, "c3")] + 1)
    ]
    count = len(rows)
    texts = {key: np.array([row[key] for row in rows], object) for key in rows[0]}
    heads = people(rng, count, 0.8)
    new, shares = (world.region["schools"][key] for key in ("new_share", "first_year_shares"))
    weights = [*(share * (1 - new) for share in world.weights(shares)), new]
    years = rng.choice([*world.cohorts, world.year], count, p=weights)
    included = random_days(rng, count, f"{world.year}-01-10", f"{world.year}-01-22")
    pending = rng.random(count) < world.region["schools"]["pending_share"]
    return Schools(
        **(texts | {"territory": texts["territory"].astype(np.int32)}),
        is_pending=pending & ~texts["is_state"].astype(bool),
        first_year=years,
        included_on=included,
        administrator=heads.last
        + " "
        + heads.first
        + " "
        + np.where(is_missing(heads.middle), "", heads.middle),
        updated_at=moments(rng, included + np.timedelta64(1, "D"), 8, 20),
    )
