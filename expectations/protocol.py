"""The answer to each sender: one workbook with what became of her files and what to mend.

What enters: the deliveries and findings of a validated run. What leaves: one workbook a sender in
`returned/<run>/`; it holds nothing but what the sender sent, and no names or birth dates of that.
"""

from __future__ import annotations

import shutil
from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from pathlib import Path
from typing import Any

from expectations.decided import REPLIES
from expectations.identity import code_of
from expectations.models import Severity
from expectations.protocol_book import Answer, Line, write_answer
from expectations.run_tables import Row, RunTables
from ingest.contacts import load_contacts
from ingest.decisions import FOLDER
from ingest.deliveries import Status
from ingest.forms import Form, Sender
from ingest.reference import Reference
from ingest.runs import RunContext
from ingest.yaml_files import read_yaml


@dataclass(frozen=True, order=True)
class SenderKey:
    """Who gets an answer: a territory, the platform, the operator, or an unknown file's sender."""

    code: str
    territory_id: int = 0


@cache
def protocol_words() -> dict[str, Any]:
    """`protocol.yml`."""
    path = Path(__file__).with_name("protocol.yml")
    words: dict[str, Any] = read_yaml(path)
    return words


def sender_key(row: Row, forms: dict[str, Form]) -> SenderKey:
    """Whose answer a delivery belongs to.

    Args:
        row: a delivery's `sender_territory_id`, `form_code` and `delivery_id`.
        forms: what `load_forms` gives.
    """
    territory = row["sender_territory_id"]
    if territory:
        return SenderKey(f"T{territory:02d}", territory)
    form = forms.get(row["form_code"] or "")
    if form is None or form.sender is Sender.TERRITORY:
        # Nobody knows whose it is: a file of its own, so that nobody reads another's findings.
        return SenderKey(f"unknown_{row['delivery_id'][:8]}")
    return SenderKey(str(form.sender))


def sender_name(key: SenderKey, reference: Reference) -> str:
    """A sender as letters and workbooks call her."""
    if key.territory_id:
        return reference.territory(key.territory_id).name
    senders: dict[str, str] = protocol_words()["senders"]
    return senders.get(key.code, senders["unknown"])


def _day(value: date | None) -> str:
    return f"{value:%d.%m.%Y}" if value else ""


def _moment(value: datetime | None) -> str:
    return f"{value:%d.%m.%Y %H:%M}" if value else ""


def _is_other_date(row: Row) -> bool:
    settled = {Status.SUPERSEDED, Status.DUPLICATE, Status.REJECTED, Status.REPLY}
    return not row["is_selected"] and row["status"] not in settled


def todo_of(status: str, row: Row) -> str:
    """What a sender has to do about a delivery, or about one that has not come."""
    words = protocol_words()
    texts = {**row, "due_on": _day(row.get("due_on"))}
    text: str = words["statuses"][status]["todo"].format_map(texts)
    if row.get("n_fixed") is not None:
        text = " ".join((text, words["difference"].format_map(row)))
    if row.get("delivery_id") and _is_other_date(row):
        return " ".join((words["other_date"].format(period=f"{row['as_of']:%m.%Y}"), text))
    return text


def _line(row: Row, status: str, title: str, file_name: str) -> Line:
    words = protocol_words()["statuses"][status]
    return Line(
        tone=words["tone"],
        cells={
            "file_name": file_name,
            "form": title,
            "status": words["label"],
            "n_received": row.get("n_received"),
            "n_accepted": row.get("n_accepted"),
            "n_rejected": row.get("n_rejected"),
            "todo": todo_of(status, row),
            "received_at": _moment(row.get("received_at")),
            "due_on": _day(row.get("due_on")),
        },
    )


def _form_title(code: str | None, forms: dict[str, Form]) -> str:
    form = forms.get(code or "")
    return f"{form.code} {form.title}" if form else "—"


def _missing(tables: RunTables, key: SenderKey, came: set[tuple[str, int]]) -> Iterable[Line]:
    """Lines for forms that the sender owes and did not send."""
    for row in tables.expected:
        place = (row["form_code"], row["sender_territory_id"])
        if place in came or sender_key({**row, "delivery_id": ""}, tables.forms) != key:
            continue
        status = "not_received" if row["is_due"] else "not_due"
        yield _line(row, status, _form_title(row["form_code"], tables.forms), "")


def _summary(tables: RunTables, key: SenderKey, rows: list[Row]) -> list[Line]:
    due = tables.due()
    lines = []
    for row in rows:
        place = (row["form_code"] or "", row["sender_territory_id"] or 0)
        version = tables.versions.get(row["delivery_id"], {})
        full = {**version, **row, "due_on": due.get(place, {}).get("due_on")}
        title = _form_title(row["form_code"], tables.forms)
        lines.append(_line(full, row["status"], title, tables.names[row["delivery_id"]]))
    came = {(row["form_code"] or "", row["sender_territory_id"] or 0) for row in rows}
    return [*lines, *_missing(tables, key, came)]


