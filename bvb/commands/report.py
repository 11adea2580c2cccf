"""`bvb report`: any report of the catalogue for any published date."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import click
from rich.console import Console
from rich.table import Column, Table

from bvb.commands import _options
from ingest.orders import reference_at
from ingest.settings import load_settings


def _show_list() -> None:
    from reports.catalogue import catalogue
    from reports.config import words

    # The name is what gets typed after --only, so it is never cut.
    table = Table(Column("имя", no_wrap=True), "код", "отчёт", "кому", "когда делается")
    for spec in catalogue().reports:
        when = words().word("report_when", spec.when).label
        table.add_row(spec.id, spec.code, spec.title, spec.addressee, when)
    Console().print(table)


@click.command(help="Сделать отчёты за опубликованную дату из её витрин (те же байты).")
@click.option("--as-of", type=_options.DAY, callback=_options.as_day, help="Дата, ГГГГ-ММ-ДД.")
@click.option("--only", multiple=True, metavar="ИМЯ", help="Имя из каталога; all — все.")
@click.option("--territory", type=int, help="Для отчётов по территориям — только эта.")
@click.option("--list", "is_list", is_flag=True, help="Показать каталог.")
@_options.data
def command(
    as_of: date | None,
    only: tuple[str, ...],
    territory: int | None,
    is_list: bool,
    data: Path | None,
) -> None:
    """Render reports of the catalogue."""
    if is_list:
        _show_list()
        return
    if as_of is None:
        raise click.UsageError("укажите --as-of ДАТА или --list")
    from reports.render import render

    settings = load_settings(data)
    done = render(settings, as_of, reference_at(as_of).order_id, only, territory)
    for path in done.paths:
        click.echo(path)
    for name, reason in done.skipped.items():
        click.echo(f"не сделано: {name} — {reason}", err=True)
    if done.not_renewed:
        names = " ".join(f"--only {name}" for name in done.not_renewed)
        click.echo(
            f"выпуск {done.edition}: прежний выпуск содержит ещё отчёты, они не обновлены; "
            f"обновить: bvb report --as-of {as_of} {names}",
            err=True,
        )
