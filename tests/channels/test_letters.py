"""Letters as offices send them: what is a table, whose it is, and what is passed over."""

from __future__ import annotations

import base64
import io
import zipfile
from email.message import EmailMessage

import openpyxl
import pytest

from channels.base import Passed
from channels.letters import Attachment, attachments

from .rigs import ADDRESS, PNG, forwarded, letter

NAME = "Отчёт за сентябрь 2024.xlsx"


def workbook() -> bytes:
    stream = io.BytesIO()
    openpyxl.Workbook().save(stream)
    return stream.getvalue()


def archive() -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as packed:
        packed.writestr("a.csv", "1;2")
    return stream.getvalue()


def raw(header: bytes, body: bytes = b"UEs=") -> bytes:
    """A letter whose attachment has this header, as old programs write it."""
    return (
        b"From: a@b.example\r\nMIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=X\r\n"
        b"\r\n--X\r\nContent-Type: text/plain\r\n\r\nhello\r\n--X\r\n"
        b"Content-Transfer-Encoding: base64\r\n" + header + b"\r\n\r\n" + body + b"\r\n--X--\r\n"
    )


def percent(text: str, encoding: str) -> bytes:
    return "".join(f"%{byte:02X}" for byte in text.encode(encoding)).encode()


def word(text: str, encoding: str) -> bytes:
    return b"=?%s?B?%s?=" % (encoding.encode(), base64.b64encode(text.encode(encoding)))


ATTACHED = b"Content-Disposition: attachment; filename"
NAMES = {
    "RFC 2231, cp1251": ATTACHED + b"*=windows-1251''" + percent(NAME, "cp1251"),
    "RFC 2231, koi8-r in two parts": ATTACHED
    + b"*0*=koi8-r''" + percent(NAME[:9], "koi8-r")
    + b";\r\n filename*1*=" + percent(NAME[9:], "koi8-r"),
    "RFC 2047, koi8-r": ATTACHED + b'="' + word(NAME, "koi8-r") + b'"',
    "RFC 2047, cp1251 in two lines": ATTACHED
    + b'="' + word(NAME[:9], "windows-1251") + b"\r\n " + word(NAME[9:], "windows-1251") + b'"',
    "name of the type only": b'Content-Type: application/x; name="' + word(NAME, "utf-8") + b'"',
    "bare utf-8": ATTACHED + b'="' + NAME.encode() + b'"',
    "bare cp1251": ATTACHED + b'="' + NAME.encode("cp1251") + b'"',
    "bare koi8-r": b'Content-Type: application/x; name="' + NAME.encode("koi8-r") + b'"',
}  # fmt: skip


@pytest.mark.parametrize("header", NAMES.values(), ids=NAMES)
def test_names_are_read_in_every_encoding_of_real_programs(header: bytes) -> None:
    (found,) = attachments(raw(header))
    assert isinstance(found, Attachment)
    assert found.name == NAME


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("../../etc/passwd.xlsx", "passwd.xlsx"),
        (r"C:\Documents\отчёт.xls", "отчёт.xls"),
        ("a\tb.csv", "a_b.csv"),
        ("ы" * 300 + ".xlsx", "ы" * 110 + "…" + "ыыыы.xlsx"),
    ],
)
def test_names_lead_nowhere_and_fit_any_disk(given: str, kept: str) -> None:
    (found,) = attachments(letter(given, b"x").as_bytes())
    assert isinstance(found, Attachment)
    assert found.name == kept


