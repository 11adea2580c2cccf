"""Look at the dashboard with a browser: sign in, open every tab, see every chart drawn.

What enters: the address of a running Superset and an account. What leaves: one `Seen` a chart with
the question that it asked the database and, if asked for, a picture of every tab.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click
from playwright.sync_api import Page, Response, sync_playwright

QUERIES = Path(__file__).resolve().parent / "queries.json"
SLUG = "bvb"
_QUIET = (
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
)  # fmt: skip
_WIDTH, _HEIGHT = 1600, 1000
_PATIENCE = 60_000  # milliseconds for a tab of a machine under load
_TABS = ".dashboard-component-tabs .ant-tabs-tab"
# A chart is there when its slice holds rows, a drawing or a figure; an error holds none of them.
_DRAWN = """charts => charts.filter(c => c.offsetParent !== null).map(c => ({
    name: c.dataset.testChartName,
    drawn: !!c.querySelector(
        '.slice_container tbody tr, .slice_container svg path, .slice_container canvas,'
        + ' .slice_container .header-line') }))"""
_CHARTS = "[data-test=chart-grid-component]"


@dataclass(frozen=True)
class Seen:
    """A chart as the browser showed it."""

    name: str
    is_drawn: bool
    sql: str
    n_rows: int


@contextmanager
def browser_page() -> Iterator[Page]:
    """A Chromium of its own; this machine's, else the one that Playwright brings."""
    own = shutil.which("chromium") or shutil.which("chromium-browser")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=own, args=list(_QUIET))
        page = browser.new_page(viewport={"width": _WIDTH, "height": _HEIGHT}, locale="ru-RU")
        page.set_default_timeout(_PATIENCE)
        yield page
        browser.close()


class _Answers:
    """Questions and numbers of rows by the number of the chart that asked."""

    def __init__(self) -> None:
        self.found: dict[int, tuple[str, int]] = {}

    def hear(self, response: Response) -> None:
        if "/api/v1/chart/data" not in response.url or response.status != 200:
            return
        asked = json.loads(response.request.post_data or "{}").get("form_data", {})
        results: list[dict[str, Any]] = response.json().get("result", [])
        if asked.get("slice_id") and results:
            rows = int(results[0]["sql_rowcount"] or 0)
            self.found[int(asked["slice_id"])] = (str(results[0]["query"]).strip(), rows)


def sign_in(page: Page, url: str, user: str, password: str) -> None:
    """Sign in with a name and a password."""
    page.goto(f"{url}/login/")
    page.fill("#username", user)
    page.fill("#password", password)
    page.keyboard.press("Enter")
    page.wait_for_url("**/superset/welcome/**")


def _tab_charts(page: Page) -> list[dict[str, Any]]:
    """Charts of the open tab, when all are drawn or patience is at its end."""
    for _ in range(_PATIENCE // 500):
        page.wait_for_timeout(500)
        charts: list[dict[str, Any]] = page.locator(_CHARTS).evaluate_all(_DRAWN)
        if charts and all(chart["drawn"] for chart in charts):
            break
    return charts


def look(page: Page, url: str, pictures: Path | None = None) -> list[Seen]:
    """Open every tab of the dashboard; what each chart showed."""
    answers, seen = _Answers(), []
    page.on("response", answers.hear)
    page.goto(f"{url}/superset/dashboard/{SLUG}/")
    page.wait_for_selector(_TABS)
    for number in range(page.locator(_TABS).count()):
        page.set_viewport_size({"width": _WIDTH, "height": _HEIGHT})
        page.locator(_TABS).nth(number).click()
        page.wait_for_timeout(500)
        # Charts out of sight are not drawn: the window becomes as high as the tab.
        height = page.evaluate("document.querySelector('.dashboard-content').scrollHeight")
        page.set_viewport_size({"width": _WIDTH, "height": max(_HEIGHT, int(height) + 150)})
        charts = _tab_charts(page)
        numbers = page.locator(_CHARTS).evaluate_all(
            "charts => Object.fromEntries(charts.map("
            "c => [c.dataset.testChartName, Number(c.dataset.testChartId)]))"
        )
        for chart in charts:
            sql, rows = answers.found.get(numbers[chart["name"]], ("", 0))
            seen.append(Seen(chart["name"], chart["drawn"], sql, rows))
        if pictures:
            page.wait_for_timeout(2500)  # lines and bars grow for a second or two
            page.screenshot(path=pictures / f"{number + 1}.png")
    return seen


def questions(seen: list[Seen]) -> dict[str, str]:
    """What every chart asks, by its name."""
    return {chart.name: chart.sql for chart in sorted(seen, key=lambda chart: chart.name)}


def recorded() -> dict[str, str]:
    """The questions as they were recorded last: benchmark and tests ask them without Superset."""
    found: dict[str, str] = json.loads(QUERIES.read_text(encoding="utf-8"))
    return found


@click.command(help="Открыть дашборд браузером и проверить, что нарисованы все диаграммы.")
@click.option("--url", default="http://127.0.0.1:8088", show_default=True)
@click.option("--user", default="admin", show_default=True)
@click.option("--password", envvar="SUPERSET_ADMIN_PASSWORD", required=True)
@click.option("--pictures", type=click.Path(path_type=Path), help="Папка для снимков вкладок.")
@click.option("--record", is_flag=True, help="Записать запросы диаграмм в queries.json.")
def main(url: str, user: str, password: str, pictures: Path | None, record: bool) -> None:
    """Show what each chart did; the exit code says whether all are drawn."""
    if pictures:
        pictures.mkdir(parents=True, exist_ok=True)
    with browser_page() as page:
        sign_in(page, url, user, password)
        seen = look(page, url, pictures)
    for chart in seen:
        click.echo(f"{'●' if chart.is_drawn else '×'} {chart.name}: строк {chart.n_rows}")
    if record:
        text = json.dumps(questions(seen), ensure_ascii=False, indent=1)
        QUERIES.write_text(f"{text}\n", encoding="utf-8")
    raise SystemExit(0 if all(chart.is_drawn and chart.n_rows for chart in seen) else 1)


if __name__ == "__main__":
    main()
