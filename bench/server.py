"""`python -m bench.server DATA`: a publication to the server of the connection, and the bare load.

What enters: a published data directory. What leaves: seconds of the whole publication, of its
switch, and of the plainest equivalent: ADBC ingest of the same rows, nothing compared or granted.
"""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path

from bench.table import write_table
from bvb.airflow import apply_environment, use_kept_connections
from bvb.server import publish, require_server
from ingest.settings import Settings, load_settings
from warehouse.server.connection import Server
from warehouse.server.contents import Table, load_contents, open_source
from warehouse.server.spec import load_server_spec

PLAIN = "bench_plain"
RESULTS = Path(__file__).with_name("results.json")


def plain(settings: Settings, server: Server, tables: tuple[Table, ...]) -> float:
    """Seconds of loading the same tables into one schema and nothing else."""
    with server.connected() as connection, connection.cursor() as cursor:
        cursor.execute(f"drop schema if exists {PLAIN} cascade; create schema {PLAIN}")
        started = time.perf_counter()
        with open_source(settings) as source, server.ingesting() as target:
            for table in tables:
                reader = source.execute(table.rows).to_arrow_reader(100_000)
                with target.cursor() as sender:
                    name = f"{table.layer}_{table.name}"
                    sender.adbc_ingest(name, reader, mode="create", db_schema_name=PLAIN)
        seconds = time.perf_counter() - started
        cursor.execute(f"drop schema {PLAIN} cascade")
    return round(seconds, 2)


def forget_current(server: Server) -> None:
    """Make the server take the same version for a new one."""
    with server.connected() as connection, connection.cursor() as cursor:
        cursor.execute("select to_regclass('audit.publication') is not null")
        if cursor.fetchone() == (True,):
            cursor.execute("update audit.publication set fingerprint = 'measured again'")


def keep(found: dict[str, float]) -> None:
    """Put the figures beside the others and write the page anew."""
    results = json.loads(RESULTS.read_text(encoding="utf-8")) | {"server": found}
    RESULTS.write_text(json.dumps(results, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    write_table(results, RESULTS.parents[1] / "docs" / "benchmark.md")


def main(data: Path) -> None:
    """Measure and print one line of JSON."""
    settings = load_settings(data)
    apply_environment(settings, quiet=True)
    use_kept_connections()
    server = require_server()
    contents = load_contents(settings, load_server_spec())
    bare = plain(settings, server, contents.tables)
    forget_current(server)
    started = time.perf_counter()
    done = publish(settings, server)
    found = {
        "tables": done.n_tables,
        "rows": done.n_rows,
        "plain_seconds": bare,
        "publication_seconds": round(time.perf_counter() - started, 2),
        "switch_ms": done.switch_ms,
    }
    print(json.dumps(found))
    keep(found)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
