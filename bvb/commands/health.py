"""`bvb health`: is everything well, and what to do if not."""

from __future__ import annotations

import sys
from pathlib import Path

import click
from rich.console import Console

from bvb.airflow import apply_environment, use_kept_connections
from bvb.commands import _options
from ingest.settings import load_settings


@click.command(help="Всё ли в порядке: что стоит, чего нет, что делать. Код выхода 1: не всё.")
@_options.data
def command(data: Path | None) -> None:
    """Print every signal."""
    settings = load_settings(data)
    apply_environment(settings, quiet=True)
    use_kept_connections()
    from bvb.duty_steps import look_at_health

    signals = look_at_health(settings)
    console = Console()
    if not signals:
        console.print("Всё в порядке.")
        return
    for signal in signals:
        console.print(f"[red]✗[/red] [bold]{signal.title}[/bold]")
        for name, text in (
            ("найдено", signal.found),
            ("что делать", signal.todo),
            ("подробно", signal.runbook),
        ):
            console.print(f"  {name}: {text}", markup=False, highlight=False, soft_wrap=True)
    sys.exit(1)
