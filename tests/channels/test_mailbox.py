"""A real mailbox: whose letters are, what is read once, and that nothing in it changes."""

from __future__ import annotations

import imaplib
import json
from typing import Any

import pytest

from channels.imap import mailbox_name
from channels.memory import folder_of
from ingest.landing import all_landed
from ingest.settings import Settings

from .conftest import Pass
from .rigs import ADDRESS, PNG, SENT, Rig, forwarded, letter, send
from .servers import HOST, PASSWORD


@pytest.mark.parametrize(
    ("address", "source"),
    [
        (ADDRESS.upper(), "T14/a.xlsx"),
        ("anybody@territory-15.example", "T15/a.xlsx"),
        ("stranger@elsewhere.example", "a.xlsx"),
        ("x@sub.territory-15.example", "a.xlsx"),
        ("", "a.xlsx"),
    ],
)
def test_the_address_book_says_whose_a_letter_is(
    address: str, source: str, imap: Rig, settings: Settings, one_pass: Pass
) -> None:
    send(imap, letter("a.xlsx", b"x", address))
    one_pass(imap)
    (landed,) = all_landed(settings)
    assert landed.source == source


def test_who_wrote_a_forwarded_letter_is_asked_before_who_forwarded_it(
    imap: Rig, settings: Settings, one_pass: Pass
) -> None:
    send(imap, forwarded(letter("a.xlsx", b"x"), address="clerk@territory-15.example"))
    send(imap, forwarded(letter("b.xlsx", b"y", "unknown@x.example"), address=ADDRESS))
    one_pass(imap)
    assert {item.source for item in all_landed(settings)} == {"T14/a.xlsx", "T14/b.xlsx"}


def test_the_same_attachment_sent_twice_is_one_delivery(
    imap: Rig, settings: Settings, one_pass: Pass
) -> None:
    send(imap, letter("a.xlsx", b"x"))
    send(imap, forwarded(letter("a.xlsx", b"x")), SENT.replace(hour=15))
    outcome = one_pass(imap)
    assert (outcome.listed, outcome.taken, outcome.known) == (2, 1, 1)
    assert [item.received_at for item in all_landed(settings)] == [SENT]


def test_the_mailbox_stays_as_it_was(imap: Rig, one_pass: Pass) -> None:
    send(imap, letter("a.xlsx", b"x"))
    one_pass(imap)
    with imaplib.IMAP4(HOST, imap.connection["port"]) as client:
        client.login(imap.connection["login"], PASSWORD)
        client.select("INBOX")
        assert client.search(None, "UNSEEN") == ("OK", [b"1"])


def test_why_an_attachment_was_passed_over_is_kept_in_the_closed_folder_only(
    imap: Rig, settings: Settings, one_pass: Pass
) -> None:
    message = letter("Канарейкина.png", PNG)
    send(imap, message)
    outcome = one_pass(imap)
    assert outcome.left == {"not_a_table": 1}
    line = json.loads((folder_of(settings, "tested") / "taken.jsonl").read_text("utf-8"))
    assert line["passed"] == [["Канарейкина.png", "not_a_table"]]
    kept = "".join(p.read_text("utf-8") for p in settings.outcomes.rglob("*.json"))
    assert "Канарейкина" not in kept


def test_letters_before_a_day_are_not_even_listed(imap: Rig, one_pass: Pass) -> None:
    send(imap, letter("a.xlsx", b"x"), SENT.replace(month=5))
    send(imap, letter("b.xlsx", b"y"))
    assert one_pass(imap, since="2024-09-01").listed == 1


def test_a_mailbox_with_a_russian_name_is_found(
    imap: Rig, settings: Settings, one_pass: Pass
) -> None:
    with imaplib.IMAP4(HOST, imap.connection["port"]) as client:
        client.login(imap.connection["login"], PASSWORD)
        client.create(mailbox_name("Отчёты & письма"))
        data = letter("a.xlsx", b"x").as_bytes()
        client.append(mailbox_name("Отчёты & письма"), "", None, data)
    assert one_pass(imap, mailbox="Отчёты & письма").taken == 1


def test_a_rebuilt_mailbox_is_read_again_and_doubles_nothing(
    imap: Rig, settings: Settings, one_pass: Pass
) -> None:
    def in_new_box(client: imaplib.IMAP4) -> None:
        client.create("Box")
        client.append("Box", "", None, letter("a.xlsx", b"x").as_bytes())

    with imaplib.IMAP4(HOST, imap.connection["port"]) as client:
        client.login(imap.connection["login"], PASSWORD)
        in_new_box(client)
        assert one_pass(imap, mailbox="Box").taken == 1
        before = client.status("Box", "(UIDVALIDITY)")
        client.delete("Box")
        in_new_box(client)
        assert client.status("Box", "(UIDVALIDITY)") != before
    outcome = one_pass(imap, mailbox="Box")
    assert (outcome.taken, outcome.known) == (0, 1)


def test_a_letter_deleted_after_the_listing_stops_nobody(
    imap: Rig, settings: Settings, monkeypatch: Any, one_pass: Pass
) -> None:
    from channels.imap import ImapChannel

    for number in range(3):
        send(imap, letter(f"{number}.xlsx", b"x"))
    listed = ImapChannel.items

    def then_delete(self: ImapChannel) -> Any:
        found = list(listed(self))
        with imaplib.IMAP4(HOST, imap.connection["port"]) as client:
            client.login(imap.connection["login"], PASSWORD)
            client.select("INBOX")
            client.store("2", "+FLAGS", r"(\Deleted)")
            client.expunge()
        return found

    monkeypatch.setattr(ImapChannel, "items", then_delete)
    outcome = one_pass(imap)
    assert (outcome.taken, outcome.left) == (2, {"gone": 1})


def test_a_letter_that_no_parser_can_read_stops_nobody(
    imap: Rig, monkeypatch: Any, one_pass: Pass
) -> None:
    from channels import imap as room

    whole = room.attachments

    def stumble(data: bytes) -> Any:
        if b"stumble" in data:
            raise RecursionError
        return whole(data)

    monkeypatch.setattr(room, "attachments", stumble)
    send(imap, letter("a.xlsx", b"x", "stumble@x.example"))
    send(imap, letter("b.xlsx", b"y"))
    outcome = one_pass(imap)
    assert (outcome.taken, outcome.left) == (1, {"unreadable": 1})
