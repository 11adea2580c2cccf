"""The platform's exports P01 … P06 on a date, as typed columns.

What enters: a cut of the truth. What leaves: for each form a dictionary column → array.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from synthetic.config import Array
from synthetic.cut import Cut, Truth
from synthetic.events import ATTENDED, CANCELLED, ENROLLED, PARTICIPATIONS, kinds
from synthetic.frames import NEVER
from synthetic.navigators import BLOCKED, LEFT
from synthetic.people import moments
from synthetic.places import PROGRAMMES_A_PLACE, partner_numbers
from synthetic.pupils import ATTACHED, CONSENTS, MISSING, STATUSES, TRANSFERRED
from synthetic.texts import numbered, strings, strings_where, words_at

Columns = dict[str, Any]
_PUBLISHED, _HELD, _CANCELLED = "published", "held", "cancelled"


def pupil_ids(cut: Cut, who: Array) -> pa.Array:
    """Platform ids of accounts."""
    return numbered("U", cut.truth.pupils.number[who], 7)


def navigator_ids(cut: Cut, who: Array) -> pa.Array:
    """Platform ids of navigators; -1 is nobody."""
    numbers = np.where(who < 0, -1, cut.truth.navigators.number[who])
    return numbered("N", numbers, 6)


def _class_texts(grade: Array, letter: Array) -> pa.Array:
    digits = pc.cast(pa.array(grade), pa.string())
    return pc.binary_join_element_wise(digits, strings(letter), "")


def schools(cut: Cut) -> Columns:
    """P01."""
    s = cut.truth.schools
    status = np.where(s.is_pending, "pending", "participates")
    return {
        "school_id": s.code,
        "inn": s.inn,
        "ogrn": s.ogrn,
        "full_name": s.full_name,
        "short_name": s.short_name,
        "municipality": s.municipality,
        "subordination": np.where(s.is_state.astype(bool), "state", "municipal"),
        "participation_status": status,
        "first_year": s.first_year,
        "included_on": np.where(s.is_pending, NEVER, s.included_on),
        "administrator_name": s.administrator,
        "administrator_email": s.email,
        "updated_at": s.updated_at,
    }


def navigators(cut: Cut) -> Columns:
    """P02."""
    n, who, s = cut.truth.navigators, cut.navigators, cut.truth.schools
    gone = n.gone_on[who] <= cut.on
    status = np.where(gone & (n.kind[who] == LEFT), "left", "active")
    status = np.where(gone & (n.kind[who] == BLOCKED), "blocked", status)
    done = n.confirmed_on[who] <= cut.on
    ready = np.where(done, n.confirmed_on[who], NEVER)
    attached = cut.navigator[cut.pupils]
    load = np.bincount(attached[attached >= 0], minlength=len(n.number))
    login = np.minimum(cut.on - (n.number[who] % 23).astype("timedelta64[D]"), cut.on)
    login = np.maximum(np.where(gone, n.gone_on[who], login), n.registered_on[who])
    return {
        "navigator_id": navigator_ids(cut, who),
        "last_name": n.last[who],
        "first_name": n.first[who],
        "middle_name": strings(n.middle[who]),
        "email": n.email[who],
        "position": n.position[who],
        "school_id": s.code[n.school[who]],
        "school_name": s.short_name[n.school[who]],
        "municipality": s.municipality[n.school[who]],
        "registered_on": n.registered_on[who],
        "cohort_year": n.cohort[who],
        "status": status,
        "is_profile_completed": done,
        "is_application_attached": done,
        "application_on": ready,
        "is_consent_attached": done,
        "consent_on": ready,
        "n_pupils_attached": load[who],
        "last_login_at": moments(cut.truth.world.rng("login"), login, 8, 21),
    }


def _grade_texts(cut: Cut, who: Array) -> pa.Array:
    """Class of accounts as the platform's users typed it."""
    shares = cut.truth.world.region["pupils"]["grade_texts"]
    rng = cut.truth.world.rng("grade_texts")
    style = rng.choice(len(shares), len(cut.truth.pupils.number), p=list(shares.values()))[who]
    grade = cut.grade_at(who, np.full(len(who), cut.on))
    letters, place = np.unique(cut.truth.pupils.letter[who].astype(str), return_inverse=True)
    words = [
        text.format(grade=number, letter=letter)
        for text in shares
        for number in range(12)
        for letter in letters
    ]
    return words_at(words, (style * 12 + grade) * len(letters) + place)


