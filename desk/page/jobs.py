"""What is done with a sender's file in the worker's process: each job is one call of another room.

What enters: bytes and names. What leaves: verdicts, a marked workbook, a template, a delivery.
"""

from __future__ import annotations

import hashlib
from datetime import date, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

from desk.blanks import Blanks
from desk.marks import marked
from desk.told import Told
from expectations.check import FileVerdict, Given, check_given
from ingest.archives import members_if_archive
from ingest.decisions import load_decisions
from ingest.knowledge import load_knowledge
from ingest.landing import Arrived, delivery_id_of, land_stream, load_landed
from ingest.read import read_delivery
from ingest.settings import Settings

CHANNEL = "page"


def warm() -> None:
    """Import and prepare what the first sender would wait for."""
    from expectations.checks import run_checks
    from expectations.compile import make_setup
    from expectations.database import open_database
    from ingest.orders import orders, reference_at

    load_knowledge()
    for order in orders():
        with TemporaryDirectory() as folder:
            con = open_database(None, Path(folder))
            run_checks(con, make_setup(reference_at(order.last), order.last), {})
            con.close()


def check(settings: Settings, given: Given, now: datetime) -> tuple[FileVerdict, ...]:
    """The verdict on a file, or on each member of an archive, as the next run would give it."""
    return tuple(check_given([given], now, load_decisions(settings, now)))


def mark(data: bytes, number: int, told: Told, made_at: datetime) -> tuple[str, bytes]:
    """Name and bytes of the sender's own workbook with the findings marked in it.

    Args:
        data: the file as it was given.
        number: place of the verdict among those on the file: which member of an archive it is.
        told: what is told of it.
        made_at: the moment of the check.
    """
    members = members_if_archive(data)
    made = marked(members[number].data if members else data, told, made_at)
    return made.name, made.data


def blank(settings: Settings, form_code: str, territory_id: int, as_of: date) -> tuple[str, bytes]:
    """Name and bytes of a form's template."""
    from desk.blank_book import blank_bytes

    made = Blanks(settings, as_of).one(form_code, territory_id)
    return made.path.name, blank_bytes(made)


def send(settings: Settings, given: Given, now: datetime) -> str:
    """Land a file and read it, so that its receipt is complete; the delivery's id.

    The same bytes under the same name are the same delivery, whenever they come.
    """
    landed = land_stream(settings, Arrived(CHANNEL, given.source, now), [given.data], now)
    if landed is None:
        sha256 = hashlib.sha256(given.data).hexdigest()
        landed = load_landed(settings, delivery_id_of(CHANNEL, given.source, sha256))
    read_delivery(settings, landed, load_knowledge())
    return landed.delivery_id
