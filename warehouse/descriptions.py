"""What dbt's YAML says about tables and columns, as text.

What enters: dbt's manifest of the last build. What leaves: one `Described` a model.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from ingest.settings import Settings
from warehouse.runner import target_dir


@dataclass(frozen=True)
class Described:
    """The description of a table and of its columns."""

    text: str
    columns: Mapping[str, str]
    key: tuple[str, ...] = ()  # what one row is: the columns of its test `unique_key`


def _keys(nodes: Iterable[dict[str, Any]]) -> dict[str, tuple[str, ...]]:
    """Key columns of each model by its dbt id."""
    found: dict[str, tuple[str, ...]] = {}
    for node in nodes:
        test = node.get("test_metadata") or {}
        if test.get("name") == "unique_key":
            found.setdefault(node["attached_node"], tuple(test["kwargs"]["columns"]))
    return found


def load_descriptions(settings: Settings) -> dict[str, Described]:
    """Description of every model by its name."""
    path = target_dir(settings) / "manifest.json"
    nodes = json.loads(path.read_text(encoding="utf-8"))["nodes"].values()
    keys = _keys(nodes)
    return {
        node["name"]: Described(
            " ".join(node["description"].split()),
            {
                name: " ".join(column["description"].split())
                for name, column in node["columns"].items()
            },
            keys.get(node["unique_id"], ()),
        )
        for node in nodes
        if node["resource_type"] == "model"
    }
