"""The validation step of a run: the split, and the files of accepted and rejected rows.

What enters: a run whose deliveries were read. What leaves: `accepted/<run>/` and
`quarantine/<run>/`, whole or not at all, and the database that the second count reads.
"""

from __future__ import annotations

import shutil
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import duckdb

from expectations.accepted import name_sheets, write_accepted, write_findings, write_quarantine
from expectations.checks import Checked, run_checks
from expectations.conversation import converse
from expectations.database import Connection
from expectations.decided import Outcome as DecisionOutcome
from expectations.decided import message_rows, outcome_rows
from expectations.details import add_details
from expectations.errors import RowsLost
from expectations.keys import forget_keys, install_keys
from expectations.outcomes import (
    delivery_rows,
    expected_rows,
    remark_counts,
    rule_rows,
    run_row,
    write_table,
)
from expectations.queue import Waiting, waiting_questions, write_queue
from expectations.reuse import Reuse, kept_database, linked
from expectations.reuse_keys import Given, form_keys, given_of
from expectations.seed import check_seed
from expectations.suite import create_suite_views
from expectations.verdicts import Received, Verdict, sort_received, verdicts
from ingest.deliveries import DiskFull, says_disk_full
from ingest.digest import digest_of
from ingest.forms import load_forms
from ingest.runs import RunContext
from ingest.settings import Settings


@dataclass(frozen=True)
class ValidationSummary:
    """Counts of a validation; nothing personal."""

    statuses: dict[str, int]
    n_received: int
    n_accepted: int
    n_rejected: int
    n_findings: int
    decisions: dict[str, int]  # lines of people's decisions by what became of them
    waiting: dict[str, int]  # questions about names and words by kind
    unchanged: tuple[str, ...] = ()  # forms taken over from the last check of this run

    def counts(self) -> dict[str, Any]:
        """What the step leaves as its outcome."""
        return {
            "statuses": self.statuses,
            "rows_received": self.n_received,
            "rows_accepted": self.n_accepted,
            "rows_rejected": self.n_rejected,
            "findings": self.n_findings,
            "decisions": self.decisions,
            "waiting": self.waiting,
            "unchanged": len(self.unchanged),
        }


@contextmanager
def _whole(folder: Path) -> Iterator[Path]:
    """A folder that takes the place of `folder` only when everything in it was written."""
    temporary = folder.with_name(f".{folder.name}.tmp")
    shutil.rmtree(temporary, ignore_errors=True)
    temporary.mkdir(parents=True)
    yield temporary
    shutil.rmtree(folder, ignore_errors=True)
    temporary.rename(folder)


def _assert_no_row_lost(found: list[Verdict]) -> None:
    for verdict in found:
        counts = verdict.counts
        if counts and counts.accepted + counts.rejected != counts.received:
            form = verdict.delivery.form_code or "—"
            raise RowsLost(form, counts.received, counts.accepted, counts.rejected)


@dataclass(frozen=True)
class _Folders:
    """Where the files of this check go, by the name of the folder; and where the last one's are."""

    made: dict[str, Path]
    before: dict[str, Path]


def _form_files(code: str) -> tuple[tuple[str, str], ...]:
    return (
        ("accepted", f"{code}.parquet"),
        ("accepted", f"restricted/{code}.parquet"),
        ("quarantine", f"{code}.parquet"),
    )


def _write_form(con: Connection, checked: Checked, code: str, folders: _Folders) -> list[list[str]]:
    """Write the files of a form, or take those of the last check; their names and digests."""
    kept: list[list[str]] = checked.reuse.states.get(code, {}).get("files", [])
    places = [
        (folders.before[folder] / name, folders.made[folder] / name, digest)
        for folder, name, digest in kept
    ]
    if kept and linked(places):
        return kept
    form, compiled = load_forms()[code], checked.compiled[code]
    write_accepted(con, form, compiled, folders.made["accepted"])
    write_quarantine(con, form, compiled, folders.made["quarantine"])
    written = [(f, name, folders.made[f] / name) for f, name in _form_files(code)]
    return [[folder, name, digest_of(path)] for folder, name, path in written if path.exists()]


def _write(con: Connection, checked: Checked, folders: _Folders) -> None:
    name_sheets(con, checked.compiled)
    files = {code: _write_form(con, checked, code, folders) for code in checked.compiled}
    checked.reuse.remember(con, checked.selection, files)
    write_findings(con, folders.made["accepted"], folders.made["quarantine"])