def _shown(found: list[Row]) -> list[Row]:
    """Findings of one delivery without the long tail of what needs no mending."""
    words = protocol_words()
    limit = words["info_shown"]
    counts = Counter(row["rule_id"] for row in found if row["severity"] == Severity.INFO)
    listed: Counter[str] = Counter()
    shown = []
    for row in found:
        rule = row["rule_id"]
        listed[rule] += 1
        if row["severity"] != Severity.INFO or listed[rule] <= limit:
            shown.append(row)
        elif listed[rule] == limit + 1:
            message = words["more"].format(count=counts[rule] - limit)
            kept = {key: row[key] for key in ("form_code", "rule_id", "severity", "clause")}
            shown.append({**kept, "message": message})
    return shown


def _said(row: Row) -> str:
    """What was decided about a finding, else whether the version before had it."""
    said = row.get("answered") or row.get("since_last")
    days = {name: _day(row.get(name)) for name in ("answered_on", "answered_until")}
    text: str = protocol_words()["answers"][said].format_map(row | days) if said else ""
    return text


def _code(row: Row) -> str:
    return code_of(row["finding_key"], row["value_key"]) if row.get("finding_key") else ""


def _finding_lines(
    tables: RunTables, rows: list[Row], findings: dict[str, list[Row]]
) -> list[Line]:
    severities = protocol_words()["severities"]
    lines = []
    for row in rows:
        for found in _shown(findings.get(row["delivery_id"], [])):
            word = severities[found["severity"]]
            cells = {
                **found,
                "severity": word["label"],
                "answer": _said(found),
                "code": _code(found),
            }
            cells["file_name"] = tables.names[row["delivery_id"]]
            tone = "mute" if found.get("answered") else word["tone"]
            lines.append(Line(tone=tone, cells=cells))
    return lines


def _answer(
    tables: RunTables, key: SenderKey, rows: list[Row], findings: dict[str, list[Row]]
) -> Answer:
    run, words = tables.run, protocol_words()
    return Answer(
        title=words["title"],
        subtitle=words["subtitle"].format(
            sender=sender_name(key, run.reference),
            as_of=_day(run.as_of),
            known_at=_moment(run.known_at),
        ),
        made_at=run.known_at,
        summary=_summary(tables, key, rows),
        findings=_finding_lines(tables, rows, findings),
        contacts=load_contacts(run.settings),
    )


def _add_decisions(
    tables: RunTables, by_sender: dict[SenderKey, list[Row]], findings: dict[str, list[Row]]
) -> None:
    """Lines of the operator's own files that were not applied: she gets them like any answer."""
    seen = Counter(f"{FOLDER}/{row['file']}" for row in tables.read_accepted("decisions"))
    told = tables.read_quarantined("decision_messages")
    unclear: Counter[str] = Counter()
    for row in told:
        is_reply = row["kind"] == REPLIES
        if is_reply and row["file"] not in tables.names:
            continue  # its sender was told when it came back
        name = row["file"] if is_reply else f"{FOLDER}/{row['file']}"
        found = {"message": row["message"], "row": row["line"] or None, "rule_id": ""}
        findings[name].append({**found, "severity": str(Severity.WARNING)})
        unclear[name] += not is_reply
    for name, count in (+unclear).items():
        tables.names[name] = name
        delivery = {"delivery_id": name, "form_code": None, "sender_territory_id": None}
        counts = {"n_received": seen[name], "n_accepted": seen[name] - count, "n_rejected": count}
        line = {**delivery, **counts, "status": "decisions", "is_selected": True}
        by_sender[SenderKey(str(Sender.OPERATOR))].append(line)


def write_protocols(run: RunContext) -> list[Path]:
    """Write one workbook a sender; the folder of the run appears whole or not at all.

    Raises:
        DiskFull: there is no room for the answers.
    """
    tables = RunTables(run)
    findings = tables.findings()
    by_sender: dict[SenderKey, list[Row]] = defaultdict(list)
    for row in tables.deliveries:
        by_sender[sender_key(row, tables.forms)].append(row)
    _add_decisions(tables, by_sender, findings)
    folder = run.returned_dir
    temporary = folder.with_name(f".{folder.name}.tmp")
    shutil.rmtree(temporary, ignore_errors=True)
    written: list[Path] = []
    for key, rows in sorted(by_sender.items()):
        name = protocol_words()["file_name"].format(sender_code=key.code, as_of=run.as_of)
        answer = _answer(tables, key, rows, findings)
        write_answer(answer, temporary / key.code / name, protocol_words())
        written.append(folder / key.code / name)
    shutil.rmtree(folder, ignore_errors=True)
    if written:
        temporary.rename(folder)
    return written
