"""What the duty engineer is written: a red task, files that were not taken, a health signal.

What enters: facts without personal data. What leaves: one text a notice below
`outcomes/notices/`; the same trouble is told once, until it is over.
"""

from __future__ import annotations

import hashlib
import re
from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq

from duty.health import Signal
from ingest.deliveries import Status, load_delivery, write_atomically
from ingest.runs import RunContext
from ingest.settings import Settings

_MOST_FILES = 20
_NOT_WHOLE = {Status.REJECTED: "не принят", Status.PARTIALLY_ACCEPTED: "принят частично"}
_TABLE_ROW = re.compile(r"^\| (?P<tasks>`[^|]+) \| (?P<cause>[^|]+) \| (?P<todo>[^|]+) \|$", re.M)


@dataclass(frozen=True)
class Notice:
    """One text for the duty engineer; its key says when it is the same again."""

    key: str
    subject: str
    text: str

    @property
    def file_name(self) -> str:
        """Where it is kept."""
        return f"{hashlib.sha256(self.key.encode()).hexdigest()[:16]}.txt"


def advice(doc_md: str, task_id: str) -> tuple[str, str]:
    """Usual cause and what to do, from the table of a DAG's own page."""
    for row in _TABLE_ROW.finditer(doc_md):
        if f"`{task_id}`" in row["tasks"]:
            return row["cause"].strip(), row["todo"].strip()
    return "", "сделать, что сказано в последней строке журнала, и повторить задачу (Clear)"


@dataclass(frozen=True)
class RedTask:
    """A task that failed for good."""

    dag_id: str
    task_id: str
    run_id: str
    label: str  # date of the run, or nothing
    error: str  # what it said; already without values of rows
    log_url: str
    doc_md: str


def red_task(task: RedTask) -> Notice:
    """A task is red: which one, what it said, what to do, where its log is."""
    cause, todo = advice(task.doc_md, task.task_id)
    lines = [
        f"Задача {task.task_id} (DAG {task.dag_id}{', ' + task.label if task.label else ''})"
        " не выполнена.",
        "",
        f"Что сказано: {task.error}",
        *([f"Обычная причина: {cause}"] if cause else []),
        f"Что делать: {todo}",
        "",
        f"Журнал: {task.log_url}",
        "Принятое не потеряно, читатели видят последнюю целую версию.",
    ]
    subject = f"Красная задача {task.task_id}: {task.dag_id} {task.label}".strip()
    key = f"{task.dag_id}/{task.run_id}/{task.task_id}"
    return Notice(key, subject, "\n".join(lines))


def _rules(run: RunContext) -> dict[str, Counter[str]]:
    """Rules by delivery with the number of rows that each rejected."""
    found: dict[str, Counter[str]] = defaultdict(Counter)
    table = pq.read_table(
        run.accepted_dir / "findings.parquet", columns=["delivery_id", "rule_id", "severity"]
    )
    for row in table.to_pylist():
        if row["severity"] in ("block", "reject"):
            found[row["delivery_id"]][row["rule_id"]] += 1
    return found


def _line(run: RunContext, row: dict[str, Any], rules: Counter[str]) -> str:
    names = {t.territory_id: t.name for t in run.reference.territories}
    sender = names.get(row["sender_territory_id"], "оператор платформы")
    said = [f"{rule} — {count}" for rule, count in rules.most_common(5)]
    delivery = load_delivery(run.settings, row["delivery_id"])
    blocking = [f.code for f in delivery.file_findings if f.severity == "block"] if delivery else []
    reasons = ", ".join(dict.fromkeys([*blocking, *said]))
    rows = f"строк {row['n_received'] or 0}, не принято {row['n_rejected'] or 0}"
    return (
        f"- {row['form_code'] or 'форма не узнана'}, {sender}: {_NOT_WHOLE[row['status']]}; "
        f"{rows}; правила: {reasons or '—'}"
    )


def not_taken(run: RunContext, load_id: str) -> Notice | None:
    """Files of a run that were not taken whole: form, territory, rules, rows, next step."""
    rows = pq.read_table(run.accepted_dir / "deliveries.parquet").to_pylist()
    late = [row for row in rows if row["status"] in _NOT_WHOLE]
    if not late:
        return None
    late.sort(key=lambda row: (row["status"] != Status.REJECTED, row["sender_territory_id"] or 0))
    rules = _rules(run)
    lines = [_line(run, row, rules[row["delivery_id"]]) for row in late[:_MOST_FILES]]
    if len(late) > _MOST_FILES:
        lines.append(f"и ещё {len(late) - _MOST_FILES}")
    text = [
        f"Дата {run.as_of:%d.%m.%Y}: не приняты целиком файлов — {len(late)} из {len(rows)}.",
        "",
        *lines,
        "",
        "Что делать: ответы отправителям готовы (returned/), письма уходят сами. Если в форме не "
        "принято много строк у многих территорий по одному правилу — проверить само правило: "
        'bvb sql "select * from mart_findings"; страница docs/runbooks/rejected_files.md.',
    ]
    subject = f"Не приняты файлы: {len(late)} за {run.as_of:%d.%m.%Y}"
    return Notice(f"not_taken/{run.run_id}/{load_id}", subject, "\n".join(text))


def unwell(signal: Signal) -> Notice:
    """A health signal."""
    text = [
        f"{signal.title}: {signal.found}.",
        "",
        f"Что делать: {signal.todo}.",
        f"Подробно: {signal.runbook}",
    ]
    return Notice(f"{signal.kind}/{signal.about}", signal.title, "\n".join(text))


def _folder(settings: Settings) -> Path:
    return settings.outcomes / "notices"


def _untold(settings: Settings, notice: Notice) -> Path:
    """Stands beside a text until it was sent: a mail server that was away is tried again."""
    return (_folder(settings) / notice.file_name).with_suffix(".untold")


def keep_new(settings: Settings, notices: Iterable[Notice]) -> list[Notice]:
    """Keep the texts; those that were not told before are to be sent."""
    fresh = []
    for notice in notices:
        path, untold = _folder(settings) / notice.file_name, _untold(settings, notice)
        if not path.exists():
            write_atomically(untold, b"")
            write_atomically(path, f"{notice.subject}\n\n{notice.text}\n".encode())
        if untold.exists():
            fresh.append(notice)
    return fresh


def mark_told(settings: Settings, notice: Notice) -> None:
    """A notice has reached its reader, or nobody is to be written to."""
    _untold(settings, notice).unlink(missing_ok=True)


def forget_over(settings: Settings, kinds: Iterable[str], still: Iterable[Notice]) -> int:
    """Forget health notices whose trouble is over, so that it is told again if it comes back.

    Args:
        settings: which data directory.
        kinds: titles of all health notices.
        still: those that are told now.

    Returns:
        how many were forgotten.
    """
    kept = {notice.file_name for notice in still}
    titles, forgotten = set(kinds), 0
    for path in _folder(settings).glob("*.txt"):
        subject = path.read_text(encoding="utf-8").partition("\n")[0]
        if subject in titles and path.name not in kept:
            path.with_suffix(".untold").unlink(missing_ok=True)
            path.unlink()
            forgotten += 1
    return forgotten
