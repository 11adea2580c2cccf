"""A whole name in one cell as surname, first name and patronymic (defects D-38, D-39).

What enters: «Орлова Мария Сергеевна» or «Мария Сергеевна Орлова». What leaves: three parts; nothing
is dropped, and what cannot be told apart stays with the first name.
"""

from __future__ import annotations

import re

# Endings of Russian patronymics; «оглы», «кызы» and their like stand as words of their own.
_PATRONYMIC = re.compile(r"(вич|вна|ична|инична)$", re.IGNORECASE)
PARTS = 3


def split_name(text: str) -> tuple[str, str, str]:
    """(surname, first name, patronymic); the surname stands first unless a patronymic is second."""
    words = text.split()
    if len(words) == PARTS and _PATRONYMIC.search(words[1]) and not _PATRONYMIC.search(words[2]):
        words = [words[2], words[0], words[1]]
    surname, first, *rest = [*words, "", ""][: max(len(words), 2)]
    return surname, first, " ".join(rest)
