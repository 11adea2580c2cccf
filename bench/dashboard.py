"""`python -m bench.dashboard`: how long the questions of the dashboard's charts take, one by one.

What enters: the address of the server (the password may come from PGPASSWORD), a data directory
with a published catalogue, or both. What leaves: median and 95th percentile of each chart in ms.
"""

from __future__ import annotations

import re
import statistics
import time
from collections.abc import Callable
from pathlib import Path

import click
import duckdb
import psycopg2

from dashboards.look import recorded

REPEATS = 20


def milliseconds(ask: Callable[[str], object], question: str, repeats: int) -> list[float]:
    """Durations of asking and fetching, the first (cold) call included."""
    found = []
    for _ in range(repeats):
        started = time.perf_counter()
        ask(question)
        found.append((time.perf_counter() - started) * 1000)
    return sorted(found)


def p95(sorted_values: list[float]) -> float:
    """The value that one call in twenty exceeds."""
    return sorted_values[int(len(sorted_values) * 0.95) - 1]


def measure(name: str, ask: Callable[[str], object], repeats: int) -> None:
    """Ask every question; a line for each and one for all."""
    every: list[float] = []
    click.echo(f"\n{name}: {'p50':>8} {'p95':>8}  ms")
    for chart, question in recorded().items():
        found = milliseconds(ask, question, repeats)
        every += found
        click.echo(f"{statistics.median(found):8.1f} {p95(found):8.1f}  {chart}")
    every.sort()
    click.echo(f"{statistics.median(every):8.1f} {p95(every):8.1f}  all {len(every)} calls")


@click.command()
@click.option("--server", help="Address of the PostgreSQL database, as the role bvb_report.")
@click.option("--data", type=click.Path(path_type=Path, exists=True), help="Data directory.")
@click.option("--repeats", default=REPEATS, show_default=True)
def main(server: str | None, data: Path | None, repeats: int) -> None:
    """Measure the server, the catalogue or both."""
    if server:
        with psycopg2.connect(server) as connection, connection.cursor() as cursor:

            def ask_server(question: str) -> object:
                cursor.execute(question)
                return cursor.fetchall()

            measure("PostgreSQL", ask_server, repeats)
    if data:
        catalogue = data / "warehouse" / "catalog.duckdb"
        with duckdb.connect(f"{catalogue}", read_only=True) as connection:

            def ask_catalogue(question: str) -> object:
                return connection.execute(re.sub(r"\bmarts\.", "main.", question)).fetchall()

            measure("Catalogue (DuckDB over Parquet)", ask_catalogue, repeats)


if __name__ == "__main__":
    main()
