"""Words to choose from: the columns of the sheet «Справочник» and where each list stands.

What enters: a blank. What leaves: titles with words, and the range of each column's list.
"""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

from xlsxwriter.utility import xl_col_to_name

from desk.blank_words import blank_words
from ingest.forms import DEFAULT_BOOL_VALUES, Column, ColumnType

if TYPE_CHECKING:
    from desk.blanks import Blank

YES_AND_NO = tuple(texts[0] for texts in DEFAULT_BOOL_VALUES.values())
_BOOL, _SCHOOLS, _TERRITORIES = ":bool", ":schools", ":territories"


class BlankLists:
    """The lists of one blank, each once."""

    first_row = 3  # of the words, counted from 0

    def __init__(self, blank: Blank) -> None:
        self._blank = blank

    @property
    def year(self) -> int:
        """Year of the order."""
        return int(self._blank.reference.order["year"])

    def _territories(self) -> tuple[str, ...]:
        """How the sender may call its own place: a state school writes the city around it, too."""
        own = self._blank.reference.territory(self._blank.territory_id)
        parent = own.parent_territory_id
        around = self._blank.reference.territory(parent).name if parent else None
        return tuple(name for name in (around, own.name) if name)

    def _key(self, column: Column) -> str | None:
        if column.type is ColumnType.BOOL:
            return _BOOL
        if column.values:
            return column.name
        if column.suggest and self._blank.schools:
            return _SCHOOLS
        return _TERRITORIES if column.lookup and self._blank.territory_id else None

    @cached_property
    def columns(self) -> dict[str, tuple[str, tuple[str, ...]]]:
        """Title and words of each list; «да» and «нет» are always there, for the passport."""
        words, version = blank_words().lists, self._blank.version
        found = {_BOOL: (words.bool, YES_AND_NO)}
        for column in version.columns:
            key = self._key(column)
            if key == _SCHOOLS:
                found[key] = (words.schools, self._blank.schools)
            elif key == _TERRITORIES:
                found[key] = (words.territories, self._territories())
            elif key and key not in found:
                found[key] = (column.title, tuple(column.choices.values()))
        return found

    def _range(self, key: str) -> str:
        number = list(self.columns).index(key)
        letter, count = xl_col_to_name(number), len(self.columns[key][1])
        rows = f"${letter}${self.first_row + 1}:${letter}${self.first_row + count}"
        return f"='{blank_words().sheets.lists}'!{rows}"

    @property
    def yes_or_no(self) -> str:
        """Range of «да» and «нет»."""
        return self._range(_BOOL)

    def source(self, column: Column) -> str | None:
        """Range of the words that a column is chosen from."""
        key = self._key(column)
        return self._range(key) if key else None
