"""The page in a real browser: sign in, check, read, correct, check again, send, take the receipt.

`BVB_SHOTS=folder` keeps a picture of each step.
"""

from __future__ import annotations

import os
import shutil
import time
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright

from desk.receipts import number_of
from ingest.landing import all_landed
from tests.page.files import good, many_faults, partly
from tests.page.site import Site, serving

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
SHOTS = os.environ.get("BVB_SHOTS")
pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="Chromium is not installed")
READABLE = Path(__file__).with_name("readable.js")
DESKTOP, PHONE = {"width": 1280, "height": 900}, {"width": 390, "height": 800}


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield running
        running.close()


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """A page of its own: what lies in its data directory is known."""
    with serving(tmp_path_factory.mktemp("browser")) as running:
        yield running


def opened(browser: Browser, site: Site, size: dict[str, int], **more: object) -> Page:
    """A page whose browser talks to nobody else and complains of nothing."""
    context = browser.new_context(viewport=size, accept_downloads=True, **more)  # type: ignore[arg-type]
    page = context.new_page()
    page.on("pageerror", lambda error: pytest.fail(f"{error}"))
    page.on("request", lambda request: _stays_home(site, request.url))
    page.goto(site.address)
    return page


def _stays_home(site: Site, url: str) -> None:
    assert url.startswith(site.address), url


def sign_in(page: Page, site: Site) -> None:
    page.get_by_label("Код отправителя").fill("T26")
    page.get_by_label("Пароль").fill(site.password("T26"))
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Проверка файла")).to_be_visible()


def picture(page: Page, step: str) -> None:
    if SHOTS:
        width = page.viewport_size["width"] if page.viewport_size else 0
        page.screenshot(path=Path(SHOTS) / f"{width}-{step}.png", full_page=True)


def upload(page: Page, path: Path) -> float:
    """Choose a file and press the button; seconds until the verdict is on screen."""
    page.locator("#file").set_input_files(path)
    began = time.perf_counter()
    with page.expect_navigation():
        page.get_by_role("button", name="Проверить", exact=True).click()
    page.locator(".verdict").wait_for()
    return time.perf_counter() - began


@pytest.mark.parametrize("size", [DESKTOP, PHONE], ids=["desktop", "phone"])
def test_from_a_broken_file_to_the_receipt(
    browser: Browser, house: Site, size: dict[str, int], tmp_path: Path
) -> None:
    page = opened(browser, house, size)
    picture(page, "1-sign-in")
    sign_in(page, house)
    picture(page, "2-home")
    path = tmp_path / f"Отчёт {size['width']}.xlsx"
    path.write_bytes(partly())
    upload(page, path)
    picture(page, "3-broken")
    expect(page.get_by_role("heading", level=1)).to_have_text("Файл будет принят не полностью")
    first = page.locator('[data-severity="reject"] tbody tr').first.locator("td")
    assert first.all_inner_texts()[:3] == ["Данные", "2", "Дата"]
    expect(first.nth(3)).to_contain_text("Значение «30.02.2024»")
    with page.expect_download() as download:
        page.get_by_role("link", name="Скачать файл с пометками").click()
    assert download.value.suggested_filename == f"Проверено__Отчёт {size['width']}.xlsx"
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")

    path.write_bytes(good(rows=6 if size is DESKTOP else 5))
    seconds = [upload(page, path) for _ in range(3)]
    print(f"verdict on a corrected file: {min(seconds):.2f}–{max(seconds):.2f} s")
    assert min(seconds) < 3
    picture(page, "4-corrected")
    expect(page.get_by_role("heading", level=1)).to_have_text("Файл будет принят")
    page.get_by_role("button", name="Отправить", exact=True).click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Файл получен")
    picture(page, "5-receipt")
    landed = [i for i in all_landed(house.settings) if i.source == f"T26/{path.name}"]
    assert [number_of(item.delivery_id) for item in landed] == [
        page.locator("[data-number]").inner_text()
    ]
    assert landed[0].sha256 in page.locator(".receipt").inner_text()
    with page.expect_download() as download:
        page.get_by_role("link", name="Скачать квитанцию").click()
    assert download.value.path().read_text() == page.locator(".receipt").inner_text()
    page.context.close()


def test_lost_rows_are_sent_only_with_the_mark(
    browser: Browser, house: Site, tmp_path: Path
) -> None:
    page = opened(browser, house, DESKTOP)
    sign_in(page, house)
    path = tmp_path / "Частично.xlsx"
    path.write_bytes(partly())
    upload(page, path)
    page.get_by_role("button", name="Отправить", exact=True).click()
    expect(page.locator(".verdict h1")).to_have_text("Файл будет принят не полностью")
    page.get_by_label("Отправить, хотя строк не будет принято: 3").check()
    page.get_by_role("button", name="Отправить", exact=True).click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Файл получен")
    page.context.close()


def test_a_dropped_file_is_checked_at_once(browser: Browser, house: Site) -> None:
    page = opened(browser, house, DESKTOP)
    sign_in(page, house)
    dropped = page.evaluate_handle(
        """bytes => { const t = new DataTransfer();
        t.items.add(new File([new Uint8Array(bytes)], 'Брошен.xlsx')); return t; }""",
        list(good()),
    )
    page.dispatch_event(".drop", "drop", {"dataTransfer": dropped})
    expect(page.locator(".verdict .file")).to_have_text("Брошен.xlsx")
    page.context.close()


def test_a_file_that_is_too_large_never_leaves_the_computer(
    browser: Browser, house: Site, tmp_path: Path
) -> None:
    page = opened(browser, house, DESKTOP)
    sign_in(page, house)
    path = tmp_path / "Большой.xlsx"
    path.write_bytes(bytes(21 << 20))
    page.locator("#file").set_input_files(path)
    page.get_by_role("button", name="Проверить", exact=True).click()
    expect(page.get_by_role("alert")).to_contain_text("Файл слишком велик")
    assert page.url == f"{house.address}/"
    page.context.close()


def test_it_works_without_scripts_and_by_keyboard(
    browser: Browser, house: Site, tmp_path: Path
) -> None:
    page = opened(browser, house, PHONE, java_script_enabled=False)
    sign_in(page, house)
    path = tmp_path / "Много.xlsx"
    path.write_bytes(many_faults())
    page.locator("#file").set_input_files(path)
    page.locator("#file").focus()
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.locator(".verdict").wait_for()
    page.locator("summary").first.focus()
    page.keyboard.press("Enter")
    expect(page.get_by_text("столбец «Участников»: строки 5–73")).to_be_visible()
    picture(page, "6-many")
    page.context.close()


def test_headings_labels_and_language_are_there_for_those_who_do_not_see(
    browser: Browser, house: Site, tmp_path: Path
) -> None:
    page = opened(browser, house, DESKTOP)
    _is_readable(page)
    sign_in(page, house)
    _is_readable(page)
    path = tmp_path / "Много.xlsx"
    path.write_bytes(many_faults())
    upload(page, path)
    _is_readable(page)
    page.context.close()


def _is_readable(page: Page) -> None:
    found = page.evaluate(READABLE.read_text(encoding="utf-8"))
    assert found["lang"] == "ru"
    assert found["levels"].count(1) == 1
    assert all(later <= earlier + 1 for earlier, later in pairwise(found["levels"]))
    assert found["unnamed"] == 0
    assert found["faint"] == []
