"""What is true on a date: the year's truth, cut.

What enters: the truth and a day. What leaves: masks and the state of each row on that day, which
only grow and change forward; so the file of October continues the one of September.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from functools import cached_property

import numpy as np

from synthetic.config import Array, World
from synthetic.diagnostics import Attempts, build_attempts
from synthetic.events import ATTENDED, ENROLLED, Events, Participations, build_events, kinds
from synthetic.navigators import NEW as NEW_NAVIGATOR
from synthetic.navigators import Navigators, build_navigators
from synthetic.pupils import CONTINUING, NEW, Pupils, build_pupils
from synthetic.schools import Schools, build_schools
from synthetic.training import Courses, build_courses


@dataclass(frozen=True)
class Truth:
    """Everything that happens in the region in the order's year."""

    world: World
    schools: Schools
    navigators: Navigators
    pupils: Pupils
    events: Events
    participations: Participations
    attempts: Attempts
    courses: Courses

    @cached_property
    def wants_agreement(self) -> Array:
        """Which schools ask the operator for an agreement."""
        share = self.world.region["campaigns"]["agreement_requested_share"]
        wants: Array = self.world.rng("agreements").random(len(self.schools.code)) < share
        return wants

    @cached_property
    def representatives(self) -> Array:
        """For every account the one whose first name and patronymic its mother has."""
        middles = self.pupils.middle
        women = np.flatnonzero([bool(name) and name.endswith("на") for name in middles])
        return self.world.rng("representatives").choice(women, len(middles))

    @cached_property
    def _cuts(self) -> dict[np.datetime64, Cut]:
        return {}

    def cut(self, on: date | np.datetime64) -> Cut:
        """The truth on the evening of a day; what is counted of it once is kept."""
        if isinstance(on, date):
            on = np.datetime64(on, "D")
        if on not in self._cuts:
            self._cuts[on] = Cut(self, on)
        return self._cuts[on]


def build_truth(world: World) -> Truth:
    """The whole year by seed; does not depend on any cut date."""
    schools = build_schools(world)
    navigators = build_navigators(world, schools)
    pupils = build_pupils(world, navigators)
    events, participations = build_events(world, navigators, pupils)
    attempts = build_attempts(world, pupils)
    courses = build_courses(world, schools, navigators)
    return Truth(world, schools, navigators, pupils, events, participations, attempts, courses)


