"""The database of a run's checks, kept for the next check of the same run.

What enters: a run and the keys of its forms. What leaves: a connection in which forms whose key is
the same still have their tables, outcomes, findings and files; everything else is as if never made.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import duckdb

from expectations.catalogue import SEED_FORM
from expectations.compile import Setup
from expectations.database import Connection, insert_rows, open_database
from expectations.errors import ChecksGone
from expectations.scan import RowCounts
from expectations.selection import DeliveryFinding, Outcome, Selection
from ingest.deliveries import Delivery
from ingest.digest import digest_of
from ingest.runs import RunContext
from ingest.settings import Settings

_PATTERN = ".*.checks.duckdb"
# Runs of two DAGs may be at work at once, and the second count of each reads its own.
_KEPT = 2
# What all forms share and every check makes anew; `inputs` and `sizes_before` are kept by form.
_ANEW = ("territories", "publication_due", "targets", "decided_schools", "decided_people")
_BY_FORM = (
    *("inputs", "sizes_before", "kept_forms", "kept_results"),
    *("kept_findings_detail", "kept_findings_before_detail"),
)


def checks_path(run: RunContext) -> Path:
    """Where the database of a finished check lies: beside the quarantine, as personal as it is."""
    return run.settings.quarantine / f".{run.run_id}.checks.duckdb"


def forget_checks(settings: Settings, but: int = 0) -> int:
    """Remove kept databases but the newest ones; who finds none checks from nothing."""
    found = settings.quarantine.glob(_PATTERN)
    gone = sorted(found, key=lambda path: path.stat().st_mtime_ns, reverse=True)[but:]
    for path in gone:
        path.unlink()
    return len(gone)


def _unlink(database: Path) -> None:
    for path in (database, database.with_name(f"{database.name}.wal")):
        path.unlink(missing_ok=True)


def _made_with(con: Connection) -> str | None:
    try:
        row = con.execute("select made_with from kept_run").fetchone()
    except duckdb.CatalogException:
        return None
    return str(row[0]) if row else None


def _open(database: Path, spill: Path, made_with: str) -> Connection:
    """The database, if it was made with the very same; else an empty one."""
    con = None
    with suppress(duckdb.Error):  # damaged, or held by somebody: what it says is made again
        con = open_database(database, spill)
        if _made_with(con) == made_with:
            return con
    if con is not None:
        con.close()
    _unlink(database)
    con = open_database(database, spill)
    con.execute("create table kept_run (made_with varchar)")
    con.execute("insert into kept_run values (?)", [made_with])
    con.execute("create table kept_forms (form_code varchar, key varchar, state varchar)")
    con.execute("create table kept_results (form_code varchar, name varchar, value varchar)")
    return con


@contextmanager
def kept_database(run: RunContext, spill: Path, made_with: str) -> Iterator[Connection]:
    """The run's database for one check; it is kept only when the check came to its end."""
    kept = checks_path(run)
    working = kept.with_name(f".{run.run_id}.checking.duckdb")
    kept.parent.mkdir(parents=True, exist_ok=True)
    _unlink(working)
    if kept.exists():
        kept.rename(working)
    con = _open(working, spill, made_with)
    try:
        yield con
        con.execute("checkpoint")  # the file is renamed without its log
    finally:
        con.close()
    working.rename(kept)
    forget_checks(run.settings, but=_KEPT)


@contextmanager
def reading(run: RunContext, made_with: str) -> Iterator[Connection]:
    """What the last check of the run left, for reading only.

    Raises:
        ChecksGone: it is not there, or was made with something else.
    """
    path = checks_path(run)
    if not path.exists():
        raise ChecksGone(path)
    con = duckdb.connect(str(path), read_only=True)
    try:
        if _made_with(con) != made_with:
            raise ChecksGone(path)
        yield con
    finally:
        con.close()


def remembered(con: Connection) -> Selection:
    """Which deliveries were looked at and which forms there are; without the outcomes."""
    selection = Selection()
    for code, state in con.execute("select form_code, state from kept_forms").fetchall():
        found = json.loads(state)
        selection.looked_at[code] = found["looked_at"]
        selection.available |= frozenset(found["available"])
    return selection


def kept_keys(con: Connection) -> dict[str, str]:
    """Form → the key of what it was checked with."""
    return dict(con.execute("select form_code, key from kept_forms order by 1").fetchall())


def _names_of(con: Connection, code: str) -> list[tuple[str, str]]:
    """A form's views, then its tables."""
    rows = con.execute(
        "select table_name, case when table_type = 'VIEW' then 'view' else 'table' end as kind"
        " from information_schema.tables"
        " where table_name = $1 or starts_with(table_name, $1 || '__') order by kind desc, 1",
        [code],
    ).fetchall()
    return [(str(name), str(kind)) for name, kind in rows]


