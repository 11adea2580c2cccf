"""From cell values of any reader to columns of clean text, a whole column at a time.

What enters: lists of Python values. What leaves: Arrow string arrays; empty cells are NULL.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from ingest.text import clean

# Texts with any of these need the slow cleaning; all others are clean as they are.
_UNCLEAN = (
    "[\u00a0\u00ad\u1680\u2000-\u200f\u202a-\u202f\u205f\u2028\u2029\u2060\u2066-\u2069\u3000\ufeff\u0300-\u036f\t\r\n\f\v]"
    "|^ | $|  "
)
_WHOLE_LIMIT = 1e15


def text_of(value: Any) -> str | None:
    """One cell as text: whole floats lose «.0», dates become ISO, empty becomes None."""
    if isinstance(value, str):
        return value or None
    if value is None:
        return None
    if isinstance(value, bool):
        return "да" if value else "нет"
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() and abs(value) < _WHOLE_LIMIT else repr(value)
    if isinstance(value, datetime):
        return value.isoformat(sep=" ", timespec="seconds")
    if isinstance(value, (date, time)):
        return value.isoformat()
    if isinstance(value, timedelta):
        return str(value)
    return str(value)


def _strings(values: Sequence[Any]) -> pa.Array:
    if set(map(type, values)) <= {str, type(None)}:
        return pa.array(values, pa.string())
    return pa.array([text_of(value) for value in values], pa.string())


def text_column(values: Sequence[Any], null_tokens: frozenset[str]) -> pa.DictionaryArray:
    """A column of cells as dictionary-encoded clean text.

    Work is done once for each distinct text, because most columns repeat themselves.

    Args:
        values: cells as the reader gives them.
        null_tokens: casefolded words that mean «nothing» in this column.
    """
    return clean_dictionary(_strings(values).dictionary_encode(), null_tokens)


def clean_dictionary(
    encoded: pa.DictionaryArray, null_tokens: frozenset[str]
) -> pa.DictionaryArray:
    """The same column with its distinct texts cleaned and null words turned into NULL."""
    words = encoded.dictionary
    unclean = pc.match_substring_regex(words, _UNCLEAN)
    nothing = pc.is_in(pc.utf8_lower(words), pa.array(sorted(null_tokens), pa.string()))
    suspects = pc.or_(unclean, pc.or_(nothing, pc.equal(words, "")))
    if not pc.any(suspects).as_py():
        return encoded
    positions = pc.indices_nonzero(suspects).to_pylist()
    texts = words.to_pylist()
    for position in positions:
        text = clean(texts[position])
        texts[position] = None if not text or text.casefold() in null_tokens else text
    cleaned = pa.array(texts, pa.string())
    # A NULL inside the dictionary is legal but surprises readers: decode and encode anew.
    return cleaned.take(encoded.indices).dictionary_encode()
