"""`bvb serve`: publish the frozen marts to PostgreSQL; passwords of roles; what is kept there."""

from __future__ import annotations

from pathlib import Path

import click
from rich.console import Console
from rich.table import Table

from bvb.airflow import apply_environment, use_kept_connections
from bvb.commands import _options
from ingest.settings import MOSCOW, load_settings


@click.command(help="Опубликовать витрины в PostgreSQL (соединение Airflow bvb_postgres).")
@_options.data
@click.option(
    "--passwords",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    help="CSV role,password: задать пароли ролей; остальные войти не могут.",
)
@click.option("--list", "is_list", is_flag=True, help="Показать хранимые версии и выйти.")
def command(data: Path | None, passwords: Path | None, is_list: bool) -> None:
    """Publish, set passwords, or list."""
    settings = load_settings(data)
    apply_environment(settings, quiet=True)
    use_kept_connections()
    from bvb import server as served

    console = Console()
    server = served.require_server()
    if is_list:
        table = Table("публикация", "версия", "дата среза", "когда", "сейчас")
        for kept in served.kept(server):
            mark = "✓" if kept.is_current else ""
            moment = f"{kept.published_at.astimezone(MOSCOW):%d.%m.%Y %H:%M}"
            table.add_row(
                f"{kept.publication_id}", kept.version, f"{kept.as_of:%d.%m.%Y}", moment, mark
            )
        console.print(table)
        return
    console.print(served.in_words(served.publish(settings, server)), soft_wrap=True)
    if passwords:
        count = served.give_passwords(server, passwords, settings)
        console.print(f"заданы пароли ролей: {count}")
