"""The steps of letters: plan, send through Airflow's connection, or lay out for a human.

What enters: a day and kinds of letters. What leaves: counts without names; the rest lies on disk.
"""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

from bvb.clock import moscow_now
from desk.letters.config import KindName
from ingest.settings import Settings, load_settings

if TYPE_CHECKING:
    from desk.letters.plan import Asked
    from desk.letters.send import Pass

Kinds = frozenset[KindName]
ABOUT_FILES: Kinds = frozenset({"receipt", "answer"})


def receive() -> dict[str, int]:
    """Take what has come and write its receipts: nobody is reminded of what lies there already."""
    from bvb import steps
    from desk.receipts import write_receipts

    settings = load_settings()
    return {"read": steps.receive(settings), "receipts": write_receipts(settings)}


def send(asked: Asked, settings: Settings | None = None) -> Pass | None:
    """Send what is asked for; None when no mail connection is set up.

    Raises:
        MailServerUnavailable: the server does not answer.
        SenderRefused, SenderMissing: the connection is not set up right.
    """
    from bvb.mail import is_configured, open_mailbox
    from desk.letters.config import load_config
    from desk.letters.send import deliver

    connection = load_config().connection
    if not is_configured(connection):
        return None
    with open_mailbox(connection) as mailbox:
        return deliver(settings or load_settings(), asked, moscow_now(), mailbox)


def send_or_lay_out(day: date | None, kinds: Kinds | None) -> dict[str, Any]:
    """What a DAG does: send, or else leave the texts in `returned/outbox/` and say so.

    Args:
        day: the day of the letters; today by default.
        kinds: only these kinds; all by default.
    """
    from desk.letters.plan import Asked, make_plan
    from desk.letters.send import lay_out

    settings = load_settings()
    asked = Asked(day or moscow_now().date(), kinds)
    if done := send(asked, settings):
        return {"is_connected": True, **done.counts()}
    plan = make_plan(settings, Asked(asked.day))  # a human takes the whole day at once
    return {"is_connected": False, "laid_out": lay_out(settings, plan), "held": len(plan.held)}
