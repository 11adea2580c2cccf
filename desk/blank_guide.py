"""The sheet «Инструкция» of a blank: what to send and when, what columns take, which rules ask.

What enters: a sheet and a blank. What leaves: plain Russian out of the form, the order's schedule
and the catalogue of rules; nothing about a form is written here by hand.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import cache
from typing import TYPE_CHECKING

from desk.blank_data import kind_of, listed_words
from desk.blank_words import blank_words
from expectations.catalogue import load_catalogue
from expectations.models import Rule
from expectations.protocol import protocol_words
from expectations.wording import marks, parameters_of, russian
from ingest.forms import Column
from ingest.reference import Reference, read_seed
from ingest.routing import printed_labels
from ingest.schedule import control_point
from reports.formats import day as shown_day
from reports.workbook_styles import HEAD, PLAIN, SECTION, TEXT, TITLE, Look, Sheet, lines_of

if TYPE_CHECKING:
    from desk.blanks import Blank

_ITEMS = re.compile(r"пп?\. ((?:\d+(?:\.\d+)?(?:, )?)+)")
_BY_CONTRACT = ("T-", "N-")


@cache
def _titles(order_id: str) -> dict[str, str]:
    """What the order says under each item of its roadmap."""
    return {r["id"]: r["title_ru"] for r in read_seed("roadmap_items") if r["order_id"] == order_id}


def _items(form_code: str, reference: Reference) -> Iterator[str]:
    """Items of the order that ask for a form."""
    for row in reference.schedule:
        if row["form_code"] != form_code:
            continue
        point = control_point(reference, row["control_id"]) if row["control_id"] else None
        found = _ITEMS.findall(row["why_ru"])
        if found:
            yield from found[0].split(", ")
        elif point:
            yield point["item"]


def clause(form_code: str, reference: Reference) -> str:
    """Order and items behind a form; the order alone if no item names it."""
    titles = _titles(reference.order_id)
    listed = dict.fromkeys(_items(form_code, reference))
    items = "; ".join(f"п. {item} «{titles[item]}»" if item in titles else f"п. {item}"
                      for item in listed)  # fmt: skip
    text = blank_words().guide.clause.format(order=reference.order["order_no"], items=items)
    return text.rstrip(": ")


def _facts(blank: Blank) -> Iterator[tuple[str, str]]:
    words, form = blank_words().guide, blank.form
    yield words.facts["sender"], blank.sender
    yield words.facts["period" if form.kind == "period" else "as_of"], blank.shown_when
    yield words.facts["due"], shown_day(blank.due_on) if blank.due_on else words.due_on_request
    yield words.facts["clause"], clause(form.code, blank.reference)
    yield words.facts["kind"], words.kinds[form.kind]
    if blank.listed:
        key, listed = blank.listed
        filled = words.filled["listed"].format(title=key.title, count=len(listed))
    elif blank.known.rows and blank.known.on:
        on = shown_day(blank.known.on)
        filled = words.filled["rows"].format(count=len(blank.known.rows), on=on)
    else:
        filled = words.filled["nothing"]
    yield words.facts["filled"], filled


def _remarks(column: Column) -> str:
    words = blank_words()
    parts = ["; ".join(listed_words(column)), words.guide.suggested if column.suggest else "",
             words.guide.key if column.key else "",
             words.guide.personal[column.pii] if column.pii else ""]  # fmt: skip
    return ". ".join(part.rstrip(".") for part in parts if part)


def _columns(blank: Blank) -> Iterator[list[str]]:
    words = blank_words()
    rules = {rule.id: rule for rule in load_catalogue().forms[blank.form.code].rules}
    for column in blank.version.columns:
        kind, rule = kind_of(column), rules.get(f"T-{column.name}")
        what = rule.expected if rule and not column.values else kind.hint
        needed = words.guide.needed if column.required else ""
        yield [column.title, needed, what, kind.example, _remarks(column)]


def _texts(rule: Rule, blank: Blank) -> list[str]:
    """The texts of a rule; what only a row can fill in is left open."""
    known = {n: russian(v) for n, v in parameters_of(blank.reference, blank.as_of).items()}
    level = protocol_words()["severities"][rule.severity]["label"]
    texts = [rule.title, level, rule.expected, rule.fix, rule.clause]
    return [text.format_map({mark: known.get(mark, "…") for mark in marks(text)}) for text in texts]


def _rules(blank: Blank) -> Iterator[list[str]]:
    for rule in load_catalogue().forms[blank.form.code].rules:
        if not rule.id.startswith(_BY_CONTRACT):
            yield _texts(rule, blank)


class _Page:
    """A sheet that is written from the top to the bottom."""

    def __init__(self, sheet: Sheet) -> None:
        self.sheet = sheet
        self.row = 0
        self.widths = blank_words().guide.widths
        sheet.widths(self.widths)

    def line(self, text: str, look: Look) -> None:
        """A text over the whole width."""
        last = len(self.widths) - 1
        if look.wrap:
            self.sheet.merge((self.row, 0, self.row, last), text, look)
            self.sheet.height(self.row, lines_of(text, sum(self.widths)))
        else:
            self.sheet.put(self.row, 0, text, look)
        self.row += 1

    def fact(self, label: str, text: str) -> None:
        """A label, and a text over the rest of the width."""
        last = len(self.widths) - 1
        self.sheet.put(self.row, 0, label, replace(HEAD, align="left"))
        self.sheet.merge((self.row, 1, self.row, last), text, TEXT)
        self.sheet.height(self.row, lines_of(text, sum(self.widths[1:])))
        self.row += 1

    def table(self, heads: Sequence[str], rows: Iterator[list[str]]) -> None:
        """A table with a head."""
        for number, head in enumerate(heads):
            self.sheet.put(self.row, number, head, HEAD)
        for cells in rows:
            self.row += 1
            for number, text in enumerate(cells):
                self.sheet.put(self.row, number, text, replace(TEXT, valign="top"))
            high = max(map(lines_of, cells, self.widths))
            self.sheet.height(self.row, high)
        self.row += 2


def write_guide(sheet: Sheet, blank: Blank) -> None:
    """Write the instruction of one form."""
    words, page = blank_words().guide, _Page(sheet)
    page.line(words.title.format(code=blank.form.code, title=blank.form.title), TITLE)
    page.row += 1
    for label, text in _facts(blank):
        page.fact(label, text)
    page.row += 1
    page.line(words.how_title, SECTION)
    zero = printed_labels()["is_zero_report"]
    for number, text in enumerate(words.how, 1):
        line = f"{number}. {text.format(zero=zero)}"
        page.line(line, replace(PLAIN, wrap=True, valign="top"))
    page.row += 1
    page.line(words.columns_title, SECTION)
    page.table(words.columns, _columns(blank))
    page.line(words.rules_title, SECTION)
    page.line(words.rules_note, PLAIN)
    page.table(words.rules, _rules(blank))
