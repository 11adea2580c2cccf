"""Channels opened through Airflow's connections: the only place where the two know each other.

What enters: a channel's spec with the id of a connection. What leaves: an open channel, closed
after use. Passwords and keys stay in Airflow's connections.
"""

from __future__ import annotations

import imaplib
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from channels.base import Channel, ChannelRefused, ChannelUnreachable
from channels.senders import Placing, load_senders
from channels.spec import (
    ChannelSpec,
    FolderSpec,
    ImapSpec,
    S3Spec,
    SftpSpec,
    WebSpec,
)
from ingest.settings import Settings

STRANGER = "not found in known_hosts"
HERE = {"127.0.0.1", "localhost", "::1"}


def get_connection(connection_id: str) -> Any:
    """A connection, inside a task or outside; the hooks' own look-up knows only the inside."""
    from airflow.models.connection import Connection

    return Connection.get_connection_from_secrets(connection_id)


def find_connection(connection_id: str) -> Any | None:
    """A connection; None if nobody has set it up."""
    from airflow.sdk.exceptions import AirflowNotFoundException

    try:
        return get_connection(connection_id)
    except AirflowNotFoundException:
        return None


def _placing(spec: Any, settings: Settings) -> Placing:
    return Placing(load_senders(settings), spec.sender, spec.sender_from)


@contextmanager
def _folder(spec: FolderSpec, settings: Settings) -> Iterator[Channel]:
    from airflow.providers.standard.hooks.filesystem import FSHook

    from channels.folder import FolderChannel

    base = Path(FSHook(spec.connection).get_path())
    yield FolderChannel(base / spec.root, _placing(spec, settings))


@contextmanager
def _sftp(spec: SftpSpec, settings: Settings) -> Iterator[Channel]:
    from airflow.providers.ssh.hooks.ssh import SSHHook
    from paramiko import AuthenticationException, BadHostKeyException, SSHException

    from channels.sftp import SftpChannel

    try:
        # Repeating is Airflow's business, and a wrong password must not lock the account.
        client = SSHHook(spec.connection, conn_retry_attempts=1).get_conn()
    except (AuthenticationException, BadHostKeyException) as error:
        raise _refused(spec, error) from error
    except (SSHException, EOFError, OSError) as error:
        if STRANGER in f"{error}":  # the library has no class for it
            raise _refused(spec, error) from error
        raise _unreachable(spec, error) from error
    with client:
        yield SftpChannel(client.get_transport(), spec.root, _placing(spec, settings))


@contextmanager
def _imap(spec: ImapSpec, settings: Settings) -> Iterator[Channel]:
    from airflow.providers.imap.hooks.imap import ImapHook

    from channels.imap import ImapChannel

    hook = ImapHook(spec.connection)
    try:
        client = hook.get_conn().mail_client
    except (imaplib.IMAP4.abort, OSError) as error:
        raise _unreachable(spec, error) from error
    except imaplib.IMAP4.error as error:
        raise _refused(spec, error) from error
    try:
        senders = load_senders(settings)
        yield ImapChannel(client, spec.mailbox, spec.since, senders, spec.sender)
    finally:
        _hang_up(client)


def _hang_up(client: Any) -> None:
    try:
        client.logout()
    except (imaplib.IMAP4.error, OSError):
        client.shutdown()  # it broke off already; what was read is kept


@contextmanager
def _s3(spec: S3Spec, settings: Settings) -> Iterator[Channel]:
    from airflow.providers.amazon.aws.hooks.s3 import S3Hook

    from channels.s3 import S3Channel

    client = S3Hook(spec.connection).get_conn()
    try:
        yield S3Channel(client, spec.bucket, spec.prefix, _placing(spec, settings))
    finally:
        client.close()


@contextmanager
def _web(spec: WebSpec, settings: Settings) -> Iterator[Channel]:
    from airflow.providers.http.hooks.http import HttpHook

    from channels.web import Account, WebChannel, load_contract

    hook = HttpHook(http_conn_id=spec.connection)
    said = hook.get_connection(spec.connection)
    with hook.get_conn() as session:
        site = urlsplit(hook.base_url)
        if site.scheme != "https" and site.hostname not in HERE:
            raise ChannelRefused(
                f"connection {spec.connection}: expected an address that begins with https://, "
                f"found {site.scheme}://: the password would go in the clear; mend the connection"
            )
        account = Account(hook.base_url, said.login or "", said.password or "")
        contract = load_contract(settings.data_dir / spec.contract)
        yield WebChannel(session, account, contract, _placing(spec, settings))


def _refused(spec: ChannelSpec, error: Exception) -> ChannelRefused:
    return ChannelRefused(
        f"connection {spec.connection}: expected to be let in, found "
        f"{type(error).__name__}: {error}; mend login, password or keys in Airflow's connection"
    )


def _unreachable(spec: ChannelSpec, error: Exception) -> ChannelUnreachable:
    return ChannelUnreachable(
        f"connection {spec.connection}: nobody answers ({type(error).__name__}: {error}); "
        "the next pass tries again"
    )


_OPENERS: dict[str, Callable[[Any, Settings], AbstractContextManager[Channel]]] = {
    "folder": _folder,
    "sftp": _sftp,
    "imap": _imap,
    "s3": _s3,
    "web": _web,
}


@contextmanager
def opened(spec: ChannelSpec, settings: Settings) -> Iterator[Channel]:
    """The channel of a spec, by its Airflow connection; closed at the end.

    Raises:
        ChannelUnreachable: the other end does not answer.
        ChannelRefused: there is no such connection, or it is not let in.
    """
    from airflow.sdk import BaseHook
    from airflow.sdk.exceptions import AirflowNotFoundException

    try:
        # Asked first, since the hook of S3 would do without, with keys of the machine.
        BaseHook.get_connection(spec.connection)
    except AirflowNotFoundException as error:
        raise ChannelRefused(
            f"connection {spec.connection}: expected a connection of Airflow, found none; "
            "add it as docs/channels.md shows"
        ) from error
    with _OPENERS[spec.kind](spec, settings) as channel:
        yield channel
