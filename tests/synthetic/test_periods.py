"""Reports for a month hold that month alone; exports and lists hold everything so far."""

from __future__ import annotations

from datetime import date
from itertools import pairwise
from typing import Any

import numpy as np
import pytest

from ingest.calendar import month_end
from ingest.forms import load_forms
from ingest.reference import load_reference
from ingest.schedule import duties
from synthetic.cases import plant
from synthetic.config import World
from synthetic.cut import Cut, Truth, build_truth
from synthetic.jobs import PLATFORM, TERRITORIAL
from synthetic.registers import REGISTERS
from tests.synthetic.conftest import SCALE, SEED

REFERENCE = load_reference()
DAYS = {"M05": "held_from", "M06": "held_on", "M08": "held_on", "M09": "published_on"}
# What identifies a row of a cumulative form.
GROWING = {
    "P07": "venue_id", "P08": "programme_id", "P09": "slot_id", "P10": "partner_id",
    "P11": "participant_id", "K01": "held_on", "K02": "url", "K05": "inn", "K07": "act_no",
    "K09": "requested_on",
}  # fmt: skip


@pytest.fixture(scope="module")
def truth() -> Truth:
    return plant(build_truth(World(REFERENCE, SCALE, SEED)))


def content_dates(code: str) -> list[date]:
    return [d.content_on for d in duties(REFERENCE) if d.form_code == code]


def rows_of(truth: Truth, code: str, on: date) -> dict[str, Any]:
    made: dict[str, Any] = (PLATFORM | REGISTERS)[code](Cut(truth, np.datetime64(on)))
    return made


def test_the_forms_below_are_the_forms_of_a_period() -> None:
    of_a_period = {code for code, form in load_forms().items() if form.kind == "period"}
    assert of_a_period == set(DAYS) | {"M11"}


@pytest.mark.parametrize("code", sorted(DAYS))
def test_a_report_holds_only_its_month(truth: Truth, code: str) -> None:
    seen: set[tuple[int, str]] = set()
    for on in content_dates(code):
        cut = Cut(truth, np.datetime64(on))
        for territory in truth.world.territories:
            rows = TERRITORIAL[code](cut, territory)
            days = np.asarray(rows[DAYS[code]]).astype("datetime64[D]")
            assert len(days)
            assert all(month_end(f"{day}"[:7]) == month_end(f"{on:%Y-%m}") for day in days)
            # Nothing is told twice: neither by another month nor by another territory.
            told = {(territory, url) for url in rows["url"]}
            assert not told & seen and len(told) == len(days)
            seen |= told


def test_the_stages_of_the_campaign_are_told_apart(truth: Truth) -> None:
    stages = [
        set(TERRITORIAL["M06"](Cut(truth, np.datetime64(on)), 1)["stage"])
        for on in content_dates("M06")
    ]
    assert stages == [{"may"}, {"october"}]


def test_claims_for_the_months_add_up_to_the_cumulative_claim(truth: Truth) -> None:
    territory, before = 12, None
    for on in content_dates("M11"):
        rows = TERRITORIAL["M11"](Cut(truth, np.datetime64(on)), territory)
        total, month = rows["value_cumulative"], rows["value_period"]
        if before is not None:
            assert (month == np.maximum(total - before, 0)).all()
        before = total
    assert before is not None and before.sum() > 0


@pytest.mark.parametrize("code", sorted(GROWING))
def test_a_later_list_holds_the_earlier_one(truth: Truth, code: str) -> None:
    days = content_dates(code)
    asked = truth.world.region["operator"]["on_request"].get(code, [])
    found = [
        [str(key) for key in np.asarray(rows_of(truth, code, on)[GROWING[code]]).tolist()]
        for on in sorted({*days, *asked})
    ]
    assert len(found) > 1
    for earlier, later in pairwise(found):
        assert set(earlier) <= set(later)
    # Places are listed from the start; what they have done by a date is what changes.
    assert (len(found[0]) < len(found[-1])) is (code not in {"P07", "P10"})


@pytest.mark.parametrize("code", ["P07", "P10", "P11"])
def test_nothing_is_known_before_it_happens(truth: Truth, code: str) -> None:
    for on in content_dates(code):
        for values in rows_of(truth, code, on).values():
            if isinstance(values, np.ndarray) and values.dtype.kind == "M":
                days = values.astype("datetime64[D]")
                assert (days[~np.isnat(days)] <= np.datetime64(on)).all()
