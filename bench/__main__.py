"""`make bench`: every stage of the pipeline and the two plain scripts, each in its own process.

What enters: the scales to measure. What leaves: `bench/results.json` and `docs/benchmark.md`.
Ratios of one run on one machine are what counts; seconds differ between machines.
"""

from __future__ import annotations

import json
import platform
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import Any

import click
import duckdb

from bench.table import write_table

ROOT = Path(__file__).resolve().parents[1]
SEEDS = ROOT / "dbt_project" / "seeds"
RESULTS = ROOT / "bench" / "results.json"
# The office's script at ten times the region would run for most of an hour: not measured there.
PANDAS_UP_TO = 1.0
SENDER_UP_TO = 1.0
YEAR = ("2024-05-01", "2024-12-31")


def measure(arguments: list[str], environment: dict[str, str] | None = None) -> dict[str, Any]:
    """Run a Python module or script; its seconds, CPU seconds and peak memory in MB."""
    runner = [sys.executable, "-m", "bench.measured", *arguments]
    answer = subprocess.run(
        runner, cwd=ROOT, env=environment, capture_output=True, text=True, check=False
    )
    if answer.returncode:
        raise SystemExit(f"{' '.join(arguments)}:\n{answer.stderr[-3000:]}")
    found: dict[str, Any] = json.loads(answer.stdout.splitlines()[-1])
    return found


def one_scale(scale: float, as_of: date, folder: Path) -> dict[str, Any]:
    """Everything at one scale."""
    data, incoming = folder / "data", folder / "data" / "incoming"
    synth = measure(
        ["bvb.cli", "synth", "--as-of", f"{as_of}", "--scale", f"{scale}", "--out", f"{incoming}"]
    )
    stages = measure(["bench.stages", f"{data}", f"{as_of}"])
    result = {"synth": synth, "pipeline": stages, "rows": _rows(data, as_of)}
    if scale <= SENDER_UP_TO:
        result["sender"] = measure(["bench.sender", f"{data}", f"{as_of}"])["sender"]
    common = [f"{incoming}", f"{SEEDS}", f"{as_of}"]
    result["plain_duckdb"] = measure(["bench.plain_duckdb", *common, f"{folder / 'plain.csv'}"])
    if scale <= PANDAS_UP_TO:
        result["plain_pandas"] = measure(
            ["bench.plain_pandas", *common, f"{folder / 'plain.xlsx'}"]
        )
    return result


def _rows(data: Path, as_of: date) -> dict[str, int]:
    pattern = data / "accepted" / f"{as_of}__*" / "deliveries.parquet"
    rows = duckdb.sql(
        f"select form_code, sum(n_received)::bigint from '{pattern}' where is_selected"
        " group by 1 order by 1"
    ).fetchall()
    return {str(form): int(count) for form, count in rows}


@click.command()
@click.option(
    "--scale", "scales", type=float, multiple=True, default=(1.0, 10.0), show_default=True
)
@click.option("--year", "year_scale", type=float, help="Replay a whole year at this scale instead.")
@click.option("--as-of", default="2024-09-30", show_default=True)
@click.option("--folder", type=click.Path(path_type=Path), help="Keep the data here.")
def main(
    scales: tuple[float, ...], year_scale: float | None, as_of: str, folder: Path | None
) -> None:
    """Measure and write the results."""
    # A scale is a run of its own: measuring one again leaves the others as they are.
    before = json.loads(RESULTS.read_text(encoding="utf-8")) if RESULTS.exists() else {}
    results = before | {"python": platform.python_version(), "scales": before.get("scales", {})}
    if year_scale is not None:
        with _place(folder, "year") as place:
            results["year"] = measure(["bench.year", f"{place}", *YEAR, f"{year_scale}"])["year"]
        _keep(results)
        return
    results["as_of"] = as_of
    for scale in scales:
        started = time.monotonic()
        with _place(folder, f"{scale:g}") as place:
            results["scales"][f"{scale:g}"] = one_scale(scale, date.fromisoformat(as_of), place)
        click.echo(f"scale {scale:g}: {time.monotonic() - started:.0f} s")
        _keep(results)


@contextmanager
def _place(folder: Path | None, name: str) -> Iterator[Path]:
    """Where a measurement keeps its data; gone afterwards if nobody asked to keep it."""
    if folder:
        yield folder / name
    else:
        with tempfile.TemporaryDirectory(prefix="bench-") as place:
            yield Path(place)


def _keep(results: dict[str, Any]) -> None:
    text = json.dumps(results, ensure_ascii=False, indent=1) + "\n"
    RESULTS.write_text(text, encoding="utf-8")
    write_table(results, ROOT / "docs" / "benchmark.md")


if __name__ == "__main__":
    main()
