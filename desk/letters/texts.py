"""The templates of letters and receipts: Russian plain text, all in one folder.

What enters: a template's name and its facts. What leaves: text; a fact not given is an error.
"""

from __future__ import annotations

from datetime import date, datetime
from functools import cache
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from ingest.settings import MOSCOW
from reports.formats import NBSP, counted, day, moment

TEMPLATES = Path(__file__).parent / "templates"
SUBJECT = "Тема: "


def _moscow(value: datetime) -> str:
    """Moscow wall time to the second."""
    return value.astimezone(MOSCOW).strftime("%d.%m.%Y %H:%M:%S")


class SubjectMissing(Exception):
    """A letter's template does not begin with its subject."""


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=False,  # noqa: S701 - plain text, never a page
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.filters |= {"day": day, "moment": moment, "moscow": _moscow}
    environment.filters["counted"] = counted
    environment.filters["iso_day"] = lambda text: day(date.fromisoformat(text))
    return environment


def render(template: str, **facts: object) -> str:
    """The text of a template; several empty lines become one, every space is a plain one."""
    text = _environment().get_template(f"{template}.txt.j2").render(facts).replace(NBSP, " ")
    lines: list[str] = []
    for line in text.splitlines():
        if line.strip() or (lines and lines[-1]):
            lines.append(line.rstrip())
    return "\n".join(lines).strip() + "\n"


def render_letter(template: str, **facts: object) -> tuple[str, str]:
    """Subject and text of a letter; the subject is the template's first line, «Тема: …».

    Raises:
        SubjectMissing: the first line is something else.
    """
    first, _, rest = render(template, **facts).partition("\n")
    if not first.startswith(SUBJECT):
        raise SubjectMissing(
            f"expected «{SUBJECT}…» as the first line of {template}.txt.j2, found {first!r}"
        )
    return " ".join(first.removeprefix(SUBJECT).split()), rest.lstrip("\n")
