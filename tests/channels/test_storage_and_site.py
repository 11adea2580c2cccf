"""S3-compatible storage and the platform's site: sessions, contracts, faults of servers."""

from __future__ import annotations

from typing import Any

import pytest
import yaml

from channels.base import ChannelRefused, ChannelUnreachable
from channels.spec import CONTRACT
from channels.web import load_contract
from ingest.landing import all_landed
from ingest.settings import Settings

from .conftest import Pass
from .platform_site import LOGIN, Site
from .rigs import Rig

EXAMPLE = yaml.safe_load(CONTRACT.read_text("utf-8"))["example"]


@pytest.fixture
def s3(make_rig: Any) -> Any:
    return make_rig("s3")


def test_more_objects_than_one_page_are_listed_and_folders_are_none(
    s3: Rig, settings: Settings, one_pass: Pass
) -> None:
    from moto.s3.models import s3_backends

    client, bucket = s3.server.client, s3.spec["bucket"]
    behind = s3_backends["123456789012"]["aws"]  # a thousand requests would take ten seconds
    for number in range(1005):
        behind.put_object(bucket, f"in/box/T14/{number}.csv", b"1")
    client.put_object(Bucket=bucket, Key="in/box/T14/", Body=b"")
    client.put_object(Bucket=bucket, Key="in/boxes/T14/other.csv", Body=b"1")
    outcome = one_pass(s3, max_files=3)
    assert (outcome.listed, outcome.taken, outcome.left) == (1005, 3, {"next_pass": 1002})


def test_an_object_replaced_after_the_listing_waits_for_the_next_pass(
    s3: Rig, settings: Settings, one_pass: Pass, monkeypatch: pytest.MonkeyPatch
) -> None:
    from channels.s3 import S3Channel

    s3.put("a.csv", b"first")
    s3.put("b.csv", b"gone")
    client, bucket, listed = s3.server.client, s3.spec["bucket"], S3Channel.items

    def then_replace(self: S3Channel) -> Any:
        found = list(listed(self))
        client.put_object(Bucket=bucket, Key="in/box/T14/a.csv", Body=b"second")
        client.delete_object(Bucket=bucket, Key="in/box/T14/b.csv")
        return found

    with monkeypatch.context() as patch:
        patch.setattr(S3Channel, "items", then_replace)
        outcome = one_pass(s3)
    assert (outcome.taken, outcome.left) == (0, {"changing": 1, "gone": 1})
    one_pass(s3)
    assert [item.size for item in all_landed(settings)] == [len(b"second")]


def test_a_bucket_that_is_not_there_is_said(s3: Rig, one_pass: Pass) -> None:
    with pytest.raises(ChannelRefused, match="NoSuchBucket"):
        one_pass(s3, bucket="no-such-bucket")


def test_a_session_is_begun_once_for_a_pass(web: Rig, site: Site, one_pass: Pass) -> None:
    for number in range(5):
        web.put(f"{number}.xlsx", b"x")
    assert one_pass(web).taken == 5
    assert site.asked.count("POST /login") == 1
    assert sum(ask.startswith("GET /api/exports?page=") for ask in site.asked) == 2


@pytest.mark.parametrize("shows_login_page", [False, True])
def test_a_session_that_is_over_is_begun_anew_once(
    shows_login_page: bool, web: Rig, site: Site, one_pass: Pass, monkeypatch: pytest.MonkeyPatch
) -> None:  # fmt: skip
    from channels.web import WebChannel

    site.shows_login_page = shows_login_page
    web.put("a.xlsx", b"first")
    fetch = WebChannel.fetch

    def then_late(self: WebChannel, item: Any) -> Any:
        site.sessions.clear()
        return fetch(self, item)

    monkeypatch.setattr(WebChannel, "fetch", then_late)
    assert one_pass(web).taken == 1
    assert site.asked.count("POST /login") == 2


def test_a_site_that_never_lets_in_is_not_asked_for_ever(
    web: Rig, site: Site, one_pass: Pass, monkeypatch: pytest.MonkeyPatch
) -> None:
    class NoSessions(set[str]):
        def add(self, _: str) -> None:
            pass

    site.sessions = NoSessions()
    with pytest.raises(ChannelRefused, match="no session after a login"):
        one_pass(web)
    assert site.asked.count("POST /login") == 2


@pytest.mark.parametrize(
    ("status", "fault"),
    [(500, ChannelUnreachable), (503, ChannelUnreachable), (429, ChannelUnreachable),
     (403, ChannelRefused), (404, ChannelRefused)],
)  # fmt: skip
def test_only_faults_of_the_site_are_tried_again(
    status: int, fault: type[Exception], web: Rig, site: Site, one_pass: Pass
) -> None:
    site.fault = status
    with pytest.raises(fault, match=f"{status}"):
        one_pass(web)