def _consent_columns(cut: Cut, who: Array) -> Columns:
    p = cut.truth.pupils
    waits = (p.consent[who] == ATTACHED) & (p.consent_on[who] > cut.on)
    consent = np.where(waits, MISSING, p.consent[who])
    return {
        "consent_status": words_at(CONSENTS, consent),
        "consent_on": np.where(consent == ATTACHED, p.consent_on[who], NEVER),
    }


def pupils(cut: Cut) -> Columns:
    """P03."""
    p, who, s = cut.truth.pupils, cut.pupils, cut.truth.schools
    status, school = cut.status[who], cut.school[who]
    # Where a leaver went is another school of the region.
    other = s.short_name[(school + 1 + p.number[who] % 7) % len(s.code)]
    evening = cut.on.astype("datetime64[m]") + np.timedelta64(24 * 60, "m")
    authorised, verified = p.authorised_at[who], p.verified_at[who]
    authorised = np.where(authorised < evening, authorised, NEVER)
    verified = np.where(verified < evening, verified, NEVER)
    return {
        "pupil_id": pupil_ids(cut, who),
        "last_name": p.last[who],
        "first_name": p.first[who],
        "middle_name": strings(p.middle[who]),
        "birth_date": p.birth[who],
        "grade": _grade_texts(cut, who),
        "school_id": s.code[school],
        "school_name": s.short_name[school],
        "municipality": s.municipality[school],
        "navigator_id": navigator_ids(cut, cut.navigator[who]),
        "registered_on": p.registered_on[who],
        "cohort_year": p.cohort[who],
        "status": words_at(STATUSES, status),
        "status_on": cut.status_on[who],
        "transferred_to": strings_where(status == TRANSFERRED, other),
        "is_authorised": ~np.isnat(authorised),
        "authorised_at": authorised,
        "is_verified": ~np.isnat(verified),
        "verified_at": verified,
        **_consent_columns(cut, who),
    }


def place_types(truth: Truth, shown: Array) -> Array:
    """Kinds of the places of events."""
    return np.array([k["place"] for k in kinds(truth.world)], object)[truth.events.kind[shown]]


def place_ids(truth: Truth, shown: Array) -> Columns:
    """Venue or partner of events, with programme and slot; none of them in a school or online."""
    place, number = place_types(truth, shown), truth.events.place_no[shown]
    at_venue, at_partner = place == "trial_venue", place == "partner_venue"
    approved = np.array([k.get("has_programme", False) for k in kinds(truth.world)], bool)
    has_programme = at_venue | approved[truth.events.kind[shown]]
    partner = partner_numbers(truth.world, number)
    slot = np.where(at_venue | at_partner, truth.events.number[shown], -1)
    return {
        "venue_id": numbered("V", np.where(at_venue, number, -1), 3),
        "partner_id": numbered("W", np.where(at_partner, partner, -1), 3),
        "programme_id": numbered("PR", np.where(has_programme, number * PROGRAMMES_A_PLACE, -1), 4),
        "slot_id": numbered("L", slot, 7),
    }


def _place_columns(cut: Cut) -> Columns:
    """Where events take place: exactly one of school, venue and partner, or none online."""
    truth, shown = cut.truth, cut.events
    place = place_types(truth, shown)
    school = truth.navigators.school[truth.events.navigator[shown]]
    return place_ids(truth, shown) | {
        "place_type": place,
        "school_id": strings_where(place == "school", truth.schools.code[school]),
        "municipality": truth.schools.municipality[school],
    }


def _event_names(cut: Cut) -> tuple[pa.Array, pa.Array]:
    """(name, direction)."""
    truth, shown = cut.truth, cut.events
    settings, mixtures = truth.world.region["events"], kinds(truth.world)
    directions: list[str] = settings["directions"]
    words = [
        settings["names"][k["type"]][number % len(settings["names"][k["type"]])].format(direction=d)
        for k in mixtures
        for number in range(2)
        for d in directions
    ]
    e, size = truth.events, len(directions)
    place = (e.kind[shown] * 2 + e.name_no[shown]) * size + e.direction[shown]
    return words_at(words, place), words_at(directions, e.direction[shown])


