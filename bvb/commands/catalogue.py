"""`bvb catalogue`: the tables, their columns and where they come from, as one page."""

from __future__ import annotations

from pathlib import Path

import click

from bvb.commands import _options
from ingest.deliveries import write_atomically
from ingest.settings import load_settings


@click.command(help="Каталог данных одной страницей: таблицы, столбцы, откуда что берётся.")
@click.option(
    "--out",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Файл страницы; по умолчанию warehouse/catalogue.html в папке данных.",
)
@_options.data
def command(out: Path | None, data: Path | None) -> None:
    """Write the page about the last build."""
    from warehouse.docs_page import docs_page

    settings = load_settings(data)
    path = out or settings.warehouse / "catalogue.html"
    path.parent.mkdir(parents=True, exist_ok=True)
    write_atomically(path, docs_page(settings).encode())
    click.echo(path)
