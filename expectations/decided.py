"""Waivers and confirmations, laid on the findings of a run.

What enters: identified findings and the lines of `decisions/`. What leaves: `answered` and its
companions on each finding that somebody answered, and one row a line: what became of it. A decision
changes what is said, never which rows are taken.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum
from typing import Any

from expectations.checks import Checked
from expectations.database import Connection, insert_rows
from expectations.identity import FINDING_LETTERS, SHORT_SQL, typed_code
from expectations.models import Severity
from expectations.outcomes import UNKNOWN_FORM
from ingest.decisions import BadLine, Decisions, Line, decision_words, problem
from ingest.deliveries import PLATFORM_OR_OPERATOR, Delivery, file_finding_catalogue
from ingest.mappings import Mappings
from ingest.text import fold

ANSWER_TYPES = {
    "answered": "varchar",
    "answered_on": "date",
    "answered_until": "date",
    "answered_by": "varchar",
    "answered_why": "varchar",
}
REPLIES = "replies"  # lines of answers that came back; their file is a delivery
WAIVED, CONFIRMED = "waived", "confirmed"


class Fate(StrEnum):
    """What became of a line of the decisions."""

    APPLIED = "applied"
    WAITING = "waiting"  # its first day has not come
    LAPSED = "lapsed"  # its last day has passed, or the value has changed
    IDLE = "idle"  # there is no such finding (any more)
    REFUSED = "refused"


@dataclass(frozen=True)
class Outcome:
    """What became of one line; `message` is for who wrote it, empty when all is well."""

    kind: str
    file: str
    number: int
    fate: Fate
    n_findings: int = 0
    message: str = ""


@dataclass(frozen=True)
class Known:
    """What a line may name."""

    rules: frozenset[tuple[str, str]]  # form, rule
    territories: frozenset[int]


def known_names(checked: Checked) -> Known:
    """Rules and senders of a run."""
    rules = {(code, r.rule.id) for code, form in checked.compiled.items() for r in form.rules}
    of_delivery = [rule.id for rule in checked.setup.catalogue.delivery_rules.values()]
    for code in (*checked.compiled, UNKNOWN_FORM):
        rules |= {(code, rule_id) for rule_id in (*file_finding_catalogue(), *of_delivery)}
    territories = {t.territory_id for t in checked.setup.reference.territories}
    return Known(frozenset(rules), frozenset({PLATFORM_OR_OPERATOR, *territories}))


def _refused(line: Line | BadLine, message: str, fate: Fate = Fate.REFUSED) -> Outcome:
    return Outcome(line.kind, line.file, line.number, fate, message=message)


def _waiver_problem(line: Line, known: Known) -> str:
    rule, form, territory = line["rule_id"], line["form_code"], line["territory_id"]
    if not line["finding_code"] and not (rule and form):
        return problem("no_scope")
    named = [(f, r) for f, r in known.rules if rule in (None, r) and form in (None, f)]
    if not named:
        return problem("unknown_rule", rule_id=rule, form_code=form)
    if territory is not None and territory not in known.territories:
        return problem("unknown_territory", territory_id=territory)
    start, end = _days(line)
    if end < start:
        return problem("upside_down", until=f"{end:%d.%m.%Y}", **{"from": f"{start:%d.%m.%Y}"})
    return ""


def _days(line: Line) -> tuple[date, date]:
    """First and last day of a waiver; without a first day it starts when it was decided."""
    return line["valid_from"] or line.decided_at.date(), line["valid_until"]


def with_replies(decisions: Decisions, replies: Iterable[Delivery]) -> Decisions:
    """The decisions and what senders confirmed in answers that came back, each about her own."""
    words = decision_words()["reply"]
    lines, bad = list(decisions.lines), list(decisions.bad)
    for item in replies:
        sender = item.sender_territory_id
        for reply in item.replies or ():
            place = (REPLIES, item.delivery_id, reply.row)
            if sender is None:
                bad.append(BadLine(*place, problem("unknown_sender")))
            elif fold(reply.text).replace(",", "") in words["bare"]:
                bad.append(BadLine(*place, problem("no_reason")))
            else:
                values = {"finding_code": reply.code, "territory_id": sender}
                values |= {"author": words["author"], "reason": reply.text}
                lines.append(Line(*place, item.received_at, values))
    return replace(decisions, lines=tuple(lines), bad=tuple(bad))


def _letters(line: Line) -> str:
    return typed_code(line["finding_code"] or "")


def _answer(con: Connection, number: int, line: Line, word: str, until: date | None) -> int:
    """Lay one line on the findings listed for it in `decided`; later lines cover earlier ones."""
    found = con.execute(
        f"""update findings_detail set answered = '{word}', answered_on = ?, answered_until = ?,
                answered_by = ?, answered_why = ?
            where rowid in (select finding from decided where number = ?) returning 1""",
        [line.decided_at.date(), until, line["author"], line["reason"], number],
    ).fetchall()
    return len(found)


def _list_decided(con: Connection, lines: Iterable[Line]) -> None:
    """`decided`: which findings each line names, by code, rule, form and sender."""
    con.execute(
        "create or replace temp table decision_lines (number integer, rule_id varchar,"
        " form_code varchar, territory_id integer, letters varchar)"
    )
    rows = [
        [n, line.values.get("rule_id"), line.values.get("form_code"),
         line.values.get("territory_id"), _letters(line)[:FINDING_LETTERS] or None]
        for n, line in enumerate(lines)
    ]  # fmt: skip
    insert_rows(con, "decision_lines", rows)
    con.execute(
        f"""create or replace temp table decided as
            select n.number, f.rowid as finding, f.severity, {SHORT_SQL} as letters, f.rule_id,
                f.form_code
            from decision_lines n inner join findings_detail f
                on (n.rule_id is null or n.rule_id = f.rule_id)
                and (n.form_code is null or n.form_code = f.form_code)
                and (n.territory_id is null or n.territory_id = f.sender_territory_id)
                and (n.letters is null or n.letters = left(f.finding_key, {FINDING_LETTERS}))
            where f.severity <> '{Severity.INFO}'"""
    )


def _waive(con: Connection, number: int, line: Line, today: date, known: Known) -> Outcome:
    message = _waiver_problem(line, known)
    if message:
        return _refused(line, message)
    start, end = _days(line)
    if today < start or today > end:
        fate = Fate.WAITING if today < start else Fate.LAPSED
        return Outcome(line.kind, line.file, line.number, fate)
    count = _answer(con, number, line, WAIVED, end)
    return Outcome(line.kind, line.file, line.number, Fate.APPLIED if count else Fate.IDLE, count)


def _confirm(con: Connection, number: int, line: Line) -> Outcome:
    found = con.execute(
        "select distinct severity, letters from decided where number = ?", [number]
    ).fetchall()
    same = [severity for severity, letters in found if letters == _letters(line)]
    if not found:
        return Outcome(line.kind, line.file, line.number, Fate.IDLE)
    if not same:
        return _refused(line, problem("value_changed"), Fate.LAPSED)
    if set(same) != {Severity.WARNING}:
        return _refused(line, problem("only_warnings"))
    con.execute("delete from decided where number = ? and letters <> ?", [number, _letters(line)])
    count = _answer(con, number, line, CONFIRMED, None)
    return Outcome(line.kind, line.file, line.number, Fate.APPLIED, count)


def apply_decisions(
    con: Connection, decisions: Decisions, today: date, known: Known
) -> list[Outcome]:
    """Answer findings; a confirmation covers a waiver, a later line an earlier one.

    Args:
        con: holds `findings_detail` with keys; it gets the columns of an answer.
        decisions: what was decided by the run's moment.
        today: the day of that moment; waivers hold from their first to their last day.
        known: what a line may name.
    """
    for name, kind in ANSWER_TYPES.items():
        con.execute(f"alter table findings_detail add column {name} {kind}")
    lines = [line for kind in ("waivers", "confirmations", REPLIES) for line in decisions.of(kind)]
    _list_decided(con, lines)
    steps: dict[str, Callable[[int, Line], Outcome]] = {
        "waivers": lambda number, line: _waive(con, number, line, today, known),
        "confirmations": lambda number, line: _confirm(con, number, line),
        REPLIES: lambda number, line: _confirm(con, number, line),
    }
    outcomes = [steps[line.kind](number, line) for number, line in enumerate(lines)]
    bad = [item for item in decisions.bad if item.kind in steps]
    return outcomes + [_refused(item, item.message) for item in bad]


def mapping_outcomes(decisions: Decisions, mappings: Mappings) -> list[Outcome]:
    """What became of each line about names and words."""
    refused = {(item.file, item.number): item for item in mappings.bad}
    lines = [line for line in decisions.of("mappings") if (line.file, line.number) not in refused]
    taken = [Outcome(line.kind, line.file, line.number, Fate.APPLIED) for line in lines]
    return taken + [_refused(item, item.message) for item in mappings.bad]


def outcome_rows(outcomes: Iterable[Outcome]) -> list[dict[str, Any]]:
    """Rows of the table `decisions`, without the message: it may quote what somebody wrote."""
    return [
        {"kind": o.kind, "file": o.file, "line": o.number, "fate": f"{o.fate}",
         "n_findings": o.n_findings}
        for o in outcomes
    ]  # fmt: skip


def message_rows(outcomes: Iterable[Outcome]) -> list[dict[str, Any]]:
    """What the operator is told, line by line (restricted)."""
    return [
        {
            "kind": o.kind,
            "file": o.file,
            "line": o.number,
            "fate": f"{o.fate}",
            "message": o.message,
        }
        for o in outcomes
        if o.message
    ]
