"""`bvb status`: what lies in the data directory and what was published."""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path

import click
from rich.console import Console
from rich.table import Table

from bvb.commands import _options
from bvb.pulling import in_words
from channels.pull import Outcome
from ingest.landing import all_landed
from ingest.settings import Settings, load_settings


def _runs(settings: Settings) -> Table:
    table = Table("срез и момент", "шагов", "окончен", title="Прогоны", title_justify="left")
    for folder in sorted(settings.outcomes.glob("*__*")):
        steps = len(list((folder / "steps").glob("*.json")))
        table.add_row(folder.name, f"{steps}", "да" if (folder / "done.json").exists() else "нет")
    return table


def _channels(settings: Settings) -> Table:
    table = Table("канал", "проход", "итог", title="Каналы", title_justify="left")
    for path in sorted((settings.outcomes / "channels").glob("*.json")):
        last = Outcome(**json.loads(path.read_text(encoding="utf-8")))
        moment = f"{datetime.fromisoformat(last.at):%d.%m.%Y %H:%M}"
        table.add_row(last.channel, moment, last.error or in_words(last))
    return table


@click.command(help="Что принято, какие прогоны были, что опубликовано.")
@_options.data
def command(data: Path | None) -> None:
    """Print the state of the data directory."""
    settings = load_settings(data)
    console = Console()
    console.print(f"Папка данных: {settings.data_dir}", soft_wrap=True, highlight=False)
    landed = all_landed(settings)
    console.print(f"Принято файлов: {len(landed)}")
    if landed:
        console.print(f"Последний: {max(item.received_at for item in landed):%d.%m.%Y %H:%M}")
    channels = _channels(settings)
    if channels.row_count:
        console.print(channels)
    console.print(_runs(settings))
    manifest = settings.marts / "current" / "manifest.json"
    if not manifest.exists():
        console.print("Ещё ничего не опубликовано: bvb run --as-of ГГГГ-ММ-ДД")
        return
    published = json.loads(manifest.read_text(encoding="utf-8"))
    console.print(f"Опубликованная версия: {manifest.parent.resolve().name}")
    console.print(f"load_id: {published['load_id']}")
