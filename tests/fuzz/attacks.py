"""All files made to exhaust the reader, each named after what it attacks."""

from __future__ import annotations

from collections.abc import Callable
from types import ModuleType

from tests.fuzz import attacks_books, attacks_looks, attacks_texts
from tests.fuzz.attacks_entities import entity_attacks
from tests.fuzz.seeds import Sent


def _of(module: ModuleType) -> dict[str, Callable[[], Sent]]:
    return {
        name: made
        for name, made in vars(module).items()
        if getattr(made, "__module__", "") == module.__name__ and not made.__code__.co_argcount
    }


ATTACKS = {
    **_of(attacks_books),
    **_of(attacks_looks),
    **_of(attacks_texts),
    **entity_attacks(),
}
