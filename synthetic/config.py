"""What the region looks like, as data: `region.yml`, `names.yml`, `defects.yml`.

What enters: YAML beside this module and the order's targets. What leaves: a `World`: sizes, shares
and territories that every other part of the room reads; nothing in it depends on a cut date.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from functools import cache, cached_property
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from ingest.reference import Reference
from ingest.schedule import control_point
from ingest.yaml_files import read_yaml

Array = npt.NDArray[Any]
_FOLDER = Path(__file__).parent
# No territory is empty at a small scale: this many people of each kind stay.
HANDFUL = 4
_LEAP_DAY = (2, 29)
PROFILES = ("leader", "close", "lagging")


class RegionError(Exception):
    """The region's YAML or the arguments do not fit; the message says what was expected."""


@cache
def load_yaml(name: str) -> dict[str, Any]:
    """One YAML file of this room."""
    loaded: dict[str, Any] = read_yaml(_FOLDER / name)
    return loaded


def _moved(value: Any, years: int) -> Any:
    """The same data with every day so many years later; a 29 February stays where it is."""
    if isinstance(value, dict):
        return {key: _moved(item, years) for key, item in value.items()}
    if isinstance(value, list):
        return [_moved(item, years) for item in value]
    if not isinstance(value, date) or (value.month, value.day) == _LEAP_DAY:
        return value
    return value.replace(year=value.year + years)


def day(value: date | str) -> np.datetime64:
    """A day as numpy knows it."""
    return np.datetime64(value, "D")


@dataclass(frozen=True)
class World:
    """The order's reference, the size and the seed; `files` may name other YAML."""

    reference: Reference
    scale: float
    seed: int
    files: tuple[str, str] = ("region.yml", "cases.yml")

    def _of_the_year(self, name: str) -> dict[str, Any]:
        loaded = load_yaml(name)
        years = self.year - int(loaded["year"])
        moved: dict[str, Any] = _moved(loaded, years) if years else loaded
        return moved

    @cached_property
    def region(self) -> dict[str, Any]:
        """Shares, seasons and places of `region.yml`, its days moved into the order's year."""
        return self._of_the_year(self.files[0])

    @cached_property
    def cases(self) -> dict[str, Any]:
        """Planted cases of `cases.yml`, their days moved into the order's year."""
        return self._of_the_year(self.files[1])

    @cached_property
    def rollover(self) -> np.datetime64:
        """The day classes move on."""
        return day(self.reference.day("rollover_date"))

    @cached_property
    def year(self) -> int:
        """The order's year."""
        return int(self.reference.order["year"])

    @cached_property
    def cohorts(self) -> list[int]:
        """Years of first registration of those who continue."""
        first, last = (self.reference.number(f"cohort_{end}_year") for end in ("first", "last"))
        return list(range(first, last + 1))

    def weights(self, shares: list[float]) -> list[float]:
        """Shares of the cohorts, oldest first; other years than the data has share evenly."""
        count = len(self.cohorts)
        return shares if len(shares) == count else [1 / count] * count

    @cached_property
    def territories(self) -> list[int]:
        """Numbers of all territories in the order's table."""
        return [t.territory_id for t in self.reference.territories]

    @cached_property
    def names(self) -> dict[int, str]:
        """The municipality a territory writes: state schools write the one around them."""
        own = {t.territory_id: t.name for t in self.reference.territories}
        return {
            t.territory_id: own[t.parent_territory_id or t.territory_id]
            for t in self.reference.territories
        }

    def due(self, control_id: str) -> np.datetime64:
        """The due day of one of the order's control points."""
        return day(control_point(self.reference, control_id)["due_date"])

    def first_days(self, control_id: str) -> Array:
        """Working days from the order's signing to the due day of a control point."""
        return self.working_days(day(self.reference.order["signed_on"]), self.due(control_id))

    def working_days(self, first: np.datetime64, last: np.datetime64) -> Array:
        """Working days of a span, by the production calendar."""
        works = self.reference.calendar.is_working
        days = np.arange(first, last + 1)
        return np.array([d for d in days if works(d.astype(object))], "datetime64[D]")

    def opens(self, control_id: str) -> np.datetime64:
        """The first day of the period of one of the order's control points."""
        return day(control_point(self.reference, control_id)["period_start"])

    def rng(self, part: str) -> np.random.Generator:
        """Chance of one part of the region; parts do not disturb each other."""
        return np.random.default_rng([self.seed, *part.encode()])

    def profile(self, territory: int) -> str:
        """How well a territory does."""
        named: dict[str, list[int]] = self.region["territories"]
        return next((name for name in PROFILES if territory in named[name]), "steady")

    def share(self, section: str, territory: int) -> float:
        """A share that depends on how well the territory does."""
        return float(self.region[section][self.profile(territory)])

    def factor(self, indicator: str, territory: int) -> float:
        """Part of the target that the territory reaches; its place in the range is fixed."""
        low, high = self.region["performance"][indicator][self.profile(territory)]
        place = (territory * 37 + int(indicator[-1]) * 17) % 100 / 100
        return float(low + (high - low) * place)

    def people(self, territory: int, column: str, indicator: str | None = None) -> int:
        """How many people of a column of the order's table the region has."""
        target = self.reference.targets[(territory, column)]
        factor = self.factor(indicator, territory) if indicator else 1.0
        return round(target * factor * self.scale)
