"""`bvb sql`: a read-only question to the published warehouse."""

from __future__ import annotations

import csv
import sys
from pathlib import Path

import click
from rich.console import Console
from rich.markup import escape
from rich.table import Table
from rich.text import Text

from bvb.commands import _options
from ingest.settings import load_settings
from ingest.text import inert

SHOWN = 200


@click.command(help='Запрос к опубликованному хранилищу, например "select * from mart_deliveries".')
@click.argument("query")
@click.option("--csv", "as_csv", is_flag=True, help="Вывести все строки как CSV.")
@_options.data
def command(query: str, as_csv: bool, data: Path | None) -> None:
    """Print the answer as a table or as CSV."""
    from warehouse.query import select

    answer = select(load_settings(data), query)
    if as_csv:
        writer = csv.writer(sys.stdout)
        writer.writerow(map(inert, answer.columns))
        writer.writerows(map(inert, row) for row in answer.rows)
        return
    # Columns and cells are a user's or a sender's text: none of it is markup.
    table = Table(*map(escape, answer.columns))
    for row in answer.rows[:SHOWN]:
        table.add_row(*(Text("" if value is None else f"{value}") for value in row))
    if len(answer.rows) > SHOWN:
        table.caption = f"показано {SHOWN} из {len(answer.rows)} строк; все строки: --csv"
    Console().print(table)