def _exists(con: Connection, table: str) -> bool:
    return bool(_names_of(con, table))


def _drop_form(con: Connection, code: str) -> None:
    for name, kind in _names_of(con, code):
        con.execute(f"drop {kind} {name}")
    for table in _BY_FORM:
        if _exists(con, table):
            con.execute(f"delete from {table} where form_code = ?", [code])


def _outcome_row(outcome: Outcome) -> dict[str, Any]:
    counts, finding = outcome.counts, outcome.finding
    return {
        "delivery_id": outcome.delivery.delivery_id,
        "counts": None if counts is None else [counts.received, counts.accepted, counts.rejected],
        "finding": None if finding is None else [finding.rule.id, finding.facts],
        "is_selected": outcome.is_selected,
    }


@dataclass
class Reuse:
    """Which forms of this check are as they were, and what was remembered of them."""

    keys: Mapping[str, str] = field(default_factory=dict)
    deliveries: Mapping[str, Delivery] = field(default_factory=dict)
    states: dict[str, dict[str, Any]] = field(default_factory=dict)

    @property
    def same(self) -> frozenset[str]:
        """Forms that need not be looked at."""
        return frozenset(self.states)

    def begin(self, con: Connection) -> None:
        """Find what still holds and remove everything else."""
        rows = con.execute("select form_code, key, state from kept_forms").fetchall()
        self.states = {
            code: json.loads(state) for code, key, state in rows if self.keys.get(code) == key
        }
        for code in (*self.keys, SEED_FORM):
            if code not in self.states:
                _drop_form(con, code)
        for table in _ANEW:
            con.execute(f"drop table if exists {table}")

    def restore(self, selection: Selection, code: str, setup: Setup) -> None:
        """Say of a form what its check said."""
        state = self.states[code]
        rules = {rule.id: rule for rule in setup.catalogue.delivery_rules.values()}
        for row in state["outcomes"]:
            finding = row["finding"]
            selection.outcomes.append(
                Outcome(
                    self.deliveries[row["delivery_id"]],
                    RowCounts(*row["counts"]) if row["counts"] else None,
                    DeliveryFinding(rules[finding[0]], finding[1]) if finding else None,
                    row["is_selected"],
                )
            )
        selection.looked_at[code] = state["looked_at"]
        selection.available |= frozenset(state["available"])

    def keep_findings(self, con: Connection, table: str) -> None:
        """Take the findings of unchanged forms into `table`, and keep those of the others.

        They are kept as they were found: keys and answers depend on the day, and come later.
        """
        if not self.keys:
            return  # nothing of this check is kept
        kept = f"kept_{table}"
        if not _exists(con, kept):
            con.execute(f"create table {kept} as select * from {table} where false")
        con.execute(f"create or replace temp table found_before as select * from {kept}")
        con.execute(f"insert into {kept} select * from {table}")
        con.execute(f"insert into {table} select * from found_before")

    def once(self, con: Connection, code: str, name: str, compute: Callable[[], Any]) -> Any:
        """What was computed from a form's rows, computed again only when they changed.

        Args:
            con: the database of the checks.
            code: the form whose rows decide.
            name: of the result.
            compute: gives it, as JSON can hold it.
        """
        if code in self.same:
            row = con.execute(
                "select value from kept_results where form_code = ? and name = ?", [code, name]
            ).fetchone()
            if row:
                return json.loads(row[0])
        value = compute()
        if code in self.keys:
            text = json.dumps(value, ensure_ascii=False)
            con.execute("insert into kept_results values (?, ?, ?)", [code, name, text])
        return value

    def remember(self, con: Connection, selection: Selection, files: Mapping[str, Any]) -> None:
        """Keep what became of the forms that were looked at."""
        rows = []
        for code in self.keys.keys() - self.same:
            state = {
                "outcomes": [
                    _outcome_row(o) for o in selection.outcomes if o.delivery.form_code == code
                ],
                "looked_at": selection.looked_at[code],
                "available": sorted(
                    n for n in selection.available if n == code or n.startswith(f"{code}__")
                ),
                "files": files[code],
            }
            rows.append([code, self.keys[code], json.dumps(state, ensure_ascii=False)])
        insert_rows(con, "kept_forms", sorted(rows))


def linked(before: Iterable[tuple[Path, Path, str]]) -> bool:
    """Take files of the last check into this one's folders, if all are there and whole.

    Args:
        before: where each file lies, where it is wanted, and its digest.
    """
    files = list(before)
    if not all(old.exists() and digest_of(old) == digest for old, _, digest in files):
        return False
    for old, new, _ in files:
        new.parent.mkdir(parents=True, exist_ok=True)
        os.link(old, new)
    return True
