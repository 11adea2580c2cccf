"""Where rows break a rule: files and numbers of rows, for the letter to a territory.

What enters: `fct_finding` and `fct_delivery` of a `MartSet`. What leaves: finished Russian texts
without a value of any cell.
"""

from __future__ import annotations

from collections.abc import Mapping

from reports.formats import number
from reports.marts import MartSet, integer, text

FINDINGS, FILES = "fct_finding", "fct_delivery"
FILES_NAMED, ROWS_NAMED = 2, 6
Key = tuple[int, str, str]


def _told(files: Mapping[str, list[int]], names: Mapping[str, str]) -> str:
    """«M03_….xlsx: строки 3, 4, 17 и ещё 2»; a file as a whole has no rows."""
    parts = []
    for delivery in sorted(files, key=lambda item: names.get(item, item))[:FILES_NAMED]:
        rows = sorted({row for row in files[delivery] if row})
        shown = ", ".join(f"{row}" for row in rows[:ROWS_NAMED])
        more = len(rows) - ROWS_NAMED
        tail = f" и ещё {number(more)}" if more > 0 else ""
        word = "строка" if len(rows) == 1 else "строки"
        parts.append(names.get(delivery, delivery) + (f": {word} {shown}{tail}" if rows else ""))
    rest = len(files) - FILES_NAMED
    return "; ".join(parts) + (f"; файлов ещё {number(rest)}" if rest > 0 else "")


def file_names(marts: MartSet) -> dict[str, str]:
    """Deliveries by the public names of their files."""
    return {text(row["delivery_id"]): text(row["file_name"]) for row in marts.rows(FILES)}


def places(marts: MartSet) -> dict[Key, str]:
    """(territory, rule, form) -> where; empty when the findings were not asked for."""
    if FINDINGS not in marts.tables:
        return {}
    names = file_names(marts)
    found: dict[Key, dict[str, list[int]]] = {}
    for row in marts.rows(FINDINGS):
        key = (integer(row["territory_id"]) or 0, text(row["rule_id"]), text(row["form_code"]))
        files = found.setdefault(key, {})
        files.setdefault(text(row["delivery_id"]), []).append(integer(row["source_row"]) or 0)
    return {key: _told(files, names) for key, files in found.items()}
