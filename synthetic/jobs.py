"""Who sends what and when: one job a file, its rows made only when its turn comes.

What enters: the truth, and a date or a whole year. What leaves: files to write, with moments of
receipt; the order's schedule says what is owed, `region.yml` who is late or silent.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import partial
from typing import Any

import numpy as np
import pyarrow as pa

from ingest.forms import Form, Sender, load_forms
from ingest.schedule import MONTH_END, Duty, duties
from ingest.settings import MOSCOW
from synthetic.campaigns import career_week, media, parents_meetings, turnstile_week
from synthetic.cells import with_cells
from synthetic.config import Array, RegionError, World
from synthetic.cut import Cut, Truth
from synthetic.exports import EXPORTS
from synthetic.exports_places import PLACE_EXPORTS
from synthetic.exports_training import training
from synthetic.files import Outgoing, receipt
from synthetic.lists import coordinators, loyalty, partner_agreements, school_list
from synthetic.municipal import consent_originals, navigator_list, summary_claims
from synthetic.noise import with_slips
from synthetic.registers import REGISTERS
from synthetic.texts import text_table

# Slips of territorial rows are found by place in the file: far apart for each territory.
_ROWS_APART = 100_003
Columns = dict[str, Any]
PLATFORM: dict[str, Callable[[Cut], Columns]] = EXPORTS | PLACE_EXPORTS | {"P11": training}
TERRITORIAL: dict[str, Callable[[Cut, int], Columns]] = {
    "M01": coordinators,
    "M02": school_list,
    "M03": navigator_list,
    "M04": consent_originals,
    "M05": career_week,
    "M06": turnstile_week,
    "M07": partner_agreements,
    "M08": parents_meetings,
    "M09": media,
    "M10": loyalty,
    "M11": summary_claims,
}
# Exports whose rows are records of the truth: their numbers stay the same from date to date.
_NUMBERS: dict[str, Callable[[Cut], Array]] = {
    "P02": lambda cut: cut.truth.navigators.number[cut.navigators],
    "P03": lambda cut: cut.truth.pupils.number[cut.pupils],
    "P04": lambda cut: cut.truth.events.number[cut.events],
    "P05": lambda cut: cut.truth.participations.number[cut.participations],
    "P06": lambda cut: cut.truth.attempts.number[cut.attempts],
}


@dataclass(frozen=True)
class Job:
    """One file to write."""

    file: Outgoing
    columns: Callable[[], Columns]
    numbers: Callable[[], Array] | None = None  # stable number of each record; else its place

    def table(self, world: World) -> pa.Table:
        """Texts of the file, with the slips that people make and the planted ones."""
        columns = self.columns()
        if self.file.is_zero:
            columns = {name: values[:0] for name, values in columns.items()}
        is_filled_in = self.file.form.sender is not Sender.PLATFORM
        table = text_table(self.file.form, self.file.layout, columns, as_serial=is_filled_in)
        if self.numbers is not None:
            identity = self.numbers()
        else:
            identity = np.arange(table.num_rows) + self.file.territory * _ROWS_APART
        table = with_slips(world, self.file.form.code, table, identity)
        return with_cells(world, self.file, table)


def _maker(code: str, makers: dict[str, Any]) -> Any:
    if code not in makers:
        raise RegionError(f"form {code}: the region cannot make it; add it to synthetic/jobs.py")
    return makers[code]


@dataclass(frozen=True)
class Office:
    """Makes the jobs of all senders; a day is cut out of the truth once."""

    truth: Truth

    @property
    def world(self) -> World:
        """The region's sizes and shares."""
        return self.truth.world

    def platform(self, form: Form, as_of: date) -> Job:
        """An export of a date."""
        cut, maker = self.truth.cut(as_of), _maker(form.code, PLATFORM)
        moment = receipt(
            self.world, as_of, self.world.region["receipts"]["platform"], int(form.code[1:])
        )
        numbers = _NUMBERS.get(form.code)
        return Job(
            Outgoing(form, 0, as_of, moment),
            partial(maker, cut),
            partial(numbers, cut) if numbers else None,
        )

    def operator(self, form: Form, on: date) -> Job:
        """A register of the operator; what it holds is known on the evening it is sent."""
        lag = self.world.region["receipts"]["operator"]
        moment = receipt(self.world, on, lag, int(form.code[1:]))
        known = self.truth.cut(moment.date() if form.code == "K06" else on)
        return Job(Outgoing(form, 0, on, moment), partial(_maker(form.code, REGISTERS), known))

    def territories(self, form: Form, duty: Duty) -> Iterator[Job]:
        """A form of all territories that owe it."""
        named, maker = self.world.region["territories"], _maker(form.code, TERRITORIAL)
        silent, empty = named["silent"].get(form.code, ()), named["zero_report"].get(form.code, ())
        cut = self.truth.cut(duty.content_on)
        for territory in self.world.territories:
            owes = duty.is_owed_by(self.world.reference.territory(territory))
            if territory in silent or not owes:
                continue
            moment = self._receipt(form, duty, territory)
            file = Outgoing(form, territory, duty.content_on, moment, is_zero=territory in empty)
            yield Job(file, partial(maker, cut, territory))

    def _receipt(self, form: Form, duty: Duty, territory: int) -> datetime:
        """Monthly files and reports come after their month, lists before their day."""
        settings, named = self.world.region["receipts"], self.world.region["territories"]
        is_late = territory in named["late"].get(form.code, ())
        if (duty.due_on > duty.content_on and form.kind == "period") or duty.rule == MONTH_END:
            lags = settings["late"] if is_late else settings["territory"]
            day = duty.content_on
            if is_late and duty.rule != MONTH_END:
                day = duty.due_on
            return receipt(self.world, day, lags[territory % len(lags)], territory)
        calendar = self.world.reference.calendar
        if is_late:
            day = calendar.add_working_days(duty.due_on, settings["list_late"])
        else:
            signed = date.fromisoformat(self.world.reference.order["signed_on"])
            first = max(duty.content_on - timedelta(days=settings["list_days"]), signed)
            span = (duty.content_on - first).days
            day = calendar.next_working_day(first + timedelta(days=territory * 5 % (span + 1)))
        hour = 9 + territory % 8
        return datetime(day.year, day.month, day.day, hour, territory % 60, tzinfo=MOSCOW)


