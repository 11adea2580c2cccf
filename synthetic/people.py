"""Names, birth dates and addresses of people who do not exist.

What enters: how many, and chance. What leaves: arrays of one length.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from itertools import chain
from typing import Any

import numpy as np

from synthetic.config import Array, day, load_yaml

_FEMININE = {"ский": "ская", "цкий": "цкая", "ый": "ая", "ой": "ая"}
_DECLINED = ("ов", "ев", "ёв", "ин", "ын")
_DAYS_OF_YEAR = 365.25
MAIL_DOMAIN = "edu.example.ru"
SITE = f"https://{MAIL_DOMAIN}"


@dataclass(frozen=True)
class People:
    """Names in the nominative, one person a position."""

    last: Array
    first: Array
    middle: Array
    latin: Array  # surname in Latin letters, for addresses


def feminine(surname: str) -> str:
    """The feminine form of a surname; those that do not change stay."""
    for ending, other in _FEMININE.items():
        if surname.endswith(ending):
            return surname.removesuffix(ending) + other
    return surname + "а" if surname.endswith(_DECLINED) else surname


def _latin(word: str) -> str:
    letters: dict[str, str] = load_yaml("names.yml")["transliteration"]
    return "".join(letters.get(c, c) for c in word.lower())


@cache
def _tables() -> dict[str, tuple[Array, Array]]:
    """(masculine, feminine) words by part of the name."""
    names: dict[str, Any] = load_yaml("names.yml")
    surnames = list(chain.from_iterable(names["surnames"]))
    fathers = names["patronymics"]
    pairs = {
        "last": (surnames, [feminine(s) for s in surnames]),
        "first": (
            list(chain.from_iterable(names["first_names_male"])),
            list(chain.from_iterable(names["first_names_female"])),
        ),
        "middle": ([f[0] for f in fathers], [f[1] for f in fathers]),
        "latin": ([_latin(s) for s in surnames], [_latin(feminine(s)) for s in surnames]),
    }
    return {k: (np.array(m, object), np.array(f, object)) for k, (m, f) in pairs.items()}


def _skewed(rng: np.random.Generator, count: int, size: int) -> Array:
    """Positions in a list of `size`, the first ones more often."""
    places: Array = np.minimum((rng.random(count) ** 1.6 * size).astype(np.int32), size - 1)
    return places


def people(rng: np.random.Generator, count: int, female_share: float) -> People:
    """`count` invented names; one in eighty has no patronymic (D-39)."""
    female = rng.random(count) < female_share
    tables = _tables()
    last = _skewed(rng, count, len(tables["last"][0]))

    def pick(part: str, place: Array) -> Array:
        male, women = tables[part]
        words: Array = np.where(female, women[place % len(women)], male[place % len(male)])
        return words

    middle = pick("middle", _skewed(rng, count, len(tables["middle"][0])))
    middle[rng.random(count) < 1 / 80] = None
    first = pick("first", _skewed(rng, count, 44))
    return People(pick("last", last), first, middle, pick("latin", last))


def birth_dates(rng: np.random.Generator, grade: Array, rollover: np.datetime64) -> Array:
    """Birth dates of pupils who are in `grade` on the day classes move on."""
    age = (grade + 6.5) * _DAYS_OF_YEAR + rng.uniform(-215, 215, len(grade))
    born: Array = rollover - age.astype("timedelta64[D]")
    return born


def age_reached_on(birth: Array, age: int) -> Array:
    """The day an age is reached; born on 29 February reach it on 1 March (Q-08)."""
    months = birth.astype("datetime64[M]")
    in_month = (birth - months.astype("datetime64[D]")).astype(int)
    # Adding days to the first of the month turns 29.02 of a common year into 01.03.
    reached: Array = (months + age * 12).astype("datetime64[D]") + in_month
    return reached


def is_missing(words: Array) -> Array:
    """Where an array of words holds None."""
    return np.array([word is None for word in words], bool)


def random_days(rng: np.random.Generator, count: int, first: Any, last: Any) -> Array:
    """Days from `first` to `last`, both included."""
    start = day(first)
    span = (day(last) - start).astype(int) + 1
    chosen: Array = start + rng.integers(0, span, count).astype("timedelta64[D]")
    return chosen


def moments(rng: np.random.Generator, days: Array, first_hour: int, last_hour: int) -> Array:
    """A moment of each day between two hours, by the minute; NaT stays NaT."""
    minutes = rng.integers(first_hour * 60, last_hour * 60, len(days))
    at: Array = days.astype("datetime64[m]") + minutes.astype("timedelta64[m]")
    return at


def full_names(last: Array, first: Array, middle: Array) -> list[str]:
    """Surname, first name and patronymic as one text each."""
    return [" ".join(filter(None, parts)) for parts in zip(last, first, middle, strict=True)]
