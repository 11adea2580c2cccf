"""The register of withdrawn consents: what was decided, and the proof of what was done.

What enters: `decisions/withdrawals*`. What leaves: keys with the moment of the decision, and one
proof a person in `outcomes/withdrawals/`: hashes, counts and fingerprints, no name.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from duty.backup import WITHDRAWN
from duty.persons import Known, Marked, load_spec
from ingest.decisions import load_decisions
from ingest.deliveries import write_atomically
from ingest.settings import Settings


@dataclass(frozen=True)
class Withdrawal:
    """A line of the register."""

    key: str
    decided_at: datetime
    author: str


def withdrawals(settings: Settings) -> dict[str, Withdrawal]:
    """The first withdrawal of every person, by key."""
    found: dict[str, Withdrawal] = {}
    for line in load_decisions(settings).of("withdrawals"):
        key = line["person_key"].lower()
        found.setdefault(key, Withdrawal(key, line.decided_at, line["author"]))
    return found


def proof_path(settings: Settings, key: str) -> Path:
    """Where the proof of a withdrawal lies."""
    return settings.outcomes / WITHDRAWN / f"{key}.json"


def load_proof(settings: Settings, key: str) -> dict[str, Any]:
    """The proof of a withdrawal as far as it was carried out; empty if not begun."""
    path = proof_path(settings, key)
    if not path.exists():
        return {}
    proof: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return proof


def write_proof(settings: Settings, key: str, proof: dict[str, Any]) -> None:
    """Keep a proof."""
    text = json.dumps(proof, ensure_ascii=False, indent=1, sort_keys=True)
    write_atomically(proof_path(settings, key), text.encode())


def known_persons(settings: Settings, keys: set[str]) -> Known:
    """How these persons are found: by key and by what was learnt of them before."""
    fingerprints = {
        text: key for key in keys for text in load_proof(settings, key).get("fingerprints", ())
    }
    return Known(settings.secret(), frozenset(keys), fingerprints)


def mark_of(form_code: str) -> Marked | None:
    """What a file of after the withdrawal is made to say."""
    return load_spec().marked.get(form_code)
