"""A process that makes one pass over a channel and dies where it is told to.

Called by `test_death.py` as `python -m tests.channels.dying_pass JSON`; prints nothing.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from channels import memory, pull
from channels.spec import SftpSpec
from ingest import landing
from ingest.settings import Settings

from .rigs import NOW, open_directly


def die(*_: Any, **__: Any) -> None:
    os._exit(9)  # neither `finally` nor buffers: as after SIGKILL


def _in_the_middle_of_a_download() -> None:
    write = landing._write

    def cut(chunks: Any, temporary: Path) -> str:
        def first() -> Iterator[bytes]:
            for chunk in chunks:
                yield chunk[: len(chunk) // 2]
                temporary.touch()
                die()

        return write(first(), temporary)

    landing._write = cut


def _before_the_manifest() -> None:
    landing.write_atomically = die


def _half_a_manifest() -> None:
    def half(path: Path, data: bytes) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        landing.temporary_of(path).write_bytes(data[: len(data) // 2])
        die()

    landing.write_atomically = half


def _after_the_manifest() -> None:
    keep = landing.write_atomically

    def then(path: Path, data: bytes) -> None:
        keep(path, data)
        die()

    landing.write_atomically = then


def _half_a_line_of_the_ledger() -> None:
    def half(self: memory.Memory, *_: Any) -> None:
        with self._ledger.open("ab") as stream:
            stream.write(b'{"key": "a')
        die()

    memory.Memory.took = half  # type: ignore[method-assign]


def _after_the_ledger() -> None:
    memory.Memory.listed = die  # type: ignore[method-assign]


POINTS: dict[str, Callable[[], None]] = {
    "in the middle of a download": _in_the_middle_of_a_download,
    "before the manifest": _before_the_manifest,
    "with half a manifest": _half_a_manifest,
    "after the manifest": _after_the_manifest,
    "with half a line of the ledger": _half_a_line_of_the_ledger,
    "after the ledger": _after_the_ledger,
    "never": lambda: None,
}


def one_pass(kind: str, data: str, connection: dict[str, Any], spec: dict[str, Any]) -> Any:
    settings = Settings(Path(data))
    outcome = pull.Outcome("tested", kind, NOW.isoformat())
    limits = SftpSpec(kind="sftp", connection="none")
    with (
        memory.alone(settings, "tested"),
        open_directly(kind, connection, spec, settings) as channel,
    ):
        pull.pull(settings, outcome, limits, channel, lambda _: None)
    return outcome


if __name__ == "__main__":
    order = json.loads(sys.argv[1])
    POINTS[order.pop("point")]()
    one_pass(**order)
