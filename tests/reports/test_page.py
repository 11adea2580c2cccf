"""The page shows the marts' numbers, all 66 territories, and lets no name become code."""

from __future__ import annotations

import base64
import hashlib
import json
import re
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from reports.page import page_bytes
from tests.reports.page_reader import PageReader
from tests.reports.page_samples import make_data
from tests.reports.region_marts import (
    ALMOST,
    HOSTILE,
    HOSTILE_NAME,
    REFUSED,
    SILENT,
    write_marts,
)

# XML names and the licence notice of the bundled library; nothing is ever loaded from them.
KNOWN_ADDRESSES = {
    "http://www.apache.org/licenses/LICENSE-2.0",
    "http://www.w3.org/1999/xlink",
    "http://www.w3.org/2000/svg",
    "http://www.w3.org/2000/xmlns/",
    "http://www.w3.org/XML/1998/namespace",
    "https://bvbinfo.ru/",  # text of an item of the roadmap
}
INDICATORS = [f"I-{n}" for n in range(1, 9)]
FIRST_INDICATOR = 4  # number, name, targets met and mean stand before it


@pytest.fixture(scope="module")
def marts(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_marts(tmp_path_factory.mktemp("marts"))


@pytest.fixture(scope="module")
def html(marts: Path) -> str:
    return page_bytes(make_data(marts)).decode()


@pytest.fixture(scope="module")
def page(html: str) -> PageReader:
    return PageReader(html)


@pytest.fixture(scope="module")
def data(page: PageReader) -> dict[str, Any]:
    found = [text for attrs, text in page.scripts if attrs.get("id") == "page-data"]
    parsed: dict[str, Any] = json.loads(found[0])
    return parsed


def progress(marts: Path) -> dict[tuple[int, str], dict[str, Any]]:
    rows = pq.read_table(marts / "mart_indicator_progress.parquet").to_pylist()
    return {(row["territory_id"], row["indicator_id"]): row for row in rows}


def parsed(text: str) -> float | None:
    """The number of a cell, with mark, no-break spaces and a decimal comma; None for a dash."""
    plain = re.sub(r"[\s\u00a0]", "", text).replace(",", ".")
    found = re.search(r"\d+(\.\d+)?", plain)
    return float(found[0]) if found else None


def test_the_same_marts_give_the_same_bytes(marts: Path, tmp_path: Path) -> None:
    copy = write_marts(tmp_path / "elsewhere")
    assert page_bytes(make_data(marts)) == page_bytes(make_data(copy))


def test_other_marts_give_another_page(html: str, tmp_path: Path) -> None:
    other = write_marts(tmp_path / "other", load_id="2024-09-30__20241010T000000")
    assert "20241010T000000" in page_bytes(make_data(other)).decode()
    assert "20241010T000000" not in html


def test_nothing_is_loaded_from_elsewhere(html: str, page: PageReader) -> None:
    assert set(re.findall(r"https?://[^\s\"'`<>),;]+", html)) <= KNOWN_ADDRESSES
    links = [attrs[key] for _, attrs in page.tags for key in ("src", "href") if key in attrs]
    assert links
    assert all(link.startswith("#") for link in links)
    assert not re.search(r"url\(|@import", html.split("</style>", maxsplit=1)[0])


def test_the_policy_allows_the_inlined_scripts_and_nothing_else(page: PageReader) -> None:
    policy = next(
        attrs["content"]
        for tag, attrs in page.tags
        if tag == "meta" and attrs.get("http-equiv") == "Content-Security-Policy"
    )
    run = [text for attrs, text in page.scripts if attrs.get("type") != "application/json"]
    hashes = [base64.b64encode(hashlib.sha256(text.encode()).digest()).decode() for text in run]
    assert policy.startswith("default-src 'none'")
    assert re.findall(r"sha256-([^']+)", policy) == hashes
    assert len(hashes) == 3


def test_a_page_can_be_sent_by_mail(html: str) -> None:
    assert len(html.encode()) < 2_000_000


def test_all_territories_stand_in_the_table_and_in_the_data(
    page: PageReader, data: dict[str, Any]
) -> None:
    expected = [str(number) for number in range(1, 67)]
    assert [row.territory for row in page.tables["heat"].rows] == expected
    assert [str(item["id"]) for item in data["territories"]] == expected
    for section in ("confirmed", "navigator_load", "consents", "event_publication", "diagnostics"):
        assert [row.territory for row in page.tables[f"table-{section}"].rows] == expected


def test_the_table_shows_the_figures_of_the_mart(page: PageReader, marts: Path) -> None:
    mart = progress(marts)
    lines = page.tables["heat"].total + page.tables["heat"].rows
    assert len(lines) == 67
    for line in lines:
        for position, indicator in enumerate(INDICATORS):
            row = mart[int(line.territory or 0), indicator]
            cell = line.cells[FIRST_INDICATOR + position]
            left, _, right = cell.partition(" / ")
            pct, _, fact = left.rpartition(" ")
            shown = (parsed(pct), parsed(fact), parsed(right.split(",")[0]))
            want = (row["pct_display"], row["fact"], row["target"])
            assert shown == tuple(None if v is None else float(v) for v in want)


def test_the_data_holds_the_figures_of_the_mart(data: dict[str, Any], marts: Path) -> None:
    mart = progress(marts)
    for territory in data["territories"]:
        for indicator, figure in zip(INDICATORS, territory["figures"], strict=True):
            row = mart[territory["id"], indicator]
            names = ("target", "fact", "fact_confirmed", "pct_display", "gap")
            names += ("needed_per_working_day",)
            want = [None if row[name] is None else float(row[name]) for name in names]
            assert figure[:6] == want


def test_a_section_shows_the_figures_of_its_mart(page: PageReader, marts: Path) -> None:
    rows = pq.read_table(marts / "mart_navigator_load.parquet").to_pylist()
    by_id = {row["territory_id"]: row for row in rows}
    table = page.tables["table-navigator_load"]
    columns = ["n_navigators", "n_pupils_attached", "avg_load", "max_load", "n_over_limit"]
    for line in table.total + table.rows:
        row = by_id[int(line.territory or 0)]
        assert [parsed(cell) for cell in line.cells[2:7]] == [float(row[c]) for c in columns]


def test_cards_show_the_region(page: PageReader, marts: Path) -> None:
    text = " ".join(" ".join(page.text).split())
    for indicator in INDICATORS:
        row = progress(marts)[0, indicator]
        fact, target = (f"{row[name]:,}".replace(",", " ") for name in ("fact", "target"))
        assert f"{fact} из {target} чел." in text


def test_missing_is_never_zero(page: PageReader, data: dict[str, Any]) -> None:
    for territory, label in ((SILENT, "○"), (REFUSED, "!")):
        cell = page.tables["heat"].rows[territory - 1].cells[FIRST_INDICATOR]
        assert cell.startswith(label)
        assert parsed(cell.partition(" / ")[0]) is None
        assert data["territories"][territory - 1]["figures"][0][1] is None


def test_one_short_of_the_plan_is_not_a_hundred(page: PageReader) -> None:
    cell = page.tables["heat"].rows[ALMOST - 1].cells[FIRST_INDICATOR + 2]
    assert "99,9" in cell
    assert "100,0" not in cell


def test_a_hostile_name_stays_text(html: str, page: PageReader, data: dict[str, Any]) -> None:
    assert page.tables["heat"].rows[HOSTILE - 1].cells[1] == HOSTILE_NAME
    assert data["territories"][HOSTILE - 1]["name"] == HOSTILE_NAME
    assert html.count("</script>") == html.count("<script")
    assert not [tag for tag, _ in page.tags if tag == "b" and "</script>" in tag]
    assert HOSTILE_NAME not in html


def test_headers_can_be_sorted_and_read_aloud(page: PageReader) -> None:
    sortable = [attrs for tag, attrs in page.tags if tag == "th" and "data-i" in attrs]
    assert {attrs["data-k"] for attrs in sortable} == {"n", "t", "d"}
    assert all(attrs.get("scope") == "col" for attrs in sortable)
    controls = {attrs["aria-controls"] for _, attrs in page.tags if "aria-controls" in attrs}
    ids = [attrs["id"] for _, attrs in page.tags if "id" in attrs]
    assert controls <= set(ids)
    assert len(ids) == len(set(ids))
