"""Sessions: a signed cookie says who somebody is and until when; nothing is kept here.

What enters: the text of a cookie. What leaves: a `Visit`; also the token that every form carries,
so that no other site can send it in a sender's name.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from datetime import datetime, timedelta

from itsdangerous import BadSignature, URLSafeSerializer

from desk.page.accounts import Account

COOKIE = "bvb_page"
LIFETIME = timedelta(hours=9)  # a working day
_SALT = "bvb-page-session"


@dataclass(frozen=True)
class Visit:
    """What a cookie says; without a code nobody is signed in yet."""

    nonce: str
    until: int  # seconds since 1970
    code: str = ""
    mark: str = ""


class Sessions:
    """Makes and reads cookies."""

    def __init__(self, secret: bytes, clock: Callable[[], datetime]) -> None:
        self._secret, self._clock = secret, clock
        self._signer = URLSafeSerializer(
            secret, salt=_SALT, signer_kwargs={"digest_method": hashlib.sha256}
        )

    def new(self, account: Account | None = None) -> Visit:
        """A visit that begins now; signing in begins another one."""
        until = int((self._clock() + LIFETIME).timestamp())
        visit = Visit(secrets.token_urlsafe(16), until)
        return replace(visit, code=account.code, mark=account.mark) if account else visit

    def to_cookie(self, visit: Visit) -> str:
        """The signed text of a cookie."""
        text = self._signer.dumps(asdict(visit))
        return text if isinstance(text, str) else text.decode()

    def from_cookie(self, text: str) -> Visit | None:
        """What a cookie says; None when it is forged, damaged or over."""
        try:
            visit = Visit(**self._signer.loads(text))
        except (BadSignature, TypeError):
            return None
        return visit if self._clock().timestamp() < visit.until else None

    def csrf(self, visit: Visit) -> str:
        """The token of this visit's forms."""
        return hmac.new(self._secret, f"csrf:{visit.nonce}".encode(), "sha256").hexdigest()

    def is_csrf(self, visit: Visit, token: str) -> bool:
        """Whether a form came from our own page of this visit."""
        return hmac.compare_digest(self.csrf(visit).encode(), token.encode())
