"""Landed files without persons: which of them name somebody, and what is kept instead.

What enters: the persons and the rows that name them. What leaves: other bytes under the hash that
came, the file read again, and for a proof the hashes of before and after.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from duty.layers import Done, Search, lines_of
from duty.objects import with_members, without
from duty.persons import Veil, load_spec
from duty.register import Withdrawal, mark_of
from ingest.archives import members_if_archive
from ingest.deliveries import Delivery, Landed, load_delivery, record_path, write_atomically
from ingest.forms import load_forms
from ingest.knowledge import load_knowledge
from ingest.landing import REWRITTEN, all_landed, landed_bytes, object_path
from ingest.limits import OverLimit
from ingest.read import read_delivery
from ingest.settings import Settings
from ingest.sheets import UnreadableTable

LEARNT_FROM = "P03"  # all that is known of a person is learnt from it: changed last


def deliveries_with_persons(settings: Settings) -> Iterator[Delivery]:
    """Deliveries whose rows name persons, those that all is learnt from last."""
    found = [
        delivery
        for landed in all_landed(settings)
        if (delivery := load_delivery(settings, landed.delivery_id))
        and delivery.form_code in load_spec().forms
        and delivery.parsed_path
    ]
    yield from sorted(
        found, key=lambda d: (d.form_code == LEARNT_FROM, d.received_at, d.delivery_id)
    )


def drop_incoming(settings: Settings, hashes: set[str], done: Done) -> None:
    """Remove from the drop folder what is landed already: its bytes would name her for ever.

    By hash: the name in the manifest may be hidden by now.
    """
    for path in sorted(settings.incoming.rglob("*")):
        if path.is_file() and hashlib.sha256(path.read_bytes()).hexdigest() in hashes:
            done.remove(settings, path)


def _put(settings: Settings, sha256: str, data: bytes) -> dict[str, Any]:
    """Keep other bytes under the name of the hash that came; what was there is gone."""
    after = hashlib.sha256(data).hexdigest()
    write_atomically(settings.landing / REWRITTEN / after, sha256.encode())
    target = object_path(settings, sha256)
    write_atomically(target, data)
    target.chmod(0o444)
    return {"sha256_arrived": sha256, "sha256_kept": after, "size": len(data)}


def _rewritten(settings: Settings, landed: Landed) -> dict[str, Any] | None:
    """What is kept of a file that was changed before; None if it is as it came."""
    data = object_path(settings, landed.sha256).read_bytes()
    after = hashlib.sha256(data).hexdigest()
    if after == landed.sha256:
        return None
    return {"sha256_arrived": landed.sha256, "sha256_kept": after, "size": len(data)}


def read_again(settings: Settings, landed: Landed) -> None:
    """Read a file whose bytes were changed."""
    record_path(settings, landed.delivery_id).unlink(missing_ok=True)
    read_delivery(settings, landed, load_knowledge())


def redact_object(
    settings: Settings, landed: Landed, search: Search, register: dict[str, Withdrawal]
) -> dict[str, Any] | None:
    """Take the persons out of one landed file; None if it does not name them.

    Raises:
        UnreadableTable, OverLimit: nobody can look into it.
        LandedDamaged: these are not the bytes that came; changed, they would pass for sound.
    """
    delivery = load_delivery(settings, landed.delivery_id)
    form = load_forms().get((delivery.form_code if delivery else None) or "")
    own: dict[str, Veil] = {}
    for veil in search.veils:
        is_later = landed.received_at > register[veil.key].decided_at
        own[veil.key] = replace(veil, mark=mark_of(form.code) if form and is_later else None)
    rows = {
        (place.sheet, place.row): own[place.key]
        for place in search.places
        if place.delivery_id == landed.delivery_id
    }
    version = form.version_at(delivery.as_of) if form and delivery and delivery.as_of else None
    data = landed_bytes(settings, landed)
    changed = without(data, rows, version, own.values())
    return _put(settings, landed.sha256, changed) if changed else None


def redact_landing(
    settings: Settings, search: Search, register: dict[str, Withdrawal], done: Done
) -> list[dict[str, Any]]:
    """Every landed file, those with the platform's pupils last; archives by their members."""
    landed = all_landed(settings)
    forms = deliveries_with_persons(settings)
    of_pupils = {d.delivery_id for d in forms if d.form_code == LEARNT_FROM}
    objects: list[dict[str, Any]] = []
    named = {place.delivery_id for place in search.places}
    archives = [item for item in landed if _members(settings, item)]
    for item in sorted(landed, key=lambda x: x.delivery_id in of_pupils):
        if item in archives:
            continue
        try:
            kept = redact_object(settings, item, search, register)
        except (UnreadableTable, OverLimit):
            done.unread.add(item.sha256)
            continue
        if kept is None and item.delivery_id in named:
            kept = _rewritten(settings, item)  # by a call that was killed before it was read again
        if kept:
            objects.append(kept)
            read_again(settings, item)
    for item in archives:
        objects += redact_archive(settings, item)
    # Not of this call alone: one that was killed may have left some.
    drop_incoming(settings, {x.sha256 for x in landed if _rewritten(settings, x)}, done)
    return objects


def _members(settings: Settings, landed: Landed) -> dict[str, str]:
    """Hash of each member of an archive as it came; empty for any other file."""
    data = landed_bytes(settings, landed)
    return {m.path: hashlib.sha256(m.data).hexdigest() for m in members_if_archive(data)}


def redact_archive(settings: Settings, landed: Landed) -> list[dict[str, Any]]:
    """Put the members as they are kept now into their archive."""
    instead: dict[str, bytes] = {}
    for path, sha256 in _members(settings, landed).items():
        kept = object_path(settings, sha256)
        if kept.exists() and hashlib.sha256(data := kept.read_bytes()).hexdigest() != sha256:
            instead[path] = data
    if not instead:
        before = _rewritten(settings, landed)
        return [before] if before else []
    data = landed_bytes(settings, landed)
    return [_put(settings, landed.sha256, with_members(data, instead))]


def still_there(settings: Settings, search: Search) -> tuple[int, list[str]]:
    """Look once more into every landed file: how many were searched, hashes of those left."""
    n_files, found = 0, []
    for path in sorted((settings.landing / "objects").rglob("*")):
        if not path.is_file():
            continue
        try:
            lines = [" ".join(texts) for texts in lines_of(path.read_bytes(), path)]
        except (UnreadableTable, OverLimit):
            continue
        n_files += 1
        if any(veil.surely(line) for line in lines for veil in search.veils):
            found.append(path.name)
    return n_files, found
