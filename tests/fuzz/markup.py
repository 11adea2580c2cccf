"""Mutations of web pages and XML spreadsheets."""

from __future__ import annotations

from random import Random

from tests.fuzz import inside
from tests.fuzz.mutate import TEXT, mutated

_SPANS = (
    b"<td colspan='999999999' rowspan='999999999'>x</td>", b"<td colspan='-1'>",
    b"<td colspan='x'>", b"<td rowspan='\xd9\xa1'>", b"<tr>" * 5000, b"<table><tr><td>" * 300,
    b"<div>" * 50_000, b"<td colspan=200>" * 2000, b"<tr><td colspan=200>" * 5000,
    b"<script>alert(1)</script>", b"<!--" * 100, b"<a href='http://127.0.0.1:9/'>x</a>", b"<img src=file:///etc/passwd>",
    b"<Row ss:Index='1048576'/>" * 50, b"<Cell ss:Index='200' ss:MergeAcross='200'/>" * 300,
    b"<Worksheet ss:Name='x'><Table><Row ss:Index='1048576'/></Table></Worksheet>" * 30,
    b"<iframe src=x>", b"<base href='http://127.0.0.1:9/'>", b"<td>" * 100_000, b"\0", b"&h;",
)  # fmt: skip


def page(rnd: Random, data: bytes) -> bytes:
    """The page after one to three mutations."""
    for _ in range(rnd.choice((1, 2, 3))):
        match rnd.randrange(4):
            case 0:
                at = data.find(b">", rnd.randrange(len(data) + 1)) + 1
                data = data[:at] + rnd.choice(_SPANS) + data[at:]
            case 1:
                data = rnd.choice(inside.XML)(rnd, data)
            case 2:
                data = inside.attribute(rnd, data)
            case _:
                data = mutated(rnd, data, [data], TEXT)
    return data[: 4 << 20]
