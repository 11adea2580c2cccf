"""A process of its own for everything that opens a sender's file: it may hang or die, we may not.

What enters: a function and its arguments. What leaves: its result. The process is kept warm between
jobs; what takes too long is killed with all it started, and its temporary files go with it.
"""

from __future__ import annotations

import asyncio
import multiprocessing
import os
import resource
import shutil
import signal
import tempfile
import threading
import traceback
from collections.abc import Callable
from contextlib import suppress
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Any, TypeVar

from starlette.concurrency import run_in_threadpool

Result = TypeVar("Result")
_MEMORY = 4 << 30
_STOP_SECONDS = 5


class JobFailed(Exception):
    """A job broke off; says where, without the words of the error: they may quote a cell."""


class JobTooLong(Exception):
    """A job was killed: it took longer than it may."""


class TooManyWaiting(Exception):
    """The line is full."""


def _serve(pipe: Connection, place: str, warm: Callable[[], None]) -> None:
    """The life of the process: jobs one by one, until the pipe is closed."""
    os.setsid()  # so that whatever a job starts can be ended with it
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_AS, (_MEMORY, _MEMORY))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    tempfile.tempdir = place
    warm()
    with suppress(EOFError, OSError):  # the page is gone
        pipe.send(None)
        while True:
            job, arguments = pipe.recv()
            try:
                answer = (True, job(*arguments))
            except Exception as error:  # noqa: BLE001 - whatever a file does, the next one is served
                last = traceback.extract_tb(error.__traceback__)[-1]
                where = f"{Path(last.filename).name}:{last.lineno}"
                answer = (False, f"{type(error).__name__} at {where}")
            pipe.send(answer)


class Worker:
    """One warm process, one job at a time."""

    def __init__(self, place: Path, seconds: float, warm: Callable[[], None]) -> None:
        """Jobs keep temporary files in `place`, which belongs to this worker alone."""
        self._place, self._seconds, self._warm = place, seconds, warm
        self._lock = threading.Lock()
        self._process: BaseProcess | None = None
        self._pipe: Connection | None = None

    def start(self) -> None:
        """Start the process; it gets ready by itself, the first job waits for that."""
        shutil.rmtree(self._place, ignore_errors=True)
        self._place.mkdir(parents=True, mode=0o700)
        context = multiprocessing.get_context("spawn")
        self._pipe, theirs = context.Pipe()
        self._process = context.Process(
            target=_serve, args=(theirs, str(self._place), self._warm), daemon=True
        )
        self._process.start()
        theirs.close()
        self._is_ready = False

    def run(self, job: Callable[..., Result], *arguments: Any) -> Result:
        """Do a job there.

        Raises:
            JobFailed: it broke off, or the process died of it.
            JobTooLong: it took longer than it may.
        """
        with self._lock:
            if self._process is None or not self._process.is_alive():
                self._end()
                self.start()
            try:
                return self._ask(job, arguments)
            except (EOFError, OSError):
                self._end()
                self.start()
                raise JobFailed("the process died") from None
            except JobTooLong:
                self._end()
                self.start()
                raise

    def _ask(self, job: Callable[..., Result], arguments: tuple[Any, ...]) -> Result:
        pipe = self._pipe
        assert pipe is not None  # noqa: S101 - `run` has started it
        if not self._is_ready:
            pipe.recv()
            self._is_ready = True
        pipe.send((job, arguments))
        if not pipe.poll(self._seconds):
            raise JobTooLong
        is_done, answer = pipe.recv()
        if not is_done:
            raise JobFailed(answer)
        result: Result = answer
        return result

    def _end(self) -> None:
        if self._process is not None and self._process.pid is not None:
            with suppress(ProcessLookupError):
                os.killpg(self._process.pid, signal.SIGKILL)
            self._process.kill()  # it may not have got as far as a group of its own
            self._process.join(_STOP_SECONDS)
        if self._pipe is not None:
            self._pipe.close()
        self._process = self._pipe = None

    def stop(self) -> None:
        """End the process and leave nothing behind."""
        with self._lock:
            self._end()
            shutil.rmtree(self._place, ignore_errors=True)


class Line:
    """Requests wait in their order for the worker; a long line is closed politely."""

    def __init__(self, worker: Worker, most: int) -> None:
        self._worker, self._most = worker, most
        self._turn = asyncio.Lock()
        self._waiting = 0

    async def run(self, job: Callable[..., Result], *arguments: Any) -> Result:
        """Do a job in its turn.

        Raises:
            TooManyWaiting: the line is full.
            JobFailed, JobTooLong: what the worker said.
        """
        if self._waiting > self._most:
            raise TooManyWaiting
        self._waiting += 1
        try:
            async with self._turn:
                return await run_in_threadpool(self._worker.run, job, *arguments)
        finally:
            self._waiting -= 1
