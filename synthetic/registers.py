"""The operator's registers K01 … K09 and the study plan R05, as typed columns.

What enters: a cut of the truth. What leaves: full current lists up to the day.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

import numpy as np

from ingest.schedule import Duty, duties
from synthetic.config import Array, day
from synthetic.cut import Cut
from synthetic.frames import NEVER
from synthetic.people import SITE, full_names, people
from synthetic.places import venues

Columns = dict[str, Any]


def _days(values: list[Any]) -> Array:
    return np.array([NEVER if value is None else day(value) for value in values], "datetime64[D]")


def _on(cut: Cut) -> date:
    found: date = cut.on.astype(object)
    return found


def webinars(cut: Cut) -> Columns:
    """K01."""
    rows = [r for r in cut.truth.world.region["operator"]["webinars"] if r["day"] <= _on(cut)]
    return {
        "held_on": _days([r["day"] for r in rows]),
        "topic": [r["topic"] for r in rows],
        "webinar_form": ["вебинар"] * len(rows),
        "n_participants": np.array([r["people"] for r in rows], int),
        "url": [f"{SITE}/webinars/{r['day']}" for r in rows],
    }


def info_posts(cut: Cut) -> Columns:
    """K02: so many posts and consultations a month, on all channels."""
    world = cut.truth.world
    settings = world.region["operator"]
    first = world.due("ORD-5.1")
    step = 30 // settings["posts_a_month"]
    days = np.arange(first, cut.on + 1, step)
    channels = settings["channels"]
    return {
        "posted_on": days,
        "channel": [channels[n % len(channels)] for n in range(len(days))],
        "topic": [f"Информация для участников № {n + 1}" for n in range(len(days))],
        "url": [f"{SITE}/posts/{n + 1}" for n in range(len(days))],
    }


def school_agreements(cut: Cut) -> Columns:
    """K03: agreements that schools asked for; a few are signed late or not at all."""
    world, s = cut.truth.world, cut.truth.schools
    own = np.flatnonzero(cut.truth.wants_agreement)
    days = world.first_days("4-1")
    requested = days[own % 2 if len(days) > 1 else own * 0]
    signed = days[-1] + np.where(own % 40 == 0, 12, 0).astype("timedelta64[D]")
    signed = np.where(own % 97 == 0, NEVER, signed)
    known = requested <= cut.on
    own, requested, signed = own[known], requested[known], signed[known]
    done = signed <= cut.on
    return {
        "school_name": s.short_name[own],
        "inn": s.inn[own],
        "requested_on": requested,
        "agreement_no": [f"СО-{n:04d}" if ok else None for n, ok in zip(own, done, strict=True)],
        "agreement_on": np.where(done, signed, NEVER).astype("datetime64[D]"),
        "status": np.where(done, "signed", "requested"),
    }


def directions(cut: Cut) -> Columns:
    """K04: each direction in the letter to each addressee."""
    world = cut.truth.world
    settings, names = world.region["operator"], world.region["events"]["directions"]
    sent = settings["letter_6_on"]
    rows = [(n, name, to) for n, name in enumerate(names) for to in ("ministry", "fund")]
    is_sent = sent <= _on(cut)
    return {
        "direction": [name for _, name, _ in rows],
        "list_kind": ["federal" if n < settings["federal_directions"] else "regional"
                      for n, _, _ in rows],
        "list_year": np.full(len(rows), world.year),
        "addressee": [to for _, _, to in rows],
        "letter_no": [f"ИСХ-{to[0].upper()}06" if is_sent else None for _, _, to in rows],
        "letter_on": _days([sent if is_sent else None] * len(rows)),
    }  # fmt: skip


def venue_contracts(cut: Cut) -> Columns:
    """K05."""
    v = venues(cut.truth.world)
    own = np.flatnonzero(v.contract_on <= cut.on)
    return {
        "venue_name": v.name[own],
        "inn": v.inn[own],
        "contract_no": [f"Д-{n:03d}/{cut.truth.world.year}" for n in v.number[own]],
        "contract_on": v.contract_on[own],
        "n_seats": v.seats[own],
    }


def _monthly_reports(cut: Cut) -> list[tuple[str, str, date | None]]:
    """(kind, month, day of sending) of the reports that are due for each month."""
    world, rows = cut.truth.world, []
    settings, on = world.region["operator"], _on(cut)
    months: list[Duty] = [d for d in duties(world.reference) if d.form_code == "K06"]
    for duty in months:
        if duty.content_on > on:
            continue
        for kind, usual in (("11b", 3), ("38a", 4), ("38b", 5)):
            name = f"{kind}-{duty.period[5:]}"
            if name in settings["missing_reports"]:
                continue
            lag = settings["late_reports"].get(name, usual)
            sent = world.reference.calendar.add_working_days(duty.content_on, lag)
            rows.append((kind, duty.period, sent if sent <= on else None))
    return rows


def outgoing_reports(cut: Cut) -> Columns:
    """K06: the operator's own reports up to the day."""
    world, rows = cut.truth.world, _monthly_reports(cut)
    settings, on = world.region["operator"], _on(cut)
    addressees = settings["addressees"]
    for kind, when in (("letter_6", settings["letter_6_on"]), ("38c", settings["final_on"])):
        if when <= on:
            rows.append((kind, f"{world.year}", when))
    return {
        "report_kind": [kind for kind, _, _ in rows],
        "period": [period for _, period, _ in rows],
        "addressee": [addressees[kind] for kind, _, _ in rows],
        "outgoing_no": [f"ИСХ-{n:03d}" if sent else None for n, (_, _, sent) in enumerate(rows, 1)],
        "sent_on": _days([sent for _, _, sent in rows]),
        "file_name": [f"{kind}_{period}.xlsx" for kind, period, _ in rows],
        "is_paper": np.array([kind in {"38b", "38c"} for kind, _, _ in rows], bool),
    }


