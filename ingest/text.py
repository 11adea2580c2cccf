"""How texts of real offices are made comparable (defects D-33, D-34, D-40, D-41).

What enters: any cell text. What leaves: clean text for keeping, or a folded text for matching.
"""

from __future__ import annotations

import re
import unicodedata

_INVISIBLE = dict.fromkeys(
    [0xAD, *range(0x200B, 0x2010), *range(0x202A, 0x202F), 0x2060, *range(0x2066, 0x206A), 0xFEFF]
)
_SPACES = re.compile(r"\s+")
_DASHES = str.maketrans({c: "-" for c in "‐‑‒–—―−"})
_QUOTES = re.compile(r"[«»„“”\"'`]")
_IN_QUOTES = re.compile(r"'[^']*'")
_OUR_NAME = re.compile(r"'[a-z_][a-z0-9_.]*'")
_YEAR = re.compile(r"\b20\d\d\b")
# Latin letters that look like Cyrillic ones; a token is mapped only if every letter maps.
_LOOKALIKE = str.maketrans("AaBCcEeHKkMOoPpTXxyY", "АаВСсЕеНКкМОоРрТХхуУ")
_LATIN = re.compile(r"[A-Za-z]")
_CYRILLIC = re.compile(r"[А-Яа-яЁё]")
_TOKEN = re.compile(r"[A-Za-zА-Яа-яЁё]+")

# Spreadsheets take a text that begins so for a formula, wherever it comes from.
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n")


def inert(value: object) -> object:
    """A value for a csv: texts that a spreadsheet would run get an apostrophe before them."""
    is_formula = isinstance(value, str) and value.lstrip(" ").startswith(FORMULA_STARTS)
    return f"'{value}" if is_formula else value


_UNPRINTABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")
_CELL_LETTERS = 32_000  # Excel takes 32 767


def printable(text: str) -> str:
    """A text as a cell of a workbook can hold it."""
    return _UNPRINTABLE.sub("", text)[:_CELL_LETTERS]


def decoded(data: bytes) -> str:
    """A text file of the data directory: programs of a Russian Windows save in its own encoding."""
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return data.decode("cp1251", errors="replace")


def clean(text: str) -> str:
    """The same text without what no eye can see: odd spaces, zero-width marks, split letters."""
    visible = unicodedata.normalize("NFC", text).translate(_INVISIBLE)
    return _SPACES.sub(" ", visible).strip()


def _unmix(match: re.Match[str]) -> str:
    token = match.group()
    if not (_LATIN.search(token) and _CYRILLIC.search(token)):
        return token
    mapped = token.translate(_LOOKALIKE)
    return token if _LATIN.search(mapped) else mapped


def unmix_alphabets(text: str) -> str:
    """Latin look-alikes inside Cyrillic words become Cyrillic (D-40)."""
    return _TOKEN.sub(_unmix, text)


def fold(text: str) -> str:
    """A key for comparing: case, ё, dashes, quotes, look-alikes and spaces do not count."""
    unmixed = unmix_alphabets(clean(text)).translate(_DASHES)
    return _SPACES.sub(" ", _QUOTES.sub("", unmixed)).strip(" .:;*").casefold().replace("ё", "е")


def without_years(folded: str) -> str:
    """A folded title with each year replaced, so that «Статус 2024» and «Статус 2025» meet."""
    return _YEAR.sub("{year}", folded)


def mask_quoted(message: str, *, keep_names: bool = False) -> str:
    """An engine's message without what stands in single quotes: it may be a cell of a child's row.

    Args:
        message: what DuckDB or dbt said.
        keep_names: leave what looks like a name of a table or model of ours.
    """

    def masked(found: re.Match[str]) -> str:
        return found[0] if keep_names and _OUR_NAME.fullmatch(found[0]) else "'…'"

    return _IN_QUOTES.sub(masked, message)
