"""`bvb answer`: receive what has come and answer it at once, without waiting for a run."""

from __future__ import annotations

from pathlib import Path

import click

from bvb.commands import _options
from ingest.settings import load_settings


@click.command(help="Принять новое и сразу ответить: отметки в файлах и квитанции, до прогона.")
@_options.data
def command(data: Path | None) -> None:
    """Print what was done and where the answers lie."""
    from bvb.arrival_steps import answer_arrivals, in_words

    settings = load_settings(data)
    click.echo(in_words(answer_arrivals(settings)))
    click.echo(f"ответы: {settings.returned / 'arrivals'}")
