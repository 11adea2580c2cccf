"""Words by which the reader tells rows, sheets and letters apart, from `words.yml`."""

from __future__ import annotations

import re
from pathlib import Path

from ingest.yaml_files import read_yaml

WORDS: dict[str, list[str]] = read_yaml(Path(__file__).with_name("words.yml"))
TOTALS, SIGNATURE, SCHOOL, ERRORS = (
    re.compile("|".join(WORDS[name]), re.IGNORECASE)
    for name in ("totals", "signature", "school", "errors")
)
