"""Formulas that a program wrote and nobody computed: plain sums and counts are computed here.

What enters: a look at a sheet and its rows. What leaves: values by cell; what is more than a plain
sum stays unknown, and its sender is asked to open and save the file (defect D-22).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from ingest.limits import most
from ingest.look import Look, position_of
from ingest.sheets import Sheet

_CELL = r"\$?([A-Z]{1,3})\$?(\d{1,7})"
_ONE = re.compile(_CELL)
_RANGE = re.compile(rf"{_CELL}(?::{_CELL})?")
_CALL = re.compile(r"(SUM|COUNT|COUNTA)\(([A-Z0-9$:,; ]+)\)", re.IGNORECASE)
Place = tuple[int, int]


@dataclass
class _Sums:
    """Values of a sheet and what its bare formulas say."""

    values: Mapping[Place, Any]
    bare: Mapping[Place, str]
    known: dict[Place, Any] = field(default_factory=dict)
    left: int = field(default_factory=lambda: most("formula_cells"))  # that may still be named

    def cell(self, place: Place, depth: int = 0) -> Any:
        """Value of a cell, computed when it is a formula itself; None when it cannot be."""
        if place not in self.bare:
            return self.values.get(place, "")
        if place not in self.known:
            self.known[place] = None  # a formula that comes round to itself stays unknown
            self.known[place] = self._formula(self.bare[place], depth + 1)
        return self.known[place]

    def _formula(self, text: str, depth: int) -> Any:
        if depth > most("formula_depth"):
            return None
        text = text.strip().lstrip("=+")
        if one := _ONE.fullmatch(text):
            return self.cell((int(one[2]), position_of(one[1])), depth)
        call = _CALL.fullmatch(text)
        cells = self._named(call[2], depth) if call else None
        if call is None or cells is None:
            return None
        numbers = [c for c in cells if isinstance(c, (int, float)) and not isinstance(c, bool)]
        match call[1].upper():
            case "SUM":
                return sum(numbers)
            case "COUNT":
                return len(numbers)
            case _:
                return sum(cell not in ("", None) for cell in cells)

    def _named(self, arguments: str, depth: int) -> list[Any] | None:
        cells: list[Any] = []
        for argument in re.split("[,;]", arguments):
            found = _RANGE.fullmatch(argument.strip())
            if found is None:
                return None
            first = (int(found[2]), position_of(found[1]))
            last = (int(found[4]), position_of(found[3])) if found[3] else first
            self.left -= max(last[0] - first[0] + 1, 0) * max(last[1] - first[1] + 1, 0)
            if self.left < 0:
                return None
            for row in range(first[0], last[0] + 1):
                for position in range(first[1], last[1] + 1):
                    cells.append(self.cell((row, position), depth))
                    if cells[-1] is None:
                        return None
        return cells


def computed(sheet: Sheet, look: Look) -> tuple[dict[Place, Any], dict[Place, str]]:
    """(values of the bare formulas that could be computed, formulas that could not)."""
    if not look.bare:
        return {}, {}
    cells = {
        (number, position): cell
        for number, row in sheet.rows()
        for position, cell in enumerate(row)
        if cell not in ("", None)
    }
    sums = _Sums(cells, look.bare)
    values = {place: sums.cell(place) for place in look.bare}
    known = {place: value for place, value in values.items() if value is not None}
    return known, {place: look.bare[place] for place in values.keys() - known.keys()}
