"""The answer to a file minutes after it came, long before the run of its date.

What enters: deliveries that were landed and read. What leaves: one record a delivery and, where
something has to be mended, the marked workbook in `returned/arrivals/<sender>/`. The verdict is
that of `bvb check`: rules that need other files are left to the run.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from desk.marks import is_worth_marking, marked
from desk.receipts import number_of
from desk.returned import folder_of, is_returned
from desk.told import told_of
from expectations.check import FileVerdict, Given, check_given
from expectations.protocol import sender_key
from ingest.contacts import load_contacts
from ingest.decisions import load_decisions
from ingest.deliveries import Delivery, Landed, load_delivery, write_atomically
from ingest.forms import load_forms
from ingest.landing import all_landed, landed_bytes
from ingest.settings import Settings

FRESH = timedelta(days=3)  # what came before is the business of runs and their answers
MOST = 100  # files of one pass: the rest waits for the next one


@dataclass(frozen=True)
class Arrivals:
    """What one pass did; counts only."""

    answered: int
    marked: int
    waiting: int


def _record_path(settings: Settings, delivery_id: str) -> Path:
    return settings.outcomes / "arrivals" / f"{delivery_id}.json"


def _pending(settings: Settings, now: datetime) -> Iterator[tuple[Landed, Delivery]]:
    for landed in all_landed(settings):
        if landed.landed_at < now - FRESH or _record_path(settings, landed.delivery_id).exists():
            continue
        delivery = load_delivery(settings, landed.delivery_id)
        if delivery is not None and is_returned(delivery) and not delivery.is_unpacked:
            yield landed, delivery


def _row(delivery: Delivery) -> dict[str, object]:
    """What names a delivery's sender, as a run's table does."""
    return {
        "delivery_id": delivery.delivery_id,
        "form_code": delivery.form_code,
        "sender_territory_id": delivery.sender_territory_id,
    }


def _answer(settings: Settings, landed: Landed, delivery: Delivery) -> FileVerdict:
    data = landed_bytes(settings, landed)
    given = Given(Path(landed.folder) / landed.file_name, data)
    # Judged as of its receipt: asked again a week later, the answer is the same.
    decisions = load_decisions(settings, landed.received_at)
    verdict = check_given([given], landed.received_at, decisions)[0]
    if is_worth_marking(verdict.findings):
        told = told_of(verdict, landed.received_at, load_contacts(settings))
        made = marked(data, told, landed.received_at)
        code = sender_key(_row(delivery), load_forms()).code
        folder = folder_of(settings.returned / "arrivals" / code, delivery.form_code)
        name = f"{Path(made.name).stem}__{number_of(landed.delivery_id)[:9]}.xlsx"
        write_atomically(folder / name, made.data)
    return verdict


def answer_arrivals(settings: Settings, now: datetime) -> Arrivals:
    """Answer every fresh delivery that has no answer yet; again changes nothing.

    Args:
        settings: where landed and read files lie.
        now: the moment of the pass, aware.

    Raises:
        DiskFull: there is no room for an answer; those written so far stay.
    """
    pending = list(_pending(settings, now))
    with_marks = 0
    for landed, delivery in pending[:MOST]:
        verdict = _answer(settings, landed, delivery)
        with_marks += is_worth_marking(verdict.findings)
        record = {"status": f"{verdict.status}", "n_findings": len(verdict.findings)}
        path = _record_path(settings, landed.delivery_id)
        # The record comes last: a pass that dies before it is repeated.
        write_atomically(path, json.dumps(record, sort_keys=True).encode())
    return Arrivals(len(pending[:MOST]), with_marks, len(pending[MOST:]))
