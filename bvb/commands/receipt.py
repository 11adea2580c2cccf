"""`bvb receipt`: the proof that a file was received, by the file or by the receipt's number."""

from __future__ import annotations

from pathlib import Path

import click

from bvb.commands import _options
from ingest.settings import load_settings


@click.command(help="Квитанция: когда получен файл и что с ним стало. ФАЙЛ — тот, что отправляли.")
@click.argument("asked", metavar="ФАЙЛ|НОМЕР")
@_options.data
def command(asked: str, data: Path | None) -> None:
    """Print every receipt of a file's bytes or of a number."""
    from desk.receipts import find_receipts

    found = find_receipts(load_settings(data), asked)
    click.echo(("\n" + "─" * 72 + "\n\n").join(receipt.text for receipt in found))
