"""Sizes, rates, queues, headers, and files that hang or kill what opens them."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from channels.memory import ChannelBusy, alone
from desk.page.limits import Backoff, Buckets, Limits
from desk.page.shelf import Shelf
from expectations.check import Given
from tests.page.files import NAME, good
from tests.page.site import Clock, Site, serving

SMALL = Limits(file_bytes=64 << 10, per_sender=2, per_address=1000, per_minute=6)


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    with serving(tmp_path_factory.mktemp("small"), SMALL) as running:
        yield running


def test_a_large_file_is_refused_before_it_is_read(small: Site) -> None:
    visitor = small.signed_in("T26")
    assert visitor.check("x.xlsx", b"x" * (65 << 10)).status_code == 413
    head = (
        "POST /check HTTP/1.1\r\nHost: localhost\r\n"
        f"Cookie: bvb_page={visitor.http.cookies['bvb_page']}\r\n"
        "Content-Type: multipart/form-data; boundary=b\r\nContent-Length: 999999999\r\n\r\n"
    )
    with socket.create_connection(("127.0.0.1", httpx.URL(small.address).port or 0), 5) as talk:
        talk.sendall(head.encode())  # and not a byte of the body
        assert talk.recv(100).startswith(b"HTTP/1.1 413")


def test_a_large_file_that_hides_its_size_is_refused_while_it_is_read(small: Site) -> None:
    visitor = small.signed_in("T26")
    sent = 0

    def endless() -> Iterator[bytes]:
        nonlocal sent
        yield b'--b\r\nContent-Disposition: form-data; name="file"; filename="x"\r\n\r\n'
        while sent < 100 << 20:
            sent += 1 << 16
            yield b"x" * (1 << 16)

    head = {"content-type": "multipart/form-data; boundary=b"}
    try:
        with visitor.http.stream("POST", "/check", headers=head, content=endless()) as answer:
            assert answer.status_code == 413
    except httpx.WriteError:
        pass  # the server has hung up while we were still talking
    assert sent < 50 << 20


def test_who_asks_too_often_waits(small: Site) -> None:
    visitor = small.signed_in("T14")
    codes = [visitor.check(NAME, good(14)).status_code for _ in range(3)]
    assert codes == [303, 303, 429]
    refused = visitor.check(NAME, good(14))
    assert refused.headers["retry-after"] == "10"
    assert "Подождите 10 с" in refused.text
    assert small.signed_in("T15").check(NAME, good(15)).status_code == 303
    small.clock.move(seconds=10)
    assert visitor.check(NAME, good(14)).status_code == 303


@pytest.mark.parametrize(
    ("path", "status"),
    [("/", 200), ("/static/page.css", 200), ("/static/page.js", 200), ("/nothing", 404),
     ("/checked/x", 401), ("/health", 200), ("/docs", 404), ("/openapi.json", 404),
     ("/static/../app.py", 404)],
)  # fmt: skip
def test_every_answer_carries_the_headers(site: Site, path: str, status: int) -> None:
    answer = httpx.get(site.address + path, trust_env=False)
    assert answer.status_code == status
    assert "default-src 'none'" in answer.headers["content-security-policy"]
    assert "frame-ancestors 'none'" in answer.headers["content-security-policy"]
    assert answer.headers["x-frame-options"] == "DENY"
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["referrer-policy"] == "same-origin"
    assert answer.headers["cache-control"] == "no-store"
    assert "http://" not in answer.text.replace("http://www.w3.org/2000/svg", "")
    assert "https://" not in answer.text


def test_a_bucket_fills_again_and_no_further() -> None:
    clock = Clock()
    buckets = Buckets(2, 60, clock)
    assert [buckets.take("a"), buckets.take("a")] == [0, 0]
    assert 0 < buckets.take("a") <= 1
    assert buckets.take("b") == 0
    clock.move(hours=1)
    assert [buckets.take("a"), buckets.take("a")] == [0, 0]
    assert buckets.take("a") > 0


def test_each_wrong_password_doubles_the_pause_up_to_a_limit() -> None:
    clock = Clock()
    backoff = Backoff(clock, free=2, first=10, longest=35)
    pauses = []
    for _ in range(6):
        backoff.fail("a")
        pauses.append(backoff.wait("a"))
    assert pauses == [0, 10, 20, 35, 35, 35]
    clock.move(seconds=35)
    assert backoff.wait("a") == 0
    backoff.forget("a")
    backoff.fail("a")
    assert backoff.wait("a") == 0


def test_one_page_a_data_directory(site: Site) -> None:
    with pytest.raises(ChannelBusy), alone(site.settings, "page"):
        pass


def test_a_check_that_takes_too_long_is_said_so(tmp_path: Path) -> None:
    with serving(tmp_path, Limits(check_seconds=0.001)) as site:
        answer = site.signed_in("T26").check(NAME, good())
        assert answer.status_code == 422
        assert "Проверка не закончилась" in answer.text


def test_two_senders_at_once_are_both_answered_in_time(site: Site) -> None:
    visitors = [site.signed_in(code) for code in ("T26", "T14")]
    taken: list[float] = []

    def check(number: int) -> None:
        began = time.perf_counter()
        visitors[number].checked(NAME, good((26, 14)[number]))
        taken.append(time.perf_counter() - began)

    best = []
    for _ in range(3):
        taken.clear()
        threads = [threading.Thread(target=check, args=(n,)) for n in range(2)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        best.append(max(taken))
    assert min(best) < 3


def test_nobody_stands_behind_the_operators_exports(site: Site) -> None:
    visitor = site.signed_in("T26")
    visitor.checked(NAME, good())
    busy = threading.Thread(target=site.room.operators_worker.run, args=(time.sleep, 8))
    busy.start()
    began = time.perf_counter()
    visitor.checked(NAME, good())
    assert busy.is_alive()
    assert time.perf_counter() - began < 3
    busy.join()


def test_little_is_kept_in_memory_and_the_newest_of_it() -> None:
    clock = Clock()
    shelf = Shelf(Limits(kept_each=2, kept_bytes=100), clock)

    def put(owner: str, size: int) -> str:
        clock.move(seconds=1)
        return shelf.put(owner, Given(Path(owner) / "x", bytes(size)), (), clock()).token

    first, second, third = (put("T01", 10) for _ in range(3))
    assert [shelf.get(token, "T01") is not None for token in (first, second, third)] == [
        False, True, True,
    ]  # fmt: skip
    large = put("T02", 95)
    assert shelf.get(second, "T01") is None
    assert shelf.get(third, "T01") is None
    assert shelf.get(large, "T02") is not None
    assert shelf.get(large, "T01") is None
