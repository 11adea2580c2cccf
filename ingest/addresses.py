"""The address book: who is written to, as data beside the data.

What enters: `addresses.csv` of the data directory (`code,role,address`), as Excel saves it. What
leaves: an `AddressBook`; a line that is not understood is told, never guessed and never fatal.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from ingest.settings import Settings
from ingest.text import clean, decoded

FILE_NAME = "addresses.csv"
COLUMNS = ("code", "role", "address")
_ADDRESS = re.compile(r"[^\s@<>,;\"]+@[a-z0-9-]+(\.[a-z0-9-]+)+", re.IGNORECASE)
_TERRITORY = re.compile(r"[tт]?(\d{1,2})", re.IGNORECASE)  # both keyboards


@dataclass(frozen=True)
class AddressBook:
    """Addresses by code (`T14`, `operator`, `ministry` …) and role; `problems` for a human."""

    addresses: Mapping[tuple[str, str], tuple[str, ...]] = field(default_factory=dict)
    problems: tuple[str, ...] = ()

    def to(self, code: str, role: str) -> tuple[str, ...]:
        """Where to write; empty when nobody is named."""
        return self.addresses.get((code, role), ())

    def owners(self) -> dict[str, str]:
        """Address → whose it is; addresses of several are nobody's."""
        found: dict[str, set[str]] = {}
        for (code, _), known in self.addresses.items():
            for address in known:
                found.setdefault(address, set()).add(code)
        return {address: codes.pop() for address, codes in found.items() if len(codes) == 1}


def _plain(address: str) -> str:
    """An address as mail servers compare it; a domain in Russian letters in its network form."""
    name, _, domain = clean(address).rpartition("@")
    try:
        return f"{name}@{domain.encode('idna').decode()}".lower()
    except UnicodeError:
        return f"{name}@{domain}".lower()


def sender_code(text: str) -> str:
    """A sender as people type her: «т14» and «14» are `T14`, «Operator» is `operator`."""
    match = _TERRITORY.fullmatch(clean(text))
    return f"T{int(match[1]):02d}" if match else clean(text).lower()


def load_addresses(settings: Settings) -> AddressBook:
    """The address book of a data directory; empty when there is none."""
    path = settings.data_dir / FILE_NAME
    if not path.exists():
        return AddressBook()
    lines = decoded(path.read_bytes()).splitlines()
    delimiter = ";" if lines and ";" in lines[0] else ","
    found: dict[tuple[str, str], list[str]] = {}
    problems: list[str] = []
    for number, row in enumerate(csv.DictReader(lines, delimiter=delimiter), start=2):
        code, role, address = ((row.get(name) or "").strip() for name in COLUMNS)
        if not (code or role or address) or code.startswith("#"):
            continue
        plain = _plain(address)
        if not (code and role and _ADDRESS.fullmatch(plain) and plain.isascii()):
            problems.append(
                f"{FILE_NAME}, строка {number}: ожидались код, роль и адрес почты, "
                f"найдено «{code}», «{role}», «{address}»"
            )
            continue
        known = found.setdefault((sender_code(code), clean(role).lower()), [])
        known += [plain] if plain not in known else []
    return AddressBook({key: tuple(value) for key, value in found.items()}, tuple(problems))
