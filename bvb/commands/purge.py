"""`bvb purge`: what is kept longer than its purpose needs goes, with a proof."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

import click
from rich.console import Console
from rich.table import Table

from bvb.clock import moscow_now
from bvb.commands import _options
from ingest.settings import load_settings

if TYPE_CHECKING:
    from ingest.settings import Settings

_MB = 1 << 20


@click.command(help="Удалить то, чей срок хранения истёк к дате (duty/retention.yml), с актом.")
@_options.as_of
@click.option("--dry-run", is_flag=True, help="Только показать, что будет удалено.")
@_options.data
def command(as_of: date, dry_run: bool, data: Path | None) -> None:
    """Show, or remove."""
    from duty.errors import DateAhead
    from duty.purge import proof_path, purge, summed
    from duty.retention import due, load_purposes

    settings, now = load_settings(data), moscow_now()
    if as_of > now.date() and not dry_run:
        raise DateAhead(f"expected a day up to today, {now.date()}, found {as_of}; use --dry-run")
    gone = summed(due(settings, as_of)) if dry_run else purge(settings, as_of, now)
    console = Console(highlight=False)
    if not gone:
        console.print(f"на {as_of:%d.%m.%Y} удалять нечего: сроки не истекли")
        return
    table = Table("что", "срок", "файлов", "МБ", "срок истёк с", "основание")
    for item in gone:
        purpose = load_purposes()[item.purpose]
        term = f"{purpose.years} г." if purpose.years else f"{purpose.days} дн."
        since = f"{term} после распоряжения" if purpose.since == "order_end" else term
        size = f"{item.n_bytes / _MB:.1f}"
        due_on = f"{item.first_due_on:%d.%m.%Y}"
        table.add_row(item.title, since, f"{item.n_files}", size, due_on, purpose.clause)
    console.print(table)
    if dry_run:
        console.print("ничего не удалено: это проба (--dry-run)")
    else:
        if any(item.purpose == "restricted" for item in gone):
            console.print(_on_server(settings))
        console.print(f"удалено; акт: {proof_path(settings, as_of)}", soft_wrap=True)


def _on_server(settings: Settings) -> str:
    """Names that are gone here must not live on there."""
    from bvb.server import server_of
    from duty.retention import names_are_gone
    from duty.server_rows import forget_on

    server = server_of(settings)
    if server is None or not names_are_gone(settings):
        return "на сервере имён, чей срок истёк, нет"
    return f"на сервере убрано строк с именами: {forget_on(server, None)}"
