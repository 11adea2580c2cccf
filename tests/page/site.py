"""The page as its users meet it: a real server on a free port, with a clock that tests move."""

from __future__ import annotations

import re
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import uvicorn

from desk.page.accounts import add_account
from desk.page.app import create_app
from desk.page.limits import Limits
from ingest.settings import Settings
from tests.defects.golden import NOW

PATIENT = Limits(per_sender=10_000, per_address=10_000)


class Clock:
    """A clock that stands still until it is moved."""

    def __init__(self, now: datetime = NOW) -> None:
        self.now = now

    def __call__(self) -> datetime:
        return self.now

    def move(self, **by: float) -> None:
        self.now += timedelta(**by)


@dataclass
class Site:
    """A running page and its accounts."""

    settings: Settings
    clock: Clock
    address: str
    room: Any
    passwords: dict[str, str] = field(default_factory=dict)

    def password(self, code: str) -> str:
        if code not in self.passwords:
            self.passwords[code] = add_account(self.settings, code, self.clock().date())[1]
        return self.passwords[code]

    def visitor(self) -> Visitor:
        return Visitor(self)

    def signed_in(self, code: str) -> Visitor:
        visitor = Visitor(self)
        answer = visitor.sign_in(code, self.password(code))
        assert answer.status_code == 303, answer.text
        return visitor


class Visitor:
    """A browser without a screen: cookies, and the token of the last page it saw."""

    def __init__(self, site: Site) -> None:
        self.site = site
        self.http = httpx.Client(base_url=site.address, timeout=60, trust_env=False)

    def token(self) -> str:
        found = re.search(r'name="csrf" value="(\w+)"', self.http.get("/").text)
        assert found
        return found[1]

    def post(self, path: str, **fields: Any) -> httpx.Response:
        files = fields.pop("files", None)
        headers = fields.pop("headers", None)
        data = {"csrf": self.token(), **fields}
        return self.http.post(path, data=data, files=files, headers=headers)

    def sign_in(self, code: str, password: str) -> httpx.Response:
        return self.post("/login", code=code, password=password)

    def check(self, name: str, data: bytes) -> httpx.Response:
        return self.post("/check", files={"file": (name, data)})

    def verdict(self, name: str, data: bytes) -> Any:
        answer = self.post(
            "/check", files={"file": (name, data)}, headers={"accept": "application/json"}
        )
        assert answer.status_code == 200, answer.text
        return answer.json()

    def checked(self, name: str, data: bytes) -> str:
        """The verdict's address."""
        answer = self.check(name, data)
        assert answer.status_code == 303, answer.text
        return answer.headers["location"]


@contextmanager
def serving(data_dir: Path, limits: Limits = PATIENT, **more: Any) -> Iterator[Site]:
    """A page on a data directory until the block ends."""
    settings, clock = Settings(data_dir), more.get("clock") or Clock()
    app = create_app(settings, clock, limits)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    config = uvicorn.Config(app, port=port, log_config=None, access_log=False)
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run)
    thread.start()
    try:
        while not server.started and thread.is_alive():
            time.sleep(0.02)
        assert server.started
        yield Site(settings, clock, f"http://127.0.0.1:{port}", app.state.room)
    finally:
        server.should_exit = True
        thread.join()
