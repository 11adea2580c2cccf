"""The 62 defects of spec 05 as files: each is built here and named after its defect.

`CORPUS` maps an id («D-14b») to what somebody sends: file name, bytes, and the reaction that the
specification asks for. Territory T<number of the defect> sends them, so all fit into one run.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from expectations.check import Given
from tests.defects import cells, containers, exports, layouts, people

AUTO, WARN, ERROR, QUAR, REJ, MAP = "AUTO", "WARN", "ERROR", "QUAR", "REJ", "MAP"
# Whose file it is, where the defect needs a certain sender: Ногинск lies in territory 2.
SENDERS = {"D-53": 2}
MODULES = (containers, layouts, cells, people, exports)


@dataclass(frozen=True)
class Fixture:
    """One file of the corpus."""

    defect: str
    reaction: str
    territory: int
    name: str
    data: bytes
    why: str
    beside: tuple[tuple[str, bytes], ...] = ()  # other files that it is judged with

    @property
    def source(self) -> str:
        """Where it lies below the channel's folder."""
        return f"{self._folder}/{self.name}"

    @property
    def _folder(self) -> str:
        return "platform" if self.name.startswith("P0") else f"T{self.territory:02d}"

    @property
    def files(self) -> list[Given]:
        """The file, then those beside it."""
        sent = ((self.name, self.data), *self.beside)
        return [Given(Path(self._folder) / name, data) for name, data in sent]


@cache
def corpus() -> dict[str, Fixture]:
    """Every fixture by its id, in the order of the specification."""
    found: dict[str, Fixture] = {}
    for module in MODULES:
        for name, builder in vars(module).items():
            match = re.fullmatch(r"d(\d\d)([a-z]?)", name)
            if not match:
                continue
            defect = f"D-{match[1]}{match[2]}"
            reaction, _, why = (builder.__doc__ or "").partition(": ")
            territory = SENDERS.get(defect, int(match[1]))
            file_name, data, *beside = builder(territory)
            told = why.strip().rstrip(".")
            others = beside[0] if beside else ()
            found[defect] = Fixture(defect, reaction, territory, file_name, data, told, others)
    return dict(sorted(found.items()))
