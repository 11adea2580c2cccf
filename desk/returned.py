"""Marked workbooks of a run: each sender's own files with what was found in them.

What enters: a validated run whose answers are written. What leaves: `Проверено__….xlsx` beside the
answer; files with children's names go to the folder below, which no letter takes along.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import fields
from pathlib import Path

from desk.marks import Marked, is_worth_marking, marked
from desk.told import Told
from expectations.protocol import sender_key, todo_of
from expectations.run_tables import Row, RunTables
from expectations.scan import RowCounts
from expectations.split import Finding
from expectations.verdicts import window_of
from ingest.contacts import load_contacts
from ingest.deliveries import Delivery, Status, load_delivery, write_atomically
from ingest.forms import Sender, load_forms
from ingest.landing import landed_bytes, load_landed
from ingest.runs import RunContext

CLOSED = "личные данные"  # a folder of the restricted layer: handed over, never mailed
_SETTLED = {Status.DUPLICATE, Status.SUPERSEDED}
_FIELDS = tuple(field.name for field in fields(Finding))


def is_returned(delivery: Delivery) -> bool:
    """Exports of the platform are mended on the platform, not in the file."""
    form = load_forms().get(delivery.form_code or "")
    return form is None or form.sender is not Sender.PLATFORM


def _counts(row: Row) -> RowCounts | None:
    if row["n_accepted"] is None:
        return None
    return RowCounts(row["n_received"], row["n_accepted"], row["n_rejected"])


def _told(row: Row, delivery: Delivery, found: list[Row], contacts: tuple[str, ...]) -> Told:
    return Told(
        delivery=delivery,
        status=Status(row["status"]),
        counts=_counts(row) if delivery.is_readable else None,
        findings=tuple(Finding(**{name: item[name] for name in _FIELDS}) for item in found),
        todo=todo_of(row["status"], row),
        due_on=row["due_on"],
        received_at=delivery.received_at,
        contacts=contacts,
    )


def _of_run(run: RunContext) -> Iterator[tuple[Row, Told]]:
    """What is told of each file that came in the run's window and has something to be mended."""
    tables, window = RunTables(run), window_of(run)
    findings, due = tables.findings(), tables.due()
    contacts = load_contacts(run.settings)
    for row in tables.deliveries:
        delivery = load_delivery(run.settings, row["delivery_id"])
        if delivery is None or row["status"] in _SETTLED:
            continue
        if not (window.holds(delivery) and is_returned(delivery)):
            continue
        place = (row["form_code"] or "", row["sender_territory_id"] or 0)
        full = {**tables.versions.get(row["delivery_id"], {}), **row}
        full["due_on"] = due.get(place, {}).get("due_on")
        # What a person has answered, by a waiver or a confirmation, is no remark any more.
        found = [f for f in findings.get(row["delivery_id"], []) if not f.get("answered")]
        told = _told(full, delivery, found, contacts)
        if is_worth_marking(told.findings):
            yield row, told


def folder_of(own: Path, form_code: str | None) -> Path:
    """Where a sender's marked file lies: names of people go to the closed folder."""
    form = load_forms().get(form_code or "")
    # Of an unknown form nobody knows what it holds: closed.
    is_open = form is not None and not any(column.pii for column in form.latest.columns)
    return own if is_open else own / CLOSED


def _unique(path: Path, taken: Counter[Path]) -> Path:
    taken[path] += 1
    number = f" ({taken[path]})" if taken[path] > 1 else ""
    return path.with_name(f"{path.stem}{number}{path.suffix}")


def write_marked(run: RunContext) -> list[Path]:
    """Write the marked workbooks of a run; its answers have to lie there already.

    Raises:
        DiskFull: there is no room for them.
    """
    written: list[Path] = []
    taken: Counter[Path] = Counter()
    for row, told in _of_run(run):
        landed = load_landed(run.settings, row["delivery_id"])
        data = landed_bytes(run.settings, landed)
        made: Marked = marked(data, told, run.known_at)
        own = run.returned_dir / sender_key(row, load_forms()).code
        path = _unique(folder_of(own, row["form_code"]) / made.name, taken)
        write_atomically(path, made.data)
        written.append(path)
    return written
