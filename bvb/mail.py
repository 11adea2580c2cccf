"""The mail server of an Airflow connection: the hook makes the client, with its TLS and its login.

What enters: a connection's id. What leaves: a `Mailbox` for the letters, and whether there
is one to have.
"""

from __future__ import annotations

import smtplib
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from email.message import EmailMessage
from typing import Any

from bvb.connections import find_connection, get_connection
from desk.letters.config import load_config
from desk.letters.errors import MailServerUnavailable, SenderMissing
from desk.letters.send import Refusals
from ingest.addresses import load_addresses
from ingest.settings import Settings


def is_configured(connection_id: str) -> bool:
    """Whether somebody has set the mail connection up."""
    return find_connection(connection_id) is not None


class AirflowMailbox:
    """A `Mailbox` that stands on `SmtpHook`."""

    def __init__(self, connection_id: str) -> None:
        """Look the connection up and open it.

        Raises:
            SenderMissing: it names no address of ours.
            OSError: the server does not answer.
        """
        self._id = connection_id
        known = get_connection(connection_id)
        self._auth_type = known.extra_dejson.get("auth_type", "basic")
        self._sender = known.extra_dejson.get("from_email") or known.login
        if not self._sender:
            raise SenderMissing(connection_id)
        self._client: smtplib.SMTP | None = None
        self.reconnect()

    @property
    def sender(self) -> str:
        """The address of the connection."""
        return str(self._sender)

    def send(self, message: EmailMessage, addresses: tuple[str, ...]) -> Refusals:
        """Hand one message over."""
        if self._client is None:
            raise smtplib.SMTPServerDisconnected("the connection is closed")
        refused: Refusals = self._client.send_message(message, self.sender, addresses)
        return refused

    def reconnect(self) -> None:
        """Open the connection anew.

        Raises:
            OSError: the server does not answer.
        """
        from airflow.providers.smtp.hooks.smtp import SmtpHook
        from airflow.sdk.exceptions import AirflowException

        class Hook(SmtpHook):  # type: ignore[misc]
            @classmethod
            def get_connection(cls, conn_id: str) -> Any:
                return get_connection(conn_id)

        self.close()
        # The hook's own sending makes a letter of HTML; its client takes any message.
        try:
            self._client = Hook(self._id, auth_type=self._auth_type).get_conn()._smtp_client
        except AirflowException as error:
            raise ConnectionError(f"{error}") from error

    def close(self) -> None:
        """Take leave of the server; one that is gone already is no matter."""
        if self._client is not None:
            with suppress(OSError):
                self._client.quit()
        self._client = None


@contextmanager
def open_mailbox(connection_id: str) -> Iterator[AirflowMailbox]:
    """A mailbox that is closed again.

    Raises:
        SenderMissing: the connection names no address of ours.
        MailServerUnavailable: the server does not answer.
    """
    try:
        mailbox = AirflowMailbox(connection_id)
    except OSError as error:
        raise MailServerUnavailable(error) from error
    try:
        yield mailbox
    finally:
        mailbox.close()


@contextmanager
def mailbox_to(
    settings: Settings, code: str, role: str
) -> Iterator[tuple[AirflowMailbox, tuple[str, ...]] | None]:
    """A mailbox and the addresses of a role; None where there is no mail or nobody to write to.

    Raises:
        SenderMissing, MailServerUnavailable: as `open_mailbox`.
    """
    addresses, connection = load_addresses(settings).to(code, role), load_config().connection
    if not addresses or not is_configured(connection):
        yield None
        return
    with open_mailbox(connection) as mailbox:
        yield mailbox, addresses
