"""What the rule files may say, and the rules that a form's contract implies."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from expectations.catalogue import (
    RULES_DIR,
    SEED_FORM,
    Catalogue,
    load_catalogue,
    read_rule_file,
    rules_fingerprint,
)
from expectations.errors import CircularReferences, RuleBroken
from expectations.models import Rule, Severity, Stage
from ingest.forms import load_forms

ENTRY: dict[str, Any] = {
    "id": "V-99",
    "column": "grade",
    "title": "Т",
    "check": "grade > 0",
    "severity": "error",
    "message": "м",
    "expected": "о",
    "fix": "и",
    "clause": "п",
}
Load = Callable[..., Catalogue]
# The rules of section 1.7 that this version must hold, with the stage and the severity that the
# specification gives them. «One form»: the row alone decides, so it is checked on its form already
# (S), which is also the only stage that can reject a row.
SPECIFIED = {
    "V-01": ("S", {"reject", "error"}),
    "V-02": ("X", {"warning"}),
    "V-03": ("one form", {"error"}),
    "V-04": ("one form", {"error"}),
    "V-05": ("S", {"info", "error"}),
    "V-06": ("S", {"warning"}),
    "V-07": ("X", {"error", "warning"}),
    "V-08": ("X", {"error", "warning"}),
    "V-09": ("S", {"error"}),
    "V-10": ("S", {"warning", "reject"}),
    "V-11": ("X", {"info", "error", "warning"}),
    "V-12": ("X", {"info", "error"}),
    "V-13": ("S", {"error"}),
    "V-14": ("X", {"info", "error"}),
    "V-15": ("one form", {"error"}),
    "V-16": ("X", {"warning"}),
    "V-17": ("X", {"error"}),
    "V-18": ("X", {"error"}),
    "V-19": ("X", {"error"}),
    "V-20": ("X", {"info", "error", "warning"}),
    "V-21": ("S", {"info", "error"}),
    "V-22": ("X", {"error"}),
    "V-23": ("one form", {"error", "warning"}),
    "V-24": ("S", {"error"}),
    "V-25": ("S", {"error"}),
    "V-26": ("one form", {"error", "warning"}),
    "V-27": ("X", {"error"}),
    "V-28": ("S", {"warning"}),
    "V-29": ("one form", {"reject", "error", "warning"}),
    "V-30": ("X", {"warning"}),
    "V-31": ("one form", {"error"}),
    "V-32": ("one form", {"error"}),
    "V-33": ("S", {"reject"}),
    "V-34": ("S", {"error", "info"}),
    "V-35": ("one form", {"reject"}),
    "V-36": ("X", {"info", "error"}),
    "V-37": ("one form", {"warning"}),
    "V-38": ("X", {"warning"}),
    "V-39": ("X", {"warning"}),
    "V-40": ("one form", {"error", "warning"}),
    "V-41": ("X", {"error"}),
    "V-42": ("one form", {"info", "error"}),
    "V-43": ("S", {"warning"}),
    "V-44": ("X", {"warning"}),
    "V-45": ("one form", {"info", "error"}),
    "V-46": ("one form", {"info", "error", "warning"}),
    "V-47": ("S", {"error"}),
    "V-48": ("S", {"warning"}),
    "V-49": ("S", {"error"}),
    "V-50": ("S", {"block", "warning"}),
}
# Decided by us: cumulative figures that fall, numbers unlike others or unlike before.
COMPARED = {"H-fall", "H-dip", "A-others", "A-own"}


@pytest.fixture
def load(tmp_path: Path) -> Load:
    """The project's rules with one file replaced."""

    def run(
        form: str, *entries: dict[str, Any], derive: tuple[dict[str, Any], ...] = ()
    ) -> Catalogue:
        folder = tmp_path / "rules"
        shutil.copytree(RULES_DIR, folder)
        data = {"form": form, "derive": list(derive), "rules": list(entries)}
        (folder / f"{form}.yml").write_text(yaml.safe_dump(data, allow_unicode=True), "utf-8")
        return load_catalogue(folder)

    return run


def _stem(rule: Rule) -> str:
    return rule.id[:4] if rule.id.startswith("V-") else rule.id


@pytest.mark.parametrize("number", SPECIFIED)
def test_specified_rules_stand_with_their_stage_and_severity(number: str) -> None:
    stage, severities = SPECIFIED[number]
    rules = [r for f in load_catalogue().forms.values() for r in f.rules if _stem(r) == number]
    found = {str(r.severity) for r in rules} | {str(r.escalates.to) for r in rules if r.escalates}
    assert found == severities
    stages = {str(r.stage) for r in rules}
    assert stages == {stage} if stage in {"S", "X"} else "S" in stages


def test_only_the_specified_rules_are_written() -> None:
    written = {
        _stem(rule)
        for of_form in load_catalogue().forms.values()
        for rule in of_form.rules
        if rule.file != "_generated.yml"
    }
    assert written == set(SPECIFIED) | COMPARED
    assert set(SPECIFIED) == {f"V-{number:02d}" for number in range(1, 51)}


def test_consent_is_an_information_before_the_due_date_and_an_error_from_it() -> None:
    rule = load_catalogue().rule("P03", "V-11a")
    assert rule.severity is Severity.INFO
    assert rule.escalates is not None
    assert (rule.escalates.since, rule.escalates.to) == ("consent_scan_due", Severity.ERROR)


def test_load_and_publication_flag_without_taking_the_row_out_of_confirmed_values() -> None:
    catalogue = load_catalogue()
    assert catalogue.rule("P02", "V-19").metric_only
    assert catalogue.rule("P04", "V-31").metric_only
    assert not catalogue.rule("P05", "V-41").metric_only


