"""`bvb report`: make the reports of a date again from the frozen marts."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import click

from bvb.commands import _options
from ingest.reference import load_reference
from ingest.settings import load_settings


@click.command(help="Сделать отчёты за дату ещё раз из опубликованных витрин (те же байты).")
@_options.as_of
@_options.data
def command(as_of: date, data: Path | None) -> None:
    """Render the catalogue's reports."""
    from reports.render import render

    for path in render(load_settings(data), as_of, load_reference().order_id):
        click.echo(path)