def events(cut: Cut) -> Columns:
    """P04."""
    truth, shown, e = cut.truth, cut.events, cut.truth.events
    mixtures = kinds(truth.world)
    status = np.where(e.held_on[shown] > cut.on, _PUBLISHED, _HELD).astype(object)
    status[e.is_cancelled[shown]] = _CANCELLED
    record = truth.participations.event[cut.participations]
    enrolled = np.bincount(record, minlength=len(e.number))[shown]
    came = np.bincount(record[cut.participation_status == ATTENDED], minlength=len(e.number))[shown]
    name, direction = _event_names(cut)
    starts = words_at([f"{h:02d}:{m:02d}" for h in range(24) for m in (0, 30)], e.hour[shown] * 2)
    created = np.minimum(
        e.held_on[shown] - np.timedelta64(4, "D"), e.published_at[shown].astype("datetime64[D]")
    )
    return {
        "event_id": numbered("E", e.number[shown], 7),
        "event_type": np.array([k["type"] for k in mixtures], object)[e.kind[shown]],
        "event_format": np.array([k["format"] for k in mixtures], object)[e.kind[shown]],
        "event_name": name,
        "direction": direction,
        "event_on": e.held_on[shown],
        "starts_at": starts,
        "duration_min": np.where(e.kind[shown] < 6, 45, 90),
        "navigator_id": navigator_ids(cut, e.navigator[shown]),
        "published_at": e.published_at[shown],
        "created_at": created.astype("datetime64[m]") + np.timedelta64(9 * 60, "m"),
        "status": status,
        "n_enrolled": enrolled,
        "n_attended": came,
        "is_free": e.is_free[shown],
        **_place_columns(cut),
    }


def participations(cut: Cut) -> Columns:
    """P05."""
    truth, shown = cut.truth, cut.participations
    q, e = truth.participations, truth.events
    event, pupil = q.event[shown], q.pupil[shown]
    held = e.held_on[event]
    begins = held.astype("datetime64[m]") + (e.hour[event] * 60).astype("timedelta64[m]")
    status = cut.participation_status
    ended = begins + np.timedelta64(95, "m")
    ended = np.where((status == ENROLLED) | (status == CANCELLED), NEVER, ended)
    enrolled = begins - (q.lead_days[shown].astype(np.int64) * 1440 + 75).astype("timedelta64[m]")
    grade = cut.grade_at(pupil, held)
    return {
        "participation_id": numbered("R", q.number[shown], 8),
        "event_id": numbered("E", e.number[event], 7),
        "pupil_id": pupil_ids(cut, pupil),
        "status": words_at(PARTICIPATIONS, status),
        "enrolled_at": enrolled,
        "confirmed_at": ended,
        "grade_at_event": _class_texts(grade, truth.pupils.letter[pupil]),
        "school_id_at_event": truth.schools.code[cut.school_at(pupil, held)],
    }


def diagnostics(cut: Cut) -> Columns:
    """P06."""
    truth, shown, a = cut.truth, cut.attempts, cut.truth.attempts
    settings = truth.world.region["diagnostics"]
    names = {m["code"]: m["name"] for m in settings["methodologies"]}
    codes = [w["methodology"] for w in settings["waves"]]
    grade = cut.grade_at(a.pupil[shown], a.opened_at[shown].astype("datetime64[D]"))
    versions = ("grades_6_7", "grades_8_9", "grades_10_11")
    status = np.where(
        np.isnat(a.started_at[shown]), 0, np.where(np.isnat(a.finished_at[shown]), 1, 2)
    )
    return {
        "attempt_id": numbered("A", a.number[shown], 7),
        "pupil_id": pupil_ids(cut, a.pupil[shown]),
        "methodology_code": words_at(codes, a.wave[shown]),
        "methodology_name": words_at([names[c] for c in codes], a.wave[shown]),
        "age_version": words_at(versions, np.clip(grade // 2 - 3, 0, 2)),
        "phase": words_at([w["phase"] for w in settings["waves"]], a.wave[shown]),
        "started_at": a.started_at[shown],
        "finished_at": a.finished_at[shown],
        "status": words_at(("not_started", "started", "finished"), status),
    }


EXPORTS: dict[str, Callable[[Cut], Columns]] = {
    "P01": schools,
    "P02": navigators,
    "P03": pupils,
    "P04": events,
    "P05": participations,
    "P06": diagnostics,
}
