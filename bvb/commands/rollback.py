"""`bvb rollback`: show the server's readers an older version."""

from __future__ import annotations

from pathlib import Path

import click

from bvb.airflow import apply_environment, use_kept_connections
from bvb.commands import _options
from ingest.settings import load_settings


@click.command(help="Вернуть на сервере PostgreSQL прежнюю версию (последнюю перед нынешней).")
@click.argument("publication", type=int, required=False)
@_options.data
def command(publication: int | None, data: Path | None) -> None:
    """Roll back to the last version, or to the named publication."""
    settings = load_settings(data)
    apply_environment(settings, quiet=True)
    use_kept_connections()
    from bvb import server as served

    click.echo(served.in_words(served.back(served.require_server(), publication)))
