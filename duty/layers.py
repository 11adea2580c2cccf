"""A person taken out of what was made of the landed files: rows, workbooks, records.

What enters: a data directory, the persons and the rows that name them. What leaves: the same files
without them; copies made for senders that name them are removed, the next run makes them anew.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from email import message_from_bytes
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

from duty.persons import Place, Veil
from ingest.cells import text_of
from ingest.deliveries import write_atomically
from ingest.limits import OverLimit
from ingest.settings import Settings, temporary_of
from ingest.sheets import UnreadableTable, decode, open_sheets
from ingest.sniff import READABLE, sniff
from ingest.sql import sql_text

_ROW_COLUMNS = ("source_row", "row", "_row")


@dataclass
class Done:
    """What was changed or removed: hashes, no names."""

    changed: dict[str, int] = field(default_factory=dict)  # layer -> files
    removed: list[dict[str, Any]] = field(default_factory=list)
    unread: set[str] = field(default_factory=set)  # hashes of what nobody can look into

    def change(self, layer: str) -> None:
        """Count a file that was written anew."""
        self.changed[layer] = self.changed.get(layer, 0) + 1

    def remove(self, settings: Settings, path: Path) -> None:
        """Remove a file; its hash stays as a proof, its name may be a person's."""
        data = path.read_bytes()
        layer = path.relative_to(settings.data_dir).parts[0]
        digest = hashlib.sha256(data).hexdigest()
        self.removed.append({"layer": layer, "sha256": digest, "size": len(data)})
        path.unlink()


@dataclass(frozen=True)
class Search:
    """Whom to look for and which rows are known to be theirs."""

    veils: tuple[Veil, ...]
    places: frozenset[Place]

    def veil(self, key: str) -> Veil:
        """The person of a key."""
        return next(veil for veil in self.veils if veil.key == key)


def _condition(columns: dict[str, str], search: Search) -> tuple[str, list[Any]]:
    """SQL of rows that may be theirs."""
    keys = [veil.key for veil in search.veils]
    ids = sorted({i for veil in search.veils for i in veil.ids})
    at = sorted({f"{p.delivery_id}:{p.row}" for p in search.places})
    # «е» and «ё» are one letter; what is found too much is looked at once more.
    names = sorted({f"%{re.sub('[её]', '_', n)}%" for veil in search.veils for n in veil.last})
    texts = [name for name, kind in columns.items() if kind == "VARCHAR"]
    parts = [f'"{c}" in (select unnest(?))' for c in texts if c.endswith("_key")]
    values: list[Any] = [keys for _ in parts]
    for column in texts:
        if column.endswith("_id"):
            parts.append(f'"{column}" in (select unnest(?))')
            values.append(ids)
    if "row_id" in columns:
        parts.append(
            "split_part(row_id, ':', 1) || ':' || split_part(row_id, ':', -1) in (select unnest(?))"
        )
        values.append(at)
    if row := next((c for c in _ROW_COLUMNS if c in columns and "delivery_id" in columns), None):
        parts.append(f"delivery_id || ':' || \"{row}\" in (select unnest(?))")
        values.append(at)
    for name in names:
        parts += [f'"{column}" ilike ?' for column in texts]
        values += [name for _ in texts]
    return " or ".join(parts) or "false", values


def _owner(row: dict[str, Any], search: Search) -> Veil | None:
    """Whose row it is, of those that may be."""
    at = {f"{p.delivery_id}:{p.row}": p.key for p in search.places}
    place = f"{row.get('delivery_id')}:{next((row[c] for c in _ROW_COLUMNS if row.get(c)), None)}"
    if row.get("row_id"):
        first, *_, last = f"{row['row_id']}".split(":")
        place = f"{first}:{last}"
    if place in at:
        return search.veil(at[place])
    texts = [text for value in row.values() if (text := text_of(value))]
    for veil in search.veils:
        if veil.key in texts or veil.ids & set(texts) or veil.surely(" ".join(texts)):
            return veil
    return None


def redact_rows(path: Path, search: Search) -> bool:
    """Hide the persons in a parquet file; whether anything changed."""
    source = f"read_parquet({sql_text(path)}, file_row_number = true)"
    with duckdb.connect(":memory:") as con:
        described = con.execute(f"describe select * from {sql_text(path)}").fetchall()
        condition, values = _condition({row[0]: row[1] for row in described}, search)
        found = con.execute(f"select * from {source} where {condition}", values)
        names = [item[0] for item in found.description or []]
        rows = [dict(zip(names, row, strict=True)) for row in found.fetchall()]
    changes: dict[str, dict[int, Any]] = {}
    for row in rows:
        number, veil = row.pop("file_row_number"), _owner(row, search)
        for column, value in row.items() if veil else ():
            if veil and not isinstance(value, int) and (hidden := veil.hidden(value)) != value:
                changes.setdefault(column, {})[number] = hidden
    if changes:
        _rewrite(path, changes)
    return bool(changes)


