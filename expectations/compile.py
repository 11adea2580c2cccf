"""Rules made ready for one run: parameters filled in, severities of the date, what can be checked.

What enters: the catalogue, the order's reference, a date and the forms that have accepted data.
What leaves: SQL conditions and message expressions; nothing is executed here.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property

from expectations.catalogue import SEED_FORM, Catalogue, FormRules, load_catalogue
from expectations.errors import RuleBroken
from expectations.models import Derived, Each, Rule, Severity, Stage, severity_on
from expectations.reasons import not_a_date_sql
from expectations.wording import (
    UnknownMark,
    fill_sql,
    marks,
    message_sql,
    parameters_of,
    sentence,
    shown,
)
from ingest.forms import Form, load_forms
from ingest.mappings import Mappings, with_aliases
from ingest.reference import ParameterValue, Reference
from ingest.sql import sql_text

_GENERATED = "_generated.yml"
# What stands for a name or a birth date in every answer: the sender finds it by its address.
HIDDEN = "см. в файле"
_UNIT_TITLES = {"n_rows": "Строк в файле", "territory_id": "Территория"}


@dataclass(frozen=True)
class Setup:
    """What all checks of a run share."""

    catalogue: Catalogue
    reference: Reference
    as_of: date
    mappings: Mappings = field(default_factory=Mappings)

    @cached_property
    def parameters(self) -> dict[str, ParameterValue]:
        """The register of decisions and what the run adds to it."""
        return parameters_of(self.reference, self.as_of)


def make_setup(reference: Reference, as_of: date, mappings: Mappings | None = None) -> Setup:
    """The setup over the project's own rules; decided names of territories join the reference."""
    mappings = mappings or Mappings()
    known = with_aliases(reference, mappings.aliases) if mappings.aliases else reference
    return Setup(load_catalogue(), known, as_of, mappings)


@dataclass(frozen=True)
class CompiledRule:
    """A rule of a run; `number` is its place among the form's rules."""

    number: int
    rule: Rule
    severity: Severity
    condition: str
    needs: frozenset[str]
    is_active: bool
    required_keys: tuple[str, ...] = ()

    @property
    def marks_error(self) -> bool:
        """Whether a broken row leaves the confirmed indicators."""
        is_of_row = self.rule.each is Each.ROW
        return self.severity is Severity.ERROR and is_of_row and not self.rule.metric_only

    def can_be_checked(self, available: frozenset[str]) -> bool:
        """Whether the rule holds on this date and the forms that it reads have come."""
        return self.is_active and self.needs <= available

    def key_sql(self, alias: str) -> dict[str, str]:
        """Key column of a `unique` rule → how it is compared."""
        return {"delivery_no": f"{alias}.delivery_no"} | self._compared(alias, self.rule.unique)

    def agreed_sql(self, alias: str) -> dict[str, str]:
        """The same of the columns in which rows of one key have to agree."""
        return self._compared(alias, self.rule.agree)

    def _compared(self, alias: str, names: tuple[str, ...]) -> dict[str, str]:
        """Column → how it is compared; names without case and ё (D-41)."""
        columns = (
            load_forms()[self.rule.form].latest.columns if self.rule.form in load_forms() else ()
        )
        folded = {column.name for column in columns if column.pii == "name"}
        return {
            key: f"replace(lower({alias}.{key}), 'ё', 'е')" if key in folded else f"{alias}.{key}"
            for key in names
        }

    def repeated_sql(self, table: str) -> str:
        """SQL of the groups of a `unique` rule: keys, and how many rows (or people) share them."""
        keys, agreed = self.key_sql("t"), self.agreed_sql("t")
        listed = ", ".join(f"{sql} as {key}" for key, sql in (keys | agreed).items())
        rows = f"select {listed} from {table} t where {self.filled_sql('t')}"
        if agreed:
            rows = f"select distinct * from ({rows})"
        return f"select {', '.join(keys)}, count(*) as _times from ({rows}) group by all"

    def filled_sql(self, alias: str) -> str:
        """Condition on the rows that a `unique` rule compares."""
        return " and ".join(f"{alias}.{key} is not null" for key in self.required_keys) or "true"


@dataclass(frozen=True)
class CompiledForm:
    """All rules of one form on one date."""

    rules_of_form: FormRules
    rules: tuple[CompiledRule, ...]

    def at(
        self, stage: Stage, available: frozenset[str], each: Each = Each.ROW
    ) -> list[CompiledRule]:
        """Rules of a stage that can be checked, about rows or about larger units."""
        return [
            r
            for r in self.rules
            if r.rule.stage is stage and r.rule.each is each and r.can_be_checked(available)
        ]


def _is_active(rule: Rule, setup: Setup) -> bool:
    start = setup.reference.day(rule.active_from) if rule.active_from else date.min
    end = setup.reference.day(rule.active_to) if rule.active_to else date.max
    return start <= setup.as_of <= end


def _condition(rule: Rule, setup: Setup, form: Form | None) -> str:
    try:
        text = fill_sql(rule.sql(), setup.parameters)
    except UnknownMark as error:
        raise RuleBroken(rule.file, rule.id, str(error)) from error
    if form is None or rule.file != _GENERATED or not text or rule.each is not Each.ROW:
        return text
    # An older layout cannot be blamed for a column that it never had.
    without = [v.version for v in form.versions if rule.column not in {c.name for c in v.columns}]
    listed = ", ".join(map(str, without))
    return f"form_version in ({listed}) or ({text})" if without else text


