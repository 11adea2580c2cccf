"""Receiving and answering what has just come: what `bvb answer` and the channels' DAG call.

What enters: a data directory. What leaves: counts without names.
"""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime

from bvb.clock import moscow_now
from ingest.settings import Settings, load_settings


def answer_arrivals(
    settings: Settings | None = None, now: datetime | None = None
) -> dict[str, int]:
    """Land and read what lies in `incoming/`, then answer every fresh file; receipts too."""
    from bvb.steps import receive
    from desk.arrivals import answer_arrivals as answer
    from desk.receipts import write_receipts

    settings = settings or load_settings()
    now = now or moscow_now()
    received = receive(settings, now)
    done = answer(settings, now)
    return {"received": received, **asdict(done), "receipts": write_receipts(settings)}


def in_words(counts: dict[str, int]) -> str:
    """The counts as a line of a log."""
    return (
        f"прочитано {counts['received']}, отвечено {counts['answered']}, "
        f"с отметками {counts['marked']}, ждут следующего прохода {counts['waiting']}"
    )
