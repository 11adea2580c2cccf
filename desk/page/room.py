"""What the page's requests share, and who makes them.

What enters: settings, the clock, limits. What leaves: a `Room` kept with the application, and the
FastAPI dependencies that find the visitor, refuse strangers and read guarded forms.
"""

from __future__ import annotations

import logging
import math
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from time import perf_counter
from typing import Annotated

from fastapi import Depends, Request
from starlette.datastructures import FormData, UploadFile

from desk.page import jobs
from desk.page.accounts import Account, account_of
from desk.page.limits import Backoff, Buckets, Clock, Limits
from desk.page.sessions import COOKIE, Sessions, Visit
from desk.page.shelf import Shelf
from desk.page.worker import Line, Worker
from ingest.forms import load_forms
from ingest.orders import nearest_order
from ingest.reference import load_reference
from ingest.schedule import duties
from ingest.settings import Settings

LOG = logging.getLogger("bvb.page")


class Refused(Exception):
    """A request is not served: an entry of `errors` in words.yml, its facts, the HTTP status."""

    def __init__(self, error: str, status: int, **facts: object) -> None:
        super().__init__(error)
        self.error, self.status, self.facts = error, status, facts


class SignInNeeded(Exception):
    """Nobody is signed in, or the session is over."""


@dataclass
class Room:
    """Everything that lives as long as the application."""

    settings: Settings
    clock: Clock
    limits: Limits
    sessions: Sessions = field(init=False)
    shelf: Shelf = field(init=False)
    worker: Worker = field(init=False)
    # Whole exports take the operator long: territories do not stand behind them.
    operators_worker: Worker = field(init=False)
    line: Line = field(init=False)
    operators_line: Line = field(init=False)
    senders: Buckets = field(init=False)
    addresses: Buckets = field(init=False)
    backoff: Backoff = field(init=False)
    backoff_of_codes: Backoff = field(init=False)

    def __post_init__(self) -> None:
        """Make the parts."""
        limits, clock = self.limits, self.clock
        self.sessions = Sessions(self.settings.page_secret(), clock)
        self.shelf = Shelf(limits, clock)
        work, seconds = self.settings.page_work, limits.check_seconds
        self.worker = Worker(work / "senders", seconds, jobs.warm)
        self.operators_worker = Worker(work / "operator", seconds, jobs.warm)
        self.line = Line(self.worker, limits.waiting)
        self.operators_line = Line(self.operators_worker, limits.waiting)
        self.senders = Buckets(limits.per_sender, limits.per_minute, clock)
        self.addresses = Buckets(limits.per_address, limits.per_minute * 3, clock)
        self.backoff = Backoff(clock)
        # A stranger may slow a sender down a little, but not lock her out.
        self.backoff_of_codes = Backoff(clock, free=20, first=5, longest=60)

    def now(self) -> datetime:
        """The present moment."""
        return self.clock()

    def start(self) -> None:
        """Clear what a killed page left and get warm; the operator's worker comes when called."""
        shutil.rmtree(self.settings.page_work, ignore_errors=True)
        self.worker.start()
        load_forms()
        duties(load_reference(nearest_order(self.clock().date()).order_id))

    def stop(self) -> None:
        """End what was started."""
        self.worker.stop()
        self.operators_worker.stop()
        shutil.rmtree(self.settings.page_work, ignore_errors=True)

    def line_of(self, account: Account) -> Line:
        """The line that an account stands in."""
        return self.operators_line if account.is_operator else self.line

    def may_ask(self, account: Account, address: str) -> None:
        """Take a token of the sender and one of her address.

        Raises:
            Refused: too many requests.
        """
        wait = max(self.senders.take(account.code), self.addresses.take(address))
        if wait:
            raise Refused("too_often", 429, seconds=math.ceil(wait))


def room_of(request: Request) -> Room:
    """The room of the application."""
    room: Room = request.app.state.room
    return room


def address_of(request: Request) -> str:
    """The visitor's address; behind a proxy that we know, the one that it names."""
    return request.client.host if request.client else ""


def visit_of(request: Request) -> Visit | None:
    """The visit that the cookie names."""
    cookie = request.cookies.get(COOKIE)
    return room_of(request).sessions.from_cookie(cookie) if cookie else None


def account_if_any(request: Request) -> Account | None:
    """Who is signed in, if anybody."""
    visit = visit_of(request)
    if visit is None or not visit.code:
        return None
    return account_of(room_of(request).settings, visit.code, visit.mark)


def signed_in(request: Request) -> Account:
    """Who is signed in.

    Raises:
        SignInNeeded: nobody.
    """
    account = account_if_any(request)
    if account is None:
        raise SignInNeeded
    return account


async def guarded_form(request: Request) -> FormData:
    """The fields of a form that came from our own page.

    Raises:
        Refused: its token is missing or belongs to another visit.
    """
    form = await request.form(max_files=1, max_fields=10)
    token, visit = form.get("csrf"), visit_of(request)
    sessions = room_of(request).sessions
    if visit is None or not isinstance(token, str) or not sessions.is_csrf(visit, token):
        await form.close()
        raise Refused("csrf", 403)
    return form


def text_of(form: FormData, name: str) -> str:
    """A field of text; empty when it is missing."""
    value = form.get(name)
    return "" if value is None or isinstance(value, UploadFile) else value


@contextmanager
def told(what: str, account: Account, size: int) -> Iterator[dict[str, str]]:
    """Log what was done for whom, how large it was, how it ended and how long it took; no names.

    The caller sets `status` in what it gets.
    """
    began = perf_counter()
    facts = {"status": "failed"}
    try:
        yield facts
    finally:
        milliseconds = (perf_counter() - began) * 1000
        LOG.info(
            "%s sender=%s bytes=%d status=%s ms=%.0f",
            what, account.code, size, facts["status"], milliseconds,
        )  # fmt: skip


TheRoom = Annotated[Room, Depends(room_of)]
TheAccount = Annotated[Account, Depends(signed_in)]
TheForm = Annotated[FormData, Depends(guarded_form)]
