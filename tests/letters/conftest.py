"""A world to write into, and a real mail server on this machine."""

from __future__ import annotations

import socket
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.controller import Controller

from tests.letters.world import World


@dataclass
class Post:
    """What a server took, and how it answers: by address, or to the next letters."""

    got: list[EmailMessage] = field(default_factory=list)
    replies: dict[str, str] = field(default_factory=dict)
    drops: int = 0  # letters whose connection is cut before an answer
    losses: int = 0  # letters that are kept, with the connection cut before the answer
    port: int = 0

    async def handle_RCPT(
        self, server: Any, session: Any, envelope: Any, address: str, options: Any
    ) -> str:
        if reply := self.replies.get(address):
            return reply
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        if self.drops:
            self.drops -= 1
            server.transport.abort()
            return "451 gone"
        self.got.append(message_from_bytes(envelope.content, policy=policy.default))
        if self.losses:
            self.losses -= 1
            server.transport.abort()
        return "250 OK"

    def texts(self) -> list[tuple[str, str, str]]:
        return [(m["To"], m["Subject"], text_of(m)) for m in self.got]


def text_of(message: EmailMessage) -> str:
    body = message.get_body(("plain",))
    assert body is not None
    return body.get_content().replace("\r\n", "\n")


@pytest.fixture
def post() -> Iterator[Post]:
    """A mail server on a free port."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        post = Post(port=probe.getsockname()[1])
    controller = Controller(post, hostname="127.0.0.1", port=post.port)
    controller.start()
    yield post
    controller.stop()


@pytest.fixture
def world(tmp_path: Path) -> World:
    return World(tmp_path)


@pytest.fixture
def connect(post: Post, monkeypatch: pytest.MonkeyPatch) -> Callable[[], None]:
    """Set up the Airflow connection of letters, as an office would by the environment."""

    def set_up() -> None:
        extra = '{"disable_ssl": true, "disable_tls": true, "from_email": "bvb@mo.example"}'
        monkeypatch.setenv(
            "AIRFLOW_CONN_BVB_MAIL",
            f'{{"conn_type": "smtp", "host": "127.0.0.1", "port": {post.port}, "extra": {extra}}}',
        )

    return set_up
