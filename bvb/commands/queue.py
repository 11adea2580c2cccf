"""`bvb queue`: names and words that wait for an operator, and her decisions about them."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import click
from rich.console import Console
from rich.table import Table

from bvb.clock import moscow_now
from bvb.commands import _options
from ingest.settings import load_settings


def _show(rows: list[dict[str, Any]], folder: Path, console: Console) -> None:
    """Print the queue; names of persons stay in their restricted workbook."""
    from expectations.queue import queue_words

    table = Table("№", "что", "где", "написано", "строк", "варианты")
    for row in rows:
        choices = [row[f"choice_{n}"] for n in (1, 2, 3) if row[f"choice_{n}"]]
        listed = "\n".join(f"{n}. {choice}" for n, choice in enumerate(choices, 1))
        place = row["place"] or row["note"]
        cells = (row["number"], row["kind"], place, row["text"], row["n_rows"], listed)
        table.add_row(*(f"{cell}" for cell in cells))
    if not rows:
        console.print("Очередь пуста: все названия и слова понятны.")
        return
    console.print(table)
    path = folder / queue_words()["file_name"]
    console.print(f"Заполнить таблицей: {path}", soft_wrap=True, highlight=False)
    console.print("Решить здесь: --accept № --choice 1 --by Фамилия, или --decision «…» --by …")


def _decide(row: dict[str, Any], choice: int | None, decision: str | None) -> str:
    from expectations.queue import choice_of

    if decision:
        return decision
    if choice is None or not row.get(f"choice_{choice}"):
        raise click.UsageError("Скажите, что решено: --choice с номером варианта или --decision.")
    return choice_of(row[f"choice_{choice}"])


@click.command(help="Очередь сопоставлений: неизвестные названия, слова и возможные повторы людей.")
@_options.as_of
@_options.known_at
@_options.data
@click.option("--accept", "number", type=int, help="Номер вопроса, по которому принято решение.")
@click.option("--choice", type=click.IntRange(1, 3), help="Номер варианта.")
@click.option("--decision", help="Решение своими словами (docs/decisions.md).")
@click.option("--by", "author", help="Кто решил: фамилия.")
def command(as_of: date, known_at: str | None, data: Path | None, **said: Any) -> None:
    """List what waits, or write a decision down; it is applied by the next run."""
    from bvb.which_run import open_run
    from expectations.queue import read_queue
    from ingest.decisions import add_mapping

    console = Console()
    settings = load_settings(data)
    run = open_run(as_of, known_at, settings)
    if not (run.quarantine_dir / "mapping_queue.parquet").exists():
        raise click.UsageError(f"Прогона на {as_of:%d.%m.%Y} ещё не было: bvb run --as-of {as_of}")
    rows = read_queue(run.quarantine_dir)
    if said["number"] is None:
        _show(rows, run.quarantine_dir, console)
        return
    row = next((row for row in rows if row["number"] == said["number"]), None)
    if row is None:
        raise click.UsageError(f"Вопроса № {said['number']} в очереди нет: вопросов {len(rows)}.")
    if not said["author"]:
        raise click.UsageError("Скажите, кто решил: --by Фамилия.")
    decision = _decide(row, said["choice"], said["decision"])
    values = {name: row[name] for name in ("kind", "place", "text")}
    values |= {"decision": decision, "author": said["author"]}
    path = add_mapping(settings, values, moscow_now())
    console.print(f"Записано в {path.name}: «{row['text']}» → «{decision}».", highlight=False)
    console.print("Решение подействует в следующем прогоне: bvb run … --known-at latest.")
