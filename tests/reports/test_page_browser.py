"""The page in a real browser: filters, sorting, chart, card; skipped where Chromium is missing.

What enters: a written page. What leaves: verdicts on the DOM that its script made.
"""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from reports.page import page_bytes
from tests.reports.page_reader import PageReader
from tests.reports.page_samples import make_data
from tests.reports.region_marts import HOSTILE, HOSTILE_NAME, REFUSED, SILENT, write_marts

BROWSER = shutil.which("chromium") or shutil.which("chromium-browser")
pytestmark = pytest.mark.skipif(BROWSER is None, reason="Chromium is not installed")

POLICY = re.compile(r'<meta http-equiv="Content-Security-Policy"[^>]*>')
CHOOSE = "document.getElementById('{field}').value = '{value}';"
APPLY = "document.getElementById('filters').dispatchEvent(new Event('input'));"


@pytest.fixture(scope="module")
def html(tmp_path_factory: pytest.TempPathFactory) -> str:
    return page_bytes(make_data(write_marts(tmp_path_factory.mktemp("marts")))).decode()


def played(html: str, tmp_path: Path, script: str = "", fragment: str = "") -> str:
    """The page's DOM after its own script and then `script` ran."""
    if script:
        # The policy would rightly refuse a foreign script.
        html = POLICY.sub("", html).replace("</body>", f"<script>{script}</script></body>")
    path = tmp_path / "page.html"
    path.write_text(html, encoding="utf-8")
    command = [
        str(BROWSER),
        "--headless",
        "--no-sandbox",
        "--disable-gpu",
        "--no-first-run",
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-sync",
        "--window-size=1400,900",
    ]
    command += [
        f"--user-data-dir={tmp_path / 'profile'}",
        "--dump-dom",
        f"{path.as_uri()}{fragment}",
    ]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=True)
    return done.stdout


def choose(**fields: str) -> str:
    """Script that sets filters."""
    picks = (CHOOSE.format(field=f"f-{name}", value=value) for name, value in fields.items())
    return "".join(picks) + APPLY


def shown(dom: str, table: str) -> list[str | None]:
    """Territories of the rows that are not hidden, in their order."""
    body = dom.split(f'id="{table}"', 1)[1].split("</table>", 1)[0].rsplit("<tbody", 1)[1]
    rows = re.findall(r"<tr ([^>]*)>", body)
    return [re.findall(r'data-t="(\d+)"', row)[0] for row in rows if "hidden" not in row]


def test_the_page_wakes_up_and_draws(html: str, tmp_path: Path) -> None:
    dom = played(html, tmp_path)
    assert re.search(r'<html[^>]*class="js"', dom)
    chart = dom.split('id="chart"', 1)[1].split("</svg>", 1)[0]
    assert "viewBox" in chart
    assert chart.count("<text") >= 2 * 66
    assert "Показано территорий: 66 из 66" in dom
    assert len(shown(dom, "heat")) == 66


def test_text_and_kind_filter_every_table(html: str, tmp_path: Path) -> None:
    by_text = played(html, tmp_path, choose(text="ХИМК"))
    found = shown(by_text, "heat")
    assert 1 <= len(found) < 5
    assert shown(by_text, "table-consents") == found
    assert f"Показано территорий: {len(found)} из 66" in by_text
    assert len(shown(played(html, tmp_path, choose(kind="state_school")), "heat")) == 9


def test_indicator_and_status_filter(html: str, tmp_path: Path) -> None:
    dom = played(html, tmp_path, choose(indicator="0", status="not_reported"))
    assert shown(dom, "single") == [str(SILENT)]
    refused = played(html, tmp_path, choose(indicator="0", status="rejected"))
    assert shown(refused, "single") == [str(REFUSED)]


def test_sorting_puts_missing_values_last_both_ways(html: str, tmp_path: Path) -> None:
    click = "document.querySelectorAll('#heat thead button.sort')[4].click();"
    up = played(html, tmp_path, click)
    down = played(html, tmp_path, click * 2)
    assert 'aria-sort="ascending"' in up
    assert 'aria-sort="descending"' in down
    gone = {str(SILENT), str(REFUSED)}
    first, last = shown(up, "heat"), shown(down, "heat")
    assert set(first[-2:]) == gone == set(last[-2:])
    tables = [PageReader(dom).tables["heat"].rows for dom in (up, down)]
    for rows, reverse in zip(tables, (False, True), strict=True):
        texts = [row.cells[4].partition(" / ")[0].split()[1] for row in rows[:-2]]
        values = [float(text.replace(",", ".")) for text in texts]
        assert values == sorted(values, reverse=reverse)


def test_an_address_opens_the_card(html: str, tmp_path: Path) -> None:
    dom = played(html, tmp_path, fragment=f"#t{HOSTILE}")
    card = dom.split("<dialog", 1)[1].split("</dialog>", 1)[0]
    assert "open" in card.split(">", 1)[0]
    reader = PageReader(f"<dialog{card}")
    assert HOSTILE_NAME in reader.text
    assert "<b>" not in card
    assert {"План", "Факт", "Статус", "Отправитель"} <= set(reader.tables[""].heads)
