"""Coming in and going out; the first screen; receipts and templates of one's own.

What enters: requests of browsers. What leaves: screens and files for the one who is signed in.
"""

from __future__ import annotations

import math
import re
from datetime import date

from fastapi import APIRouter, Request
from fastapi.responses import PlainTextResponse, RedirectResponse, Response
from starlette.concurrency import run_in_threadpool

from desk.blanks import territory_blanks
from desk.page import jobs
from desk.page.accounts import Account, sign_in
from desk.page.room import (
    Refused,
    Room,
    TheAccount,
    TheForm,
    TheRoom,
    account_if_any,
    address_of,
    text_of,
    told,
)
from desk.page.screens import attachment, set_cookie, show
from desk.page.sessions import COOKIE
from desk.page.words import page_words
from desk.receipts import Receipt, receipts
from ingest.addresses import sender_code
from ingest.calendar import month_end
from ingest.landing import load_landed, manifest_path
from ingest.orders import nearest_order
from reports.formats import month

router = APIRouter()
_DELIVERY_ID = re.compile(r"[0-9a-f]{16}")


def _months(today: date) -> list[tuple[str, str]]:
    """Months of the order that have begun, the newest first: (`2024-09`, «сентябрь 2024 г.»)."""
    order = nearest_order(today)
    last, found = min(max(today, order.first), order.last), []
    year, number = order.first.year, order.first.month
    while (year, number) <= (last.year, last.month):
        text = f"{year}-{number:02d}"
        found.append((text, f"{month(text)} {year} г."))
        year, number = (year, number + 1) if number < 12 else (year + 1, 1)
    return found[::-1]


@router.get("/")
def home(request: Request, room: TheRoom) -> Response:
    """The form to upload a file, or the one to sign in."""
    account = account_if_any(request)
    if account is None:
        return show(request, "login", problem="")
    return show(
        request,
        "home",
        forms=territory_blanks(account.territory_id),
        months=_months(room.now().date()),
    )


@router.post("/login")
async def login(request: Request, room: TheRoom, form: TheForm) -> Response:
    """Sign in; wrong tries are slowed down by address and, more gently, by code."""
    words, code = page_words()["login"], sender_code(text_of(form, "code"))[:20]
    place = f"{code} {address_of(request)}"
    wait = max(room.backoff.wait(place), room.backoff_of_codes.wait(code))
    if wait:
        problem = words["wait"].format(seconds=math.ceil(wait))
        return show(request, "login", 429, problem=problem)
    password = text_of(form, "password")[:200]
    account = await run_in_threadpool(sign_in, room.settings, code, password)
    if account is None:
        room.backoff.fail(place)
        room.backoff_of_codes.fail(code)
        return show(request, "login", 403, problem=words["wrong"])
    room.backoff.forget(place)
    room.backoff_of_codes.forget(code)
    answer = RedirectResponse("/", 303)
    set_cookie(request, answer, room.sessions.new(account))
    return answer


@router.post("/logout")
async def logout(_form: TheForm) -> Response:
    """Sign out."""
    answer = RedirectResponse("/", 303)
    answer.delete_cookie(COOKIE)
    return answer


def _receipt(room: Room, account: Account, delivery_id: str) -> Receipt:
    """The receipt of a file that this account sent from here.

    Raises:
        Refused: there is none.
    """
    if not _DELIVERY_ID.fullmatch(delivery_id):
        raise Refused("not_found", 404)
    if not manifest_path(room.settings, delivery_id).exists():
        raise Refused("not_found", 404)
    landed = load_landed(room.settings, delivery_id)
    if (landed.channel, landed.folder) != (jobs.CHANNEL, account.code):
        raise Refused("not_found", 404)
    return receipts(room.settings, [landed])[0]


@router.get("/receipt/{delivery_id}")
def receipt(request: Request, delivery_id: str, room: TheRoom, account: TheAccount) -> Response:
    """The receipt on screen."""
    return show(request, "receipt", receipt=_receipt(room, account, delivery_id))


@router.get("/receipt/{delivery_id}/text")
def receipt_text(delivery_id: str, room: TheRoom, account: TheAccount) -> Response:
    """The receipt as the file that `bvb receipt` prints."""
    found = _receipt(room, account, delivery_id)
    return attachment(found.file_name, found.text.encode(), "text/plain; charset=utf-8")


@router.get("/blank")
async def blank(form: str, period: str, room: TheRoom, account: TheAccount) -> Response:
    """A form's template for the one who is signed in.

    Raises:
        Refused: she does not send this form, or the month is none of the order's.
    """
    codes = {known.code for known in territory_blanks(account.territory_id)}
    if form not in codes or period not in dict(_months(room.now().date())):
        raise Refused("no_blank", 404)
    with told("blank", account, 0) as facts:
        name, data = await room.line_of(account).run(
            jobs.blank, room.settings, form, account.territory_id, month_end(period)
        )
        facts["status"] = form
    return attachment(name, data)


@router.get("/health")
def health() -> Response:
    """For a proxy that wants to know whether somebody is there."""
    return PlainTextResponse("ok")
