"""The catalogue's page: all tables in both languages, nothing of the machine, the same bytes."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from ingest.settings import load_settings
from tests.warehouse.conftest import Built
from warehouse import docs_page as room
from warehouse.descriptions import load_descriptions
from warehouse.docs_page import docs_page
from warehouse.errors import LayerNotBuilt, PageNotUnderstood
from warehouse.runner import PROJECT, target_dir


@pytest.fixture(scope="module")
def page(built_once: Built) -> str:
    return docs_page(load_settings(built_once.data))


def inlined(page: str) -> list[dict[str, Any]]:
    """Manifest and catalogue as the page carries them."""
    starts = [m.start() for m in re.finditer(r'\{"(?:child_map|errors)": ', page)]
    return [json.JSONDecoder().raw_decode(page, start)[0] for start in starts]


def test_every_published_table_stands_there_with_columns_and_words(page: str) -> None:
    manifest, catalogue = inlined(page)
    for name, described in load_descriptions().items():
        node = manifest["nodes"][f"model.bvb.{name}"]
        assert node["description"] == described.text.both
        told = {c: column["description"] for c, column in node["columns"].items()}
        assert told == {c: column.text.both for c, column in described.columns.items()}
        assert set(catalogue["nodes"][f"model.bvb.{name}"]["columns"]) == set(told)
    assert {"exposure.bvb.ministry_workbook", "exposure.bvb.final_report"} <= set(
        manifest["exposures"]
    )
    assert "metric.bvb.indicator_percent" in manifest["metrics"]


def test_nothing_of_the_machine_or_of_a_call_is_in_it(page: str, built_once: Built) -> None:
    places = {f"{built_once.data}", f"{PROJECT.parent}", f"{Path.home()}/"}
    assert [place for place in places if place in page] == []
    manifest, catalogue = inlined(page)
    run = built_once.run()
    for content in (manifest, catalogue):
        assert content["metadata"]["generated_at"] == run.known_at.isoformat()
        assert content["metadata"]["env"] == {}
        assert content["metadata"].get("user_id") is None
    assert '"created_at"' not in page


def test_it_asks_the_network_for_nothing(page: str) -> None:
    assert "Content-Security-Policy" in page.split("<script", 1)[0]
    assert "default-src 'none'" in page
    tags = r'<(?:script|link|img|iframe|style)\b[^>]*(?:src|href)\s*=\s*"(?:https?:)?//[^>]*>'
    assert re.findall(tags, page) == []
    assert "cloudfront" not in page


def test_the_same_build_gives_the_same_bytes(page: str, built_once: Built) -> None:
    assert docs_page(load_settings(built_once.data)) == page


def test_without_a_build_it_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(LayerNotBuilt, match="no build"):
        docs_page(load_settings(tmp_path))


def test_a_page_of_another_make_is_refused(
    built_once: Built, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    settings = load_settings(built_once.data)
    for name in ("manifest.json", "catalog.json"):
        (tmp_path / name).write_bytes((target_dir(settings) / name).read_bytes())
    (tmp_path / "static_index.html").write_text("<html><head></head></html>")
    monkeypatch.setattr(room, "generate_docs", lambda *_: tmp_path)
    with pytest.raises(PageNotUnderstood, match="found it 0 times"):
        docs_page(settings)
