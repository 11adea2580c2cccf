"""`bvb explain`: the rows of files behind one number of the report (restricted)."""

from __future__ import annotations

import csv
import sys
from dataclasses import asdict
from datetime import date
from pathlib import Path

import click
from rich.console import Console
from rich.table import Table
from rich.text import Text

from bvb.commands import _options
from ingest.orders import reference_at
from ingest.settings import load_settings
from ingest.text import inert

SHOWN = 50
TITLES = {
    "form_code": "форма",
    "file_name": "файл",
    "sheet": "лист",
    "row": "строка",
    "person_key": "ключ человека",
    "is_confirmed": "подтверждён",
}


@click.command(help="Из каких строк каких файлов сложилось число отчёта (закрытые сведения).")
@_options.as_of
@click.option("--territory", type=int, required=True, help="Номер территории; 0 — область.")
@click.option("--indicator", required=True, help="Показатель I-1…I-8.")
@click.option("--csv", "as_csv", is_flag=True, help="Вывести все строки как CSV.")
@_options.data
def command(as_of: date, territory: int, indicator: str, as_csv: bool, data: Path | None) -> None:
    """Print the addresses of the rows that count."""
    from warehouse.explain import explain

    found = explain(load_settings(data), reference_at(as_of).order_id, as_of, indicator, territory)
    if as_csv:
        writer = csv.DictWriter(sys.stdout, ["indicator_id", "territory_id", *TITLES])
        writer.writeheader()
        writer.writerows(
            {name: inert(value) for name, value in asdict(row).items()} for row in found.rows
        )
        return
    console = Console()
    console.print(
        f"{indicator}, территория {territory}, {as_of:%d.%m.%Y}: факт {found.fact}, подтверждено"
        f" {found.fact_confirmed}; людей в строках {found.n_persons}, строк {len(found.rows)}",
        highlight=False,
        soft_wrap=True,
    )
    table = Table(*TITLES.values())
    for row in found.rows[:SHOWN]:
        cells = asdict(row) | {"is_confirmed": "да" if row.is_confirmed else "нет"}
        table.add_row(*(Text(f"{cells[name]}") for name in TITLES))
    if len(found.rows) > SHOWN:
        table.caption = f"показано {SHOWN} из {len(found.rows)} строк; все: --csv"
    console.print(table)
