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


def test_the_same_seed_makes_the_same_files() -> None:
    assert [variant(1, n) for n in range(20)] == [variant(1, n) for n in range(20)]


def test_a_fault_is_seen(worker: Worker, monkeypatch: pytest.MonkeyPatch) -> None:
    """A harness that sees nothing would pass, too."""
    assert worker.read(good()).codes == ()
    monkeypatch.setattr("tests.fuzz.worker.MOST_SECONDS", 1e-9)
    assert "hangs" in worker.read(good(), patience=0.1).fault
    monkeypatch.undo()
    assert not worker.read(good()).fault
