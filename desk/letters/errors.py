"""What can go wrong with the mail; what a data problem is, the plan tells without raising."""

from __future__ import annotations


class MailServerUnavailable(ConnectionError):
    """The server cannot be reached or broke off twice; what it took stays in the ledger.

    A `ConnectionError`, so that Airflow tries again by its own policy.
    """

    def __init__(self, error: Exception, left: int | None = None) -> None:
        wanted = "answer" if left is None else f"take {left} more letters"
        super().__init__(
            f"expected the mail server to {wanted}, found {type(error).__name__}: {error}; check "
            "the connection and run again: nothing that was sent is sent twice"
        )


class SenderRefused(Exception):
    """The server does not let us write under our own address."""

    def __init__(self, sender: str, answer: str) -> None:
        super().__init__(
            f"expected the mail server to accept the sender {sender}, found: {answer}; "
            "correct from_email, login or password of the mail connection and run again"
        )


class SenderMissing(Exception):
    """The connection does not say which address letters come from."""

    def __init__(self, connection: str) -> None:
        super().__init__(
            f"expected an address in from_email or login of the connection {connection}, found "
            "none; add it to the connection in Airflow"
        )
