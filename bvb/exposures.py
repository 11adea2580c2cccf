"""Who reads the tables, for dbt: reports from their catalogue, dashboards from their files.

What enters: `reports/catalogue.yml`, `reports/changes.yml`, `dashboards/` in Superset's layout.
What leaves: the text of `models/_exposures.yml`; a hand never writes it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

import yaml

from ingest.yaml_files import read_yaml
from reports.catalogue import catalogue
from reports.changes import watching
from reports.marts import ANCHOR
from reports.render import NOTE
from warehouse.descriptions import load_descriptions
from warehouse.runner import PROJECT

PATH = PROJECT / "models" / "_exposures.yml"
DASHBOARDS = PROJECT.parent / "dashboards"
# What every report is checked against and what its manifest names, whatever else it shows.
ALWAYS = (ANCHOR, "dim_run")
OWNER = "Региональный оператор"
_MADE = "# Made by `bvb docs` from the reports' catalogue and the dashboards: change those.\n"
_TABLE = re.compile(r"\b(?:dim|fct|mart)_\w+")


def _exposure(name: str, kind: str, label: str, text: str, tables: Iterable[str]) -> dict[str, Any]:
    return {
        "name": name,
        "label": label,
        "type": kind,
        "owner": {"name": OWNER},
        "description": text,
        "depends_on": [f"ref('{table}')" for table in sorted(set(tables))],
    }


def _reports() -> Iterator[dict[str, Any]]:
    for spec in catalogue().reports:
        text = f"{spec.code}. {spec.title}. Кому: {spec.addressee}. Когда: {spec.period}."
        yield _exposure(spec.id, "analysis", spec.title, text, (*spec.marts, *ALWAYS))
    name = NOTE.split("__")[0]
    text = "Книга рядом с исправленными отчётами: какие числа отличаются от прежней редакции."
    watched = (spec.mart for spec in watching().watched)
    yield _exposure(name, "analysis", "Что изменилось в отчётах", text, (*watched, "dim_run"))


def _files(folder: Path, kind: str) -> Iterator[Mapping[str, Any]]:
    for path in sorted(folder.rglob("*.yaml")):
        if kind in path.relative_to(folder).parts[:-1]:
            yield read_yaml(path)


def _uuids(content: Any) -> Iterator[str]:
    """Every `uuid` of a nested text: a dashboard names its charts deep in its layout."""
    if isinstance(content, dict):
        if isinstance(content.get("uuid"), str):
            yield content["uuid"]
        content = list(content.values())
    if isinstance(content, list):
        for item in content:
            yield from _uuids(item)


def dashboards(folder: Path = DASHBOARDS) -> Iterator[dict[str, Any]]:
    """One exposure a dashboard: dashboard → charts → datasets → tables."""
    known = load_descriptions()
    tables = {
        dataset["uuid"]: [
            name
            for name in _TABLE.findall(f"{dataset['table_name']} {dataset.get('sql') or ''}")
            if name in known
        ]
        for dataset in _files(folder, "datasets")
    }
    datasets = {chart["uuid"]: chart["dataset_uuid"] for chart in _files(folder, "charts")}
    for dashboard in _files(folder, "dashboards"):
        shown = {datasets[uuid] for uuid in _uuids(dashboard.get("position")) if uuid in datasets}
        title = dashboard["dashboard_title"]
        name = re.sub(r"\W+", "_", f"dashboard_{dashboard['slug']}")
        read = [name for uuid in shown for name in tables.get(uuid, [])]
        yield _exposure(name, "dashboard", title, f"Панель Superset «{title}».", read)


def exposures_text() -> str:
    """The file as it has to be."""
    content = {"version": 2, "exposures": [*_reports(), *dashboards()]}
    return _MADE + yaml.safe_dump(content, allow_unicode=True, sort_keys=False, width=110)
