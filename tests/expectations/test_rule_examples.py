"""Every rule of the catalogue holds and breaks where its examples say so, in words to be read."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from functools import cache

import pytest

from expectations.catalogue import SEED_FORM, Catalogue, FormRules, load_catalogue
from expectations.compile import CompiledRule, Setup, compile_form, make_setup
from expectations.models import Rule, Severity
from expectations.split import Finding, check_tables
from expectations.wording import sentence
from ingest.forms import ColumnType, load_forms
from ingest.reference import load_reference
from tests.expectations.world import BAD, GOOD, Example, Place, Row, all_examples, example_files

Found = Mapping[str, Mapping[Place, Finding]]  # mark of a world → what was found in it
EXAMPLES = all_examples()
TRUE = "true: "  # marks a rule that reports where another one holds
DATES = sorted({example.as_of for example in EXAMPLES})
CODES = [code for code in load_catalogue().forms if code != SEED_FORM]


def _turned(rule: Rule, marks: list[str]) -> Rule:
    """A rule that is broken where `rule` is true (neither false nor NULL) in the worlds `marks`."""
    worlds = ", ".join(f"'{mark}'" for mark in marks)
    turned = {
        "id": TRUE + rule.id,
        "check": f"not ({rule.sql()}) or _sheet not in ({worlds})",
        "references": None,
        "escalates": None,
        "severity": Severity.INFO,
        "message": "верно",
    }
    return rule.model_copy(update=turned)


def _with_turned(form: FormRules, examples: list[Example]) -> FormRules:
    """The rules of a form and, for those with passing examples, what shows they were judged."""
    turned: list[Rule] = []
    for rule in form.rules:
        marks = [e.mark for e in examples if (e.form, e.rule_id) == rule.key and not e.breaks]
        if rule.sql() and marks:
            turned.append(_turned(rule, marks))
    return replace(form, rules=form.rules + tuple(turned))


def _unit(finding: Finding) -> int:
    """Where a finding without a row is: 0 is a whole file, else a territory with a minus."""
    if finding.territory_id in (None, finding.sender_territory_id):
        return 0
    return -(finding.territory_id or 0)


@cache
def _setup(as_of: date) -> Setup:
    return make_setup(load_reference(), as_of)


@cache
def _check(as_of: date) -> Found:
    """All worlds of a date in one pass; a world is recognised by its sheet."""
    examples = [example for example in EXAMPLES if example.as_of == as_of]
    # Every form is there, so that each rule can be checked: a world without rows of a form is
    # without it all the same.
    tables: dict[str, list[Row]] = {code: [] for code in CODES}
    for example in examples:
        for form, rows in example.tables.items():
            tables.setdefault(form, [])
            tables[form] += rows
    own = load_catalogue()
    for code, of_form in own.forms.items():
        for history in of_form.history:
            tables.setdefault(f"{code}__{history.name}", [])
    forms = {code: _with_turned(form, examples) for code, form in own.forms.items()}
    catalogue = Catalogue(forms, own.order, own.delivery_rules)
    found: dict[str, dict[Place, Finding]] = defaultdict(dict)
    for finding in check_tables(Setup(catalogue, load_reference(), as_of), tables, None):
        place = (finding.form_code, finding.rule_id, finding.row or _unit(finding))
        found[finding.sheet or ""][place] = finding
    return found


def _found(example: Example) -> Mapping[Place, Finding]:
    """What was found in the world of an example."""
    found = _check(example.as_of).get(example.mark, {})
    # A whole file is the business of examples about whole files only.
    rows = {p: f for p, f in found.items() if p[2] > 0 or example.at <= 0}
    return {place: f for place, f in rows.items() if not f.rule_id.startswith(TRUE)}


def _is_true(example: Example) -> bool:
    """Whether the condition of the example's rule is true there, and not merely unknown."""
    place = (example.form, TRUE + example.rule_id, example.at)
    return place in _check(example.as_of).get(example.mark, {})


@cache
def _compiled(form: str, as_of: date) -> dict[str, CompiledRule]:
    return {rule.rule.id: rule for rule in compile_form(_setup(as_of), form).rules}


