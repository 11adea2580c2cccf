"""The validation step of a run: split, suite, files of accepted and rejected rows.

What enters: a run whose deliveries were read. What leaves: `accepted/<run>/`, `quarantine/<run>/`,
validation results and Data Docs; both folders appear whole or not at all.
"""

from __future__ import annotations

import shutil
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from threading import Thread

import duckdb

from expectations.accepted import name_sheets, write_accepted, write_findings, write_quarantine
from expectations.checks import Checked, run_checks
from expectations.compile import make_setup
from expectations.conversation import converse
from expectations.database import Connection, open_database
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
from expectations.seed import check_seed
from expectations.suite import TableSuite, load_great_expectations, run_suite, table_suites
from expectations.verdicts import Received, Verdict, sort_received, verdicts
from ingest.decisions import load_decisions
from ingest.deliveries import DiskFull, says_disk_full
from ingest.forms import load_forms
from ingest.mappings import read_mappings
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
    n_expectations: int = 0  # known after Great Expectations only

    def counts(self) -> dict[str, int | dict[str, int]]:
        """What the step leaves as its outcome."""
        return {
            "statuses": self.statuses,
            "rows_received": self.n_received,
            "rows_accepted": self.n_accepted,
            "rows_rejected": self.n_rejected,
            "findings": self.n_findings,
            "decisions": self.decisions,
            "waiting": self.waiting,
            "expectations": self.n_expectations,
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


def _write(con: Connection, checked: Checked, accepted: Path, quarantine: Path) -> None:
    name_sheets(con, checked.compiled)
    for code, compiled in checked.compiled.items():
        write_accepted(con, load_forms()[code], compiled, accepted)
        write_quarantine(con, load_forms()[code], compiled, quarantine)
    write_findings(con, accepted, quarantine)


def _judged(
    con: Connection, checked: Checked, received: Received
) -> tuple[list[Verdict], dict[str, tuple[int, int]]]:
    """Verdicts and numbers of remarks that nobody answered."""
    remarks = remark_counts(con)
    totals = {key: sum(counts) for key, counts in remarks.items()}
    found = verdicts(received, checked.selection.outcomes, totals)
    _assert_no_row_lost(found)
    return found, remarks


def _check(
    con: Connection, run: RunContext, load_id: str, accepted: Path, quarantine: Path
) -> tuple[list[TableSuite], ValidationSummary]:
    received = sort_received(run)
    decisions = load_decisions(run.settings, run.known_at)
    mappings = read_mappings(decisions, run.reference)
    checked = run_checks(con, make_setup(run.reference, run.as_of, mappings), received.to_check)
    seed = check_seed(con, checked.setup)
    add_details(con, checked.setup, seed)
    install_keys(con, run.settings.secret())
    talk = converse(con, checked, received, decisions, run.known_at.date())
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
    _write(con, checked, accepted, quarantine)
    forget_keys(con)
    return table_suites(con, checked, seed), _summary(con, found, talk.answered, waiting)


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

    Args:
        run: date, moment and data directory; its deliveries have been read.
        load_id: name of this state of inputs and code; every published table carries it.

    Raises:
        DiskFull: no room was left.
        SeedRejected, RowsLost, RowsRepeated, CountsDisagree, SuiteCrashed, PersonalDataExposed: a
            fault of ours; nothing of this run is left in `accepted/`.
    """
    # Its import takes seconds; DuckDB is at work meanwhile and leaves the interpreter to it.
    Thread(target=load_great_expectations, name="load-great-expectations").start()
    database = run.settings.quarantine / f".{run.run_id}.checks.duckdb"
    database.parent.mkdir(parents=True, exist_ok=True)
    database.unlink(missing_ok=True)
    with _whole(run.accepted_dir) as accepted, _whole(run.quarantine_dir) as quarantine:
        con = open_database(database, quarantine / "spill")
        try:
            suites, summary = _check(con, run, load_id, accepted, quarantine)
        except duckdb.Error as error:
            if says_disk_full(f"{error}"):
                raise _no_room(run.settings) from error
            raise
        finally:
            con.close()
        n_expectations = run_suite(database, suites, run)
        shutil.rmtree(quarantine / "spill", ignore_errors=True)
    database.unlink()
    return replace(summary, n_expectations=n_expectations)
