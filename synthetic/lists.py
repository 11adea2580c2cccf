"""Lists that territories keep: M01, M02, M07 and M10, as typed columns.

What enters: a cut of the truth and a territory. What leaves: a dictionary column → values.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from synthetic.config import Array
from synthetic.cut import Cut
from synthetic.files import coordinator, coordinator_mail, coordinator_phone
from synthetic.frames import NEVER
from synthetic.people import full_names
from synthetic.places import partners
from synthetic.schools import inn_of
from synthetic.training import PROJECT

Columns = dict[str, Any]
_UNKNOWN_SCHOOL = "МБОУ СОШ № {n} (не на платформе)"


def coordinators(cut: Cut, territory: int) -> Columns:
    """M01: one coordinator a territory, appointed between the order and its due day."""
    world = cut.truth.world
    days = world.first_days("ORD-5.1")
    appointed = days[territory % len(days)]
    if territory in world.region["territories"]["late"]["M01"]:
        appointed = days[-1] + 3
    return {
        "territory_name": [world.reference.territory(territory).name],
        "coordinator_name": [coordinator(world, territory)],
        "position": ["главный специалист управления образования"],
        "phone": [coordinator_phone(territory)],
        "email": [coordinator_mail(territory)],
        "order_no": [f"{100 + territory}-О"],
        "order_on": np.array([appointed]),
        "valid_from": np.array([appointed]),
        "valid_to": np.array([NEVER]),
        "scan_file": [f"prikaz_T{territory:02d}.pdf"],
    }


def school_list(cut: Cut, territory: int) -> Columns:
    """M02: the schools of a municipality; some forget one, some name one too many."""
    world, s = cut.truth.world, cut.truth.schools
    settings = world.region["campaigns"]
    own = s.of(territory)
    own = own[: len(own) - settings["forgotten_in_list"].get(territory, 0)]
    extra = settings["unknown_in_list"].get(territory, 0)
    inn = [*s.inn[own], *(inn_of(509_000_000 + territory * 100 + n) for n in range(extra))]
    unknown = [_UNKNOWN_SCHOOL.format(n=90 + n) for n in range(extra)]
    wanted = [*cut.truth.wants_agreement[own], *([False] * extra)]
    days, count = world.first_days("3-1"), len(inn)
    is_late = territory in world.region["territories"]["late"]["M02"]
    signed = days[-1] + 4 if is_late else days[territory % len(days)]
    return {
        "order_no": [f"{200 + territory}-О"] * count,
        "order_on": np.full(count, signed),
        "scan_file": [f"prikaz_OO_T{territory:02d}.pdf"] * count,
        "school_name": [*s.full_name[own], *unknown],
        "inn": inn,
        "administrator_name": [*s.administrator[own], *([None] * extra)],
        "email": [*s.email[own], *([None] * extra)],
        "phone": [None] * count,
        "is_agreement_requested": np.array(wanted, bool),
    }


def own_partners(cut: Cut, territory: int) -> Array:
    """Positions of the partners a territory has an agreement with by the day."""
    w = partners(cut.truth.world)
    parent = cut.truth.world.reference.territory(territory).parent_territory_id
    own = w.territory == (parent or territory)
    found = np.flatnonzero(own & (w.agreement_on <= cut.on))
    return found[:1] if parent else found


def partner_agreements(cut: Cut, territory: int) -> Columns:
    """M07."""
    world, w = cut.truth.world, partners(cut.truth.world)
    own = own_partners(cut, territory)
    return {
        "partner_name": w.name[own],
        "inn": w.inn[own],
        "agreement_no": [f"С-{n:03d}/{territory:02d}" for n in w.number[own]],
        "agreement_on": w.agreement_on[own],
        "valid_until": [f"31.12.{world.year}"] * len(own),
        "is_free": np.ones(len(own), bool),
        "event_kinds": ["экскурсии, мастер-классы"] * len(own),
        "has_cabinet": w.cabinet_on[own] <= cut.on,
        "request_no": [f"З-{n:03d}" for n in w.number[own]],
    }


def loyalty(cut: Cut, territory: int) -> Columns:
    """M10: who of the territory took the project programme."""
    truth, courses = cut.truth, cut.truth.courses
    n = truth.navigators
    known = np.flatnonzero((courses.programme == PROJECT) & (courses.enrolled_on <= cut.on))
    who = np.searchsorted(n.number, courses.participant[known])  # their numbers ascend
    is_own = n.territory[who] == territory
    own, who = known[is_own], who[is_own]
    done = courses.finished_on[own] <= cut.on
    # A certificate is handed out a day after the end; one municipality in nine forgets its number.
    numbered = done & (territory % 9 != 0)
    return {
        "navigator_name": full_names(n.last[who], n.first[who], n.middle[who]),
        "school_name": truth.schools.short_name[n.school[who]],
        "applied_on": courses.enrolled_on[own] - 2,
        "certificate_no": [
            f"СП-{c:05d}" if ok else None for c, ok in zip(own, numbered, strict=True)
        ],
        "certificate_on": np.where(numbered, courses.finished_on[own], NEVER).astype(
            "datetime64[D]"
        ),
        "hours": courses.hours[own],
    }