@pytest.mark.parametrize("as_of", DATES, ids=str)
def test_examples_hold_and_break_as_they_say(as_of: date) -> None:
    wrong: list[str] = []
    for example in EXAMPLES:
        if example.as_of != as_of:
            continue
        found = set(_found(example))
        expected = set(example.also) | ({example.place} if example.breaks else set())
        if example.is_loose:
            found &= {example.place}
        if found != expected:
            wrong.append(
                f"{example.name}: missing {sorted(expected - found)},"
                f" surplus {sorted(found - expected)}"
            )
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize("as_of", DATES, ids=str)
def test_passing_examples_are_really_judged(as_of: date) -> None:
    wrong: list[str] = []
    for example in EXAMPLES:
        if example.as_of != as_of or example.breaks:
            continue
        rule = _compiled(example.form, as_of)[example.rule_id]
        if not rule.can_be_checked(example.available):
            wrong.append(f"{example.name}: not active on {as_of}, or needs {sorted(rule.needs)}")
        is_true = _is_true(example)
        if rule.condition and is_true == example.is_empty:
            wrong.append(
                f"{example.name}: the condition is {'true' if is_true else 'NULL'},"
                f" the example says `empty: {example.is_empty}`"
            )
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize("as_of", DATES, ids=str)
def test_findings_have_the_severity_and_the_words_of_their_examples(as_of: date) -> None:
    wrong: list[str] = []
    for example in EXAMPLES:
        finding = _found(example).get(example.place)
        if example.as_of != as_of or not example.breaks or finding is None:
            continue
        severity = example.severity or _compiled(example.form, as_of)[example.rule_id].severity
        if finding.severity != severity:
            wrong.append(f"{example.name}: {finding.severity} instead of {severity}")
        if example.says and finding.message != sentence(example.says):
            wrong.append(f"{example.name}: says «{finding.message}», not «{example.says}»")
        texts = (finding.message, finding.expected or "", finding.how_to_fix)
        if any("{" in text or "<<" in text or not text.strip() for text in texts):
            wrong.append(f"{example.name}: unfilled or empty text in {texts}")
        if not all(re.search("[а-яё]", text, re.IGNORECASE) for text in (texts[0], texts[2])):
            wrong.append(f"{example.name}: no Russian in {texts}")
    assert not wrong, "\n".join(wrong)


def test_every_rule_has_a_passing_and_a_failing_example() -> None:
    missing: list[str] = []
    for form in CODES:
        for rule in load_catalogue().forms[form].rules:
            own = [e for e in EXAMPLES if e.form == form and e.rule_id == rule.id]
            if not any(e.breaks for e in own):
                missing.append(f"{form} {rule.id}: no failing example")
            if not any(not e.breaks and not e.is_empty for e in own):
                missing.append(f"{form} {rule.id}: no passing example that is really judged")
    assert not missing, "\n".join(missing)


def test_every_written_rule_shows_its_words() -> None:
    silent = [
        f"{form} {rule.id}"
        for form in CODES
        for rule in load_catalogue().forms[form].rules
        if rule.file != "_generated.yml"
        and not any(e.says for e in EXAMPLES if (e.form, e.rule_id) == rule.key)
    ]
    assert not silent, f"write `says` in a failing example of {silent}"


def test_examples_name_only_rules_that_exist() -> None:
    unknown = [
        f"{form}.yml: {rule_id}"
        for form, data in example_files().items()
        for rule_id in [*data["rules"], *data.get("generated", {})]
        if rule_id not in {rule.id for rule in load_catalogue().forms[form].rules}
    ]
    assert not unknown, f"no such rules: {unknown}"


def test_every_type_has_a_text_that_converts_and_one_that_does_not() -> None:
    typed = set(ColumnType) - {ColumnType.ID, ColumnType.STR}
    assert typed == set(BAD)
    assert set(ColumnType) - {ColumnType.ENUM} == set(GOOD)


def test_every_typed_column_and_every_required_one_has_a_rule() -> None:
    """The generated rules, derived a second time from the forms alone."""
    for code, form in load_forms().items():
        rules = load_catalogue().forms[code].rules
        ids = {rule.id for rule in rules}
        replaced = {(rule.replaces, rule.column) for rule in rules if rule.replaces}
        for column in form.latest.columns:
            has = f"T-{column.name}" in ids or ("convertible", column.name) in replaced
            assert has == column.is_typed, f"{code}.{column.name}"
            has = f"N-{column.name}" in ids or ("required", column.name) in replaced
            assert has == column.required, f"{code}.{column.name}"
        assert "K-key" in ids or any(rule.replaces == "key" for rule in rules), code
