"""The application: routes, headers of every answer, what is said when something is refused.

What enters: settings, the clock and limits. What leaves: a FastAPI application; it checks with the
same code as a run does and holds no rule of its own.
"""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import Response
from starlette.datastructures import MutableHeaders
from starlette.exceptions import HTTPException
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from channels.memory import alone
from desk.page import checking, jobs, signing
from desk.page.limits import BodyLimit, BodyTooLarge, Clock, Limits
from desk.page.room import LOG, Refused, Room, SignInNeeded, room_of
from desk.page.screens import HERE, show, show_error, style
from desk.page.words import page_words
from desk.page.worker import JobFailed, JobTooLong, TooManyWaiting
from ingest.landing import clear_leftovers
from ingest.settings import Settings
from reports.formats import moment

_FORM_BYTES = 64 << 10  # what a form takes besides the file
_HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; "
        "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
    "X-Robots-Tag": "noindex",
    "Cache-Control": "no-store",
}


class _Headers:
    """Puts the headers on every answer, errors included."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass everything on."""

        async def with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message).update(_HEADERS)
            await send(message)

        await self.app(scope, receive, with_headers)


async def _refused(request: Request, error: Exception) -> Response:
    if isinstance(error, Refused):
        return show_error(request, error.error, error.status, **error.facts)
    return show_error(request, "not_found", 404)


async def _http(request: Request, error: Exception) -> Response:
    """What the framework itself refuses: unknown addresses, broken forms."""
    status = error.status_code if isinstance(error, HTTPException) else 400
    known = {404: "not_found", 405: "not_found"}
    return show_error(request, known.get(status, "csrf"), status)


async def _sign_in(request: Request, _error: Exception) -> Response:
    return show(request, "login", 401, problem=page_words()["login"]["over"])


async def _too_large(request: Request, _error: Exception) -> Response:
    answer = show_error(request, "too_large", 413, size=room_of(request).limits.file_bytes >> 20)
    answer.headers["Connection"] = "close"
    return answer


async def _job(request: Request, error: Exception) -> Response:
    """What the worker could not do."""
    room = room_of(request)
    if isinstance(error, TooManyWaiting):
        return show_error(request, "busy", 503)
    if isinstance(error, JobTooLong):
        return show_error(request, "too_long", 422, seconds=int(room.limits.check_seconds))
    LOG.error("job failed: %s", error)
    return show_error(request, "failed", 500, moment=moment(room.now()))


async def _fault(request: Request, _error: Exception) -> Response:
    """A fault of our own, outside the worker; the server logs where."""
    answer = show_error(request, "failed", 500, moment=moment(room_of(request).now()))
    answer.headers.update(_HEADERS)  # made outside of all middleware
    return answer


_ANSWERS = {
    Refused: _refused,
    RequestValidationError: _refused,
    HTTPException: _http,
    SignInNeeded: _sign_in,
    BodyTooLarge: _too_large,
    JobFailed: _job,
    JobTooLong: _job,
    TooManyWaiting: _job,
    Exception: _fault,
}


class WithoutWords(logging.Filter):
    """Keeps the words of exceptions out of the log: they may quote a cell or a file's name."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Leave the class of the error and where it was raised."""
        if record.exc_info and record.exc_info[0] is not None:
            kind, _, trace = record.exc_info
            while trace and trace.tb_next:
                trace = trace.tb_next
            code = trace.tb_frame.f_code if trace else None
            place = f"{code.co_filename}:{trace.tb_lineno}" if code and trace else "?"
            record.msg, record.args = f"{kind.__name__} at {place}", ()
            record.exc_info = record.exc_text = None
        return True


@asynccontextmanager
async def _alive(room: Room, _app: FastAPI) -> AsyncIterator[None]:
    """One page a data directory: the limits are kept in its memory."""
    with alone(room.settings, jobs.CHANNEL):
        clear_leftovers(room.settings, jobs.CHANNEL)
        room.start()
        try:
            yield
        finally:
            room.stop()


def create_app(settings: Settings, clock: Clock, limits: Limits | None = None) -> FastAPI:
    """The page of a data directory.

    Args:
        settings: where accounts are kept and where files are landed.
        clock: the present moment, aware.
        limits: how much one may ask for.

    Raises:
        ChannelBusy: at start, when another page serves the same data directory.
    """
    room = Room(settings, clock, limits or Limits())
    app = FastAPI(
        title=page_words()["title"],
        openapi_url=None,  # its page would load scripts from elsewhere
        lifespan=partial(_alive, room),
    )
    app.state.room = room
    for kind, answer in _ANSWERS.items():
        app.add_exception_handler(kind, answer)
    app.include_router(signing.router)
    app.include_router(checking.router)
    app.add_api_route("/static/page.css", lambda: Response(style(), media_type="text/css"))
    app.mount("/static", StaticFiles(directory=HERE / "static"))
    app.add_middleware(BodyLimit, most=room.limits.file_bytes + _FORM_BYTES)
    app.add_middleware(_Headers)
    return app
