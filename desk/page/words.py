"""The words of the page: `words.yml`.

What enters: nothing. What leaves: nested texts by their names.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import yaml


@cache
def page_words() -> dict[str, Any]:
    """`words.yml`."""
    path = Path(__file__).with_name("words.yml")
    words: dict[str, Any] = yaml.safe_load(path.read_text(encoding="utf-8"))
    return words
