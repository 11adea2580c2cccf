"""The only place where the present moment is read; everything else takes it as an argument."""

from __future__ import annotations

from datetime import datetime

from ingest.settings import MOSCOW


def moscow_now() -> datetime:
    """The present moment in Moscow, to the second."""
    return datetime.now(MOSCOW).replace(microsecond=0)  # noqa: TID251 - this is the clock
