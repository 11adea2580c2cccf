"""Mutations inside zipped books: the members' XML is changed and zipped anew, so checksums hold."""

from __future__ import annotations

import re
import struct
import zipfile
from collections.abc import Callable
from random import Random

from tests.fuzz.mutate import BYTES, mutated
from tests.fuzz.seeds import parts_of, zipped

Parts = list[tuple[str, bytes]]
_ATTRIBUTE = re.compile(rb'(?<![\w:.-])([\w:.-]{1,40})="([^"]*)"')
_TAG = re.compile(rb"<[\w:]{1,60}[^<>]{0,4000}>")
_ELEMENT = re.compile(rb"<(c|row|si|t|v|f|mergeCell|sheet|Relationship|xf|col|fill|table:table-cell"
                      rb"|table:table-row|text:p)\b[^<>]{0,500}?(?:/>|>.{0,4000}?</\1>)",
                      re.DOTALL)  # fmt: skip
_TEXT = re.compile(rb">([^<>]+)<")
NUMBERS = (
    b"0", b"-1", b"1e308", b"-1e308", b"1e999", b"NaN", b"inf", b"9" * 20,
    b"1" * 5000, b"2958466", b"4294967295", b"4294967296", b"2147483648", b"0.1", b"",
    b"x", b"1 ", b"\xd9\xa1",
)  # fmt: skip
REFS = (
    b"A0", b"ZZZ99999999", b"XFD1048576", b"XFE1048577", b"A1048577", b"a1", b"$A$1", b"1A", b"A",
    b"1", b"", b"A1:XFD1048576", b"B2:A1", b"A" * 3000 + b"1", b"A" + b"9" * 3000, b"A-1", b"R1C1",
)  # fmt: skip
TYPES = (b"s", b"str", b"b", b"e", b"inlineStr", b"d", b"n", b"x", b"")
WORDS = (
    b"true", b"../../../../etc/passwd", b"http://127.0.0.1:9/x", b"file:///etc/passwd", b"\\\\h\\x",
    b"xl/workbook.xml", b"worksheets/sheet1.xml", b"/xl/styles.xml", b"A" * 100_000, b"&x;",
    b"&#0;", b"&#xFFFF;", b"&amp;" * 1000, "я".encode() * 40_000, b"%00", b"rId1", b"rId999",
)  # fmt: skip
FORMULAS = (
    b"SUM(A1:A1048576)", b"SUM(A1:XFD1048576)", b"A1", b"SUM(" + b"A1," * 20000 + b"A1)",
    b"(" * 5000, b"=cmd|' /C calc'!A0", b"SUM(B1:B100000)", b"COUNTA(A0:A0)", b"+" * 1000, b"",
)  # fmt: skip
LAUGHS = b'<!DOCTYPE l [<!ENTITY a "ha">' + b"".join(
    f'<!ENTITY {new} "{f"&{old};" * 20}">'.encode()
    for old, new in zip("abcdefg", "bcdefgh", strict=True)
) + b"]>"  # fmt: skip
OUTSIDE = b'<!DOCTYPE l [<!ENTITY h SYSTEM "file:///etc/passwd">]>'
REMOTE = (
    b'<!DOCTYPE l SYSTEM "http://127.0.0.1:9/x.dtd" [<!ENTITY % p SYSTEM "http://127.0.0.1:9/">]>'
)


def _at(rnd: Random, found: list[re.Match[bytes]]) -> re.Match[bytes] | None:
    return rnd.choice(found) if found else None


def attribute(rnd: Random, xml: bytes) -> bytes:
    """Another value, or none, in some attributes of one name."""
    hit = _at(rnd, list(_ATTRIBUTE.finditer(xml)))
    if hit is None:
        return xml
    name, values = hit[1], (*NUMBERS, *REFS, *TYPES, *WORDS)
    often, value = rnd.random(), rnd.choice(values)

    def changed(match: re.Match[bytes]) -> bytes:
        if match[1] != name or (match.start() != hit.start() and rnd.random() > often):
            return match[0]
        return rnd.choice((b"", name + b'="' + value + b'"', match[0]))

    return _ATTRIBUTE.sub(changed, xml)


def text(rnd: Random, xml: bytes) -> bytes:
    """Another text in one element."""
    hit = _at(rnd, list(_TEXT.finditer(xml)))
    if hit is None:
        return xml
    new = rnd.choice((*NUMBERS, *WORDS, *FORMULAS, b"#REF!", b"=1+1", b"]]>", b"<x/>"))
    return xml[: hit.start(1)] + new + xml[hit.end(1) :]


def twice(rnd: Random, xml: bytes) -> bytes:
    """An element again and again."""
    hit = _at(rnd, list(_ELEMENT.finditer(xml)))
    if hit is None:
        return xml
    times = rnd.choice((1, 2, 50, 2000, 20000))
    return xml[: hit.start()] + (hit[0] * times)[: 3 << 20] + xml[hit.start() :]


def unclosed(rnd: Random, xml: bytes) -> bytes:
    """A tag more or one less."""
    hit = _at(rnd, list(_TAG.finditer(xml)))
    if hit is None:
        return xml
    return xml[: hit.start()] + rnd.choice((b"", hit[0] * 2)) + xml[hit.end() :]