def test_forms_stand_after_the_forms_they_refer_to() -> None:
    order = load_catalogue().order
    assert set(order) == {*load_forms(), SEED_FORM}
    for before, after in (
        ("P01", "P02"),
        ("P01", "P03"),
        ("P03", "P05"),
        ("P04", "P05"),
        ("P03", "P06"),
    ):
        assert order.index(before) < order.index(after)


def test_cross_form_rules_do_not_order_forms() -> None:
    catalogue = load_catalogue()
    rule = catalogue.rule("P02", "V-19")
    # P02 counts pupils of P03 although P03 may be checked before or after it.
    assert catalogue.needs("P02", rule) == {"P03"}
    assert rule.stage is Stage.CROSS


def test_needs_come_from_conditions_and_derived_columns_but_not_from_optional_ones() -> None:
    catalogue = load_catalogue()
    assert catalogue.needs("P05", catalogue.rule("P05", "V-41")) == {"P03", "P04"}
    assert catalogue.needs("P05", catalogue.rule("P05", "V-35a")) == {"P04"}
    assert catalogue.needs("P03", catalogue.rule("P03", "V-11a")) == frozenset()


def test_generated_rules_have_the_severity_of_their_column() -> None:
    catalogue = load_catalogue()
    severities = {
        "T-event_on": Severity.ERROR,  # required
        "T-duration_min": Severity.WARNING,  # optional
        "N-event_id": Severity.REJECT,  # key
        "K-key": Severity.REJECT,
    }
    assert {i: catalogue.rule("P04", i).severity for i in severities} == severities
    # A key that may be empty identifies nothing by itself: its text is only remarked.
    assert catalogue.rule("M04", "T-birth_date").severity is Severity.WARNING


def test_a_written_rule_takes_the_place_of_the_generated_one() -> None:
    ids = [rule.id for rule in load_catalogue().forms["P04"].rules]
    assert "V-33" in ids
    assert "T-event_type" not in ids
    assert "N-event_type" in ids
    assert "K-key" not in [rule.id for rule in load_catalogue().forms["P05"].rules]


def test_contract_rules_stand_before_written_ones() -> None:
    for of_form in load_catalogue().forms.values():
        written = [rule.file != "_generated.yml" for rule in of_form.rules]
        assert written == sorted(written)


def test_generated_texts_are_filled() -> None:
    for of_form in load_catalogue().forms.values():
        for rule in of_form.rules:
            assert not any(
                "<<" in text for text in (rule.title, rule.message, rule.fix, rule.clause)
            )
    rule = load_catalogue().rule("P01", "T-subordination")
    assert rule.expected == "одно из значений: «муниципальная», «государственная»"


def test_an_unknown_rule_is_named() -> None:
    with pytest.raises(KeyError, match="V-77"):
        load_catalogue().rule("P03", "V-77")


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"severity": "fatal"}, "severity"),
        ({"id": "правило"}, "id"),
        ({"unique": ["grade"]}, "exactly one of"),
        ({"check": None}, "exactly one of"),
        ({"stage": "X", "severity": "reject"}, "cannot reject"),
        ({"tolerance": {"share": 0.5}}, "reason"),
        ({"tolerance": {"share": 1.5, "reason": "больше целого не бывает"}}, "share"),
        ({"colour": "red"}, "colour"),
    ],
)
def test_a_wrong_entry_is_named_with_file_and_rule(
    tmp_path: Path, change: dict[str, Any], said: str
) -> None:
    path = tmp_path / "P03.yml"
    path.write_text(yaml.safe_dump({"form": "P03", "rules": [ENTRY | change]}), "utf-8")
    with pytest.raises(RuleBroken, match=said) as caught:
        read_rule_file(path)
    assert caught.value.file == "P03.yml"
    assert caught.value.rule_id == (ENTRY | change)["id"]


def test_a_file_of_no_form_is_refused(load: Load) -> None:
    with pytest.raises(RuleBroken, match="Z99"):
        load("Z99", ENTRY)


def test_an_id_stands_once_on_a_form(load: Load) -> None:
    with pytest.raises(RuleBroken, match="used twice"):
        load("P06", ENTRY, ENTRY)


def test_the_same_id_may_stand_on_two_forms(load: Load) -> None:
    load("P06", ENTRY | {"id": "V-01a", "column": "pupil_id", "check": "pupil_id <> ''"})


def test_forms_that_wait_for_one_another_are_named(load: Load) -> None:
    with pytest.raises(CircularReferences, match="P03") as caught:
        load("P03", ENTRY | {"check": None, "references": "P05.pupil_id"})
    assert "P05" in str(caught.value)
    assert "stage: X" in str(caught.value)


def test_the_fingerprint_follows_every_rule_and_form(tmp_path: Path) -> None:
    rules = tmp_path / "rules"
    shutil.copytree(RULES_DIR, rules)
    assert rules_fingerprint(rules) == rules_fingerprint()
    path = rules / "P06.yml"
    path.write_text(path.read_text("utf-8").replace("reject", "error"), "utf-8")
    assert rules_fingerprint(rules) != rules_fingerprint()


def test_delivery_rules_say_why_their_share_is_let_through() -> None:
    rules = load_catalogue().delivery_rules
    assert set(rules) == {"too_many_rejected", "nothing_accepted", "reference_missing"}
    tolerance = rules["too_many_rejected"].tolerance
    assert tolerance is not None
    assert tolerance.share == 0.5
    assert len(tolerance.reason) > 50
