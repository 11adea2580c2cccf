"""The data catalogue as one file: dbt's page with our words and nothing of this machine.

What enters: the last build. What leaves: a page that opens from a disk, without a network; the
same build of the same project gives the same bytes.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import duckdb

from ingest.runs import RunContext, make_run
from ingest.settings import MOSCOW, Settings
from warehouse.build import connect_built
from warehouse.descriptions import Described, load_descriptions
from warehouse.errors import LayerNotBuilt, PageNotUnderstood
from warehouse.runner import PROJECT, build_database, generate_docs

# A page from a disk may ask nobody for anything: the browser itself sees to it.
_POLICY = (
    '<meta http-equiv="Content-Security-Policy" content="default-src \'none\';'
    " script-src 'unsafe-inline' 'unsafe-eval'; style-src 'unsafe-inline';"
    ' img-src data:; font-src data:">'
)
# dbt's script for counting visitors; the project switches it off, here its address goes too.
_TRACKER = re.compile(r'"//[\w.-]+\.cloudfront\.net/[^"]*"')


def _last_build(settings: Settings) -> tuple[RunContext, str]:
    """The run in the private database, and its load."""
    if not build_database(settings).exists():
        raise LayerNotBuilt("marts", "no build")
    try:
        with connect_built(settings) as connection:
            row = connection.execute(
                "select dim_run.as_of, dim_run.known_at, dim_run.load_id"
                " from facts.dim_run, (select count(*) from marts.mart_indicator_progress)"
            ).fetchone()
    except duckdb.CatalogException as error:
        raise LayerNotBuilt("marts", "a build that did not come to its end") from error
    if row is None:
        raise LayerNotBuilt("facts", "a build of no run")
    return make_run(settings, row[0], row[1].replace(tzinfo=MOSCOW)), f"{row[2]}"


def _told_in_both(node: dict[str, Any], described: Described) -> None:
    """Put both languages where the page shows a description; notes for machines are taken out."""
    node["description"] = described.text.both
    for holder in (node, node["config"], node["unrendered_config"]):
        holder.pop("meta", None)
    for name, column in node["columns"].items():
        column["description"] = described.columns[name].text.both
        column["meta"], column["config"]["meta"] = {}, {}


def _cleaned(content: dict[str, Any], moment: str, load_id: str) -> dict[str, Any]:
    """Without the clock and the names of a call."""
    about = content["metadata"]
    for name in [name for name in about if name.endswith(("_at", "_id"))]:
        if name != "project_id":
            about[name] = None
    about |= {"generated_at": moment, "invocation_id": load_id, "env": {}}
    for part in content.values():
        for item in part.values() if isinstance(part, dict) else ():
            if isinstance(item, dict):
                item.pop("created_at", None)
                item.pop("root_path", None)
    return content


def _text(content: Mapping[str, Any], paths: Iterable[tuple[Path, str]]) -> str:
    """JSON with keys in order; folders of the machine are called by what they are."""
    text = json.dumps(content, ensure_ascii=False, sort_keys=True)
    for path, name in paths:
        text = text.replace(f"{path.absolute()}", name)
    # Inside a script element no text may end it.
    return text.replace("</", "<\\/")


def _replaced(page: str, old: str, new: str) -> str:
    if page.count(old) != 1:
        raise PageNotUnderstood(old[:40], page.count(old))
    return page.replace(old, new)


def docs_page(settings: Settings) -> str:
    """The page about the last build.

    Raises:
        LayerNotBuilt: nothing was built yet, or not to the end.
        ProjectNotUnderstood: dbt could not make it.
        PageNotUnderstood: another dbt writes the page in another way.
    """
    run, load_id = _last_build(settings)
    folder = generate_docs(settings, run.accepted_dir)
    page = (folder / "static_index.html").read_text(encoding="utf-8")
    paths = ((run.accepted_dir, "accepted"), (PROJECT, PROJECT.name), (settings.data_dir, "data"))
    for file in ("manifest.json", "catalog.json"):
        text = (folder / file).read_text(encoding="utf-8")
        content = _cleaned(json.loads(text), run.known_at.isoformat(), load_id)
        if file == "manifest.json":
            described = load_descriptions()
            for node in content["nodes"].values():
                if node["resource_type"] == "model" and node["name"] in described:
                    _told_in_both(node, described[node["name"]])
        page = _replaced(page, text, _text(content, paths))
    return _replaced(_TRACKER.sub('""', page), "<head>", f"<head>{_POLICY}")
