"""Rules made ready for a date: literals, severities, and what can be checked at all."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date

import duckdb
import pytest

from expectations.catalogue import Catalogue, FormRules
from expectations.compile import (
    HIDDEN,
    CompiledRule,
    Setup,
    column_title,
    compile_form,
    make_setup,
    texts_of,
    value_sql,
    with_columns,
)
from expectations.errors import RuleBroken
from expectations.models import Derived, Severity, Stage
from ingest.forms import Form, FormVersion, load_forms
from ingest.reference import load_reference


def _rule(form: str, rule_id: str, as_of: date = date(2024, 9, 30)) -> CompiledRule:
    compiled = compile_form(make_setup(load_reference(), as_of), form)
    return next(rule for rule in compiled.rules if rule.rule.id == rule_id)


def test_parameters_become_literals() -> None:
    assert _rule("P02", "V-19").condition == "n_pupils_active <= 70"
    assert "date '2024-11-18'" in _rule("P04", "V-34c").condition
    for form in load_forms():
        for rule in compile_form(make_setup(load_reference(), date(2024, 9, 30)), form).rules:
            assert not re.search(r"\{[a-z]", rule.condition), rule.rule.id


@pytest.mark.parametrize(
    ("day", "severity", "takes_out"),
    [
        (date(2024, 9, 29), Severity.INFO, False),
        (date(2024, 9, 30), Severity.ERROR, True),
        (date(2024, 10, 1), Severity.ERROR, True),
    ],
)
def test_severity_rises_on_the_due_date(day: date, severity: Severity, takes_out: bool) -> None:
    rule = _rule("P03", "V-11a", day)
    assert rule.severity is severity
    assert rule.marks_error is takes_out


def test_a_metric_only_error_leaves_the_row_confirmed() -> None:
    rule = _rule("P04", "V-31")
    assert rule.severity is Severity.ERROR
    assert not rule.marks_error


@pytest.mark.parametrize(("day", "active"), [(date(2024, 8, 31), False), (date(2024, 9, 1), True)])
def test_a_rule_starts_on_its_day(day: date, active: bool) -> None:
    rule = _rule("P03", "V-03", day)
    assert rule.is_active is active
    assert rule.can_be_checked(frozenset({"P03"})) is active


def test_a_rule_ends_on_its_day(setup: Setup) -> None:
    own = setup.catalogue.forms["P06"]
    rule = own.rules[-1].model_copy(update={"active_to": "consent_scan_due"})
    forms = setup.catalogue.forms | {"P06": replace(own, rules=(rule,))}
    catalogue = Catalogue(forms, setup.catalogue.order, {})
    for day, active in ((date(2024, 9, 30), True), (date(2024, 10, 1), False)):
        compiled = compile_form(Setup(catalogue, setup.reference, day), "P06")
        assert compiled.rules[0].is_active is active


def test_a_rule_waits_for_the_forms_it_reads(setup: Setup) -> None:
    rule = _rule("P05", "V-41")
    assert not rule.can_be_checked(frozenset({"P03", "P05"}))
    assert rule.can_be_checked(frozenset({"P03", "P04"}))
    compiled = compile_form(setup, "P05")
    cross = [r.rule.id for r in compiled.at(Stage.CROSS, frozenset({"P04"}))]
    assert cross == ["V-36a", "V-36b", "V-39"]


def test_an_unknown_parameter_is_a_fault_of_the_rule(setup: Setup) -> None:
    own = setup.catalogue.forms["P06"]
    first = next(r for r in own.rules if r.id == "V-35d")
    broken = first.model_copy(update={"references": None, "check": "pupil_id <> {nobody}"})
    forms = setup.catalogue.forms | {"P06": FormRules("P06", (broken,), (), own.territory)}
    with pytest.raises(RuleBroken, match=r"P06\.yml, rule V-35d.*nobody"):
        compile_form(Setup(Catalogue(forms, (), {}), setup.reference, setup.as_of), "P06")


def test_an_unknown_mark_of_a_text_is_a_fault_of_the_rule(setup: Setup) -> None:
    rule = _rule("P06", "V-35d")
    broken = replace(rule, rule=rule.rule.model_copy(update={"message": "{nobody}"}))
    with pytest.raises(RuleBroken, match=r"V-35d.*nobody"):
        texts_of(broken, {"pupil_id": "VARCHAR"}, setup)


def test_keys_that_may_be_empty_are_not_required_for_a_repetition() -> None:
    rule = _rule("M04", "K-key")
    assert rule.rule.unique == ("consent_kind", "subject_name", "birth_date", "subject_id")
    assert rule.required_keys == ("consent_kind", "subject_name")
    con = duckdb.connect()
    columns = ("delivery_no", *rule.rule.unique)
    con.execute(f"create table t ({', '.join(f'{name} varchar' for name in columns)})")
    con.execute(
        "insert into t values (1, 1, 'Пётр', null, 1), (1, 1, 'ПЕТР', null, 1),"  # repeated
        " (1, 1, null, 1, 1), (1, 1, null, 1, 1),"  # without a name nobody is known to repeat
        " (2, 1, 'Пётр', null, 1)"  # another delivery
    )
    groups = con.execute(f"select * from ({rule.repeated_sql('t')}) where _times > 1").fetchall()
    assert groups == [("1", "1", "петр", None, "1", 2)]


def test_an_older_layout_is_not_blamed_for_a_column_it_never_had(
    setup: Setup, monkeypatch: pytest.MonkeyPatch
) -> None:
    form = load_forms()["P06"]
    latest = form.latest
    older = FormVersion(
        version=1,
        valid_from=date(2023, 1, 1),
        columns=tuple(c for c in latest.columns if c.name != "status"),
    )
    newer = latest.model_copy(update={"version": 2})
    changed = Form.model_validate(form.model_dump() | {"versions": (older, newer)})
    monkeypatch.setattr("expectations.compile.load_forms", lambda: load_forms() | {"P06": changed})
    conditions = {r.rule.id: r.condition for r in compile_form(setup, "P06").rules}
    assert conditions["N-status"] == "form_version in (1) or (status__raw is not null)"
    assert conditions["N-attempt_id"] == "attempt_id is not null"


def test_the_value_of_a_finding_is_the_text_of_the_sender() -> None:
    rule = _rule("P03", "V-01a").rule
    value = value_sql(rule, {"grade": "BIGINT", "grade__raw": "VARCHAR"}, {})
    con = duckdb.connect()
    for text, shown in (("13А", "13А"), ("2024-02-10 00:00:00", "10.02.2024")):
        found = con.execute(f"select {value} from (select '{text}' as grade__raw)").fetchall()
        assert found == [(shown,)]
    assert "—" in value_sql(rule, {"grade": "BIGINT"}, {})


def test_a_personal_value_is_never_the_value_of_a_finding() -> None:
    rule = _rule("P03", "V-10a").rule
    columns = {"birth_date": "DATE", "birth_date__raw": "VARCHAR"}
    assert value_sql(rule, columns, {}) == f"'{HIDDEN}'"


@pytest.mark.parametrize("text", ["message", "expected", "fix"])
def test_a_text_that_names_a_personal_column_is_a_fault_of_the_rule(
    setup: Setup, text: str
) -> None:
    rule = _rule("P03", "V-10a")
    told = replace(rule, rule=rule.rule.model_copy(update={text: "{birth_date}"}))
    with pytest.raises(RuleBroken, match=r"V-10a.*birth_date"):
        texts_of(told, {"birth_date": "DATE", "age_on_rollover": "BIGINT"}, setup)


def test_a_derived_column_may_read_those_before_it(setup: Setup) -> None:
    one = Derived(name="a", sql="t.n + {load_limit}", why="прибавка")
    two = Derived(name="b", sql="(select max(x.n) from many x where x.n < t.a)", why="вложенное")
    with duckdb.connect() as con:
        con.execute("create table many as select unnest([1, 75, 99]) as n")
        found = con.execute(with_columns("many", (one, two), setup)).fetchall()
        assert found == [(1, 71, 1), (75, 145, 99), (99, 169, 99)]
        assert con.execute(with_columns("many", (), setup)).fetchall() == [(1,), (75,), (99,)]


def test_a_derived_column_is_called_by_what_it_holds() -> None:
    derive = make_setup(load_reference(), date(2024, 9, 30)).catalogue.forms["P02"].derive
    assert column_title("P02", "email", derive) == "E-mail"
    assert column_title("P02", "n_pupils_active", derive).startswith("сколько разных")
    assert column_title("P02", "nothing", derive) == "nothing"
