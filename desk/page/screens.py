"""Answers of the page: screens from templates, files to keep, the style with its tones.

What enters: a template's name and its facts. What leaves: HTTP answers.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path
from urllib.parse import quote

from fastapi import Request
from fastapi.responses import HTMLResponse, Response
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from desk.page.room import account_if_any, room_of, visit_of
from desk.page.sending import sender_of_account, shown_sender
from desk.page.sessions import COOKIE, LIFETIME, Visit
from desk.page.words import page_words
from expectations.protocol import protocol_words
from reports.formats import counted, day, moment, number

HERE = Path(__file__).parent
_LOOPBACK = {"127.0.0.1", "localhost", "::1"}
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(HERE / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {"day": day, "moment": moment, "counted": counted, "number": number}
    environment.globals |= {"words": page_words(), "protocol": protocol_words()}
    return environment


@cache
def style() -> str:
    """The style; its tones are those of the answers."""
    return _environment().get_template("page.css.j2").render()


def set_cookie(request: Request, answer: Response, visit: Visit) -> None:
    """Give the visitor her visit; without TLS it is only given on this very machine."""
    is_local = request.url.hostname in _LOOPBACK and request.url.scheme == "http"
    answer.set_cookie(
        COOKIE,
        room_of(request).sessions.to_cookie(visit),
        max_age=int(LIFETIME.total_seconds()),
        httponly=True,
        samesite="strict",
        secure=not is_local,
    )


def show(request: Request, template: str, status: int = 200, **facts: object) -> Response:
    """A screen; every form in it carries the token of the visit, which begins here if need be."""
    room = room_of(request)
    known = visit_of(request)
    visit = known or room.sessions.new()
    account = account_if_any(request)
    html = (
        _environment()
        .get_template(f"{template}.html.j2")
        .render(
            facts,
            account=account,
            own_name=shown_sender(sender_of_account(account), room.now()) if account else "",
            csrf=room.sessions.csrf(visit),
            limits=room.limits,
        )
    )
    answer = HTMLResponse(html, status)
    if known is None:
        set_cookie(request, answer, visit)
    return answer


def show_error(request: Request, error: str, status: int, **facts: object) -> Response:
    """An entry of `errors` in words.yml as a screen."""
    words = page_words()["errors"][error]
    answer = show(
        request, "error", status, title=words["title"], text=words["text"].format(**facts)
    )
    if "seconds" in facts:
        answer.headers["Retry-After"] = f"{facts['seconds']}"
    return answer


def attachment(name: str, data: bytes, media_type: str = XLSX) -> Response:
    """Bytes to keep as a file."""
    disposition = f"attachment; filename*=UTF-8''{quote(name)}"
    return Response(data, media_type=media_type, headers={"Content-Disposition": disposition})