@pytest.mark.parametrize(
    "answer", [b"<html>", b"[]", b"{}", b'{"exports": [{"id": 1}], "next": null}', b"\xff"]
)
def test_an_answer_beyond_the_contract_is_said(
    answer: bytes, web: Rig, site: Site, one_pass: Pass
) -> None:
    site.answer = answer
    with pytest.raises(ChannelRefused, match=r"compare platform\.yml with the site"):
        one_pass(web)


def test_a_download_that_breaks_off_lands_nothing_and_is_tried_again(
    web: Rig, site: Site, settings: Settings, one_pass: Pass
) -> None:
    web.put("a.xlsx", b"x" * 100_000)
    site.cut = True
    with pytest.raises(ChannelUnreachable):
        one_pass(web)
    assert all_landed(settings) == []
    site.cut = False
    assert one_pass(web).taken == 1


def test_one_export_that_always_fails_holds_up_no_other(
    web: Rig, site: Site, settings: Settings, one_pass: Pass
) -> None:
    for number in range(3):
        web.put(f"{number}.xlsx", b"x")
    site.spoilt = {site.exports[0]["id"]}
    for _ in range(2):
        with pytest.raises(ChannelUnreachable, match="500"):
            one_pass(web)
    assert {item.file_name for item in all_landed(settings)} == {"1.xlsx", "2.xlsx"}


def test_a_site_that_fails_altogether_is_not_asked_for_every_export(
    web: Rig, site: Site, one_pass: Pass
) -> None:
    for number in range(6):
        web.put(f"{number}.xlsx", b"x")
    site.spoilt = {row["id"] for row in site.exports}
    with pytest.raises(ChannelUnreachable):
        one_pass(web)
    assert sum(ask.endswith("/file") for ask in site.asked) == 3


@pytest.mark.parametrize("text", [None, "login: {}", "a: b: c"])
def test_a_contract_with_a_mistake_is_said(
    text: str | None, web: Rig, settings: Settings, one_pass: Pass
) -> None:
    if text:
        (settings.data_dir / "site.yml").write_text(text, encoding="utf-8")
    with pytest.raises(ChannelRefused, match=r"site\.yml: expected a contract"):
        one_pass(web, contract="site.yml")


def test_an_export_withdrawn_since_the_listing_stops_nobody(
    web: Rig, site: Site, one_pass: Pass
) -> None:
    web.put("a.xlsx", b"x")
    web.put("b.xlsx", b"y")
    del site.files[site.exports[0]["id"]]
    outcome = one_pass(web)
    assert (outcome.taken, outcome.left) == (1, {"gone": 1})


def test_another_contract_beside_the_data_is_used(
    web: Rig, site: Site, settings: Settings, one_pass: Pass
) -> None:
    said = yaml.safe_load(CONTRACT.read_text("utf-8"))
    said["exports"]["at"] = "no_such_field"
    (settings.data_dir / "site.yml").write_text(yaml.safe_dump(said), encoding="utf-8")
    web.put("a.xlsx", b"x")
    with pytest.raises(ChannelRefused, match="no_such_field"):
        one_pass(web, contract="site.yml")


def test_the_recorded_conversation_is_the_one_that_the_tests_site_holds(
    web: Rig, site: Site, one_pass: Pass
) -> None:
    """Else the contract could say one thing, and the site and the connector do another."""
    import requests

    for _ in range(3):
        web.put("a.xlsx", b"x")
    one_pass(web)
    asked = {f"{e['ask']}": e for e in EXAMPLE if e["status"] == 200}
    assert {"GET /api/exports", "GET /api/exports?page=2"} <= set(site.asked)
    (token, *_) = site.sessions
    for ask in ("GET /api/exports", "GET /api/exports?page=2"):
        url = f"{web.connection['host']}:{site.port}{ask.removeprefix('GET ')}"
        answered = requests.get(url, cookies={"session": token}, timeout=5).json()
        recorded = asked[ask]["json"]
        assert set(answered) == set(recorded)
        assert set(answered["exports"][0]) == set(recorded["exports"][0])
        assert type(answered["next"]) is type(recorded["next"])
    form = next(e["form"] for e in EXAMPLE if "form" in e)
    assert form["login"] == LOGIN
    contract = load_contract(CONTRACT)
    assert set(form) == {contract.login.login_field, contract.login.password_field}
