"""Which files of a drop folder are finished: not temporary, not growing, not links.

What enters: a folder. What leaves: files to take now, and files left for the next pass.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

# Names that editors and transfer programs give to files that are not finished.
_UNFINISHED = re.compile(
    r"^(~\$|\.)|\.(part|partial|tmp|filepart|crdownload|swp|done)$", re.IGNORECASE
)
SETTLE_SECONDS = 2.0
# A file younger than this may still be growing; older ones need no second look.
FRESH_SECONDS = 60.0
SETTLE_ROUNDS = 15


def is_finished(source: str) -> bool:
    """Whether a name is one that a sender gave: no hidden folder, no unfinished transfer."""
    *folders, name = source.split("/")
    return not (any(part.startswith(".") for part in folders) or _UNFINISHED.search(name))


def _is_taken(root: Path, path: Path) -> bool:
    # A link may point anywhere on the machine, and what it points to may change.
    regular = path.is_file() and not path.is_symlink()
    return regular and is_finished(path.relative_to(root).as_posix())


def files_below(root: Path) -> tuple[list[Path], list[Path]]:
    """(files to take, files left where they are), both in the order of their names."""
    found = [path for path in sorted(root.rglob("*")) if path.is_symlink() or not path.is_dir()]
    verdicts = [(path, _is_taken(root, path)) for path in found]
    return [p for p, taken in verdicts if taken], [p for p, taken in verdicts if not taken]


def _state(path: Path) -> tuple[int, int] | None:
    """Size and time of change; None when the file has gone (renamed by its sender)."""
    try:
        stat = path.stat()
    except FileNotFoundError:
        return None
    return stat.st_size, stat.st_mtime_ns


def wait_until_settled(
    paths: list[Path], now: datetime, pause: Callable[[float], None] = time.sleep
) -> tuple[list[Path], list[Path]]:
    """Split files into settled ones and ones that go on changing after every round of waiting.

    Only files touched within the last minute are watched: a quiet folder costs no waiting.
    """
    settled: list[Path] = []
    watched: dict[Path, tuple[int, int]] = {}
    for path in paths:
        state = _state(path)
        if state is None:
            continue
        # Clocks of file servers run ahead, too: «from the future» may be «just now».
        age = abs(now.timestamp() - state[1] / 1e9)
        if age < FRESH_SECONDS and not path.with_name(path.name + ".done").exists():
            watched[path] = state
        else:
            settled.append(path)
    for _ in range(SETTLE_ROUNDS):
        if not watched:
            break
        pause(SETTLE_SECONDS)
        for path, before in list(watched.items()):
            state = _state(path)
            if state is None or state == before:
                settled += [path] if state else []
                del watched[path]
            else:
                watched[path] = state
    return sorted(settled), sorted(watched)
