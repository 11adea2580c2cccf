"""Exposures name the tables that reports and dashboards read."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from bvb.exposures import ALWAYS, PATH, dashboards
from reports import editable, printed
from reports.catalogue import ReportSpec, catalogue
from reports.marts import MartSet, Row, load_marts
from reports.render import WRITERS
from tests.reports.region_marts import AS_OF, ORDER, write_marts
from warehouse.descriptions import load_descriptions


class Watched(dict[str, tuple[Row, ...]]):
    """Tables that remember which of them were read."""

    def __init__(self, tables: Any) -> None:
        super().__init__(tables)
        self.read: set[str] = set()

    def __getitem__(self, name: str) -> tuple[Row, ...]:
        self.read.add(name)
        return super().__getitem__(name)


def made(spec: ReportSpec, marts: MartSet) -> None:
    """Make the report; of printed ones the text alone, paper takes half a minute."""
    html = {"final_report": printed.final_html, "passports": printed.passports_html}
    writer = WRITERS[spec.id]
    if spec.id in html:
        html[spec.id](marts)
    elif writer.make:
        writer.make(marts)
    else:
        assert list(editable.letters(marts, 1))


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_marts(tmp_path_factory.mktemp("marts"))


@pytest.mark.parametrize("spec", catalogue().reports, ids=lambda spec: spec.id)
def test_a_report_reads_what_its_exposure_names(spec: ReportSpec, folder: Path) -> None:
    exposures = yaml.safe_load(PATH.read_text(encoding="utf-8"))["exposures"]
    (exposure,) = [found for found in exposures if found["name"] == spec.id]
    named = {ref.removeprefix("ref('").removesuffix("')") for ref in exposure["depends_on"]}
    # Nothing else is loaded: to read another table would be an error.
    marts = load_marts(folder, AS_OF, ORDER, sorted(named))
    watched = Watched(marts.tables)
    made(spec, MartSet(**{**vars(marts), "tables": watched}))
    assert named - watched.read <= set(ALWAYS)
    assert watched.read <= named


def test_exposures_name_published_tables_only() -> None:
    exposures = yaml.safe_load(PATH.read_text(encoding="utf-8"))["exposures"]
    named = {ref for found in exposures for ref in found["depends_on"]}
    assert named <= {f"ref('{name}')" for name in load_descriptions()}


def test_a_dashboard_is_followed_to_its_tables(tmp_path: Path) -> None:
    files: dict[str, dict[str, Any]] = {
        "dashboards/progress.yaml": {
            "dashboard_title": "Показатели", "slug": "progress",
            "position": {"CHART-1": {"type": "CHART", "meta": {"uuid": "c1"}}},
        },
        "charts/one.yaml": {"uuid": "c1", "dataset_uuid": "d1"},
        "charts/not_shown.yaml": {"uuid": "c2", "dataset_uuid": "d2"},
        "datasets/bvb/one.yaml": {
            "uuid": "d1", "table_name": "late",
            "sql": "select * from marts.mart_roadmap join history.mart_consents using (as_of)",
        },
        "datasets/bvb/two.yaml": {"uuid": "d2", "table_name": "mart_findings", "sql": None},
    }  # fmt: skip
    for name, content in files.items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(yaml.safe_dump(content), encoding="utf-8")
    (found,) = dashboards(tmp_path)
    assert (found["name"], found["type"]) == ("dashboard_progress", "dashboard")
    assert found["depends_on"] == ["ref('mart_consents')", "ref('mart_roadmap')"]
