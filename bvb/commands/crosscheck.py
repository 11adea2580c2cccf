"""`bvb crosscheck`: the same run on PostgreSQL, every table compared with what was published."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path

import click

from bvb.airflow import apply_environment, use_kept_connections
from bvb.commands import _options
from bvb.which_run import open_run
from ingest.settings import load_settings


@click.command(
    help="Построить тот же прогон в PostgreSQL (соединение Airflow bvb_postgres) "
    "и сверить каждую таблицу с опубликованной."
)
@_options.as_of
@_options.known_at
@click.option(
    "--database",
    default="bvb_build",
    show_default=True,
    help="Отдельная база сборки на том же сервере; база читателей не подойдёт.",
)
@_options.data
def command(as_of: date, known_at: str | None, database: str, data: Path | None) -> None:
    """Build on the server and say what agreed."""
    settings = load_settings(data)
    apply_environment(settings, quiet=True)
    use_kept_connections()
    from bvb.server import require_server
    from warehouse.crosscheck import crosscheck

    run = open_run(as_of, known_at, settings)
    done = crosscheck(run, replace(require_server(), database=database))
    click.echo(f"Версия {done.version}: совпали все таблицы, {done.n_tables}.")
    click.echo(f"Построено и проверено в PostgreSQL узлов dbt: {done.n_nodes}.")
