"""An independent reading of the order: its printed text goes in, tables as printed come out."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path

ORDER_TEXT = Path(__file__).with_name("order_r-423_2024.txt")

_ITEM = re.compile(r"^(\d{1,2})\.$")
_ROW = re.compile(r"^\d{1,2}$")
ROADMAP_CELLS = 5
TABLE_CELLS = 12


@dataclass(frozen=True)
class RoadmapItem:
    """One item of the roadmap with every printed cell joined over page breaks."""

    number: int
    title: str
    term: str
    result: str
    responsible: str


@dataclass(frozen=True)
class TargetRow:
    """One row of the target table: number, name as printed, ten figures c3..c12."""

    number: int
    name: str
    figures: tuple[int, ...]


def _lines() -> list[str]:
    return [line.rstrip("\r\n") for line in ORDER_TEXT.read_text("utf-8").splitlines()]


def _between(start: str, stop: str | None) -> list[str]:
    lines = [line.strip(" ") for line in _lines()]
    first = lines.index(start)
    last = lines.index(stop) if stop else len(lines)
    return lines[first:last]


def _glue(parts: list[str]) -> str:
    text = " ".join(p.strip() for p in parts if p.strip())
    return re.sub(r"(?<=\w)- (?=\w)", "-", text)


@cache
def roadmap() -> tuple[RoadmapItem, ...]:
    """The 38 items; a line whose first cell is empty continues the item above it."""
    cells: dict[int, list[list[str]]] = {}
    current = 0
    for line in _between("«ДОРОЖНАЯ КАРТА»", "УТВЕРЖДЕНЫ"):
        row = line.split("\t")
        if len(row) != ROADMAP_CELLS:
            continue
        if match := _ITEM.match(row[0].strip()):
            current = int(match.group(1))
            cells[current] = [[] for _ in range(ROADMAP_CELLS - 1)]
        elif row[0].strip() or not current:
            continue
        for column, text in enumerate(row[1:]):
            cells[current][column].append(text)
    return tuple(RoadmapItem(number, *map(_glue, parts)) for number, parts in cells.items())


@cache
def targets() -> tuple[TargetRow, ...]:
    """The 66 rows of the target table, names glued with a space over page breaks."""
    rows: list[TargetRow] = []
    for line in _between("ЦЕЛЕВЫЕ ПОКАЗАТЕЛИ", None):
        cells = [cell.strip() for cell in line.split("\t")]
        if len(cells) != TABLE_CELLS:
            continue
        if _ROW.match(cells[0]) and not cells[1].isdigit():
            rows.append(TargetRow(int(cells[0]), cells[1], tuple(map(int, cells[2:]))))
        elif not cells[0] and cells[1] and not any(cells[2:]):
            last = rows.pop()
            rows.append(TargetRow(last.number, f"{last.name} {cells[1]}", last.figures))
    return tuple(rows)


@cache
def printed_totals() -> tuple[str, ...]:
    """The cells of the row «ВСЕГО» as printed, c3..c12."""
    for line in _lines():
        cells = [cell.strip() for cell in line.split("\t")]
        if "ВСЕГО:" in cells:
            return tuple(cells[cells.index("ВСЕГО:") + 1 :])
    raise AssertionError("the order's text has no row «ВСЕГО:»")
