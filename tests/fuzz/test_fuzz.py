"""Hostile files: none ends the process, hangs it, or takes more than a gigabyte."""

from __future__ import annotations

import warnings
from collections.abc import Iterator

import pytest

from tests.fuzz.attacks import ATTACKS
from tests.fuzz.seeds import good
from tests.fuzz.variants import variant
from tests.fuzz.worker import Worker

SEED, BATCHES, IN_A_BATCH = 20241002, 10, 20

# What the sender of an attack is told, where it is not obvious that she is told anything.
ANSWERS = {
    "far_cell_behind_a_modest_dimension": ["F-TOO-LARGE"],
    "far_cell_in_single_quotes": ["F-TOO-LARGE"],
    "far_cell_in_small_letters": ["F-TOO-LARGE"],
    "far_cell_with_a_prefix": ["F-TOO-LARGE"],
    "far_row_of_cells_without_addresses": ["F-TOO-LARGE"],
    "tag_begun_again_and_again": ["F-TRUNCATED"],
    "strings_that_are_not_there": ["F-TOO-LARGE"],
    "string_told_many_times": ["F-TOO-LARGE"],
    "string_told_many_times_in_one_row": ["F-TOO-LARGE"],
    "header_again_and_again": ["F-OVER-LIMIT"],
    "sheets_without_end": ["F-OVER-LIMIT"],
    "delimiters_without_end": ["F-OVER-LIMIT"],
    "delimiters_in_every_line": ["F-OVER-LIMIT"],
    "quotes_without_end": ["F-OVER-LIMIT"],
    "one_line": ["F-OVER-LIMIT"],
    "page_cells": ["F-OVER-LIMIT"],
    "page_spans": ["F-OVER-LIMIT"],
    "xml_rows_of_nothing": ["F-OVER-LIMIT"],
    "xml_cells_of_nothing": ["F-OVER-LIMIT"],
    "the_same_header_again_and_again": ["F-SECOND-HEADER"],
    "totals_again_and_again": ["F-TOTALS"],
    "numbers_of_5000_digits": ["F-TOTALS"],
    "formulas_in_circles": ["F-FORMULA"],
    "formulas_that_double": ["F-FORMULA"],
    "formulas_in_a_chain": ["F-FORMULA", "F-COMPUTED"],
    "style_below_zero": ["F-HIDDEN"],
    "remarks_between_cells": ["F-HIDDEN"],
    "remark_between_relations": ["F-HIDDEN"],
    "heavy_styles": ["F-HIDDEN"],
    "notes_without_end": ["F-HIDDEN"],
    "size_that_lies": ["F-TRUNCATED"],
    "moment_beyond_time": ["F-TRUNCATED"],
}


@pytest.fixture(scope="module")
def worker() -> Iterator[Worker]:
    started = Worker(good())
    yield started
    started.close()


@pytest.mark.parametrize("batch", range(BATCHES))
def test_mutated_files_are_survived(worker: Worker, batch: int) -> None:
    faults = []
    for number in range(batch * IN_A_BATCH, (batch + 1) * IN_A_BATCH):
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of names that stand twice in an archive
            one = variant(SEED, number)
        report = worker.read(one.sent, is_checked=one.is_checked)
        if report.fault:
            faults.append(f"--seed {SEED} --only {number}: {report.fault}")
    assert not faults, "\n".join(faults)


@pytest.mark.parametrize("attack", ATTACKS)
def test_attack_is_survived(worker: Worker, attack: str) -> None:
    report = worker.read(ATTACKS[attack]())
    assert not report.fault
    assert set(ANSWERS.get(attack, ())) <= set(report.codes)


def test_answers_are_of_attacks() -> None:
    assert ANSWERS.keys() <= ATTACKS.keys()


def test_the_same_seed_makes_the_same_files() -> None:
    assert [variant(1, n) for n in range(20)] == [variant(1, n) for n in range(20)]


def test_a_fault_is_seen(worker: Worker, monkeypatch: pytest.MonkeyPatch) -> None:
    """A harness that sees nothing would pass, too."""
    assert worker.read(good()).codes == ()
    monkeypatch.setattr("tests.fuzz.worker.MOST_SECONDS", 1e-9)
    assert "hangs" in worker.read(good(), patience=0.1).fault
    monkeypatch.undo()
    assert not worker.read(good()).fault
