"""Working days of the official five-day production calendar (decision Q-05).

What enters: dated flags from the seed `calendar.csv`. What leaves: day arithmetic that fails for
a year nobody has loaded, because a guess of «Monday to Friday» would move legal deadlines.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from calendar import isleap, monthrange
from collections import Counter
from collections.abc import Mapping
from datetime import date


def month_end(period: str) -> date:
    """Last day of a month written `YYYY-MM`."""
    year, month = int(period[:4]), int(period[5:7])
    return date(year, month, monthrange(year, month)[1])


class CalendarYearMissing(Exception):
    """A date lies in a year that the production calendar does not hold."""

    def __init__(self, day: date, years: list[int]) -> None:
        self.day = day
        self.years = years
        super().__init__(
            f"expected the production calendar of {day.year}, found only {years}; "
            f"add the days of {day.year} to dbt_project/seeds/calendar.csv from the decree"
        )


class CalendarYearIncomplete(Exception):
    """A year of the production calendar lacks days: counting over them would be wrong."""

    def __init__(self, year: int, found: int, expected: int) -> None:
        super().__init__(
            f"expected all {expected} days of {year} in the production calendar, found {found}; "
            f"complete the year in dbt_project/seeds/calendar.csv from the decree"
        )


class Calendar:
    """Working-day arithmetic over a loaded calendar."""

    def __init__(self, days: Mapping[date, bool]) -> None:
        """Take every day of each loaded year with its `is_working` flag.

        Raises:
            CalendarYearIncomplete: a year has days missing.
        """
        self._flags = dict(days)
        for year, found in Counter(day.year for day in self._flags).items():
            expected = 366 if isleap(year) else 365
            if found != expected:
                raise CalendarYearIncomplete(year, found, expected)
        self._working = sorted(day for day, works in self._flags.items() if works)
        self.years = sorted({day.year for day in self._flags})

    def is_working(self, day: date) -> bool:
        """Whether `day` is a working day.

        Raises:
            CalendarYearMissing: the year is not loaded.
        """
        try:
            return self._flags[day]
        except KeyError:
            raise CalendarYearMissing(day, self.years) from None

    def add_working_days(self, day: date, count: int) -> date:
        """The `count`-th working day after `day`; the day itself is not counted (Q-04).

        Args:
            day: any loaded day.
            count: 0 gives `day` itself, working or not.

        Raises:
            CalendarYearMissing: the answer lies beyond the loaded years.
        """
        self.is_working(day)
        if count < 0:
            raise ValueError(f"expected a number of working days from 0, found {count}")
        if count == 0:
            return day
        return self._at(bisect_right(self._working, day) + count - 1, day)

    def _at(self, position: int, start: date) -> date:
        """The working day at `position`, if every year on the way to it is loaded."""
        last = self._working[position] if position < len(self._working) else date.max
        for year in range(start.year, last.year + 1):
            if year not in self.years:
                raise CalendarYearMissing(date(year, 1, 1), self.years)
        return last

    def working_days_between(self, start: date, end: date) -> int:
        """Working days in (start, end]; negative when `end` is earlier."""
        self.is_working(start)
        self.is_working(end)
        return bisect_right(self._working, end) - bisect_right(self._working, start)

    def working_days_until(self, start: date, end: date) -> int:
        """How many working days late something done on `end` is, never below 0.

        A day off counts as the working day after it: what was done on the Saturday after the third
        working day is late (Q-04).
        """
        if end <= start:
            return 0
        return self.working_days_between(start, self.next_working_day(end))

    def next_working_day(self, day: date) -> date:
        """`day` itself if it works, else the next day that does: the grace date of Q-03."""
        self.is_working(day)
        return self._at(bisect_left(self._working, day), day)
