"""`bvb watch`: what falls due soon and who still owes it."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import click
from rich.console import Console
from rich.table import Table

from bvb.commands import _options
from ingest.settings import load_settings

SHOWN = 6


@click.command(help="Сроки дорожной карты: что скоро наступает, что просрочено и кто не сдал.")
@click.option("--on", "day", type=_options.DAY, callback=_options.as_day, required=True,
              help="День, ГГГГ-ММ-ДД.")  # fmt: skip
@_options.data
def command(day: date, data: Path | None) -> None:
    """Print the list of a day and keep it in `outcomes/watch/`."""
    from bvb.watch_steps import watch_day
    from warehouse.watch import OVERDUE

    found = watch_day(day, load_settings(data))
    console = Console()
    if found.as_of is None:
        console.print("Ещё ничего не опубликовано: сроки из распоряжения, без имён должников.")
    else:
        console.print(f"По дорожной карте на {found.as_of:%d.%m.%Y}", highlight=False)
    table = Table("через", "срок", "п.", "контрольная точка", "не сдали")
    for item in found.reminders:
        names = ", ".join(item.owing[:SHOWN])
        more = f" и ещё {len(item.owing) - SHOWN}" if len(item.owing) > SHOWN else ""
        left = "просрочено" if item.days_left == OVERDUE else f"{item.days_left} р. д."
        table.add_row(left, f"{item.due_on:%d.%m.%Y}", item.item, item.title, names + more)
    console.print(table if found.reminders else "Ничего не наступает и не просрочено.")
