"""Reminders before a deadline to those who owe, word to others after it.

What enters: debts of a day. What leaves: notices. A stage that was missed (a day off, a limit) is
told on the next pass with the days that are left then; a stage is told once.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from desk.letters.config import Step, load_config
from desk.letters.notices import Debt, Notice, Recipient

WORKING = "coordinator"  # role of whoever does the work


def _stage(debt: Debt, stages: Iterable[int]) -> int | None:
    """The last stage before the deadline that has begun; None when none has, or all is over."""
    begun = [stage for stage in stages if 0 <= debt.left <= stage]
    return min(begun, default=None)


def reminders(found: Iterable[Debt], stages: tuple[int, ...]) -> Iterator[Notice]:
    """What is due in so many working days, for whoever owes it.

    Args:
        found: open debts.
        stages: working days before a deadline, for example (10, 3, 0).
    """
    for debt in found:
        stage = _stage(debt, stages)
        if stage is not None:
            yield Notice(
                kind="reminder",
                to=Recipient(debt.debtor, WORKING),
                about=(*debt.key, f"{stage}"),
                debt=debt,
                is_urgent=debt.left == 0,
            )


def _addressee(debt: Debt, step: Step) -> Recipient | None:
    """Whom a step tells; nobody is told of her own debt."""
    to = Recipient(debt.debtor if step.to == "sender" else step.to, step.role)
    return None if to == Recipient(debt.debtor, WORKING) else to


def escalations(found: Iterable[Debt]) -> Iterator[Notice]:
    """What was not done in time, for those whom the steps of `letters.yml` name."""
    rules = load_config().escalation
    for debt in found:
        for number, step in enumerate(rules.steps):
            to = _addressee(debt, step)
            if to and step.after_wd <= -debt.left <= rules.forget_wd:
                about = (*debt.key, debt.debtor, f"{number}")
                yield Notice(kind=step.kind, to=to, about=about, debt=debt)
