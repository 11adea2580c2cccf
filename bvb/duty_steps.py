"""What reaches the duty engineer: notices, by mail to `operator,duty` or at least on disk.

What enters: a task's failure, a finished run, a moment. What leaves: texts in `outcomes/notices/`
and, where a mail connection is set up, letters. A notice that cannot be sent never hides a fault.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from bvb.cli import is_ours
from bvb.clock import moscow_now
from ingest.settings import Settings, load_settings

if TYPE_CHECKING:
    from duty.health import Signal
    from duty.notices import Notice
    from ingest.runs import RunContext

LOG = logging.getLogger(__name__)
DUTY = ("operator", "duty")


def _send(settings: Settings, notices: Sequence[Notice]) -> int:
    from bvb.mail import mailbox_to
    from desk.letters.message import message_to
    from duty.notices import mark_told

    with mailbox_to(settings, *DUTY) as post:
        for notice in notices:
            if post is not None:
                mailbox, addresses = post
                message = message_to(addresses, mailbox.sender)
                message["Subject"] = notice.subject
                message.set_content(notice.text)
                mailbox.send(message, addresses)
            mark_told(settings, notice)  # on disk at least
    return len(notices) if post is not None else 0


def tell(settings: Settings, notices: Iterable[Notice]) -> dict[str, int]:
    """Keep and send what was not told yet; counts.

    Raises:
        SenderMissing, MailServerUnavailable: the texts are kept, the next call sends them.
    """
    from duty.notices import keep_new

    fresh = keep_new(settings, notices)
    for notice in fresh:
        LOG.warning("%s", notice.subject)
    return {"new": len(fresh), "sent": _send(settings, fresh) if fresh else 0}


def said(error: BaseException | str | None) -> str:
    """What may leave this machine of an error: our own words, else its class alone."""
    if isinstance(error, BaseException):
        name = type(error).__name__
        # What libraries say may quote a row; of our own errors we know that they do not.
        return f"{name}: {error}" if is_ours(error) else f"{name}; подробности — в журнале задачи"
    return "подробности — в журнале задачи"


def on_failure(context: Mapping[str, Any]) -> None:
    """Airflow's callback of a task that failed for good."""
    from duty.notices import RedTask, red_task

    task_instance, dag = context["task_instance"], context["dag"]
    task = RedTask(
        dag_id=dag.dag_id,
        task_id=task_instance.task_id,
        run_id=f"{context['run_id']}",
        label=f"{(context.get('params') or {}).get('as_of') or ''}",
        error=said(context.get("exception")),
        log_url=f"{getattr(task_instance, 'log_url', '') or 'в Airflow'}",
        doc_md=dag.doc_md or "",
    )
    tell(load_settings(), [red_task(task)])


def tell_not_taken(run: RunContext) -> dict[str, int]:
    """After a run: the files that were not taken whole."""
    from duty.notices import not_taken
    from warehouse.build import read_load

    notice = not_taken(run, read_load(run).load_id)
    return tell(run.settings, [notice] if notice else [])


def look_at_health(settings: Settings | None = None) -> list[Signal]:
    """Everything that is not well now, the server's lag included."""
    from bvb.server import find_server, kept
    from duty.health import check_health, server_behind
    from warehouse.server.errors import ServerUnreachable

    settings, now = settings or load_settings(), moscow_now()
    signals = check_health(settings, now)
    server = find_server()
    if server is not None:
        try:
            current = next((k.version for k in kept(server) if k.is_current), None)
        except ServerUnreachable:
            current = None
        behind = server_behind(settings, now, current)
        signals += [behind] if behind else []
    return signals


def watch_health(settings: Settings | None = None) -> dict[str, int]:
    """Tell what has become unwell and forget what is over; counts."""
    from duty.health import thresholds
    from duty.notices import forget_over, unwell

    settings = settings or load_settings()
    notices = [unwell(signal) for signal in look_at_health(settings)]
    titles = [f"{about['title']}" for about in thresholds().values()]
    over = forget_over(settings, titles, notices)
    return {"unwell": len(notices), "over": over, **tell(settings, notices)}