@dataclass(frozen=True)
class Cut:
    """The truth on the evening of a day."""

    truth: Truth
    on: np.datetime64

    @cached_property
    def month_before(self) -> Cut:
        """The truth at the end of the month before."""
        first = self.on.astype("datetime64[M]").astype("datetime64[D]")
        return self.truth.cut(first - 1)

    @cached_property
    def navigators(self) -> Array:
        """Positions of registered navigators."""
        return np.flatnonzero(self.truth.navigators.registered_on <= self.on)

    @cached_property
    def pupils(self) -> Array:
        """Positions of accounts that have a status of the order's year."""
        return np.flatnonzero(self.truth.pupils.enters_on <= self.on)

    @cached_property
    def has_moved(self) -> Array:
        """Which accounts are already at their new school."""
        moved: Array = self.truth.pupils.moved_on <= self.on
        return moved

    @cached_property
    def status(self) -> Array:
        """Status of every account; before its last one an account of earlier years continues."""
        pupils = self.truth.pupils
        return np.where(
            pupils.status_on <= self.on, pupils.status, np.minimum(pupils.status, CONTINUING)
        )

    @cached_property
    def status_on(self) -> Array:
        """Since when the status holds."""
        pupils = self.truth.pupils
        return np.where(pupils.status_on <= self.on, pupils.status_on, pupils.enters_on)

    @cached_property
    def school(self) -> Array:
        """School of every account."""
        return np.where(self.has_moved, self.truth.pupils.new_school, self.truth.pupils.school)

    @cached_property
    def navigator(self) -> Array:
        """Navigator of every account, -1 for none: leavers are let go, unknown ones not shown."""
        pupils = self.truth.pupils
        found = np.where(self.has_moved, pupils.new_navigator, pupils.navigator)
        known = self.truth.navigators.registered_on[found] <= self.on
        return np.where(known & (found >= 0) & (self.status <= NEW), found, -1)

    @cached_property
    def events(self) -> Array:
        """Positions of published events: the export shows an event once it is published."""
        events = self.truth.events
        return np.flatnonzero(events.published_at.astype("datetime64[D]") <= self.on)

    @cached_property
    def _is_shown(self) -> Array:
        shown = np.zeros(len(self.truth.events.number), bool)
        shown[self.events] = True
        return shown

    @cached_property
    def participations(self) -> Array:
        """Positions of records in shown events, once they are made."""
        records = self.truth.participations
        held = self.truth.events.held_on[records.event]
        made = held - records.lead_days.astype("timedelta64[D]") <= self.on
        return np.flatnonzero(self._is_shown[records.event] & made)

    @cached_property
    def participation_status(self) -> Array:
        """Status of each shown record: nobody has attended what is still to come."""
        records = self.truth.participations
        held = self.truth.events.held_on[records.event[self.participations]]
        return np.where(held > self.on, ENROLLED, records.status[self.participations])

    @cached_property
    def attempts(self) -> Array:
        """Positions of attempts that have appeared."""
        return np.flatnonzero(self.truth.attempts.opened_at.astype("datetime64[D]") <= self.on)

    def school_at(self, pupil: Array, when: Array) -> Array:
        """School of accounts on given days."""
        pupils = self.truth.pupils
        moved = pupils.moved_on[pupil] <= when
        return np.where(moved, pupils.new_school[pupil], pupils.school[pupil])

    def grade_at(self, pupil: Array, when: Array) -> Array:
        """Class of accounts on given days."""
        pupils = self.truth.pupils
        spring = when < self.truth.world.rollover
        return np.where(spring, pupils.grade_spring[pupil], pupils.grade_fall[pupil])

    @cached_property
    def active_navigators(self) -> Array:
        """Positions of navigators who work on the day."""
        gone = self.truth.navigators.gone_on[self.navigators] <= self.on
        return self.navigators[~gone]

    @cached_property
    def counts(self) -> dict[str, Array]:
        """Facts I-1 … I-6 by territory number (position 0 stays empty)."""
        truth, size = self.truth, max(self.truth.world.territories) + 1
        people, active = truth.navigators, self.active_navigators
        confirmed = people.confirmed_on[active] <= self.on
        older = (people.kind[active] != NEW_NAVIGATOR) & confirmed
        newer = people.kind[active] == NEW_NAVIGATOR
        status, home = self.status[self.pupils], truth.schools.territory[self.school[self.pupils]]
        facts = {
            "I-1": np.bincount(people.territory[active[older]], minlength=size),
            "I-2": np.bincount(people.territory[active[newer]], minlength=size),
            "I-3": np.bincount(home[status == CONTINUING], minlength=size),
            "I-4": np.bincount(home[status == NEW], minlength=size),
        }
        return facts | {
            "I-5": self._visitors("trial_venue", size),
            "I-6": self._visitors("partner_venue", size),
        }

    def _visitors(self, place: str, size: int) -> Array:
        truth = self.truth
        wanted = np.array([k["place"] == place for k in kinds(truth.world)])
        event = truth.participations.event[self.participations]
        pupil = truth.participations.pupil[self.participations]
        held = truth.events.held_on[event]
        counts = wanted[truth.events.kind[event]] & (self.participation_status == ATTENDED)
        counts &= held <= np.datetime64(truth.world.reference.day("fact_to"))
        home = truth.schools.territory[self.school_at(pupil[counts], held[counts])]
        pairs = np.unique(np.stack([home, pupil[counts]]), axis=1)
        return np.bincount(pairs[0], minlength=size)