CONTENT = [
    ("a.xlsx", b"whatever", None),  # broken: its sender needs an answer
    ("a.XLS", b"<html><table>", None),
    ("a.csv", b"1;2", None),
    ("a.zip", b"PK", None),
    ("a.rar", b"Rar!", None),
    ("noname", workbook(), None),
    ("a.dat", workbook(), None),
    ("a.bin", archive(), None),
    ("export.txt", b"a\tb\n1\t2", None),
    ("ATT00001.txt", b"Sent from my phone", "not_a_table"),
    ("scan.pdf", b"%PDF-1.4", "not_a_table"),
    ("image001.png", PNG, "not_a_table"),
    ("letter.docx", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "not_a_table"),
    ("invite.ics", b"BEGIN:VCALENDAR", "not_a_table"),
    ("smime.p7s", b"\x30\x82\x00\x01", "not_a_table"),
    ("winmail.dat", b"\x78\x9f\x3e\x22", "packed_by_outlook"),
]


@pytest.mark.parametrize(("name", "data", "why"), CONTENT, ids=[case[0] for case in CONTENT])
def test_an_attachment_is_judged_by_name_and_content(
    name: str, data: bytes, why: str | None
) -> None:
    found = attachments(letter(name, data).as_bytes())
    expected = Attachment(name, data, (ADDRESS,)) if why is None else Passed(name, why)
    assert found == [expected]


def test_a_signature_and_the_words_of_a_letter_are_no_attachments() -> None:
    message = letter("a.xlsx", b"x")
    message.get_body().add_alternative(  # type: ignore[union-attr]
        "<p>С уважением<img src='cid:logo'></p>", subtype="html"
    )
    logo = EmailMessage()
    logo.set_content(PNG, maintype="image", subtype="png", cid="<logo>", disposition="inline")
    message.attach(logo)
    found = attachments(message.as_bytes())
    assert found == [
        Attachment("a.xlsx", b"x", (ADDRESS,)),
        Passed("attachment-4", "not_a_table"),
    ]


def test_tables_of_a_forward_are_older_when_the_letter_has_its_own() -> None:
    message = forwarded(letter("август.xlsx", b"old"), ("сентябрь.xlsx", b"new"))
    assert attachments(message.as_bytes()) == [
        Attachment("сентябрь.xlsx", b"new", (ADDRESS,)),
        Passed("август.xlsx", "earlier_forwarded"),
    ]


def test_a_forward_without_own_tables_brings_the_nearest_ones() -> None:
    oldest = letter("июль.xlsx", b"oldest", "c@c.example")
    inner = forwarded(oldest, ("август.xlsx", b"older"), address="b@b.example")
    message = forwarded(inner, ("подпись.png", PNG), address="a@a.example")
    assert attachments(message.as_bytes()) == [
        Passed("подпись.png", "not_a_table"),
        Attachment("август.xlsx", b"older", ("b@b.example", "a@a.example")),
        Passed("июль.xlsx", "earlier_forwarded"),
    ]


def test_a_letter_attached_as_a_file_is_a_forward_too() -> None:
    message = letter("письмо.eml", letter("a.xlsx", b"x", "b@b.example").as_bytes())
    assert attachments(message.as_bytes()) == [Attachment("a.xlsx", b"x", ("b@b.example", ADDRESS))]


def test_a_bounce_does_not_bring_our_own_files_back() -> None:
    bounce = forwarded(letter("протокол.xlsx", b"ours"))
    bounce.set_type("multipart/report")
    assert attachments(bounce.as_bytes()) == []


@pytest.mark.parametrize(
    "data",
    [b"", b"\xff\xfe\0", b"From: =?x?\r\n\r\n", b"Content-Type: multipart/mixed\r\n\r\n--\r\n",
     raw(ATTACHED + b"*=x''%FF"), letter("a.xlsx", b"x" * 9000).as_bytes()[:2000],
     b"Content-Type: message/rfc822\r\nContent-Transfer-Encoding: base64\r\n\r\nQQ==\r\n"],
)  # fmt: skip
def test_no_letter_is_too_broken(data: bytes) -> None:
    attachments(data)


def test_letters_of_letters_of_letters_end() -> None:
    message = letter("a.xlsx", b"x")
    for _ in range(30):
        message = forwarded(message)
    assert attachments(message.as_bytes()) == []
