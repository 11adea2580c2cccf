"""Words by which the reader tells rows, sheets and letters apart, from `words.yml`."""

from __future__ import annotations

import re
from pathlib import Path

import yaml

WORDS: dict[str, list[str]] = yaml.safe_load(
    Path(__file__).with_name("words.yml").read_text(encoding="utf-8")
)
TOTALS, SIGNATURE, SCHOOL, ERRORS = (
    re.compile("|".join(WORDS[name]), re.IGNORECASE)
    for name in ("totals", "signature", "school", "errors")
)
