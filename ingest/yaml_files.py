"""YAML as the project reads it: safe, and by the C parser, which is ten times as fast."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml


def parse_yaml(text: str | bytes) -> Any:
    """What a YAML text says; no object but plain ones.

    Raises:
        yaml.YAMLError: the text is no YAML.
    """
    return yaml.load(text, Loader=yaml.CSafeLoader)


def read_yaml(path: Path) -> Any:
    """What a YAML file says; raises as `parse_yaml`."""
    return parse_yaml(path.read_text(encoding="utf-8"))
