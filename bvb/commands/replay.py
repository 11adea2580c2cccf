"""`bvb replay`: all run dates of a span in one command."""

from __future__ import annotations

import sys
from datetime import date
from pathlib import Path

import click
from rich.console import Console

from bvb.commands import _options
from ingest.settings import load_settings


@click.command(help="Прогнать все даты года по порядку: концы месяцев и контрольные даты.")
@click.option("--from", "first", type=_options.DAY, callback=_options.as_day, required=True,
              help="Первая дата.")  # fmt: skip
@click.option("--to", "last", type=_options.DAY, callback=_options.as_day, required=True,
              help="Последняя дата.")  # fmt: skip
@click.option("--synthetic", "scale", type=float,
              help="Если incoming/ пуста, сначала записать вымышленный год.")  # fmt: skip
@_options.data
def command(first: date, last: date, scale: float | None, data: Path | None) -> None:
    """Replay a span; exit code 1 when a date failed."""
    from bvb.airflow import apply_environment
    from bvb.cli import is_ours
    from bvb.replay import replay

    settings = load_settings(data)
    apply_environment(settings, quiet=True)
    console = Console(highlight=False)
    if scale is not None and not any(settings.incoming.glob("*")):
        from synthetic.region import generate_year

        written = generate_year(settings.incoming, (first, last), scale=scale)
        console.print(f"Записано файлов вымышленной области: {len(written.files)}")
    failed = 0
    for done in replay(settings, first, last, is_ours):
        day = f"{done.as_of:%d.%m.%Y}"
        if done.error:
            failed += 1
            console.print(f"{day}  не удалось: {done.error}", style="red", markup=False)
        elif not done.is_new:
            console.print(f"{day}  изменений нет")
        else:
            console.print(
                f"{day}  строк {done.rows:>9,}  замечаний {done.findings:>7,}"
                f"  {done.seconds:6.1f} с".replace(",", " ")
            )
    # What is copied into a shell stays on its line.
    hint = f"Отчёты: {settings.reports}; дорожная карта: bvb sql 'from mart_roadmap_region'"
    console.print(hint, soft_wrap=True)
    sys.exit(1 if failed else 0)
