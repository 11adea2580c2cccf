"""Working days of the official five-day production calendar (decision Q-05).

What enters: dated flags from the seed `calendar.csv`. What leaves: day arithmetic that fails for
a year nobody has loaded, because a guess of «Monday to Friday» would move legal deadlines.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Mapping
from datetime import date, timedelta


class CalendarYearMissing(Exception):
    """A date lies in a year that the production calendar does not hold."""

    def __init__(self, day: date, years: list[int]) -> None:
        self.day = day
        self.years = years
        super().__init__(
            f"expected the production calendar of {day.year}, found only {years}; "
            f"add the days of {day.year} to dbt_project/seeds/calendar.csv from the decree"
        )


class Calendar:
    """Working-day arithmetic over a loaded calendar."""

    def __init__(self, days: Mapping[date, bool]) -> None:
        """Take every day of each loaded year with its `is_working` flag."""
        self._flags = dict(days)
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

        Raises:
            CalendarYearMissing: the answer lies beyond the loaded years.
        """
        self.is_working(day)
        position = bisect_right(self._working, day) + count - 1
        if position >= len(self._working):
            raise CalendarYearMissing(date(self.years[-1] + 1, 1, 1), self.years)
        return self._working[position]

    def working_days_between(self, start: date, end: date) -> int:
        """Working days in (start, end]; 0 when `end` is not after `start`."""
        self.is_working(start)
        self.is_working(end)
        return max(0, bisect_right(self._working, end) - bisect_right(self._working, start))

    def next_working_day(self, day: date) -> date:
        """`day` itself if it works, else the next day that does: the grace date of Q-03."""
        self.is_working(day)
        position = bisect_left(self._working, day)
        if position == len(self._working):
            raise CalendarYearMissing(day + timedelta(days=1), self.years)
        return self._working[position]
