"""A process that reads hostile files and is watched: time, memory, crashes.

What enters: a file. What leaves: a `Report`; a process that dies or hangs is reported and replaced.
"""

from __future__ import annotations

import hashlib
import multiprocessing
import os
import resource
import tempfile
import traceback
from dataclasses import dataclass
from datetime import datetime
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

from ingest.settings import MOSCOW
from tests.fuzz.seeds import Sent

MOST_SECONDS = 10.0  # of the processor's time for one file: others are at work on the machine
MOST_BYTES = 1 << 30  # of memory more than a process that has read a good file
NOW = datetime(2024, 10, 2, 12, 0, tzinfo=MOSCOW)
_SLACK = 1 << 30  # stacks and arenas of threads are promised, not used
_SPEAKING = multiprocessing.get_context("spawn")


@dataclass(frozen=True)
class Report:
    """What reading one file cost, and the fault if there was one."""

    fault: str
    codes: tuple[str, ...]
    seconds: float
    grown: int  # bytes


def _processor_time() -> float:
    """Seconds that this process and its children have taken of the processor."""
    return sum(os.times()[:4])


def _status(field: str) -> int:
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith(field):
            return int(line.split()[1]) * 1024
    raise LookupError(field)


def _read(sent: Sent, place: Path) -> tuple[str, ...]:
    from ingest.deliveries import Delivery, Landed
    from ingest.knowledge import load_knowledge
    from ingest.read import read_bytes

    landed = Landed(
        delivery_id="d" * 16,
        sha256=hashlib.sha256(sent.data).hexdigest(),
        size=len(sent.data),
        channel="folder",
        source=f"{sent.folder}/{sent.name}".encode("utf-8", "backslashreplace").decode(),
        received_at=NOW,
        landed_at=NOW,
    )
    delivery = read_bytes(landed, sent.data, load_knowledge(), place / "rows.parquet")
    assert isinstance(delivery, Delivery)
    delivery.model_dump_json()
    assert delivery.is_readable or delivery.is_unpacked or _is_refused(delivery)
    assert [path.name for path in place.iterdir()] in ([], ["rows.parquet"])
    return tuple(finding.code for finding in delivery.file_findings)


def _is_refused(delivery: Any) -> bool:
    return any(finding.severity == "block" for finding in delivery.file_findings)


def _check(sent: Sent) -> tuple[str, ...]:
    """Findings of the rules, too; and the workbook that the sender would get back."""
    from desk.marks import marked
    from desk.told import told_of
    from expectations.check import Given, check_given

    verdicts = check_given([Given(Path(sent.folder) / sent.name, sent.data)], NOW)
    if len(verdicts) == 1:
        marked(sent.data, told_of(verdicts[0], received_at=NOW), NOW)
    return tuple(sorted({f.rule_id for verdict in verdicts for f in verdict.findings}))


def _served(line: Connection, good: Sent) -> None:
    """Read files until nobody sends one."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), 2)  # what a dying reader prints says nothing more
    with tempfile.TemporaryDirectory() as folder:
        _read(good, Path(folder))
        _check(good)
    base, virtual = _status("VmRSS"), _status("VmSize")
    resource.setrlimit(resource.RLIMIT_AS, (virtual + MOST_BYTES + _SLACK,) * 2)
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    line.send("ready")
    while (task := line.recv()) is not None:
        sent, is_checked = task
        Path("/proc/self/clear_refs").write_text("5")  # the peak is counted anew
        start, fault, codes = _processor_time(), "", ()
        try:
            with tempfile.TemporaryDirectory() as folder:
                codes = _check(sent) if is_checked else _read(sent, Path(folder))
        except BaseException as error:
            fault = "".join(traceback.format_exception(error))[-3000:] or repr(error)
        seconds, grown = _processor_time() - start, _status("VmHWM") - base
        line.send(Report(fault, codes, seconds, grown))


class Worker:
    """The process, begun anew whenever a file killed it."""

    def __init__(self, good: Sent) -> None:
        self.good = good
        self._start()

    def _start(self) -> None:
        self.line, theirs = _SPEAKING.Pipe()
        self.process = _SPEAKING.Process(target=_served, args=(theirs, self.good), daemon=False)
        self.process.start()
        theirs.close()
        assert self.line.recv() == "ready"

    def read(self, sent: Sent, *, is_checked: bool = False, patience: float = 3.0) -> Report:
        """What reading a file costs; a file that takes `patience` times too long is given up."""
        self.line.send((sent, is_checked))
        limit = MOST_SECONDS * patience
        try:
            if not self.line.poll(limit):
                return self._killed(f"hangs: more than {limit:.0f} s")
            report: Report = self.line.recv()
        except EOFError:
            self.process.join()
            return self._killed(f"the process ended with {self.process.exitcode}")
        if report.fault:
            self._killed("")  # whatever it left behind is not the next file's fault
        if not report.fault and report.seconds > MOST_SECONDS:
            return Report(f"{report.seconds:.1f} s", report.codes, report.seconds, report.grown)
        if not report.fault and report.grown > MOST_BYTES:
            fault = f"{report.grown >> 20} MB of memory"
            return Report(fault, report.codes, report.seconds, report.grown)
        return report

    def _killed(self, fault: str) -> Report:
        self.process.kill()
        self.process.join()
        self._start()
        return Report(fault, (), 0.0, 0)

    def close(self) -> None:
        if self.process.is_alive():
            self.line.send(None)
        self.process.join(5)
        self.process.kill()
