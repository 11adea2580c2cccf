"""`bvb check`: the verdict on files before they are sent, without Airflow and without traces."""

from __future__ import annotations

import sys
from datetime import datetime
from pathlib import Path
from typing import Any

import click
from rich.console import Console
from rich.markup import escape

from bvb.clock import moscow_now
from ingest.contacts import load_contacts
from ingest.deliveries import write_atomically
from ingest.landing import plain_name
from ingest.settings import load_settings

SHOWN = 30
EXIT = {"accepted": 0, "accepted_with_remarks": 1, "partially_accepted": 1, "rejected": 2}
WORDS = {
    "accepted": "[green]принято[/green]",
    "accepted_with_remarks": "[yellow]принято с замечаниями[/yellow]",
    "partially_accepted": "[yellow]принято частично: отклонённые строки перечислены[/yellow]",
    "rejected": "[red]не принято[/red]",
}
NOT_CHECKED = (
    "Проверит общий прогон (к вашему файлу это не замечание: для сравнения нужны другие файлы):"
)


def _print(verdict: Any, console: Console) -> None:
    name = escape(plain_name(verdict.path.name))
    console.print(f"[bold]{name}[/bold]: {WORDS[verdict.status]}", highlight=False)
    for finding in verdict.findings[:SHOWN]:
        places = (
            ("лист «{}»", finding.sheet),
            ("строка {}", finding.row),
            ("столбец «{}»", finding.column_title),
        )
        place = ", ".join(words.format(value) for words, value in places if value)
        for line in (
            f"  • {finding.message}",
            f"    Где: {place}" if place else "",
            f"    Что сделать: {finding.how_to_fix}",
        ):
            if line:
                console.print(line, markup=False, highlight=False, soft_wrap=True)
    if len(verdict.findings) > SHOWN:
        console.print(f"  … и ещё замечаний: {len(verdict.findings) - SHOWN}")
    for line in [NOT_CHECKED, *(f"  — {item.text}" for item in verdict.not_checked)]:
        if verdict.not_checked:
            console.print(f"  {line}", style="dim", markup=False, highlight=False, soft_wrap=True)


def _write_marked(
    verdict: Any, folder: Path, now: datetime, console: Console, contacts: tuple[str, ...]
) -> None:
    from desk.marks import is_worth_marking, marked
    from desk.told import told_of

    if not verdict.path.exists():
        return  # it lay in an archive
    if not is_worth_marking(verdict.findings):
        return
    made = marked(verdict.path.read_bytes(), told_of(verdict, contacts=contacts), now)
    write_atomically(folder / made.name, made.data)
    console.print(f"  отмечено: {folder / made.name}", highlight=False, soft_wrap=True)


@click.command(help="Проверить файлы до отправки. Код выхода: 0 принято, 1 с замечаниями, 2 нет.")
@click.argument(
    "files", nargs=-1, required=True, type=click.Path(exists=True, dir_okay=False, path_type=Path)
)
@click.option("--marked", "folder", type=click.Path(file_okay=False, path_type=Path),
              help="Папка для копий с отметками в ячейках и листом «Итог».")  # fmt: skip
def command(files: tuple[Path, ...], folder: Path | None) -> None:
    """Print verdicts; the worst one is the exit code."""
    from expectations.check import check_files

    console, now, contacts = Console(), moscow_now(), load_contacts(load_settings())
    verdicts = check_files(list(files), now)
    for verdict in verdicts:
        _print(verdict, console)
        if folder is not None:
            _write_marked(verdict, folder, now, console, contacts)
    for line in contacts:
        console.print(line, markup=False, highlight=False, soft_wrap=True)
    sys.exit(max(EXIT[verdict.status] for verdict in verdicts))
