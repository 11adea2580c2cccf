"""Damage of bytes and of texts: what fuzzers do to any file. All chance comes from `random`."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from random import Random

ODD_BYTES = (
    b"\0",
    b"\xff",
    b"\xff\xfe",
    b"\xef\xbb\xbf",
    b"\r",
    b'"',
    b"<",
    b"&",
    b"\x1a",
    b"\x80",
)
LONGEST = 4 << 20


def _span(rnd: Random, data: bytes) -> tuple[int, int]:
    start = rnd.randrange(len(data) + 1)
    return start, min(len(data), start + rnd.choice((1, 4, 16, 64, 512, 4096)))


def flip(rnd: Random, data: bytes, _: Sequence[bytes]) -> bytes:
    changed = bytearray(data)
    for _n in range(rnd.choice((1, 1, 2, 8, 64))):
        if changed:
            changed[rnd.randrange(len(changed))] ^= 1 << rnd.randrange(8)
    return bytes(changed)


def overwrite(rnd: Random, data: bytes, _: Sequence[bytes]) -> bytes:
    start, end = _span(rnd, data)
    return (
        data[:start] + rnd.choice((b"\xff", b"\0", rnd.randbytes(1))) * (end - start) + data[end:]
    )


def cut(rnd: Random, data: bytes, _: Sequence[bytes]) -> bytes:
    return data[: rnd.randrange(len(data) + 1)]


def drop(rnd: Random, data: bytes, _: Sequence[bytes]) -> bytes:
    start, end = _span(rnd, data)
    return data[:start] + data[end:]


def repeat(rnd: Random, data: bytes, _: Sequence[bytes]) -> bytes:
    start, end = _span(rnd, data)
    times = rnd.choice((2, 3, 10, 1000, 20000))
    return data[:start] + (data[start:end] * times)[:LONGEST] + data[end:]


def insert(rnd: Random, data: bytes, _: Sequence[bytes]) -> bytes:
    at = rnd.randrange(len(data) + 1)
    return data[:at] + rnd.choice(ODD_BYTES) * rnd.choice((1, 2, 100, 100_000)) + data[at:]


def splice(rnd: Random, data: bytes, others: Sequence[bytes]) -> bytes:
    other = rnd.choice(others)
    return data[: rnd.randrange(len(data) + 1)] + other[rnd.randrange(len(other) + 1) :]


def recode(rnd: Random, data: bytes, _: Sequence[bytes]) -> bytes:
    source = rnd.choice(("utf-8", "cp1251", "utf-16", "cp866"))
    target = rnd.choice(("utf-8", "utf-16", "utf-16-be", "utf-32", "cp866", "koi8-r", "utf-7"))
    return data.decode(source, "replace").encode(target, "replace")


Mutator = Callable[[Random, bytes, Sequence[bytes]], bytes]
BYTES: tuple[Mutator, ...] = (flip, flip, overwrite, cut, drop, repeat, insert, splice)
TEXT: tuple[Mutator, ...] = (*BYTES, recode)


def mutated(rnd: Random, data: bytes, others: Sequence[bytes], how: Sequence[Mutator]) -> bytes:
    """The bytes after one to three mutations."""
    for _ in range(rnd.choice((1, 1, 2, 3))):
        data = rnd.choice(how)(rnd, data, others)[:LONGEST]
    return data
