"""The plan of a day: every letter that would go out, and every one that is held back, with why.

What enters: a day, and the data as it lies. What leaves: a `Plan`; the same plan is shown by a dry
run and sent by a real one.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from desk.letters.compose import Letter, Planned, Surroundings, compose
from desk.letters.config import Config, KindName, load_config
from desk.letters.deadlines import escalations, reminders
from desk.letters.debts import debts
from desk.letters.files import file_notices
from desk.letters.ledger import Ledger, load_ledger
from desk.letters.notices import Debt, Notice, Recipient
from desk.verdicts import checked_runs, newest_verdicts
from ingest.addresses import AddressBook, load_addresses
from ingest.calendar import Calendar
from ingest.contacts import load_contacts
from ingest.orders import nearest_order
from ingest.reference import load_reference
from ingest.settings import Settings

DESK, REPLY_TO = "desk", "reply_to"


@dataclass(frozen=True)
class Asked:
    """Which letters are meant: of a day, of some kinds, to one code; all of them by default."""

    day: date
    kinds: frozenset[KindName] | None = None
    only: str | None = None


@dataclass(frozen=True)
class Held:
    """A letter that does not go out in this pass."""

    letter: Letter
    reason: str  # code of `held` in letters.yml
    detail: str = ""

    @property
    def words(self) -> str:
        """The reason as a human reads it."""
        return load_config().held[self.reason].format(detail=self.detail)


@dataclass(frozen=True)
class Plan:
    """All letters of a day."""

    day: date
    letters: tuple[Planned, ...]
    held: tuple[Held, ...]
    reply_to: tuple[str, ...] = ()
    problems: tuple[str, ...] = ()  # of the address book


def _notices(
    settings: Settings, day: date, kinds: frozenset[KindName]
) -> tuple[list[Notice], list[Debt]]:
    """Everything that could be told on a day, and the debts it rests on."""
    runs = checked_runs(settings)
    found = debts(settings, day, newest_verdicts(runs))
    notices: list[Notice] = []
    if kinds & {"answer", "receipt"}:
        notices += file_notices(settings, day, runs)
    stages = f"{load_reference(nearest_order(day).order_id).parameter('watch_days_wd')}"
    notices += reminders(found, tuple(int(text) for text in stages.split(",")))
    notices += escalations(found)
    return [notice for notice in notices if notice.kind in kinds], found


class _Gate:
    """Lets letters through one by one; what went before counts."""

    def __init__(self, config: Config, ledger: Ledger, book: AddressBook, day: date) -> None:
        self.config, self.ledger, self.book, self.day = config, ledger, book, day
        self.calendar: Calendar = load_reference(nearest_order(day).order_id).calendar
        self.total = ledger.count(day)
        self.passed: Counter[Recipient] = Counter()

    def _cooling_since(self, letter: Letter) -> date | None:
        """Day of the letter of this kind that is too near, if any."""
        last = self.ledger.last(letter.kind, letter.to)
        pause = self.config.kinds[letter.kind].cooling_wd
        if last is None or letter.is_urgent or not pause:
            return None
        return last if self.calendar.working_days_between(last, self.day) < pause else None

    def held(self, letter: Letter) -> Held | None:
        """Why a letter has to wait, or None when it may go; asked once a letter, in their order."""
        addresses = self.book.to(letter.to.code, letter.to.role)
        if not addresses:
            return Held(letter, "address")
        if refusal := self.ledger.refusal(letter, addresses):
            return Held(letter, "refused", refusal)
        is_any_day = self.config.kinds[letter.kind].on_days_off
        if not is_any_day and not self.calendar.is_working(self.day):
            return Held(letter, "day_off")
        if since := self._cooling_since(letter):
            return Held(letter, "cooling", f"{since:%d.%m.%Y}")
        sent = self.ledger.count(self.day, letter.to) + self.passed[letter.to]
        if sent >= self.config.daily_cap:
            return Held(letter, "cap", f"{sent}")
        if self.total >= self.config.total_cap:
            return Held(letter, "total_cap", f"{self.total}")
        self.passed[letter.to] += 1
        self.total += 1
        return None


def _in_order(letters: Iterable[Letter], config: Config) -> list[Letter]:
    """Urgent ones first, then by kind, then by recipient."""
    return sorted(
        letters, key=lambda x: (not x.is_urgent, config.kinds[x.kind].priority, x.to, x.letter_id)
    )


def make_plan(settings: Settings, asked: Asked, config: Config | None = None) -> Plan:
    """What would go out on a day; what came by the day's end is known.

    Args:
        settings: where the data and the ledger lie.
        asked: which letters.
        config: other limits than those of `letters.yml`.
    """
    config, day = config or load_config(), asked.day
    ledger, book = load_ledger(settings), load_addresses(settings)
    notices, found = _notices(settings, day, asked.kinds or frozenset(config.kinds))
    wanted = [notice for notice in notices if asked.only in (None, notice.to.code)]
    fresh = [notice for notice in wanted if notice.notice_id not in ledger.told]
    gate = _Gate(config, ledger, book, day)
    letters: list[Planned] = []
    held: list[Held] = []
    composed = compose(fresh, Surroundings(day, found, config, load_contacts(settings)))
    for letter in _in_order(composed, config):
        if waiting := gate.held(letter):
            held.append(waiting)
        else:
            letters.append(Planned(letter, book.to(letter.to.code, letter.to.role)))
    return Plan(day, tuple(letters), tuple(held), book.to(DESK, REPLY_TO), book.problems)
