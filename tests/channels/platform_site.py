"""A site with exports behind a form of login: speaks the contract of `channels/platform.yml`."""

from __future__ import annotations

import hashlib
import json
import secrets
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from http.cookies import SimpleCookie
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

from .servers import HOST, PASSWORD

LOGIN = "minobr"
PAGE_SIZE = 2


@dataclass
class Site:
    """What the site knows, and what the tests may spoil."""

    port: int = 0
    exports: list[dict[str, Any]] = field(default_factory=list)
    files: dict[str, bytes] = field(default_factory=dict)
    sessions: set[str] = field(default_factory=set)
    asked: list[str] = field(default_factory=list)
    fault: int = 0  # a status instead of every answer but the login's
    shows_login_page: bool = False  # what a session that is over is answered by
    answer: bytes | None = None  # instead of the list
    cut: bool = False  # downloads break off in the middle
    spoilt: set[str] = field(default_factory=set)  # ids of exports that answer 500

    def put(self, name: str, data: bytes, at: datetime) -> None:
        key = f"export {len(self.exports) + 1}/x"  # an id that has to be quoted
        row = {"id": key, "form": name[:3], "as_of": "2024-09-30", "file_name": name}
        row |= {"size": len(data), "sha256": hashlib.sha256(data).hexdigest()}
        self.exports.append(row | {"created_at": at.isoformat()})
        self.files[key] = data


class _Handler(BaseHTTPRequestHandler):
    site: Site

    def log_message(self, *_: Any) -> None:
        pass

    def _answer(self, status: int, body: bytes = b"", **headers: str) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body[: len(body) // 2] if self.site.cut and len(body) > 1000 else body)

    def do_POST(self) -> None:
        self.site.asked.append(f"POST {self.path}")
        form = parse_qs(self.rfile.read(int(self.headers["Content-Length"])).decode())
        if self.path != "/login" or form != {"login": [LOGIN], "password": [PASSWORD]}:
            self._answer(303, Location="/login")
            return
        token = secrets.token_hex(8)
        self.site.sessions.add(token)
        self._answer(303, Location="/", Set_Cookie=f"session={token}; Path=/; HttpOnly")

    def do_GET(self) -> None:
        self.site.asked.append(f"GET {self.path}")
        url = urlsplit(self.path)
        if url.path in ("/", "/login"):
            self._answer(200, "<html><form>Вход</form></html>".encode(), Content_Type="text/html")
            return
        cookie = SimpleCookie(self.headers.get("Cookie", "")).get("session")
        if cookie is None or cookie.value not in self.site.sessions:
            if self.site.shows_login_page:
                self._answer(302, Location="/login")
            else:
                self._answer(401)
        elif self.site.fault:
            self._answer(self.site.fault)
        elif url.path == "/api/exports":
            self._list(int(parse_qs(url.query).get("page", ["1"])[0]))
        else:
            self._download(url.path)

    def _list(self, page: int) -> None:
        rows = self.site.exports[(page - 1) * PAGE_SIZE : page * PAGE_SIZE]
        more = len(self.site.exports) > page * PAGE_SIZE
        following = f"/api/exports?page={page + 1}" if more else None
        body = json.dumps({"exports": rows, "next": following}).encode()
        answer = body if self.site.answer is None else self.site.answer
        self._answer(200, answer, Content_Type="application/json")

    def _download(self, path: str) -> None:
        for key, data in self.site.files.items():
            if path == f"/api/exports/{key.replace(' ', '%20').replace('/', '%2F')}/file":
                status = 500 if key in self.site.spoilt else 200
                self._answer(status, data, Content_Type="application/octet-stream")
                return
        self._answer(404)


@contextmanager
def platform_site() -> Iterator[Site]:
    site = Site()
    handler = type("Handler", (_Handler,), {"site": site})
    server = ThreadingHTTPServer((HOST, 0), handler)
    site.port = server.server_address[1]
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    try:
        yield site
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
