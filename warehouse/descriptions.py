"""What dbt's YAML says about tables and columns, as text.

What enters: dbt's manifest of the last build. What leaves: one `Described` a model.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass

from ingest.settings import Settings
from warehouse.runner import target_dir


@dataclass(frozen=True)
class Described:
    """The description of a table and of its columns."""

    text: str
    columns: Mapping[str, str]


def load_descriptions(settings: Settings) -> dict[str, Described]:
    """Description of every model by its name."""
    path = target_dir(settings) / "manifest.json"
    nodes = json.loads(path.read_text(encoding="utf-8"))["nodes"].values()
    return {
        node["name"]: Described(
            " ".join(node["description"].split()),
            {
                name: " ".join(column["description"].split())
                for name, column in node["columns"].items()
            },
        )
        for node in nodes
        if node["resource_type"] == "model"
    }
