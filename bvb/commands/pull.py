"""`bvb pull`: take new files from the channels now, without waiting for the schedule."""

from __future__ import annotations

import sys
from pathlib import Path

import click
from rich.console import Console

from bvb.airflow import apply_environment, use_kept_connections
from bvb.commands import _options
from ingest.settings import load_settings


@click.command(help="Забрать новое из каналов (channels.yml). Код выхода 1: какой-то не ответил.")
@click.argument("names", nargs=-1, metavar="[КАНАЛ]…")
@_options.data
def command(names: tuple[str, ...], data: Path | None) -> None:
    """Pull the named channels, or all; a fault of one does not stop the others."""
    settings = load_settings(data)
    apply_environment(settings, quiet=True)
    use_kept_connections()
    from bvb.pulling import channel_names, in_words, pull_channel
    from channels.memory import ChannelBusy
    from channels.pull import FAULTS

    console = Console()
    chosen = names or tuple(channel_names(settings))
    if not chosen:
        console.print(f"Каналов нет: опишите их в {settings.channels_file}", soft_wrap=True)
    is_ok = True
    for name in chosen:
        try:
            line, mark = in_words(pull_channel(name, settings)), "[green]✓[/green]"
        except (*FAULTS, ChannelBusy) as error:
            line, mark, is_ok = f"{type(error).__name__}: {error}", "[red]✗[/red]", False
        console.print(f" {mark} {name} — ", end="", highlight=False)
        console.print(line, markup=False, highlight=False, soft_wrap=True)
    sys.exit(0 if is_ok else 1)
