"""The benchmark's results as a page of the documentation."""

from __future__ import annotations

from pathlib import Path
from typing import Any

HEAD = """# Benchmark

Made by `make bench`; raw numbers in `bench/results.json`. Every row is a process of its own, all
rows of a scale were made on one machine in one run, so ratios are what to read. *Pipeline* is every
step of the DAG without Airflow's start: it keeps the bytes, validates every row twice (split and
Great Expectations), answers each sender, builds and freezes all marts and makes the reports of the
date; files are read two at a time, as the executor does. The plain scripts only compute the eight
indicators: (a) calamine + DuckDB, (b) pandas + openpyxl.
"""


def _line(cells: list[str]) -> str:
    return "| " + " | ".join(cells) + " |"


def _cost(found: dict[str, Any]) -> list[str]:
    return [f"{found['seconds']:.1f}", f"{found['cpu_seconds']:.1f}", f"{found['peak_mb']:,}"]


def _scale(scale: str, found: dict[str, Any]) -> list[str]:
    rows = found["rows"]
    lines = [
        f"\n## Scale {scale}: {rows.get('P03', 0):,} pupils,"
        f" {rows.get('P05', 0):,} participations\n"
    ]
    lines += [
        _line(["", "seconds", "CPU s", "peak MB", "to (a)"]),
        _line(["---", "--:", "--:", "--:", "--:"]),
    ]
    base = found["plain_duckdb"]["seconds"]
    names = {
        "pipeline": "pipeline",
        "plain_duckdb": "(a) calamine + DuckDB",
        "plain_pandas": "(b) pandas + openpyxl",
    }
    for key, name in names.items():
        if key in found:
            lines.append(_line([name, *_cost(found[key]), f"{found[key]['seconds'] / base:.2f}"]))
    lines += ["", _line(["stage", "seconds", "peak MB so far"]), _line(["---", "--:", "--:"])]
    for stage, cost in found["pipeline"]["stages"].items():
        lines.append(_line([stage, f"{cost['seconds']:.1f}", f"{cost['peak_mb']:,}"]))
    return lines + (_sender(found["sender"]) if "sender" in found else [])


def _sender(found: dict[str, Any]) -> list[str]:
    read, one = found["read"], found["one"]
    marts = ", ".join(f"{name} {seconds:.1f}" for name, seconds in found["steps"].items())
    marts += "; the second count stands beside the build"
    said = {
        f"{read['files']} lists read together": read["ours"],
        "the same by calamine alone": read["calamine"],
        "one corrected list: verdict": one["check"],
        "its copy with marks": one["mark"],
        "from arrival to the marked copy on disk": found["arrival_to_marked"],
        f"to the refreshed marts ({marts})": found["marts"],
    }
    lines = ["", _line(["what a sender waits for", "seconds"]), _line(["---", "--:"])]
    return lines + [_line([name, f"{seconds:.2f}"]) for name, seconds in said.items()]


def _year(year: dict[str, Any]) -> list[str]:
    first = year["runs"][0]["seconds"]
    lines = [
        f"\n## A year replayed at scale {year['scale']:g}: {year['files']:,} files\n",
        f"Written in {year['write']} s, received and read in {year['receive']} s. Every run date in"
        " its order, in one process.\n",
        _line(["run date", "rows accepted", "seconds", "to the first"]),
        _line(["---", "--:", "--:", "--:"]),
    ]
    for run in year["runs"]:
        ratio = f"{run['seconds'] / first:.2f}"
        lines.append(_line([run["as_of"], f"{run['rows']:,}", f"{run['seconds']:.1f}", ratio]))
    return lines


def _server(found: dict[str, Any]) -> list[str]:
    ratio = f"{found['publication_seconds'] / found['plain_seconds']:.2f}"
    return [
        "\n## Publication to PostgreSQL\n",
        f"`python -m bench.server DATA`: {found['tables']} tables, {found['rows']:,} rows of the"
        " region at its true size; *plain* is the same rows by ADBC and nothing else.\n",
        _line(["", "seconds", "to plain"]),
        _line(["---", "--:", "--:"]),
        _line(
            ["publication with proof, keys, rights", f"{found['publication_seconds']:.1f}", ratio]
        ),
        _line(["plain", f"{found['plain_seconds']:.1f}", "1.00"]),
        f"\nThe switch itself took {found['switch_ms']:.1f} ms.",
    ]


def write_table(results: dict[str, Any], path: Path) -> None:
    """Write the page."""
    lines = [HEAD]
    for scale, found in sorted(results["scales"].items(), key=lambda item: float(item[0])):
        lines += _scale(scale, found)
    if "year" in results:
        lines += _year(results["year"])
    if "server" in results:
        lines += _server(results["server"])
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
