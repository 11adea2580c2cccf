"""What territories report about people: M03, M04 and M11, as typed columns.

What enters: a cut of the truth at a month's end. What leaves: a dictionary column → values, one a
territory.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from synthetic.config import Array
from synthetic.cut import Cut
from synthetic.frames import NEVER
from synthetic.navigators import NEW
from synthetic.people import feminine, full_names
from synthetic.pupils import ATTACHED
from synthetic.texts import numbered

Columns = dict[str, Any]


def navigator_list(cut: Cut, territory: int) -> Columns:
    """M03: whom a territory named by the due day."""
    truth, n = cut.truth, cut.truth.navigators
    own = np.flatnonzero(n.territory == territory)
    own = own[(n.kind[own] <= NEW) & (n.registered_on[own] <= cut.on)]
    school = n.school[own]
    continuing = n.kind[own] != NEW
    return {
        "line_no": np.arange(1, len(own) + 1),
        "region": [truth.world.reference.order["region_name"]] * len(own),
        "municipality": [truth.world.names[territory]] * len(own),
        "school_name": truth.schools.short_name[school],
        "inn": truth.schools.inn[school],
        "last_name": n.last[own],
        "first_name": n.first[own],
        "middle_name": n.middle[own],
        "position": n.position[own],
        "email": n.email[own],
        "phone": [
            f"8 (498) {600 + k % 300:03d}-{k % 90 + 10:02d}-{k % 70 + 20:02d}"
            for k in n.number[own]
        ],
        "is_continuing": continuing,
        "cohort_year": n.cohort[own],
        "n_pupils_planned": 30 + (n.number[own] * 7) % 40,
        "note": [None] * len(own),
    }


def _representatives(cut: Cut, who: Array) -> Columns:
    p = cut.truth.pupils
    kinds = np.where(p.number[who] % 40 == 0, "guardian", "parent").astype(object)
    names = cut.truth.representatives[who]
    surnames = np.array([feminine(last) for last in p.last[who]], object)
    mothers = full_names(surnames, p.first[names], p.middle[names])
    return {"representative_kind": kinds, "representative_name": mothers}


def _originals(cut: Cut, signed: Array, received: Array, number: Array) -> Columns:
    is_in = received <= cut.on
    folder = [f"Папка {k % 9 + 1}" if come else None for k, come in zip(number, is_in, strict=True)]
    return {
        "signed_on": signed,
        "is_original_received": is_in,
        "received_on": np.where(is_in, received, NEVER),
        "storage_place": folder,
    }


def consent_originals(cut: Cut, territory: int) -> Columns:
    """M04: consents of navigators and of the representatives of pupils under age."""
    n, p, s = cut.truth.navigators, cut.truth.pupils, cut.truth.schools
    own = cut.active_navigators
    own = own[(n.territory[own] == territory) & (n.confirmed_on[own] <= cut.on)]
    who = cut.pupils[s.territory[cut.school[cut.pupils]] == territory]
    who = who[(p.consent[who] == ATTACHED) & (p.consent_on[who] <= cut.on) & (cut.status[who] <= 1)]
    nobody = [None] * len(own)
    signed = np.concatenate([n.confirmed_on[own], p.consent_on[who] - np.timedelta64(1, "D")])
    received = np.concatenate([n.original_on[own], p.original_on[who]])
    family = _representatives(cut, who)
    grades = cut.grade_at(who, np.full(len(who), cut.on))
    classes = [f"{grade}{letter}" for grade, letter in zip(grades, p.letter[who], strict=True)]
    ids = [
        *numbered("N", n.number[own], 6).to_pylist(),
        *numbered("U", p.number[who], 7).to_pylist(),
    ]
    return {
        "consent_kind": ["navigator"] * len(own) + ["representative"] * len(who),
        "subject_name": full_names(n.last[own], n.first[own], n.middle[own])
        + full_names(p.last[who], p.first[who], p.middle[who]),
        "birth_date": np.concatenate([np.full(len(own), NEVER, "datetime64[D]"), p.birth[who]]),
        "subject_id": ids,
        "school_name": np.concatenate([s.short_name[n.school[own]], s.short_name[cut.school[who]]]),
        "grade": nobody + classes,
        "representative_name": nobody + list(family["representative_name"]),
        "representative_kind": nobody + list(family["representative_kind"]),
        **_originals(cut, signed, received, np.concatenate([n.number[own], p.number[who]])),
        "withdrawn_on": np.full(len(ids), NEVER, "datetime64[D]"),
    }


def summary_claims(cut: Cut, territory: int) -> Columns:
    """M11: what the coordinator counts; some round up (Q-18)."""
    before = cut.month_before
    inflated = territory in cut.truth.world.region["territories"]["inflated_claims"]
    now, then = cut.counts, before.counts
    ids = list(now)
    total = np.array([int(now[i][territory]) for i in ids])
    earlier = np.array([int(then[i][territory]) for i in ids])
    if inflated:
        total = np.ceil(total / 10).astype(int) * 10 + 10
    return {
        "indicator_id": ids,
        "value_period": np.maximum(total - earlier, 0),
        "value_cumulative": total,
        "comment": ["с учётом заявленных" if inflated else None] * len(ids),
    }
