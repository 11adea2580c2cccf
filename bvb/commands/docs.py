"""`bvb docs`: write the reference pages from forms, rules and seeds."""

from __future__ import annotations

from pathlib import Path

import click

from bvb.reference_docs import pages
from bvb.steps import PROJECT

FOLDER = PROJECT / "docs" / "reference"


@click.command(help="Обновить справочники docs/reference из форм, правил и параметров.")
@click.option("--out", type=click.Path(path_type=Path, file_okay=False), default=FOLDER)
def command(out: Path) -> None:
    """Write every page."""
    out.mkdir(parents=True, exist_ok=True)
    for name, text in pages().items():
        (out / name).write_text(text, encoding="utf-8")
        click.echo(out / name)
