"""The limits of one file, from `limits.yml`, and how one that is exceeded is told.

What enters: the name of a limit and what was found. What leaves: numbers, or an `OverLimit`.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from ingest.yaml_files import read_yaml

_KNOWN: dict[str, dict[str, Any]] = read_yaml(Path(__file__).with_name("limits.yml"))


class OverLimit(Exception):
    """A file that is larger than any honest one; becomes the finding F-OVER-LIMIT."""

    code = "F-OVER-LIMIT"

    def __init__(self, name: str, found: int) -> None:
        entry = _KNOWN[name]
        unit = entry.get("unit", 1)
        facts = {"n": -(-found // unit), "most": entry["most"] // unit}
        self.facts = {key: entry[key].format_map(facts) for key in ("found", "expected")}
        super().__init__(f"{name}: expected at most {entry['most']}, found {found}")


def most(name: str) -> int:
    """The limit `name`."""
    return int(_KNOWN[name]["most"])


def within(name: str, found: int) -> int:
    """The number itself.

    Raises:
        OverLimit: it is more than the limit.
    """
    if found > most(name):
        raise OverLimit(name, found)
    return found
