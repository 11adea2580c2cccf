"""A withdrawn consent reaches every layer: landed bytes, rows, answers, records, new files.

What enters: the register of withdrawals. What leaves: no name and no birth date of these persons
below the data directory, and a proof. Facts stay by key: a figure of an older date does not change.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

from duty.errors import PersonUnknown, StillThere
from duty.landed import (
    deliveries_with_persons,
    drop_incoming,
    read_again,
    redact_archive,
    redact_landing,
    redact_object,
    still_there,
)
from duty.layers import Done, Search, redact_layers
from duty.persons import Known, Place, Veil, load_spec, rows_of
from duty.register import Withdrawal, known_persons, load_proof, withdrawals, write_proof
from ingest.deliveries import Delivery, Landed, load_delivery
from ingest.landing import all_landed, load_landed
from ingest.settings import Settings

_PLATFORM, _OPERATOR = "platform", "operator"


def learn(settings: Settings, keys: set[str]) -> tuple[dict[str, Veil], Known]:
    """All that the data says of persons: first by their keys, then by what was learnt.

    Raises:
        PersonUnknown: nobody has this key.
    """
    veils = {key: Veil(key) for key in keys}
    known = known_persons(settings, keys)
    fingerprints = dict(known.fingerprints)
    for _ in range(2):
        known = replace(known, fingerprints=dict(fingerprints))
        for delivery in deliveries_with_persons(settings):
            form, path = delivery.form_code or "", delivery.parsed_path or Path()
            for place, row in rows_of(known, form, delivery.delivery_id, path):
                veils[place.key].learn(form, row)
                if text := known.fingerprint_of(form, row):
                    fingerprints.setdefault(text, place.key)
    for key in sorted(keys):
        if not veils[key].last:
            raise PersonUnknown(
                f"expected a pupil with the key {key}, found none in the files received; "
                "bvb forget --id ID shows the key of a platform id"
            )
    return veils, known


def _places(settings: Settings, known: Known) -> frozenset[Place]:
    found: set[Place] = set()
    for delivery in deliveries_with_persons(settings):
        path = delivery.parsed_path or Path()
        form = delivery.form_code or ""
        found |= {place for place, _ in rows_of(known, form, delivery.delivery_id, path)}
    return frozenset(found)


def _senders(settings: Settings, places: frozenset[Place]) -> set[str]:
    """Codes of senders as the folders of `returned/` name them."""
    found: set[str] = set()
    for delivery_id in {place.delivery_id for place in places}:
        delivery = load_delivery(settings, delivery_id)
        number = delivery.sender_territory_id if delivery else None
        found |= {f"T{number:02d}"} if number else {_PLATFORM, _OPERATOR}
    return found


def forget(settings: Settings, now: datetime, keys: set[str] | None = None) -> list[dict[str, Any]]:
    """Carry out the withdrawals of the register that were not carried out yet.

    No run may be at work. A killed call is repeated: persons are learnt from the platform's files,
    which are changed last.

    Args:
        settings: whose data.
        now: the moment of the proof, aware.
        keys: carry out these once more, e.g. after an old backup was restored.

    Returns:
        the proofs, by key.

    Raises:
        PersonUnknown: nobody has a key of the register; nothing was changed.
    """
    register = withdrawals(settings)
    begun = {key: load_proof(settings, key) for key in register}
    wanted = keys if keys is not None else {k for k in register if not begun[k].get("applied_at")}
    if not wanted:
        return []
    veils, known = learn(settings, wanted)
    for key in wanted:
        texts = [text for text, owner in known.fingerprints.items() if owner == key]
        write_proof(settings, key, {**begun[key], "fingerprints": sorted(texts)})
    search = Search(tuple(veils[key] for key in sorted(wanted)), _places(settings, known))
    done = Done()
    redact_layers(settings, search, _senders(settings, search.places), done)
    objects = redact_landing(settings, search, register, done)
    n_searched, left = still_there(settings, search)
    if left:
        raise StillThere(
            f"expected no file with these persons, found {len(left)}, first {left[0]}; "
            "look at it by hand and tell the developers"
        )
    proofs = []
    for key in sorted(wanted):
        proof = {
            **load_proof(settings, key),
            "person_key": key,
            "decided_at": f"{register[key].decided_at.isoformat()}",
            "author": register[key].author,
            "applied_at": now.isoformat(),
            "rows": sum(place.key == key for place in search.places),
            "objects": objects,
            "changed": done.changed,
            "removed": done.removed,
            "searched": n_searched,
            "not_searched": sorted(done.unread),
        }
        write_proof(settings, key, proof)
        proofs.append(proof)
    return proofs


def forget_in(settings: Settings, delivery_id: str, now: datetime) -> bool:
    """Take the persons of the register out of a file that was just read; whether it named any."""
    register = withdrawals(settings)
    if not register:
        return False  # the usual case, asked for every file that is read
    delivery = load_delivery(settings, delivery_id)
    if delivery is None:
        return False
    landed = load_landed(settings, delivery_id)
    if delivery.is_unpacked:
        inside = [
            item
            for item in all_landed(settings)
            if item.channel == landed.channel and item.source.startswith(f"{landed.source}/")
        ]
        named = [forget_in(settings, item.delivery_id, now) for item in inside]
        if any(named):
            redact_archive(settings, landed)
            drop_incoming(settings, {landed.sha256}, Done())
        return any(named)
    if delivery.form_code not in load_spec().forms or delivery.parsed_path is None:
        return False
    return _forget_rows(settings, landed, delivery, register, now)


def _forget_rows(
    settings: Settings,
    landed: Landed,
    delivery: Delivery,
    register: dict[str, Withdrawal],
    now: datetime,
) -> bool:
    known, form = known_persons(settings, set(register)), delivery.form_code or ""
    veils: dict[str, Veil] = {}
    places: set[Place] = set()
    for place, row in rows_of(known, form, landed.delivery_id, delivery.parsed_path or Path()):
        veils.setdefault(place.key, Veil(place.key)).learn(form, row)
        places.add(place)
    search = Search(tuple(veils.values()), frozenset(places))
    kept = redact_object(settings, landed, search, register) if veils else None
    if kept is None:
        return False
    drop_incoming(settings, {landed.sha256}, Done())
    read_again(settings, landed)
    for key in veils:
        proof = load_proof(settings, key)
        later = [*proof.get("later", ()), {**kept, "at": now.isoformat()}]
        write_proof(settings, key, {**proof, "later": later, "applied_at": now.isoformat()})
    return True
