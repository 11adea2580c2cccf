"""The approval of a report as it is kept, and the letter that follows a yes.

What enters: what a human answered. What leaves: one JSON beside the run's outcomes and, once a
load, a letter with the workbook and the page to `ministry,coordinator`.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bvb.clock import moscow_now
from ingest.deliveries import write_atomically
from ingest.runs import RunContext
from ingest.settings import MOSCOW

if TYPE_CHECKING:
    from email.message import EmailMessage

SEND, KEEP = "Отправить", "Не отправлять"
MINISTRY = ("ministry", "coordinator")
_ATTACHED = ("ministry_workbook", "progress_page")


@dataclass(frozen=True)
class Approval:
    """What was decided about a report."""

    load_id: str
    is_yes: bool
    who: str
    at: str
    why: str
    sent_at: str = ""


def _path(run: RunContext) -> Path:
    return run.outcomes_dir / "approval.json"


def _keep(run: RunContext, approval: Approval) -> Approval:
    text = json.dumps(asdict(approval), ensure_ascii=False, indent=1)
    write_atomically(_path(run), text.encode())
    return approval


def load_approval(run: RunContext) -> Approval | None:
    """What was decided about the run's report; None if nobody was asked."""
    path = _path(run)
    return Approval(**json.loads(path.read_text(encoding="utf-8"))) if path.exists() else None


def _moscow(moment: Any) -> str:
    """A moment of Airflow, which keeps them in UTC, as people here read it."""
    if not moment:
        return ""
    return datetime.fromisoformat(f"{moment}").astimezone(MOSCOW).isoformat(timespec="seconds")


def remember(run: RunContext, answer: dict[str, Any]) -> Approval:
    """Keep an answer of Airflow's form; the same one again changes nothing.

    Args:
        run: whose report it is about.
        answer: the operator's result: options chosen, the note, who and when.
    """
    from warehouse.build import read_load

    who = answer.get("responded_by_user") or {}
    approval = Approval(
        load_id=read_load(run).load_id,
        is_yes=answer["chosen_options"] == [SEND],
        who=f"{who.get('name') or who.get('id') or 'никто: вышло время'}",
        at=_moscow(answer.get("responded_at")),
        why=f"{(answer.get('params_input') or {}).get('why', '')}".strip(),
    )
    known = load_approval(run)
    if known and (known.load_id, known.is_yes) == (approval.load_id, approval.is_yes):
        return known
    return _keep(run, approval)


def _files(run: RunContext) -> list[Path]:
    record = json.loads((run.outcomes_dir / "steps" / "report.json").read_text(encoding="utf-8"))
    paths = [run.settings.data_dir / name for name in record["files"]]
    return [path for path in paths if path.name.startswith(_ATTACHED)]


def _letter(run: RunContext, approval: Approval, to: tuple[str, ...], sender: str) -> EmailMessage:
    from desk.letters.message import attach, message_to

    message = message_to(to, sender)
    message["Subject"] = f"«{run.reference.order['programme_name']}»: отчёт на {run.as_of:%d.%m.%Y}"
    message.set_content(
        f"Направляем отчёт региона на {run.as_of:%d.%m.%Y}: книгу и страницу.\n"
        f"Загрузка {approval.load_id}; отправку одобрил(а) {approval.who}.\n"
    )
    for path in _files(run):
        attach(message, path)
    return message


def send(run: RunContext) -> dict[str, Any]:
    """Send an approved report, once a load; without mail or address a human has to do it."""
    from bvb.mail import mailbox_to

    approval = load_approval(run)
    if approval is None or not approval.is_yes:
        return {"sent": False, "reason": "не одобрено"}
    if approval.sent_at:
        return {"sent": False, "reason": f"уже отправлено {approval.sent_at}"}
    with mailbox_to(run.settings, *MINISTRY) as post:
        if post is None:
            names = ", ".join(path.name for path in _files(run))
            return {"sent": False, "reason": f"нет адреса или почты; отправьте сами: {names}"}
        mailbox, to = post
        mailbox.send(_letter(run, approval, to, mailbox.sender), to)
    _keep(run, replace(approval, sent_at=moscow_now().isoformat(timespec="seconds")))
    return {"sent": True, "to": len(to)}
