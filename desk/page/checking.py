"""Check a file, look at its verdict, take it with marks, send it.

What enters: an uploaded file of the one who is signed in. What leaves: the verdict on screen or as
JSON; the marked workbook; after a second request, a delivery with its receipt.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse, RedirectResponse, Response
from starlette.datastructures import FormData, UploadFile

from channels.senders import safe_name
from desk.page import jobs
from desk.page.accounts import Account
from desk.page.room import (
    Refused,
    Room,
    TheAccount,
    TheForm,
    TheRoom,
    address_of,
    text_of,
    told,
)
from desk.page.screens import attachment, show
from desk.page.sending import decide
from desk.page.shelf import Kept
from desk.page.verdict_view import VerdictView, as_json, banner, worst
from expectations.check import Given
from ingest.contacts import load_contacts

router = APIRouter()


async def _given(room: Room, account: Account, form: FormData) -> Given:
    """The uploaded file in the folder of its sender.

    Raises:
        Refused: there is none, or it is too large.
    """
    upload = form.get("file")
    if not isinstance(upload, UploadFile) or not upload.filename:
        raise Refused("no_file", 400)
    if (upload.size or 0) > room.limits.file_bytes:
        raise Refused("too_large", 413, size=room.limits.file_bytes >> 20)
    data = await upload.read()
    return Given(Path(account.code) / (safe_name(upload.filename) or "file"), data)


@router.post("/check")
async def check(request: Request, room: TheRoom, account: TheAccount, form: TheForm) -> Response:
    """Check the file; its verdict has an address of its own, so reloading checks nothing again."""
    room.may_ask(account, address_of(request))
    try:
        given = await _given(room, account, form)
    finally:
        await form.close()
    now = room.now()
    with told("check", account, len(given.data)) as facts:
        verdicts = await room.line_of(account).run(jobs.check, room.settings, given, now)
        facts["status"] = worst(verdicts)
    kept = room.shelf.put(account.code, given, verdicts, now)
    if "application/json" in request.headers.get("accept", ""):
        return JSONResponse(_json(account, kept))
    return RedirectResponse(f"/checked/{kept.token}", 303)


def _json(account: Account, kept: Kept) -> dict[str, Any]:
    decision = decide(account, kept.verdicts, kept.checked_at)
    return {
        "status": worst(kept.verdicts),
        "may_be_sent": decision.is_allowed,
        "refusal": decision.refusal,
        "consent": decision.consent,
        "address": f"/checked/{kept.token}",
        "files": [as_json(verdict) for verdict in kept.verdicts],
    }


def _kept(room: Room, account: Account, token: str) -> Kept:
    kept = room.shelf.get(token, account.code)
    if kept is None:
        raise Refused("gone", 410)
    return kept


@router.get("/checked/{token}")
def checked(request: Request, token: str, room: TheRoom, account: TheAccount) -> Response:
    """The verdict, what is wrong, and what can be done with the file."""
    return _show(request, account, _kept(room, account, token))


def _show(request: Request, account: Account, kept: Kept, *, is_asking: bool = False) -> Response:
    views = [VerdictView(v, n, kept.checked_at) for n, v in enumerate(kept.verdicts)]
    return show(
        request,
        "checked",
        status=422 if is_asking else 200,
        kept=kept,
        name=kept.given.path.name,
        views=views,
        banner=banner(views),
        decision=decide(account, kept.verdicts, kept.checked_at),
        is_asking=is_asking,
    )


@router.get("/checked/{token}/marked/{number}")
async def marked(token: str, number: int, room: TheRoom, account: TheAccount) -> Response:
    """The sender's own workbook with the findings in it, made when it is asked for.

    Raises:
        Refused: there is no such file.
    """
    kept = _kept(room, account, token)
    if number not in range(len(kept.verdicts)):
        raise Refused("not_found", 404)
    with told("marked", account, len(kept.given.data)) as facts:
        view = VerdictView(kept.verdicts[number], number, kept.checked_at)
        answer = replace(view.told, contacts=load_contacts(room.settings))
        name, data = await room.line_of(account).run(
            jobs.mark, kept.given.data, number, answer, kept.checked_at
        )
        facts["status"] = "made"
    return attachment(name, data)


@router.post("/checked/{token}/send")
async def send(
    request: Request, token: str, room: TheRoom, account: TheAccount, form: TheForm
) -> Response:
    """Land the bytes that were checked; the same file sent again has the same receipt.

    Raises:
        Refused: this file may not be sent from here.
    """
    kept = _kept(room, account, token)
    decision = decide(account, kept.verdicts, kept.checked_at)
    if not decision.is_allowed:
        raise Refused("not_sent", 409, reason=decision.refusal)
    if decision.consent and not text_of(form, "consent"):
        return _show(request, account, kept, is_asking=True)
    room.may_ask(account, address_of(request))
    with told("send", account, len(kept.given.data)) as facts:
        delivery_id = await room.line_of(account).run(
            jobs.send, room.settings, kept.given, room.now()
        )
        facts["status"] = "landed"
    return RedirectResponse(f"/receipt/{delivery_id}", 303)