def between(rnd: Random, xml: bytes) -> bytes:
    """What may legally stand between two tags."""
    hit = _at(rnd, list(_TAG.finditer(xml)))
    if hit is None:
        return xml
    depth = rnd.choice((10, 200, 300, 100_000))
    odd = rnd.choice(
        (b"<!-- x -->", b"<?x y?>", b"<![CDATA[<c r='A1'>]]>", b"&a;", b"<f>" * depth, b"\0",
         b"<c r='XFD1048576'><v>1</v></c>", b"<c><v>1</v></c>" * 20_000, b"<row/>" * 200_000,
         b"<mergeCells><mergeCell ref='A1:XFD1048576'/></mergeCells>",
         b"<cols><col min='1' max='99999999' hidden='1'/></cols>",
         b"<c r='B2' s='-5'><f>" + rnd.choice(FORMULAS) + b"</f></c>",
         b"<c r='B3' t='e'><v>#N/A</v></c>", b"<c r='ZZZ3' t='e'><v>#N/A</v></c>")
    )  # fmt: skip
    return xml[: hit.end()] + odd + xml[hit.end() :]


def declared(rnd: Random, xml: bytes) -> bytes:
    """A document type with entities, one of them used."""
    head = rnd.choice((LAUGHS, OUTSIDE, REMOTE))
    start = xml.find(b"?>") + 2 if xml.startswith(b"<?xml") else 0
    xml = xml[:start] + head + xml[start:]
    hit = _at(rnd, list(_TEXT.finditer(xml, len(head) + start)))
    return xml if hit is None else xml[: hit.start(1)] + b"&h;" + xml[hit.end(1) :]


def encoded(rnd: Random, xml: bytes) -> bytes:
    """Another encoding than the declared one."""
    other = rnd.choice(("utf-16", "utf-16-le", "cp1251"))
    return xml.decode("utf-8", "replace").encode(other, "replace")


XML: tuple[Callable[[Random, bytes], bytes], ...] = (
    *(attribute,) * 6, *(text,) * 4, *(twice, between) * 2, unclosed, declared, encoded,
)  # fmt: skip


def _chosen(rnd: Random, parts: Parts) -> int:
    """A member, sheets and strings more often."""
    likely = [n for n, (name, _) in enumerate(parts) if re.search("sheet|content|Strings", name)]
    return rnd.choice(likely) if likely and rnd.random() < 0.6 else rnd.randrange(len(parts))


def member(rnd: Random, parts: Parts) -> Parts:
    at = _chosen(rnd, parts)
    name, data = parts[at]
    is_xml = data.lstrip()[:1] == b"<"
    for _ in range(rnd.choice((1, 1, 2, 4))):
        if is_xml:
            data = rnd.choice(XML)(rnd, data)[: 8 << 20]
        else:
            data = mutated(rnd, data, [d for _, d in parts], BYTES)
    return [*parts[:at], (name, data), *parts[at + 1 :]]


def named(rnd: Random, parts: Parts) -> Parts:
    """A member under another name, missing, or there twice."""
    at = _chosen(rnd, parts)
    name, data = parts[at]
    other = rnd.choice((
        "../../evil.xlsx", "/etc/passwd", "C:\\evil", "a\0b", "я" * 20000, name.upper(), "mimetype",
        name, "xl/vbaProject.bin", "xl/workbook.bin", "[Content_Types].xml", "NUL", "a/../" + name,
        "xl/sharedStrings.xml", "xl/styles.xml", "", "xl/worksheets/sheet1.xml/", "content.xml",
    ))  # fmt: skip
    rest = [*parts[:at], *parts[at + 1 :]]
    return rnd.choice(
        (rest, [*rest, (other, data)], [*parts, (other, data)], [(name, b""), *parts])
    )


def swollen(rnd: Random, parts: Parts) -> Parts:
    """A member that unpacks to much, below or above the limits."""
    at = _chosen(rnd, parts)
    name, data = parts[at]
    size = rnd.choice((1 << 20, 8 << 20, 64 << 20))
    pad = rnd.choice((b" ", b"<!--x-->", b"<row/>", b"<x>y</x>", b"\0", b"<si><t>x</t></si>"))
    middle = data.rfind(b"</")
    grown = data[:middle] + (pad * (size // len(pad))) + data[middle:]
    return [*parts[:at], (name, grown), *parts[at + 1 :]]


PARTS: tuple[Callable[[Random, Parts], Parts], ...] = (member,) * 8 + (named, named, swollen)


def _lying(rnd: Random, data: bytes) -> bytes:
    """Another number in the directory of the archive: sizes, checksum, flags, method, place."""
    entries = [m.start() for m in re.finditer(b"PK\x01\x02", data)]
    if not entries:
        return data
    changed, at = bytearray(data), rnd.choice(entries)
    field, size = rnd.choice(
        ((8, 2), (10, 2), (16, 4), (20, 4), (24, 4), (28, 2), (30, 2), (42, 4))
    )
    if at + field + size > len(changed):
        return data
    value = rnd.choice((0, 1, 8, 9, 12, 14, 0x7FFF, 0xFFFF, 100, 0x7FFFFFFF, 0xFFFFFFFF))
    changed[at + field : at + field + size] = struct.pack("<I", value)[:size]
    return bytes(changed)


def book(rnd: Random, data: bytes) -> bytes:
    """A zipped book after mutations inside it; other bytes are returned as they are."""
    parts = parts_of(data)
    if not parts:
        return data
    for _ in range(rnd.choice((1, 1, 2, 3))):
        if parts:
            parts = rnd.choice(PARTS)(rnd, parts)
    odd = (zipfile.ZIP_STORED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA)
    method = rnd.choice(odd) if rnd.random() < 0.05 else zipfile.ZIP_DEFLATED
    try:
        made = zipped(parts, method)
    except (UnicodeError, ValueError, struct.error):
        return data  # a name that no archive can hold
    return _lying(rnd, made) if rnd.random() < 0.1 else made
