"""A run's accepted directory made by hand, without the rooms before dbt.

What enters: a few rows a form as dicts; what is left out is filled with NULL. What leaves: every
Parquet file that the dbt project reads, in the schema derived from `ingest/forms`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from ingest.forms import Column, ColumnType, Form, load_forms
from warehouse.history import write_tables

ORDER = "r-423-2024"
KNOWN_AT = datetime.fromisoformat("2024-10-03T23:59:59")
Row = Mapping[str, Any]

_TYPES = {
    ColumnType.DATE: pa.date32(),
    ColumnType.TS: pa.timestamp("us"),
    ColumnType.INT: pa.int64(),
    ColumnType.BOOL: pa.bool_(),
    ColumnType.GRADE: pa.int32(),
}
_HEAD = {
    "delivery_id": pa.string(),
    "sender_territory_id": pa.int32(),
    "delivery_as_of": pa.date32(),
    "row_id": pa.string(),
    "source_sheet": pa.string(),
    "source_row": pa.int32(),
    "has_error": pa.bool_(),
}
CONTROL = {
    "deliveries": {
        "delivery_id": pa.string(),
        "form_code": pa.string(),
        "form_version": pa.int32(),
        "sender_territory_id": pa.int32(),
        "as_of": pa.date32(),
        "version": pa.int32(),
        "received_at": pa.timestamp("us"),
        "sha256": pa.string(),
        "file_name": pa.string(),
        "channel": pa.string(),
        "status": pa.string(),
        "is_selected": pa.bool_(),
        "n_received": pa.int64(),
        "n_accepted": pa.int64(),
        "n_rejected": pa.int64(),
        "n_errors": pa.int64(),
        "n_warnings": pa.int64(),
        "supersedes": pa.string(),
    },
    "expected": {
        "form_code": pa.string(),
        "form_title": pa.string(),
        "sender_kind": pa.string(),
        "sender_territory_id": pa.int32(),
        "period": pa.string(),
        "due_on": pa.date32(),
        "is_due": pa.bool_(),
    },
    "findings": {
        "delivery_id": pa.string(),
        "form_code": pa.string(),
        "sender_territory_id": pa.int32(),
        "territory_id": pa.int32(),
        "rule_id": pa.string(),
        "severity": pa.string(),
        "stage": pa.string(),
        "sheet": pa.string(),
        "row": pa.int32(),
        "column_name": pa.string(),
        "period": pa.string(),
        "finding_key": pa.string(),
        "since_last": pa.string(),
        "answered": pa.string(),
        "answered_on": pa.date32(),
        "answered_until": pa.date32(),
        "answered_by": pa.string(),
        "answered_why": pa.string(),
    },
    "findings_before": {
        "delivery_id": pa.string(),
        "form_code": pa.string(),
        "sender_territory_id": pa.int32(),
        "territory_id": pa.int32(),
        "rule_id": pa.string(),
        "severity": pa.string(),
        "stage": pa.string(),
        "column_name": pa.string(),
        "period": pa.string(),
        "finding_key": pa.string(),
    },
    "versions": {
        "delivery_id": pa.string(),
        "previous_delivery_id": pa.string(),
        "period": pa.string(),
        "is_current": pa.bool_(),
        "is_readable": pa.bool_(),
        "n_fixed": pa.int64(),
        "n_left": pa.int64(),
        "n_new": pa.int64(),
    },
    "rules": {
        "rule_id": pa.string(),
        "form_code": pa.string(),
        "stage": pa.string(),
        "severity": pa.string(),
        "title_ru": pa.string(),
        "clause": pa.string(),
        "n_checked": pa.int64(),
        "n_failed": pa.int64(),
    },
    "run": {
        "order_id": pa.string(),
        "as_of": pa.date32(),
        "known_at": pa.timestamp("us"),
        "run_id": pa.string(),
        "load_id": pa.string(),
        "rules_version": pa.string(),
    },
}


def _public(column: Column) -> dict[str, pa.DataType]:
    if column.person:
        return {column.key_name: pa.string()}
    if column.pii:
        return {f"{column.name}_key": pa.string()} if column.match_key else {}
    fields = {column.name: _TYPES.get(column.type, pa.string())}
    if column.type is ColumnType.GRADE:
        fields[f"{column.name}_letter"] = pa.string()
    if column.lookup:
        fields[f"{column.name}_territory_id"] = pa.int32()
    return fields


def accepted_schema(form: Form) -> pa.Schema:
    """Schema of `accepted/<run_id>/<FORM>.parquet`."""
    fields = dict(_HEAD)
    for column in form.latest.columns:
        fields |= _public(column)
    return pa.schema(list(fields.items()))


def restricted_schema(form: Form) -> pa.Schema:
    """Schema of `restricted/<FORM>.parquet`: address, keys and the personal columns."""
    fields = {"row_id": pa.string()}
    for column in form.latest.columns:
        if column.person or column.match_key:
            fields |= _public(column)
        if column.pii:
            fields[column.name] = _TYPES.get(column.type, pa.string())
    return pa.schema(list(fields.items()))


def _write(path: Path, schema: pa.Schema, rows: Iterable[Row]) -> None:
    rows = list(rows)
    unknown = {name for row in rows for name in row} - set(schema.names)
    if unknown:
        raise KeyError(f"{path.name}: no such columns {sorted(unknown)}; there are {schema.names}")
    full = [{name: row.get(name) for name in schema.names} for row in rows]
    pq.write_table(pa.Table.from_pylist(full, schema=schema), path)


@dataclass
class Accepted:
    """Rows of a run, form by form; `write` turns them into the directory that dbt reads."""

    as_of: date = date(2024, 9, 30)
    known_at: datetime = KNOWN_AT
    rows: dict[str, list[Row]] = field(default_factory=dict)
    control: dict[str, list[Row]] = field(default_factory=dict)
    birth_dates: dict[str, date] = field(default_factory=dict)
    # Forms of which no delivery was selected.
    missing: set[str] = field(default_factory=set)

    def add(self, form_code: str, *rows: Row) -> Accepted:
        """Append rows to a form."""
        self.rows.setdefault(form_code, []).extend(rows)
        return self

    def _addressed(self, form: Form) -> list[dict[str, Any]]:
        head = {
            "sender_territory_id": 0,
            "delivery_as_of": self.as_of,
            "delivery_id": f"{form.code}-1",
            "source_sheet": "Данные",
            "has_error": False,
        }
        return [
            {
                **head,
                "row_id": f"{form.code}-1:Данные:{number}",
                "source_row": number,
                **row,
            }
            for number, row in enumerate(self.rows.get(form.code, []), 2)
        ]

    def _deliveries(self) -> list[Row]:
        return [
            {
                "delivery_id": f"{code}-1",
                "form_code": code,
                "form_version": 1,
                "sender_territory_id": 0,
                "as_of": self.as_of,
                "version": 1,
                "received_at": datetime.fromisoformat("2024-10-01T10:00:00"),
                "sha256": code,
                "file_name": f"{code}.xlsx",
                "channel": "incoming",
                "status": "accepted",
                "is_selected": True,
                "n_received": len(self.rows.get(code, [])),
                "n_accepted": len(self.rows.get(code, [])),
                "n_rejected": 0,
                "n_errors": 0,
                "n_warnings": 0,
            }
            for code, form in load_forms().items()
            if form.sender != "territory" and code not in self.missing
        ]

    def write(self, folder: Path) -> Path:
        """Write every file of the contract into `folder` and return it."""
        (folder / "restricted").mkdir(parents=True, exist_ok=True)
        for code, form in load_forms().items():
            rows = self._addressed(form)
            _write(folder / f"{code}.parquet", accepted_schema(form), rows)
            restricted = [
                {
                    "row_id": row["row_id"],
                    "pupil_key": row["pupil_key"],
                    "birth_date": self.birth_dates.get(row["pupil_key"]),
                }
                for row in (rows if code == "P03" else [])
            ]
            if any(column.pii for column in form.latest.columns):
                path = folder / "restricted" / f"{code}.parquet"
                _write(path, restricted_schema(form), restricted)
        run = {
            "order_id": ORDER,
            "as_of": self.as_of,
            "known_at": self.known_at,
            "run_id": "hand-made",
            "load_id": "hand-made",
            "rules_version": "hand-made",
        }
        write_tables(folder / "history", None)
        control = {"run": [run], **self.control}
        control["deliveries"] = self._deliveries() + list(self.control.get("deliveries", []))
        for name, fields in CONTROL.items():
            _write(
                folder / f"{name}.parquet", pa.schema(list(fields.items())), control.get(name, [])
            )
        return folder
