"""What the publication before this run said: the only memory that a run has.

What enters: a run and the published versions. What leaves: `<accepted>/history/*.parquet`, one file
a declared table, in declared columns and types; empty where there is nothing before, so that models
need no second shape. One older version is read at most, however many there are.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import duckdb

from ingest.runs import RunContext
from ingest.settings import Settings
from ingest.sql import sql_text
from warehouse.files import room_for_duckdb
from warehouse.runner import PROJECT

# Table → columns and types that models may read of the version before.
TABLES: dict[str, dict[str, str]] = {
    "dim_run": {
        "as_of": "date",
        "known_on": "date",
        "load_id": "varchar",
        "rules_version": "varchar",
        "formulas_version": "varchar",
        "plan_version": "varchar",
    },
    "fct_indicator_contribution": {
        "indicator_id": "varchar",
        "person_key": "varchar",
        "territory_id": "integer",
    },
    "dim_navigator": {"navigator_key": "varchar", "evidence": "varchar"},
    "dim_pupil": {"pupil_key": "varchar", "evidence": "varchar"},
    "fct_participation": {"row_key": "varchar", "person_key": "varchar", "evidence": "varchar"},
    "fct_delivery": {"form_code": "varchar", "delivery_as_of": "date"},
    "mart_indicator_progress": {
        "territory_id": "integer",
        "indicator_id": "varchar",
        "fact": "bigint",
        "target": "bigint",
        "value_status": "varchar",
    },
    "mart_finding": {
        "finding_key": "varchar",
        "rule_id": "varchar",
        "form_code": "varchar",
        "sender_territory_id": "integer",
        "territory_id": "integer",
        "period": "varchar",
        "stage": "varchar",
        "severity": "varchar",
        "column_name": "varchar",
        "state": "varchar",
        "first_as_of": "date",
        "first_delivery_id": "varchar",
        "opened_on": "date",
        "last_as_of": "date",
        "last_seen_on": "date",
        "last_delivery_id": "varchar",
        "closed_on": "date",
        "n_reopened": "integer",
        "answered_on": "date",
        "answered_until": "date",
        "answered_by": "varchar",
        "answered_why": "varchar",
    },
    "fct_control_point": {
        "control_id": "varchar",
        "territory_id": "integer",
        "done_on": "date",
        "evidence_form": "varchar",
        "evidence_delivery_id": "varchar",
        "evidence_row_id": "varchar",
    },
}
# Columns that are made of published ones.
_MADE = {
    ("fct_participation", "row_key"): "event_id || ':' || pupil_key",
    ("fct_participation", "person_key"): "pupil_key",
}
_ONLY = {"fct_delivery": "is_selected"}
# Links to the versions, `<order>__<as_of>`, beside them.
BY_DATE = "by_date"


@dataclass(frozen=True)
class Previous:
    """The publication before: its date and folder."""

    as_of: date
    folder: Path

    @property
    def version(self) -> str:
        """Name of the frozen version."""
        return self.folder.name


def find_previous(settings: Settings, order_id: str, as_of: date) -> Previous | None:
    """The newest publication of the same order with an earlier date, by the links' names alone."""
    prefix = f"{order_id}__"
    dates = sorted(
        date.fromisoformat(link.name.removeprefix(prefix))
        for link in (settings.marts / BY_DATE).glob(f"{prefix}*")
    )
    earlier = [day for day in dates if day < as_of]
    if not earlier:
        return None
    link = settings.marts / BY_DATE / f"{prefix}{earlier[-1]}"
    return Previous(earlier[-1], link.resolve())


def previous_version(settings: Settings, order_id: str, as_of: date) -> str:
    """Name of the version before, or an empty text: part of what a run's result depends on."""
    found = find_previous(settings, order_id, as_of)
    return found.version if found else ""


def formulas_version() -> str:
    """Fingerprint of what turns rows into numbers: models, macros, formulas, parameters."""
    digest = hashlib.sha256()
    models = (*(PROJECT / "models").rglob("*.sql"), *(PROJECT / "macros").rglob("*.sql"))
    seeds = (PROJECT / "seeds" / f"{name}.csv" for name in ("indicators", "parameters"))
    for path in (*sorted(models), *seeds):
        digest.update(path.relative_to(PROJECT).as_posix().encode())
        digest.update(path.read_bytes())
    return digest.hexdigest()[:16]


def _query(table: str, columns: dict[str, str], previous: Previous | None) -> str:
    path = previous.folder / f"{table}.parquet" if previous else None
    if previous is None or path is None or not path.exists():
        nothing = ", ".join(f"cast(null as {kind}) as {name}" for name, kind in columns.items())
        return f"select {nothing} where false"
    manifest = json.loads((previous.folder / "manifest.json").read_text(encoding="utf-8"))
    known = {column["name"] for column in manifest["tables"][table]["columns"]}
    parts = []
    for name, kind in columns.items():
        made = _MADE.get((table, name), name if name in known else "null")
        parts.append(f"cast({made} as {kind}) as {name}")
    where = f" where {_ONLY[table]}" if table in _ONLY else ""
    return f"select {', '.join(parts)} from read_parquet({sql_text(str(path))}){where}"


def write_history(run: RunContext) -> Previous | None:
    """Write the memory of a run beside its accepted rows; the same version gives the same bytes.

    Returns:
        the publication that was read, or None when this is the first.
    """
    previous = find_previous(run.settings, run.reference.order_id, run.as_of)
    write_tables(run.accepted_dir / "history", previous)
    return previous


def write_tables(folder: Path, previous: Previous | None) -> None:
    """Write every declared table of a version, or empty ones."""
    folder.mkdir(parents=True, exist_ok=True)
    queries = {table: _query(table, columns, previous) for table, columns in TABLES.items()}
    queries["versions"] = f"select {sql_text(formulas_version())} as formulas_version"
    with duckdb.connect() as connection:
        for table, query in queries.items():
            temporary = folder / f".{table}.tmp"
            with room_for_duckdb(temporary):
                connection.execute(
                    f"copy ({query} order by all) to {sql_text(str(temporary))} (format parquet)"
                )
                temporary.replace(folder / f"{table}.parquet")
