"""A broken rule is named, whatever it was packed together with."""

from __future__ import annotations

import traceback
from dataclasses import replace

import pytest

from expectations.catalogue import Catalogue
from expectations.compile import Setup
from expectations.errors import RuleBroken
from expectations.split import check_tables

ROWS = {
    "P06": [{"attempt_id": "A1", "pupil_id": "SECRET", "methodology_code": "m", "status": "начата"}]
}


def _with(setup: Setup, **changes: object) -> Setup:
    form = setup.catalogue.forms["P06"]
    forms = setup.catalogue.forms | {"P06": replace(form, **changes)}
    broken: Catalogue = replace(setup.catalogue, forms=forms)
    return replace(setup, catalogue=broken)


def test_the_sound_rules_pass(setup: Setup) -> None:
    assert check_tables(setup, ROWS, "P06") is not None


def test_a_condition_over_no_such_column_is_named(setup: Setup) -> None:
    rules = setup.catalogue.forms["P06"].rules
    wrong = rules[0].model_copy(update={"check": "no_such_column > 1", "id": "V-99"})
    with pytest.raises(RuleBroken, match=r"rules/.*V-99.*no_such_column"):
        check_tables(_with(setup, rules=(*rules[1:], wrong)), ROWS, "P06")


def test_a_condition_that_fails_on_a_value_is_named(setup: Setup) -> None:
    rules = setup.catalogue.forms["P06"].rules
    wrong = rules[0].model_copy(update={"check": "cast(pupil_id as integer) > 1", "id": "V-98"})
    with pytest.raises(RuleBroken, match="V-98") as caught:
        check_tables(_with(setup, rules=(*rules[1:], wrong)), ROWS, "P06")
    told = "".join(traceback.format_exception(caught.value))
    # A value of a cell may be a name: it stands in no log.
    assert "Conversion" in told
    assert "SECRET" not in told


def test_a_derived_column_is_named(setup: Setup) -> None:
    from expectations.models import Derived

    wrong = Derived(name="oddity", sql="t.no_such_column", why="to fail")
    with pytest.raises(RuleBroken, match=r"P06.yml, rule derived column oddity.*no_such_column"):
        check_tables(_with(setup, derive=(wrong,)), ROWS, "P06")
