"""Every regular expression that meets a sender's text takes time in proportion to its length."""

from __future__ import annotations

import importlib
import pkgutil
import re
import time
from collections.abc import Iterator

import pytest

import channels
import desk
import ingest
from ingest.body import is_numbering
from ingest.names import split_name
from ingest.routing import parse_when
from ingest.territories import TerritoryResolver
from ingest.text import fold
from ingest.totals import _whole

LENGTH = 100_000
SECONDS = 1.0  # of the processor's time; a quadratic one needs minutes
PIECES = (
    "a", "я", " ", "1", "-", "_", ".", "\n", "\t", '"', "'", "<", ">", "<a ", "(", "A1", "A1:",
    "1 ", "1,0", "г.о ", "по ", "сош ", "итого ", "P05_", "p05_a", "t1__", "2024-", "1.1.", "20",
    "=SUM(", "A1,", 'name="bvb_blank"', ' s="1"', "<f ", "М.П.", "UID 1", 'INTERNALDATE "', "=?",
    "a@", "@.", "вич ", "é", "\u0301", "\u200b",
)  # fmt: skip
# Compared only with a whole text, so that nothing is looked for from each of its letters.
WHOLE = {"ingest.addresses._ADDRESS"}


def _patterns() -> Iterator[tuple[str, re.Pattern[str] | re.Pattern[bytes]]]:
    for room in (ingest, channels, desk):
        for found in pkgutil.walk_packages(room.__path__, f"{room.__name__}."):
            module = importlib.import_module(found.name)
            for name, value in vars(module).items():
                if isinstance(value, re.Pattern):
                    yield f"{found.name}.{name}", value


PATTERNS = dict(_patterns())


def _texts(piece: str) -> Iterator[str]:
    yield piece * (LENGTH // len(piece))
    yield piece * (LENGTH // len(piece)) + "\x00"
    yield "P05_a" + piece * (LENGTH // len(piece)) + "!"


def test_expressions_are_found() -> None:
    assert {"ingest.words.TOTALS", "ingest.stamp._KEPT", "channels.imap._FACT"} <= PATTERNS.keys()


@pytest.mark.parametrize("name", PATTERNS)
def test_it_takes_linear_time(name: str) -> None:
    pattern = PATTERNS[name]
    slow = []
    for piece in PIECES:
        for text in _texts(piece):
            given = text.encode() if isinstance(pattern.pattern, bytes) else text
            start = time.process_time()
            pattern.fullmatch(given)  # type: ignore[arg-type]
            if name not in WHOLE:
                pattern.search(given)  # type: ignore[arg-type]
                pattern.findall(given)  # type: ignore[arg-type]
            if (took := time.process_time() - start) > SECONDS:
                slow.append((piece, round(took, 1)))
    assert not slow


@pytest.mark.parametrize(
    "used",
    [
        fold,
        TerritoryResolver.normalise,
        split_name,
        parse_when,
        _whole,
        lambda t: is_numbering([t]),
    ],
    ids=["fold", "territory", "name", "when", "whole", "numbering"],
)
def test_what_is_made_of_them_does_too(used: object) -> None:
    start = time.process_time()
    for piece in PIECES:
        for text in _texts(piece):
            used(text)  # type: ignore[operator]
    assert time.process_time() - start < SECONDS * len(PIECES)
