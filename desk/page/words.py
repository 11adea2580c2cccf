"""The words of the page: `words.yml`.

What enters: nothing. What leaves: nested texts by their names.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

from ingest.yaml_files import read_yaml


@cache
def page_words() -> dict[str, Any]:
    """`words.yml`."""
    path = Path(__file__).with_name("words.yml")
    words: dict[str, Any] = read_yaml(path)
    return words
