"""The templates of the room: one environment for the page and for what is printed."""

from __future__ import annotations

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from reports.config import ROOM
from reports.formats import day, number


def html_environment() -> Environment:
    """Templates of `reports/templates`; a name that nobody gave is an error."""
    environment = Environment(
        loader=FileSystemLoader(ROOM / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.filters |= {"day": day, "num": number}
    return environment
