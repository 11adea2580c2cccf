"""Variant number n of a seed: the same file each time it is asked for, on any machine."""

from __future__ import annotations

from dataclasses import dataclass, replace
from random import Random

from tests.fuzz import inside
from tests.fuzz.markup import page
from tests.fuzz.mutate import BYTES, TEXT, mutated
from tests.fuzz.seeds import Sent, seeds


@dataclass(frozen=True)
class Variant:
    """One file to read; `is_checked` when the rules run over it, too."""

    number: int
    how: str
    sent: Sent
    is_checked: bool = False


_NAMES = (
    "Отчёт.xlsx", "P05_participations__2024-09-30.xlsx", "M08_x__T14__2024-09__v99999.xlsx",
    "a" * 255, "../../evil.xlsx", "=cmd|' /C calc'!A0.xlsx", "\u202excod.xlsx", "{file}{0}%s.xlsx",
    "a\udcff.csv",
)  # fmt: skip
CHECKED_EACH = 20


def _mutation(rnd: Random, data: bytes, others: list[bytes]) -> tuple[str, bytes]:
    if data.startswith(b"PK\x03\x04") and rnd.random() < 0.85:
        return "inside", inside.book(rnd, data)
    if data.lstrip().startswith(b"<") and rnd.random() < 0.6:
        return "markup", page(rnd, data)
    is_text = b"\0" not in data[:1000]
    return "bytes", mutated(rnd, data, others, TEXT if is_text else BYTES)


def variant(seed: int, number: int) -> Variant:
    """Variant `number` of the sequence that begins with `seed`."""
    rnd = Random(f"{seed}:{number}")
    known = seeds()
    # Workbooks hold most of what can be attacked.
    pool = [s for s in known if s.data.startswith(b"PK")] if rnd.random() < 0.6 else list(known)
    chosen = rnd.choice(pool)
    how, data = _mutation(rnd, chosen.data, [s.data for s in known])
    sent = replace(chosen, data=data)
    if rnd.random() < 0.05:
        sent = replace(sent, name=rnd.choice(_NAMES))
    return Variant(number, how, sent, is_checked=number % CHECKED_EACH == 0)
