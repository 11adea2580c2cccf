"""What the reader knows: forms, names of territories by order, and one hash over all of it.

What enters: forms, seeds and the reader's own code. What leaves: one `Knowledge` a process.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path

from ingest.forms import FORMS_DIR, Form, load_forms
from ingest.orders import nearest_order, orders
from ingest.reference import load_reference, seeds_fingerprint
from ingest.territories import TerritoryResolver


@dataclass(frozen=True)
class Knowledge:
    """What the reader knows: forms, names of territories by order, and a hash over all."""

    forms: dict[str, Form]
    resolvers: dict[str, TerritoryResolver]
    fingerprint: str

    def resolver_at(self, day: date) -> TerritoryResolver:
        """Names of the territories of the order that a day belongs to or is nearest to."""
        return self.resolvers[nearest_order(day).order_id]


@cache
def load_knowledge() -> Knowledge:
    """The reader's knowledge of all orders."""
    digest = hashlib.sha256(seeds_fingerprint().encode())
    room = Path(__file__).parent
    # The reader's own code is knowledge, too: a corrected reader reads again.
    for path in sorted([*FORMS_DIR.glob("*.yml"), *room.glob("*.yml"), *room.glob("*.py")]):
        digest.update(path.read_bytes())
    resolvers = {o.order_id: TerritoryResolver(load_reference(o.order_id)) for o in orders()}
    return Knowledge(load_forms(), resolvers, digest.hexdigest()[:16])