def _required_keys(rule: Rule, form: Form | None) -> tuple[str, ...]:
    if form is None:
        return rule.unique
    keys = {column.name for column in form.latest.keys}
    if not keys <= set(rule.unique):
        return rule.unique + rule.agree  # not the key of a row: what is missing proves nothing
    required = {column.name for column in form.latest.keys if column.required}
    return tuple(k for k in rule.unique if k in required) or rule.unique[:1]


def compile_form(setup: Setup, form_code: str) -> CompiledForm:
    """The rules of a form on the setup's date.

    Raises:
        RuleBroken: a rule names a parameter that the register does not have.
    """
    rules_of_form = setup.catalogue.forms[form_code]
    form = None if form_code == SEED_FORM else load_forms()[form_code]
    rules = tuple(
        CompiledRule(
            number=number,
            rule=rule,
            severity=severity_on(rule, setup.as_of, setup.parameters),
            condition=_condition(rule, setup, form),
            needs=setup.catalogue.needs(form_code, rule),
            is_active=_is_active(rule, setup),
            required_keys=_required_keys(rule, form) if rule.unique else (),
        )
        for number, rule in enumerate(rules_of_form.rules)
    )
    return CompiledForm(rules_of_form, rules)


def with_columns(relation: str, derived: tuple[Derived, ...], setup: Setup) -> str:
    """SELECT of a relation and its derived columns; each reads those before it as `t.<name>`."""
    levels: list[dict[str, str]] = [{}]
    for column in derived:
        sql = fill_sql(column.sql, setup.parameters)
        # DuckDB reads no column of a subquery in the select list that makes it.
        if levels[-1].keys() & set(re.findall(r"\bt\.([a-z0-9_]+)", sql)):
            levels.append({})
        levels[-1][column.name] = sql
    for level in levels:
        made = "".join(f",\n    ({sql}) as {name}" for name, sql in level.items())
        select = f"select t.*{made} from {relation} t"
        relation = f"({select})"
    return select


@dataclass(frozen=True)
class Texts:
    """SQL expressions of what is said about a broken row."""

    value: str
    message: str
    expected: str
    how_to_fix: str


def personal_columns(form_code: str) -> frozenset[str]:
    """Columns of a form that may not appear in any text, with their raw copies."""
    if form_code == SEED_FORM:
        return frozenset()
    names = [c.name for v in load_forms()[form_code].versions for c in v.columns if c.pii]
    return frozenset([*names, *(f"{name}__raw" for name in names)])


def _assert_impersonal(rule: Rule) -> None:
    """Texts travel further than rows do, so they may not carry names."""
    named = {mark for text in (rule.message, rule.expected, rule.fix) for mark in marks(text)}
    named |= set(re.findall(r"\w+", rule.value or ""))
    personal = sorted(named & personal_columns(rule.form))
    if personal:
        raise RuleBroken(
            rule.file, rule.id, f"expected texts without personal columns, found {personal}"
        )


def value_sql(
    rule: Rule, columns: Mapping[str, str], parameters: Mapping[str, ParameterValue]
) -> str:
    """SQL of the value a rule is about: as the sender wrote it, unless it is personal."""
    if rule.column in personal_columns(rule.form):
        return sql_text(HIDDEN)
    if rule.value:
        return f"cast(({fill_sql(rule.value, parameters)}) as varchar)"
    raw = f"{rule.column}__raw"
    if raw in columns:
        # A date of Excel comes as ISO; nobody in an office writes it so.
        iso, russian = r"^(\d{4})-(\d{2})-(\d{2})( 00:00:00)?", r"\3.\2.\1"
        return f"""regexp_replace("{raw}", '{iso}', '{russian}')"""
    return shown(f'"{rule.column}"', columns.get(rule.column, "VARCHAR"))


def _own_marks(rule: Rule, columns: Mapping[str, str]) -> dict[str, str]:
    """Marks of every text: where the row lies, what it repeats, why a date is none."""
    own = {"row": "cast(t._row as varchar)", "report_month": "strftime(t.delivery_as_of, '%m.%Y')"}
    if rule.unique:
        own["repeated"] = (
            "'строку ' || o.first_row || case when o.first_sheet is distinct from t._sheet"
            " then ' листа «' || o.first_sheet || '»' else '' end"
        )
    raw = f"{rule.column}__raw"
    if raw in columns and "why_no_date" in marks(rule.message):
        is_personal = raw in personal_columns(rule.form)
        own["why_no_date"] = not_a_date_sql(f't."{raw}"', is_personal=is_personal)
    return own


def texts_of(compiled: CompiledRule, columns: Mapping[str, str], setup: Setup) -> Texts:
    """The texts of a rule over a table with these columns.

    Raises:
        RuleBroken: a text names neither a column nor a parameter.
    """
    rule = compiled.rule
    _assert_impersonal(rule)
    value = value_sql(rule, columns, setup.parameters)
    own = _own_marks(rule, columns) | {"value": value}
    try:
        message, expected, fix = (
            message_sql(text, own, columns, setup.parameters)
            for text in (sentence(rule.message), rule.expected, sentence(rule.fix))
        )
    except UnknownMark as error:
        raise RuleBroken(rule.file, rule.id, str(error)) from error
    return Texts(value, message, expected, fix)


def column_title(form_code: str, name: str, derived: tuple[Derived, ...]) -> str:
    """What the sender calls a column; a derived one is called by what it holds."""
    if form_code != SEED_FORM:
        for column in load_forms()[form_code].latest.columns:
            if column.name == name:
                return column.title
    return next((d.why for d in derived if d.name == name), _UNIT_TITLES.get(name, name))
