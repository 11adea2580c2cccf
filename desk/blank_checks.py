"""What a spreadsheet checks while somebody types, from the form's types and the order's rules.

What enters: a blank. What leaves: for each column the data validation that XlsxWriter writes. A
program that pastes past it is caught later: the rules are the same.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from desk.blank_lists import YES_AND_NO
from desk.blank_words import blank_words
from expectations.catalogue import load_catalogue
from expectations.models import Rule, Severity, Stage
from expectations.wording import parameters_of
from ingest.casts import FIRST_YEAR
from ingest.forms import Column, ColumnType, Form
from ingest.reference import Reference
from reports.formats import day as shown_day

_MONTH_START, _MONTH_END = "date_trunc('month', delivery_as_of)", "last_day(delivery_as_of)"
_BOUND = rf"\{{\w+\}}|delivery_as_of|{re.escape(_MONTH_START)}|{re.escape(_MONTH_END)}"
_BETWEEN = re.compile(rf"\b(\w+) between ({_BOUND}|\w+) and ({_BOUND})")
_UP_TO = re.compile(rf"\b(\w+) <= ({_BOUND})")
# A condition with branches bounds nothing by itself.
_BRANCHES = re.compile(r"\b(or|case|not)\b")
_STYLES = {Severity.WARNING: "warning", Severity.INFO: "information"}
_LONGEST_TEXT, _LONGEST_TITLE = 255, 32


@dataclass(frozen=True)
class Bounds:
    """First and last day that a column takes, and what happens to another one."""

    first: date
    last: date
    style: str = "stop"


def _default(form: Form, column: Column, reference: Reference, as_of: date) -> Bounds:
    """Bounds of a date that no rule speaks of: a slip of a digit lies outside them."""
    year, years = int(reference.order["year"]), blank_words().years
    if column.pii == "birth_date":
        return Bounds(date(FIRST_YEAR, 1, 1), as_of)
    if form.kind == "period":
        return Bounds(date(year, 1, 1), date(year, 12, 31))
    return Bounds(date(year - years.before, 1, 1), date(year + years.after, 12, 31))


class _Reader:
    """Reads the bounds out of a form's rules, in the order of the rules."""

    def __init__(self, form: Form, reference: Reference, as_of: date) -> None:
        self.known: dict[str, date] = {
            f"{{{name}}}": value
            for name, value in parameters_of(reference, as_of).items()
            if isinstance(value, date)
        }
        self.known |= {
            "delivery_as_of": as_of,
            _MONTH_START: as_of.replace(day=1),
            _MONTH_END: as_of,
        }
        self.bounds = {
            c.name: _default(form, c, reference, as_of)
            for c in form.version_at(as_of).columns
            if c.type is ColumnType.DATE
        }

    def _narrow(self, name: str, first: str | None, last: str, style: str) -> None:
        old = self.bounds.get(name)
        if old is None or last not in self.known:
            return
        other = self.bounds.get(first or "")
        start = self.known.get(first or "", other.first if other else old.first)
        self.bounds[name] = Bounds(max(old.first, start), min(old.last, self.known[last]), style)

    def read(self, rule: Rule) -> None:
        """Take over what a rule says of dates."""
        check = rule.check or ""
        if rule.stage is not Stage.FORM or rule.metric_only or _BRANCHES.search(check):
            return
        style = _STYLES.get(rule.severity, "stop")
        for name, first, last in _BETWEEN.findall(check):
            self._narrow(name, first, last, style)
        for name, last in _UP_TO.findall(check):
            self._narrow(name, None, last, style)


def date_bounds(form: Form, reference: Reference, as_of: date) -> dict[str, Bounds]:
    """The days that each date column takes, by the rules of the form and else by the order's year.

    Args:
        form: a form of a territory or the operator.
        reference: the order.
        as_of: the date that the blank is for.
    """
    reader = _Reader(form, reference, as_of)
    for rule in load_catalogue().forms[form.code].rules:
        reader.read(rule)
    return reader.bounds


def _grades(cell: str, reference: Reference) -> str:
    """A number of a class, and no digit after it."""
    numbers = range(reference.number("grade_min"), reference.number("grade_max") + 1)
    long = [f'LEFT({cell},2)="{n}"' for n in numbers if n > 9]
    short = ",".join(f'LEFT({cell},1)="{n}"' for n in numbers if n <= 9)
    return f"=OR({','.join(long)},AND(OR({short}),NOT(ISNUMBER(MID({cell},2,1)+0))))"


def _formula(column: Column, cell: str, reference: Reference) -> str | None:
    no_space = f'ISERROR(FIND(" ",{cell}))'
    match column.type:
        case ColumnType.INN:
            return f"=AND(OR(LEN({cell})=10,LEN({cell})=12),ISNUMBER({cell}+0))"
        case ColumnType.URL:
            return f'=AND(OR(LEFT({cell},7)="http://",LEFT({cell},8)="https://"),{no_space})'
        case ColumnType.EMAIL:
            return f'=AND(ISNUMBER(FIND(".",{cell},FIND("@",{cell})+2)),{no_space})'
        case ColumnType.GRADE:
            return _grades(cell, reference)
    return None


def not_listed(words: Iterable[str]) -> str:
    """What is said of a word that a drop-down does not hold."""
    return blank_words().checks["list"].format(words=", ".join(f"«{word}»" for word in words))


def _answer(column: Column, style: str, text: str) -> dict[str, Any]:
    """What is said of a value that does not fit."""
    question = blank_words().checks["question"] if style == "warning" else ""
    return {
        "ignore_blank": True,
        "error_type": style,
        "error_title": column.title[:_LONGEST_TITLE],
        "error_message": text[: _LONGEST_TEXT - len(question)] + question,
    }


def validation(
    column: Column, cell: str, source: str | None, bounds: Bounds | None, reference: Reference
) -> dict[str, Any] | None:
    """The data validation of a column; None when any text goes.

    Args:
        column: the column.
        cell: address of its first cell, relative, as `C5`.
        source: range of the words to choose from.
        bounds: first and last day of a date column.
        reference: the order.
    """
    said = blank_words().checks
    if source:
        is_free = not (column.values or column.type is ColumnType.BOOL)
        text = said["suggested"] if is_free else not_listed(column.choices.values() or YES_AND_NO)
        answer = _answer(column, "warning" if is_free else "stop", text)
        return {"validate": "list", "source": source, **answer}
    if bounds:
        text = said["date"].format(first=shown_day(bounds.first), last=shown_day(bounds.last))
        return {
            "validate": "date",
            "criteria": "between",
            "minimum": bounds.first,
            "maximum": bounds.last,
            **_answer(column, bounds.style, text),
        }
    if column.type is ColumnType.INT:
        answer = _answer(column, "stop", said["int"])
        return {"validate": "integer", "criteria": ">=", "value": 0, **answer}
    formula = _formula(column, cell, reference)
    if formula is None:
        return None
    ends = {"first": reference.number("grade_min"), "last": reference.number("grade_max")}
    answer = _answer(column, "stop", said[column.type].format_map(ends))
    return {"validate": "custom", "value": formula, **answer}