def _judged(
    con: Connection, checked: Checked, received: Received
) -> tuple[list[Verdict], dict[str, tuple[int, int]]]:
    """Verdicts and numbers of remarks that nobody answered."""
    remarks = remark_counts(con)
    totals = {key: sum(counts) for key, counts in remarks.items()}
    found = verdicts(received, checked.selection.outcomes, totals)
    _assert_no_row_lost(found)
    return found, remarks


def _checked(con: Connection, given: Given, received: Received) -> Checked:
    keys = form_keys(given.setup.catalogue, received.visible)
    reuse = Reuse(keys, {item.delivery_id: item for item in received.visible})
    reuse.begin(con)
    return run_checks(con, given.setup, received.to_check, reuse=reuse)


def _check(
    con: Connection, run: RunContext, given: Given, load_id: str, folders: _Folders
) -> ValidationSummary:
    accepted, quarantine = folders.made["accepted"], folders.made["quarantine"]
    received = sort_received(run)
    checked = _checked(con, given, received)
    seed = check_seed(con, checked.setup)
    add_details(con, checked.setup, seed)
    install_keys(con, run.settings.secret())
    talk = converse(con, checked, received, given.decisions, run.known_at.date())
    waiting = waiting_questions(con, checked)
    found, remarks = _judged(con, checked, received)
    write_table(accepted, "versions", talk.versions)
    write_table(accepted, "decisions", outcome_rows(talk.answered))
    write_table(quarantine, "decision_messages", message_rows(talk.answered))
    write_queue(quarantine, waiting, run.known_at)
    write_table(accepted, "deliveries", delivery_rows(found, remarks, run.reference))
    write_table(accepted, "expected", expected_rows(run))
    write_table(accepted, "rules", rule_rows(con, checked, seed, found))
    write_table(accepted, "run", [run_row(run, load_id)])
    _write(con, checked, folders)
    forget_keys(con)
    create_suite_views(con, checked)
    summary = _summary(con, found, talk.answered, waiting)
    return replace(summary, unchanged=tuple(sorted(checked.reuse.same)))


def _summary(
    con: Connection,
    found: list[Verdict],
    answered: list[DecisionOutcome],
    waiting: list[Waiting],
) -> ValidationSummary:
    counts = [verdict.counts for verdict in found if verdict.counts]
    row = con.execute("select count(*) from findings_detail").fetchone()
    return ValidationSummary(
        statuses=dict(Counter(str(verdict.status) for verdict in found)),
        n_received=sum(count.received for count in counts),
        n_accepted=sum(count.accepted for count in counts),
        n_rejected=sum(count.rejected for count in counts),
        n_findings=int(row[0]) if row else 0,
        decisions=dict(Counter(str(outcome.fate) for outcome in answered)),
        waiting=dict(Counter(item.question.kind.name.lower() for item in waiting)),
    )


def _no_room(settings: Settings) -> DiskFull:
    """The disk is full."""
    return DiskFull(
        f"no room to check the files in {settings.quarantine}; free space and run again: "
        "nothing received so far is lost"
    )


def validate(run: RunContext, load_id: str) -> ValidationSummary:
    """Check everything that the run sees and write what was accepted and what was not.

    Forms whose deliveries, and those they are compared with, are the same as in the last check of
    this run are taken over from it (`expectations.reuse`).

    Args:
        run: date, moment and data directory; its deliveries have been read.
        load_id: name of this state of inputs and code; every published table carries it.

    Raises:
        DiskFull: no room was left.
        SeedRejected, RowsLost, RowsRepeated, PersonalDataExposed: a fault of ours; nothing of this
            try is left in `accepted/`.
    """
    given = given_of(run)
    before = {"accepted": run.accepted_dir, "quarantine": run.quarantine_dir}
    with _whole(run.accepted_dir) as accepted, _whole(run.quarantine_dir) as quarantine:
        folders = _Folders({"accepted": accepted, "quarantine": quarantine}, before)
        spill = quarantine / "spill"
        try:
            with kept_database(run, spill, given.made_with) as con:
                summary = _check(con, run, given, load_id, folders)
        except duckdb.Error as error:
            if says_disk_full(f"{error}"):
                raise _no_room(run.settings) from error
            raise
        shutil.rmtree(spill, ignore_errors=True)
    return summary