def last_closed_month(as_of: date) -> date:
    """Last day of the month that is over on `as_of`: the day itself at a month's end."""
    if (as_of + timedelta(days=1)).day == 1:
        return as_of
    return as_of.replace(day=1) - timedelta(days=1)


def _of_duty(office: Office, form: Form, duty: Duty) -> Iterator[Job]:
    if form.sender is Sender.PLATFORM:
        yield office.platform(form, duty.content_on)
    elif form.sender is Sender.OPERATOR:
        yield office.operator(form, duty.content_on)
    else:
        yield from office.territories(form, duty)


def _on_request(office: Office, first: date, last: date) -> Iterator[Job]:
    for code, days in office.world.region["operator"]["on_request"].items():
        for on in days:
            if first <= on <= last:
                yield office.operator(load_forms()[code], on)


def jobs(truth: Truth, as_of: date) -> list[Job]:
    """All files that a run of a date needs, biggest first; silent territories send nothing.

    Every platform form that has begun comes as of the date itself; of monthly forms the last closed
    month; lists with a day of their own once that day has come.
    """
    office, month, forms = Office(truth), last_closed_month(as_of), load_forms()
    scheduled = duties(truth.world.reference)
    opening = min(duty.period for duty in scheduled)
    found: list[Job] = []
    for code, form in forms.items():
        own = [duty for duty in scheduled if duty.form_code == code]
        if form.sender is Sender.PLATFORM:
            begun = [d for d in own if d.content_on <= as_of or d.period == opening]
            found += [office.platform(form, as_of)] if begun else []
            continue
        for duty in own:
            is_now = (
                duty.content_on == month if duty.rule == MONTH_END else duty.content_on <= as_of
            )
            found += _of_duty(office, form, duty) if is_now else []
    newest: dict[str, Job] = {
        job.file.form.code: job for job in _on_request(office, date.min, as_of)
    }
    return _biggest_first([*found, *newest.values()])


def jobs_of_year(truth: Truth, first: date, last: date) -> list[Job]:
    """Every scheduled file with content from `first` to `last`, each once, by date of content."""
    office, forms = Office(truth), load_forms()
    found = [
        job
        for duty in duties(truth.world.reference)
        if first <= duty.content_on <= last
        for job in _of_duty(office, forms[duty.form_code], duty)
    ]
    return _biggest_first([*found, *_on_request(office, first, last)])


def _biggest_first(found: list[Job]) -> list[Job]:
    # Two workers end together only if the long files start early.
    return sorted(found, key=lambda job: job.file.form.code not in {"P03", "P05"})
