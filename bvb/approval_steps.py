"""The approval of a report as it is kept, and the letter that follows a yes.

What enters: what a human answered. What leaves: one JSON beside the run's outcomes and, once a
load, a letter with the workbook and the page to `ministry,coordinator`.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from datetime import datetime
from email.message import EmailMessage
from pathlib import Path
from typing import Any

from bvb.clock import moscow_now
from ingest.deliveries import write_atomically
from ingest.runs import RunContext
from ingest.settings import MOSCOW

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
    from bvb.approval_tasks import SEND
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
    message = EmailMessage()
    message["Subject"] = f"«Билет в будущее»: отчёт на {run.as_of:%d.%m.%Y}"
    message["From"], message["To"] = sender, ", ".join(to)
    message.set_content(
        f"Направляем отчёт региона на {run.as_of:%d.%m.%Y}: книгу и страницу.\n"
        f"Загрузка {approval.load_id}; отправку одобрил(а) {approval.who}.\n"
    )
    for path in _files(run):
        kind = "html" if path.suffix == ".html" else "octet-stream"
        main = "text" if path.suffix == ".html" else "application"
        message.add_attachment(path.read_bytes(), maintype=main, subtype=kind, filename=path.name)
    return message


def send(run: RunContext) -> dict[str, Any]:
    """Send an approved report, once a load; without mail or address a human has to do it."""
    from bvb.mail import is_configured, open_mailbox
    from desk.letters.config import load_config
    from ingest.addresses import load_addresses

    approval = load_approval(run)
    if approval is None or not approval.is_yes:
        return {"sent": False, "reason": "не одобрено"}
    if approval.sent_at:
        return {"sent": False, "reason": f"уже отправлено {approval.sent_at}"}
    to, connection = load_addresses(run.settings).to(*MINISTRY), load_config().connection
    if not to or not is_configured(connection):
        names = ", ".join(path.name for path in _files(run))
        return {"sent": False, "reason": f"нет адреса или почты; отправьте сами: {names}"}
    with open_mailbox(connection) as mailbox:
        mailbox.send(_letter(run, approval, to, mailbox.sender), to)
    done = Approval(**{**asdict(approval), "sent_at": f"{moscow_now():%Y-%m-%dT%H:%M:%S%z}"})
    _keep(run, done)
    return {"sent": True, "to": len(to)}