def _rewrite(path: Path, changes: dict[str, dict[int, Any]]) -> None:
    table = pq.read_table(path)
    for column, cells in changes.items():
        values = table.column(column).to_pylist()
        for number, value in cells.items():
            values[number] = value
        place = table.schema.get_field_index(column)
        array = pa.array(values, table.schema.field(column).type)
        table = table.set_column(place, table.schema.field(column), array)
    temporary = temporary_of(path)
    pq.write_table(table, temporary)
    temporary.replace(path)


def _parts(data: bytes, path: Path) -> Iterator[bytes]:
    """A file, or what a letter carries."""
    if path.suffix != ".eml":
        yield data
        return
    for part in message_from_bytes(data).walk():
        if isinstance(body := part.get_payload(decode=True), bytes):
            yield body


def lines_of(data: bytes, path: Path) -> Iterator[list[str]]:
    """The texts of a file, a line or a row of a table at a time.

    Raises:
        UnreadableTable, OverLimit: nobody can look into it.
    """
    for part in _parts(data, path):
        kind = sniff(part)
        if kind in READABLE and path.suffix not in {".json", ".eml"}:
            for sheet in open_sheets(part, kind):
                for _, cells in sheet.rows():
                    yield [text for cell in cells if (text := text_of(cell))]
        else:
            yield from ([line] for line in decode(part).splitlines())


def names_them(path: Path, search: Search, *, alone: bool) -> bool:
    """Whether a file names one of the persons; `alone`: her surname by itself is enough."""
    try:
        for texts in lines_of(path.read_bytes(), path):
            line = " ".join(texts)
            for veil in search.veils:
                if veil.says(line) or (alone and any(map(veil.names, texts))):
                    return True
    except (UnreadableTable, OverLimit):
        pass
    return False


def _hidden(value: Any, search: Search) -> Any:
    """A JSON value without them."""
    if isinstance(value, dict):
        return {name: _hidden(item, search) for name, item in value.items()}
    if isinstance(value, list):
        return [_hidden(item, search) for item in value]
    if isinstance(value, str):
        for veil in search.veils:
            if veil.says(value):
                return veil.hidden(value)
    return value


def _record(text: str, search: Search) -> str:
    value = json.loads(text)
    hidden = _hidden(value, search)
    return text if hidden == value else json.dumps(hidden, ensure_ascii=False, indent=1)


def _lines(text: str, search: Search) -> str:
    kept = []
    for line in text.splitlines(keepends=True):
        owner = next((veil for veil in search.veils if veil.says(line)), None)
        end = line[len(line.rstrip("\r\n")) :]
        kept.append(f"{owner.hidden(line)}{end}" if owner else line)
    return "".join(kept)


def _texts(
    paths: Iterable[Path],
    search: Search,
    done: Done,
    settings: Settings,
    write: Callable[[str, Search], str],
) -> None:
    for path in paths:
        text = path.read_text(encoding="utf-8-sig", errors="replace")
        hidden = write(text, search)
        if hidden != text:
            mode = path.stat().st_mode & 0o7777
            write_atomically(path, hidden.encode("utf-8-sig" if path.suffix == ".csv" else "utf-8"))
            path.chmod(mode)
            done.change(path.relative_to(settings.data_dir).parts[0])


def redact_layers(settings: Settings, search: Search, senders: set[str], done: Done) -> None:
    """Take the persons out of everything that runs have made.

    Args:
        settings: whose data; no run may be at work.
        search: whom to look for.
        senders: codes of those whose files name them.
        done: what was changed is added to it.
    """
    root = settings.data_dir
    for layer in (settings.accepted, settings.quarantine):
        for path in sorted(layer.rglob("*.parquet")):
            if redact_rows(path, search):
                done.change(layer.name)
        for path in layer.rglob(".*.duckdb*"):
            done.remove(settings, path)
    copies = [*settings.quarantine.rglob("*.xlsx"), *settings.returned.rglob("*")]
    for path in copies:
        is_theirs = bool(senders & set(path.relative_to(root).parts))
        if path.is_file() and names_them(path, search, alone=is_theirs):
            done.remove(settings, path)
    for path in settings.warehouse.glob("build.duckdb*"):
        done.remove(settings, path)
    records = [
        *(settings.landing / "deliveries").glob("*.json"),
        *settings.parsed.glob("*/delivery.json"),
        *(p for p in settings.outcomes.rglob("*.json") if "gx" not in p.parts),
    ]
    _texts(records, search, done, settings, _record)
    _texts((root / "decisions").glob("*.csv"), search, done, settings, _lines)
