"""What one visitor may ask for: how often, how large, how many wrong passwords.

What enters: keys (a sender, an address) and the clock. What leaves: seconds to wait, 0 when none.
All of it is kept in memory: a restart forgets it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from starlette.types import ASGIApp, Message, Receive, Scope, Send

Clock = Callable[[], datetime]
_MOST_KEYS = 10_000


@dataclass(frozen=True)
class Limits:
    """The limits of the page, as docs/page.md tells them."""

    file_bytes: int = 20 << 20
    per_sender: int = 20  # requests at once; the bucket then fills again at `per_minute`
    per_address: int = 60
    per_minute: float = 10.0
    check_seconds: float = 60.0
    waiting: int = 8  # requests that wait for the one at work
    kept_minutes: int = 30  # how long a checked file may still be sent
    kept_bytes: int = 256 << 20
    kept_each: int = 3  # checked files of one sender


class Buckets:
    """A bucket of tokens a key: `burst` at once, then `per_minute`."""

    def __init__(self, burst: int, per_minute: float, clock: Clock) -> None:
        self._burst, self._rate, self._clock = float(burst), per_minute / 60, clock
        self._left: dict[str, tuple[float, float]] = {}

    def take(self, key: str) -> float:
        """Take a token; seconds to wait when there is none."""
        now = self._clock().timestamp()
        left, since = self._left.pop(key, (self._burst, now))
        left = min(self._burst, left + (now - since) * self._rate)
        wait = 0.0 if left >= 1 else (1 - left) / self._rate
        self._left[key] = (left if wait else left - 1, now)
        if len(self._left) > _MOST_KEYS:
            self._left.pop(next(iter(self._left)))  # the one that was quiet for longest
        return wait


class Backoff:
    """Wrong passwords: the first ones are free, then each doubles the pause."""

    def __init__(self, clock: Clock, free: int = 5, first: float = 15, longest: float = 900):
        self._clock, self._free, self._first, self._longest = clock, free, first, longest
        self._failed: dict[str, tuple[int, float]] = {}

    def wait(self, key: str) -> float:
        """Seconds until the next try is listened to."""
        count, since = self._failed.get(key, (0, 0.0))
        if count < self._free:
            return 0.0
        pause: float = min(self._first * 2.0 ** (count - self._free), self._longest)
        return max(0.0, since + pause - self._clock().timestamp())

    def fail(self, key: str) -> None:
        """Count a wrong password."""
        count, _ = self._failed.pop(key, (0, 0.0))
        self._failed[key] = (min(count + 1, 64), self._clock().timestamp())
        if len(self._failed) > _MOST_KEYS:
            self._failed.pop(next(iter(self._failed)))

    def forget(self, key: str) -> None:
        """The right password came."""
        self._failed.pop(key, None)


class BodyTooLarge(Exception):
    """A request is larger than anything that this page takes."""


class BodyLimit:
    """Refuses large bodies: by what the request says of itself, and while they are read."""

    def __init__(self, app: ASGIApp, most: int) -> None:
        self.app, self.most = app, most

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Count what passes."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        said = dict(scope["headers"]).get(b"content-length", b"0")
        is_too_large = said.isdigit() and int(said) > self.most
        seen = 0

        async def counted() -> Message:
            nonlocal seen
            # Raised here it reaches the page's own answer to it, and nothing has been read yet.
            if is_too_large:
                raise BodyTooLarge
            message = await receive()
            seen += len(message.get("body", b""))
            if seen > self.most:
                raise BodyTooLarge
            return message

        await self.app(scope, counted, send)
