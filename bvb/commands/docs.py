"""`bvb docs`: write what follows from data: reference pages, the list of the tables' readers."""

from __future__ import annotations

from pathlib import Path

import click

from bvb import exposures
from bvb.reference_docs import pages
from ingest.code import PROJECT

FOLDER = PROJECT / "docs" / "reference"


@click.command(help="Обновить справочники docs/reference и список читателей таблиц (exposures).")
@click.option("--out", type=click.Path(path_type=Path, file_okay=False), default=FOLDER)
def command(out: Path) -> None:
    """Write every page and the exposures."""
    out.mkdir(parents=True, exist_ok=True)
    for name, text in pages().items():
        (out / name).write_text(text, encoding="utf-8")
        click.echo(out / name)
    if out == FOLDER:  # the project's own files, not a copy to look at
        exposures.PATH.write_text(exposures.exposures_text(), encoding="utf-8")
        click.echo(exposures.PATH)
