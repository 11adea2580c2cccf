"""`bvb crosscheck`: the same run on PostgreSQL, every table compared with what was published."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import click

from bvb.commands import _options
from bvb.which_run import open_run
from ingest.settings import load_settings


@click.command(
    help="Построить тот же прогон в PostgreSQL и сверить каждую таблицу с опубликованной."
)
@_options.as_of
@_options.known_at
@click.option(
    "--server",
    "uri",
    envvar="BVB_POSTGRES_BUILD",
    required=True,
    metavar="АДРЕС",
    help="postgresql://имя:пароль@узел:порт/база — отдельная база сборки, не база читателей. "
    "Чтобы не писать пароль в командной строке, задайте переменную BVB_POSTGRES_BUILD.",
)
@_options.data
def command(as_of: date, known_at: str | None, uri: str, data: Path | None) -> None:
    """Build on the server and say what agreed."""
    from warehouse.crosscheck import crosscheck
    from warehouse.postgres import Server

    run = open_run(as_of, known_at, load_settings(data))
    done = crosscheck(run, Server(uri))
    click.echo(f"Версия {done.version}: совпали все таблицы, {done.n_tables}.")
    click.echo(f"Построено и проверено в PostgreSQL узлов dbt: {done.n_nodes}.")
