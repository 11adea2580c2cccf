"""The kinds of channels side by side: how a test puts a file there, and how it is opened.

`open_directly` needs no Airflow, so that a process that is to be killed starts quickly;
`Rig.connection` is what production puts into Airflow's connections.
"""

from __future__ import annotations

import imaplib
import io
import json
import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from email.message import EmailMessage, Message
from pathlib import Path
from typing import Any

from channels.base import Channel
from channels.senders import Placing, load_senders
from ingest.settings import Settings

from .servers import HOST, PASSWORD, Dovecot, Sshd

SENT = datetime.fromisoformat("2024-10-01T09:30:00+03:00")
NOW = datetime.fromisoformat("2024-10-02T12:00:00+03:00")
ADDRESS = "Office@Territory-14.example"
PNG = b"\x89PNG\r\n\x1a\n" + b"\0" * 20
BOOK = f"sender,folder\n{ADDRESS},T14\n@territory-15.example,T15\nlogin-16,T16\n"


@dataclass
class Rig:
    """One channel of one kind at a server of its own."""

    kind: str
    connection: dict[str, Any]  # Airflow's
    spec: dict[str, Any]  # of channels.yml, without kind and connection
    server: Any
    is_dated: bool = True  # whether a test can say when a file came
    sender: str = "T14"
    place: str = field(default_factory=lambda: secrets.token_hex(4))

    def put(self, name: str, data: bytes, at: datetime = SENT) -> None:
        """Lay a file of territory 14 where its sender would."""
        _PUT[self.kind](self, name, data, at)


def _put_file(rig: Rig, name: str, data: bytes, at: datetime) -> None:
    path = Path(rig.connection["extra"].get("path", "/")) / rig.spec["root"] / "T14" / name
    path.parent.mkdir(exist_ok=True, parents=True)
    path.write_bytes(data)
    os.utime(path, (at.timestamp(), at.timestamp()))


def letter(name: str, data: bytes, address: str = ADDRESS) -> EmailMessage:
    """A plain letter with one attachment."""
    message = EmailMessage()
    message["From"], message["To"] = f"Отдел образования <{address}>", "reports@region.example"
    message["Subject"] = "Отчёт"
    message.set_content("Направляем отчёт.")
    message.add_attachment(data, maintype="application", subtype="octet-stream", filename=name)
    return message


def forwarded(inner: Message, *own: tuple[str, bytes], address: str = ADDRESS) -> EmailMessage:
    """A letter that brings another one, and files of its own."""
    message = EmailMessage()
    message["From"] = address
    message.set_content("Пересылаю")
    for name, data in own:
        message.add_attachment(data, maintype="application", subtype="x", filename=name)
    message.add_attachment(inner)
    return message


def send(rig: Rig, message: EmailMessage | bytes, at: datetime = SENT) -> None:
    """Put a letter into the mailbox of a rig."""
    data = message if isinstance(message, bytes) else message.as_bytes()
    with imaplib.IMAP4(HOST, rig.connection["port"]) as client:
        client.login(rig.connection["login"], PASSWORD)
        client.append("INBOX", "", imaplib.Time2Internaldate(at), data)


def _put_object(rig: Rig, name: str, data: bytes, _: datetime) -> None:
    key = f"{rig.spec['prefix']}/T14/{name}"
    rig.server.client.put_object(Bucket=rig.spec["bucket"], Key=key, Body=data)


_PUT: dict[str, Any] = {
    "folder": _put_file,
    "sftp": _put_file,
    "imap": lambda rig, name, data, at: send(rig, letter(name, data), at),
    "s3": _put_object,
    "web": lambda rig, name, data, at: rig.server.put(name, data, at),
}


def sftp_rig(server: Sshd) -> Rig:
    root = server.files / secrets.token_hex(4)
    root.mkdir()
    extra = {"private_key": server.key.read_text("ascii"), "host_key": server.host_key}
    connection = {"conn_type": "sftp", "host": HOST, "port": server.port, "login": server.user}
    return Rig("sftp", connection | {"extra": extra}, {"root": f"{root}"}, server)


def imap_rig(server: Dovecot) -> Rig:
    connection = {
        "conn_type": "imap",
        "host": HOST,
        "port": server.port,
        "login": secrets.token_hex(4),
        "password": PASSWORD,
        "extra": {"use_ssl": False},
    }
    return Rig("imap", connection, {}, server)


def s3_rig(server: Any) -> Rig:
    bucket = secrets.token_hex(4)
    server.client.create_bucket(Bucket=bucket)
    connection = {
        "conn_type": "aws",
        "login": "access",
        "password": "secret",
        "extra": {"endpoint_url": server.url, "region_name": "us-east-1"},
    }
    return Rig("s3", connection, {"bucket": bucket, "prefix": "in/box"}, server, is_dated=False)


def web_rig(server: Any) -> Rig:
    connection = {
        "conn_type": "http",
        "host": f"http://{HOST}",
        "port": server.port,
        "login": "minobr",
        "password": PASSWORD,
    }
    return Rig("web", connection, {}, server, sender="platform")


def folder_rig(place: Path) -> Rig:
    (place / "share").mkdir()
    connection = {"conn_type": "fs", "extra": {"path": f"{place}"}}
    return Rig("folder", connection, {"root": "share"}, None)


@contextmanager
def open_directly(
    kind: str, connection: dict[str, Any], spec: dict[str, Any], settings: Settings
) -> Iterator[Channel]:
    """A channel on a client made by hand: for kinds whose clients matter by themselves."""
    placing = Placing(load_senders(settings))
    if kind == "sftp":
        import paramiko

        from channels.sftp import SftpChannel

        key = paramiko.Ed25519Key.from_private_key(io.StringIO(connection["extra"]["private_key"]))
        with paramiko.Transport((HOST, connection["port"])) as transport:
            transport.connect(username=connection["login"], pkey=key)
            yield SftpChannel(transport, spec["root"], placing)
    else:
        assert kind == "imap"
        from channels.imap import ImapChannel

        with imaplib.IMAP4(HOST, connection["port"]) as client:
            client.login(connection["login"], PASSWORD)
            yield ImapChannel(client, "INBOX", None, placing.senders, None)


def as_environment(connection: dict[str, Any]) -> str:
    """An Airflow connection as its environment variable holds it."""
    return json.dumps(connection)
