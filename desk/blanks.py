"""Blanks: the template of each form for each sender and date, filled in as far as it is known.

What enters: the forms, the order's schedule and what was accepted last. What leaves: an .xlsx a
form and sender; the same bytes for the same inputs. A new form needs no line here.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from pathlib import Path

from desk.blank_source import Known, LastAccepted
from desk.blank_words import blank_words
from ingest.deliveries import write_atomically
from ingest.forms import Column, Form, FormVersion, Sender, load_forms
from ingest.orders import reference_at
from ingest.reference import Reference
from ingest.routing import canonical_stem
from ingest.schedule import Duty, duties
from ingest.settings import Settings
from ingest.stamp import Stamp, stamp_of
from reports.formats import month


class NoBlank(Exception):
    """A form that nobody fills in, or one that this sender never sends."""


@dataclass(frozen=True)
class Blank:
    """One template: for whom, for when, and what is filled in beforehand."""

    form: Form
    territory_id: int  # 0: the operator
    as_of: date
    reference: Reference
    due_on: date | None = None  # None: no date of the order asks for it
    schools: tuple[str, ...] = ()
    known: Known = field(default_factory=Known)

    @cached_property
    def version(self) -> FormVersion:
        """The layout valid on the date."""
        return self.form.version_at(self.as_of)

    @property
    def stamp(self) -> Stamp:
        """What the reader knows the template by."""
        return stamp_of(self.form, self.version, self.territory_id, self.as_of)

    @property
    def sender(self) -> str:
        """Who fills it in."""
        if not self.territory_id:
            return blank_words().guide.operator
        return self.reference.territory(self.territory_id).name

    @property
    def when(self) -> str:
        """The month of a report, the day of a list."""
        return f"{self.as_of:%Y-%m}" if self.form.kind == "period" else f"{self.as_of:%d.%m.%Y}"

    @property
    def shown_when(self) -> str:
        """The same in words."""
        is_month = self.form.kind == "period"
        return f"{month(self.when)} {self.as_of.year} г." if is_month else self.when

    @property
    def path(self) -> Path:
        """Folder of the sender and canonical name."""
        place = f"T{self.territory_id:02d}" if self.territory_id else blank_words().operator_folder
        return Path(place) / f"{canonical_stem(self.form, self.territory_id, self.as_of)}.xlsx"

    @cached_property
    def listed(self) -> tuple[Column, tuple[str, ...]] | None:
        """The key that comes filled in, and its words: a row for each of them."""
        key = self.form.listed_key(self.version)
        if key is None:
            return None
        words = tuple(key.choices.values()) or self.schools
        return (key, words) if words else None


def territory_blanks(territory_id: int) -> list[Form]:
    """Forms that a territory fills in; those of the operator for 0."""
    sender = Sender.TERRITORY if territory_id else Sender.OPERATOR
    return [form for form in load_forms().values() if form.sender is sender]


def _is_of(duty: Duty, form: Form, as_of: date) -> bool:
    """Whether a duty is what a blank of the date serves: its month's report, or a list by now."""
    if form.kind == "period":
        return duty.period == f"{as_of:%Y-%m}"
    return duty.content_on <= as_of or duty.period == f"{as_of:%Y-%m}"


def newest_duty(form: Form, territory_id: int, as_of: date, reference: Reference) -> Duty | None:
    """The newest duty that a blank of the date serves."""
    owed = [
        duty
        for duty in duties(reference)
        if duty.form_code == form.code
        and _is_of(duty, form, as_of)
        and (not territory_id or duty.is_owed_by(reference.territory(territory_id)))
    ]
    return max(owed, key=lambda duty: duty.content_on, default=None)


class Blanks:
    """Makes the templates of one date."""

    def __init__(self, settings: Settings, as_of: date) -> None:
        """Open what was accepted up to the date.

        Raises:
            AsOfOutsideOrder: no order is in force on the date.
        """
        self.as_of = as_of
        self.reference = reference_at(as_of)
        self._accepted = LastAccepted(settings, as_of)

    def one(self, form_code: str, territory_id: int) -> Blank:
        """The template of a form for a sender; 0 is the operator.

        Raises:
            NoBlank: there is no such form, or the sender is another one.
            SeedMissing: the order has no such territory.
        """
        known = [form.code for form in territory_blanks(territory_id)]
        if form_code not in known:
            who = f"territory {territory_id}" if territory_id else "the operator"
            raise NoBlank(
                f"expected a form of {who} ({', '.join(known)}), found {form_code!r}; "
                "exports of the platform have no template"
            )
        form = load_forms()[form_code]
        duty = newest_duty(form, territory_id, self.as_of, self.reference)
        return self._filled(form, territory_id, duty)

    def owed(self, form_codes: Iterable[str], territory_ids: Iterable[int]) -> Iterator[Blank]:
        """Templates of what the senders owe on the date, out of some forms.

        A list that has been asked for once is kept up to date, so its template is in every set; a
        report is in the set of its own month.
        """
        wanted = set(form_codes)
        for territory_id in territory_ids:
            for form in territory_blanks(territory_id):
                duty = newest_duty(form, territory_id, self.as_of, self.reference)
                if form.code in wanted and duty is not None:
                    yield self._filled(form, territory_id, duty)

    def _filled(self, form: Form, territory_id: int, duty: Duty | None) -> Blank:
        return Blank(
            form=form,
            territory_id=territory_id,
            as_of=self.as_of,
            reference=self.reference,
            due_on=duty.due_on if duty else None,
            schools=self._accepted.schools(territory_id),
            known=self._accepted.rows(form, territory_id),
        )


def write_blank(blank: Blank, out: Path) -> Path:
    """Write a template into its sender's folder below `out`.

    Raises:
        DiskFull: no room was left.
    """
    from desk.blank_book import blank_bytes

    path = out / blank.path
    write_atomically(path, blank_bytes(blank))
    return path