def visits(cut: Cut) -> Columns:
    """K07: visits to venues in autumn, on working days."""
    world, v = cut.truth.world, venues(cut.truth.world)
    step, works = world.region["operator"]["visits_every_days"], world.reference.calendar
    planned = np.arange(day(f"{world.year}-09-10"), world.due("32-1") + 1, step)
    days = np.array([works.next_working_day(d) for d in planned.astype(object)], "datetime64[D]")
    days = days[days <= cut.on]
    place = [v.name[(n * 11) % len(v.name)] for n in range(len(days))]
    return {
        "visited_on": days,
        "place": place,
        "act_no": [f"А-{n + 1:02d}" for n in range(len(days))],
        "conclusions": ["замечаний нет"] * len(days),
    }


def working_group(cut: Cut) -> Columns:
    """K08."""
    world = cut.truth.world
    roles = world.region["operator"]["team"]
    team = people(world.rng("team"), len(roles), 0.8)
    return {
        "member_name": full_names(team.last, team.first, team.middle),
        "role": roles,
        "order_ref": ["приказ № 12-РК"] * len(roles),
    }  # fmt: skip


def requests(cut: Cut) -> Columns:
    """K09."""
    on = _on(cut)
    rows = [r for r in cut.truth.world.region["operator"]["requests"] if r["day"] <= on]
    return {
        "requested_on": _days([r["day"] for r in rows]),
        "requested_by": [r["by"] for r in rows],
        "answer_due_on": _days([r["due"] for r in rows]),
        "answered_on": _days([r["answered"] if r["answered"] <= on else None for r in rows]),
    }


def study_plan(cut: Cut) -> Columns:
    """R05: a theme a week for three ages; some weeks ask for a diagnostic."""
    plan = cut.truth.world.region["study_plan"]
    friday = np.busday_offset(day(plan["from"]), 0, roll="forward", weekmask="Fri")
    ends = np.arange(friday, day(plan["to"]) + 1, 7)
    rows = [(week, end, grades) for week, end in enumerate(ends, 1) for grades in plan["grades"]]
    topics, required = plan["topics"], plan["diagnostics"]
    return {
        "week_no": np.array([week for week, _, _ in rows]),
        "lesson_on": np.array([end for _, end, _ in rows]),
        "topic": [topics[week % len(topics)] for week, _, _ in rows],
        "methodology_code": [required.get(week) for week, _, _ in rows],
        "grades": [grades for _, _, grades in rows],
    }


REGISTERS: dict[str, Callable[[Cut], Columns]] = {
    "K01": webinars,
    "K02": info_posts,
    "K03": school_agreements,
    "K04": directions,
    "K05": venue_contracts,
    "K06": outgoing_reports,
    "K07": visits,
    "K08": working_group,
    "K09": requests,
    "R05": study_plan,
}
