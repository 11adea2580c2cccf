"""Receipts and answers: what is told of files that came.

What enters: receipts of fresh deliveries, fresh runs with their answers. What leaves: notices; the
answer to a file carries its receipt, so a separate one goes only while no answer is there.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date, timedelta

from desk.letters.config import load_config
from desk.letters.deadlines import WORKING
from desk.letters.notices import Notice, Recipient
from desk.receipts import Receipt, receipts
from desk.verdicts import CheckedRun, FileVerdict, newest_verdicts
from ingest.landing import all_landed
from ingest.settings import MOSCOW, Settings


def fresh_runs(runs: Iterable[CheckedRun], day: date) -> list[CheckedRun]:
    """Runs with answers that somebody still waits for on a day."""
    since = day - timedelta(days=load_config().fresh_days)
    known = [run for run in runs if run.as_of <= day and run.known_at.date() >= since]
    return [run for run in known if run.is_answered]


def _fresh_receipts(settings: Settings, day: date, runs: list[CheckedRun]) -> list[Receipt]:
    since = day - timedelta(days=load_config().fresh_days)
    landed = [
        item
        for item in all_landed(settings)
        if since <= item.received_at.astimezone(MOSCOW).date() <= day
    ]
    return receipts(settings, landed, newest_verdicts(runs))


def _receipt_notice(receipt: Receipt) -> Notice:
    to = Recipient(receipt.sender.code, WORKING)
    return Notice(kind="receipt", to=to, about=(receipt.landed.delivery_id,), receipt=receipt)


def _answer_notice(receipt: Receipt, verdict: FileVerdict) -> Notice:
    """The answer to one file; another run that says the same is no news."""
    told = _receipt_notice(receipt)
    about = (receipt.landed.delivery_id, *verdict.fingerprint)
    return Notice(
        kind="answer",
        to=told.to,
        about=about,
        receipt=receipt,
        run=verdict.run,
        absorbs=(told.notice_id,),
    )


def file_notices(settings: Settings, day: date, runs: list[CheckedRun]) -> Iterator[Notice]:
    """What is to be told of files on a day: of each its answer, or else its receipt.

    Args:
        settings: where the data lies.
        day: files that came after it are not known yet.
        runs: validated runs, the newest last.
    """
    fresh = fresh_runs(runs, day)
    verdicts = newest_verdicts(fresh)
    answered = [item for item in all_landed(settings) if item.delivery_id in verdicts]
    for receipt in receipts(settings, answered, verdicts):
        if receipt.verdict and receipt.landed.received_at.astimezone(MOSCOW).date() <= day:
            yield _answer_notice(receipt, receipt.verdict)
    for receipt in _fresh_receipts(settings, day, fresh):
        # An unread file is nobody's yet; the next pass knows more.
        if receipt.verdict is None and receipt.delivery is not None:
            yield _receipt_notice(receipt)
