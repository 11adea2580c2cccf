"""The process that opens senders' files: whatever a job does, the next one is served."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from desk.page.worker import JobFailed, JobTooLong, Line, TooManyWaiting, Worker


# Jobs of the worker's tests: they are called in its process.
def _nothing() -> None:
    pass


def _double(number: int) -> int:
    return number * 2


def _leave_a_file(seconds: float) -> None:
    with tempfile.NamedTemporaryFile(delete=False) as stream:
        stream.write(b"secret")
    subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)", "bvb-grandchild"])
    time.sleep(seconds)


def _die() -> None:
    os._exit(1)


def _quote() -> None:
    raise ValueError("Иванова Анна")


def _eat() -> int:
    return len(bytearray(8 << 30))


@pytest.fixture
def worker(tmp_path: Path) -> Iterator[Worker]:
    made = Worker(tmp_path / "work", 1.0, _nothing)
    yield made
    made.stop()
    assert not (tmp_path / "work").exists()


def test_a_hanging_job_is_ended_with_all_it_left(worker: Worker, tmp_path: Path) -> None:
    with pytest.raises(JobTooLong):
        worker.run(_leave_a_file, 30.0)
    assert list((tmp_path / "work").iterdir()) == []
    alive = subprocess.run(["pgrep", "-f", "bvb-grandchil[d]"], capture_output=True, check=False)
    assert alive.stdout == b""
    assert worker.run(_double, 21) == 42


def test_a_job_that_kills_its_process_hurts_nobody_else(worker: Worker) -> None:
    with pytest.raises(JobFailed):
        worker.run(_die)
    assert worker.run(_double, 4) == 8


def test_a_fault_says_where_and_quotes_nothing(worker: Worker) -> None:
    with pytest.raises(JobFailed, match=r"^ValueError at test_worker.py:\d+$"):
        worker.run(_quote)
    with pytest.raises(JobFailed, match="MemoryError"):
        worker.run(_eat)


def test_a_full_line_is_closed_politely(worker: Worker) -> None:
    async def three() -> list[object]:
        line = Line(worker, 1)
        jobs = [line.run(time.sleep, 0.3) for _ in range(3)]
        return await asyncio.gather(*jobs, return_exceptions=True)

    answers = asyncio.run(three())
    assert [type(answer) for answer in answers] == [type(None), type(None), TooManyWaiting]
