"""The platform's exports P07 … P10 on a date, as typed columns.

What enters: a cut of the truth. What leaves: for each form a dictionary column → array; what has
not happened by the date is not shown.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from synthetic.config import Array
from synthetic.cut import Cut
from synthetic.events import CANCELLED
from synthetic.exports import place_ids, place_types
from synthetic.frames import NEVER
from synthetic.places import partners, programmes, venues
from synthetic.texts import numbered, strings_where

Columns = dict[str, Any]


def _shown(days: Array, on: np.datetime64) -> Array:
    """Days that have come; the others are not known yet."""
    return np.where(days <= on, days, NEVER)


def _towns(cut: Cut, territory: Array) -> Array:
    return np.array([cut.truth.world.names[int(t)] for t in territory], object)


def venue_export(cut: Cut) -> Columns:
    """P07."""
    v = venues(cut.truth.world)
    cabinet = _shown(v.cabinet_on, cut.on)
    town = _towns(cut, v.territory)
    return {
        "venue_id": numbered("V", v.number, 3),
        "venue_name": v.name,
        "inn": v.inn,
        "venue_type": v.kind,
        "municipality": town,
        "address": np.array([f"{t}, ул. Профессий, д. {n}" for t, n in
                             zip(town, v.number, strict=True)], object),
        "cabinet_on": cabinet,
        "status": np.where(np.isnat(cabinet), "pending", "active"),
    }  # fmt: skip


def programme_export(cut: Cut) -> Columns:
    """P08."""
    p = programmes(cut.truth.world)
    known = np.flatnonzero((p.submitted_on - 14 <= cut.on) | p.is_carried_over)
    submitted, approved = p.submitted_on[known], p.approved_on[known]
    sent, done = submitted <= cut.on, approved <= cut.on
    before, carried = p.confirmed_before[known], p.is_carried_over[known]
    status = np.where(done, "approved", np.where(sent, "on_approval", "draft")).astype(object)
    # Until it is confirmed again, a programme of earlier years shows its old approval.
    status = np.where(carried & ~done & ~sent, "approved", status)
    return {
        "programme_id": numbered("PR", p.number[known], 4),
        "venue_id": numbered("V", p.venue[known], 3),
        "programme_name": np.array([f"Программа «{d}» № {n}" for d, n in
                                    zip(p.direction[known], p.number[known], strict=True)], object),
        "direction": p.direction[known],
        "grades": np.where(p.number[known] % 2 == 0, "6-8", "9-11").astype(object),
        "submitted_on": np.where(sent, submitted, NEVER),
        "status": status,
        "approved_on": np.where(done, approved, np.where(sent, NEVER, before)),
        "is_carried_over": carried,
    }  # fmt: skip


def slot_export(cut: Cut) -> Columns:
    """P09: a slot for each event at a venue or a partner, shown from its publication on."""
    truth, e = cut.truth, cut.truth.events
    settings = truth.world.region["places"]
    place = place_types(truth, np.arange(len(e.number)))
    away = (place == "trial_venue") | (place == "partner_venue")
    rng = truth.world.rng("slots")
    ahead = rng.integers(5, 25, len(e.number)).astype("timedelta64[D]")
    spare = settings["spare_seats"]
    extra = rng.choice(list(spare), len(e.number), p=list(spare.values()))
    published = e.held_on - ahead
    chosen = np.flatnonzero(away & e.is_in_schedule & (published <= cut.on))
    came = np.bincount(
        truth.participations.event[truth.participations.status != CANCELLED],
        minlength=len(e.number),
    )
    record = truth.participations.event[cut.participations]
    enrolled = np.bincount(record, minlength=len(e.number))[chosen]
    seats = np.where(e.seats[chosen] > 0, e.seats[chosen], came[chosen] + extra[chosen])
    held = e.held_on[chosen] <= cut.on
    status = np.where(e.is_cancelled[chosen], "cancelled", np.where(held, "held", "published"))
    return place_ids(truth, chosen) | {
        "slot_kind": np.where(place[chosen] == "trial_venue", "trial", "partner_event"),
        "slot_on": e.held_on[chosen],
        "starts_at": np.array([f"{h:02d}:00" for h in e.hour[chosen]], object),
        "n_seats": np.maximum(seats, 1),
        "n_enrolled": enrolled,
        "published_at": published[chosen].astype("datetime64[m]") + np.timedelta64(600, "m"),
        "status": status,
    }


def partner_export(cut: Cut) -> Columns:
    """P10."""
    w = partners(cut.truth.world)
    agreement, cabinet = _shown(w.agreement_on, cut.on), _shown(w.cabinet_on, cut.on)
    has = ~np.isnat(agreement)
    number = np.array([f"П-{n:03d}/{cut.truth.world.year}" for n in w.number], object)
    return {
        "partner_id": numbered("W", w.number, 3),
        "partner_name": w.name,
        "inn": w.inn,
        "municipality": _towns(cut, w.territory),
        "cabinet_on": cabinet,
        "agreement_no": strings_where(has, number),
        "agreement_on": agreement,
        "status": np.where(has & ~np.isnat(cabinet), "active", "pending"),
    }


PLACE_EXPORTS: dict[str, Callable[[Cut], Columns]] = {
    "P07": venue_export,
    "P08": programme_export,
    "P09": slot_export,
    "P10": partner_export,
}
