"""Who comes in, for how long, and what strangers get."""

from __future__ import annotations

from pathlib import Path

import httpx
import pytest

from desk.page.accounts import NoSuchSender, account_codes, add_account, remove_account
from ingest.settings import Settings
from tests.defects.golden import NOW
from tests.page.files import NAME, good
from tests.page.site import Clock, Site, serving


def test_a_sender_comes_in_and_goes_out(site: Site) -> None:
    visitor = site.signed_in("T26")
    assert "T26 Лобня" in visitor.http.get("/").text
    visitor.post("/logout")
    assert "Вход для отправителей" in visitor.http.get("/").text


@pytest.mark.parametrize("code", ["т26", " 26 ", "T26"])
def test_codes_are_taken_as_people_type_them(site: Site, code: str) -> None:
    assert site.visitor().sign_in(code, f" {site.password('T26').upper()} ").status_code == 303


@pytest.mark.parametrize("code", ["T26", "T65", "ministry", ""])
def test_a_wrong_password_and_an_unknown_code_get_one_answer(site: Site, code: str) -> None:
    site.password("T26")
    answer = site.visitor().sign_in(code, "wrong")
    assert answer.status_code == 403
    assert "Код или пароль не подходят" in answer.text
    site.clock.move(hours=1)


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("post", "/check"),
        ("get", "/checked/x"),
        ("get", "/checked/x/marked/0"),
        ("post", "/checked/x/send"),
        ("get", "/receipt/0123456789abcdef"),
        ("get", "/receipt/0123456789abcdef/text"),
        ("get", "/blank?form=M08&period=2024-09"),
    ],
)
def test_strangers_get_nothing_but_the_door(site: Site, method: str, path: str) -> None:
    answer = httpx.request(method, site.address + path, trust_env=False)
    assert answer.status_code == 401
    assert "Вход для отправителей" in answer.text


def test_guessing_is_slowed_down_and_not_for_ever(tmp_path: Path) -> None:
    with serving(tmp_path) as site:
        visitor = site.visitor()
        password = site.password("T26")
        assert [visitor.sign_in("T26", "wrong").status_code for _ in range(5)] == [403] * 5
        refused = visitor.sign_in("T26", password)
        assert (refused.status_code, refused.headers.get("set-cookie")) == (429, None)
        assert "через 15 с" in refused.text
        site.password("T14")
        assert visitor.sign_in("T14", site.password("T14")).status_code == 303
        site.clock.move(seconds=16)
        assert site.visitor().sign_in("T26", password).status_code == 303
        assert site.visitor().sign_in("T26", "wrong").status_code == 403


def test_a_session_ends_with_the_working_day_or_the_password(tmp_path: Path) -> None:
    with serving(tmp_path, clock=Clock()) as site:
        first, second = site.signed_in("T26"), site.signed_in("T26")
        site.clock.move(hours=8)
        assert "Лобня" in first.http.get("/").text
        site.clock.move(hours=2)
        assert "Лобня" not in first.http.get("/").text
        third = site.signed_in("T26")
        add_account(site.settings, "T26", NOW.date())
        assert "Лобня" not in third.http.get("/").text
        site.passwords.clear()
        fourth = site.signed_in("T26")
        remove_account(site.settings, "T26")
        assert "Лобня" not in fourth.http.get("/").text
        assert "Лобня" not in second.http.get("/").text


def test_a_forged_cookie_is_no_cookie(site: Site) -> None:
    visitor = site.signed_in("T26")
    cookie = visitor.http.cookies["bvb_page"]
    for forged in (cookie[:-2] + "xx", cookie.replace(".", "", 1), "x", cookie[1:]):
        answer = httpx.get(site.address, headers={"cookie": f"bvb_page={forged}"}, trust_env=False)
        assert "Лобня" not in answer.text


def test_the_cookie_stays_with_its_page(site: Site) -> None:
    here = httpx.get(site.address, trust_env=False).headers["set-cookie"]
    assert "HttpOnly" in here
    assert "SameSite=strict" in here
    assert "Secure" not in here
    outside = httpx.get(site.address, headers={"host": "bvb.example.org"}, trust_env=False)
    assert "Secure" in outside.headers["set-cookie"]


def test_a_form_of_another_site_is_refused(site: Site) -> None:
    visitor, other = site.signed_in("T26"), site.signed_in("T26")
    place = visitor.checked(NAME, good())
    for path in ("/check", f"{place}/send", "/logout", "/login"):
        for token in ({}, {"csrf": ""}, {"csrf": "x"}, {"csrf": other.token()}):
            answer = visitor.http.post(path, data=token)
            assert answer.status_code == 403, path
    assert "Лобня" in visitor.http.get("/").text


def test_only_hashes_are_kept_and_only_for_senders(tmp_path: Path) -> None:
    settings = Settings(tmp_path)
    account, password = add_account(settings, "14", NOW.date())
    add_account(settings, "operator", NOW.date())
    assert account.code == "T14"
    assert account_codes(settings) == ["T14", "operator"]
    assert password not in settings.page_accounts.read_text()
    assert settings.page_accounts.stat().st_mode & 0o077 == 0
    assert settings.page_accounts.parent.stat().st_mode & 0o077 == 0
    with pytest.raises(NoSuchSender):
        add_account(settings, "T67", NOW.date())
