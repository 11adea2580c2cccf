"""The catalogue of rules: written ones from YAML, and those every form's contract implies.

What enters: `expectations/rules/*.yml` and `ingest/forms/*.yml`. What leaves: a frozen `Catalogue`
with the rules, derived columns and territory expression of each form, in checking order.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from graphlib import CycleError, TopologicalSorter
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from expectations.errors import CircularReferences, RuleBroken
from expectations.generated import Generator
from expectations.models import Derived, Each, History, Rule, RuleFile, Stage, Tolerance
from ingest.forms import FORMS_DIR, Form, load_forms
from ingest.yaml_files import read_yaml

RULES_DIR = Path(__file__).parent / "rules"
SEED_FORM = "R02"  # the order's target table, checked like a form (V-50)
_FORM_CODE = re.compile(r"\b[A-Z]\d{2}\b")
_HISTORY_TABLE = re.compile(r"\b[A-Z]\d{2}__[a-z_]+\b")
# What a rule reads when it compares the size of a delivery with that of the one before it.
BEFORE = "before"


@dataclass(frozen=True)
class FormRules:
    """What is checked on one form."""

    form: str
    rules: tuple[Rule, ...]
    derive: tuple[Derived, ...]
    territory: str
    history: tuple[History, ...] = ()

    def at(self, stage: Stage) -> tuple[Rule, ...]:
        """Rules of one stage."""
        return tuple(r for r in self.rules if r.stage is stage)

    def derived(self, stage: Stage, each: Each = Each.ROW) -> tuple[Derived, ...]:
        """Derived columns of one stage, of rows or of larger units."""
        return tuple(d for d in self.derive if d.stage is stage and d.each is each)


@dataclass(frozen=True)
class DeliveryRule:
    """A rule about a delivery as a whole (`rules/_delivery.yml`)."""

    id: str
    title: str
    message: str
    expected: str
    fix: str
    clause: str
    tolerance: Tolerance | None = None


@dataclass(frozen=True)
class Catalogue:
    """All rules; `order` lists forms so that every referenced form stands before its users."""

    forms: dict[str, FormRules]
    order: tuple[str, ...]
    delivery_rules: dict[str, DeliveryRule]

    def rule(self, form: str, rule_id: str) -> Rule:
        """One rule by form and id; KeyError names both."""
        for rule in self.forms[form].rules:
            if rule.id == rule_id:
                return rule
        raise KeyError(f"form {form} has no rule {rule_id}")

    def needs(self, form: str, rule: Rule) -> frozenset[str]:
        """Other forms and older deliveries that a rule reads, itself or by derived columns."""
        texts = [rule.sql(), rule.value or ""]
        texts += [
            d.sql
            for d in self.forms[form].derive
            if d.each is rule.each and not d.optional and re.search(rf"\b{d.name}\b", texts[0])
        ]
        older = {table for text in texts for table in _HISTORY_TABLE.findall(text)}
        if rule.each is not Each.ROW and re.search(rf"\bn_rows_{BEFORE}\b", texts[0]):
            older.add(f"{form}__{BEFORE}")
        if rule.beside:
            older.add(f"{form}__{rule.beside}")
        return (form_codes(texts) - {form}) | older


def form_codes(texts: Iterable[str]) -> frozenset[str]:
    """Codes of forms named in SQL texts."""
    return frozenset(code for text in texts for code in _FORM_CODE.findall(text))


def _yaml(path: Path) -> Any:
    return read_yaml(path)


def read_rule_file(path: Path) -> RuleFile:
    """One rule file.

    Raises:
        RuleBroken: the YAML does not fit the model; the message names file and rule.
    """
    data = _yaml(path)
    try:
        parsed = RuleFile.model_validate(data)
    except ValidationError as error:
        first = error.errors()[0]
        rule_id = "—"
        if len(first["loc"]) > 1 and first["loc"][0] == "rules":
            rule_id = str(data["rules"][int(first["loc"][1])].get("id", "—"))
        where = ".".join(str(part) for part in first["loc"])
        raise RuleBroken(path.name, rule_id, f"{where}: {first['msg']}") from error
    rules = tuple(
        r.model_copy(update={"form": parsed.form, "file": path.name}) for r in parsed.rules
    )
    return parsed.model_copy(update={"rules": rules})


def _form_rules(form: Form, files: list[RuleFile], texts: dict[str, Any]) -> FormRules:
    written = tuple(rule for f in files for rule in f.rules)
    generated = tuple(Generator(form, written, texts).rules())
    # Contract first: a missing or unreadable value explains what the rules after it say.
    return FormRules(
        form=form.code,
        rules=generated + written,
        derive=tuple(d for f in files for d in f.derive),
        territory=next((f.territory for f in files), "sender_territory_id"),
        history=tuple(h for f in files for h in f.history),
    )


def _unique_ids(forms: dict[str, FormRules]) -> None:
    for code, rules in forms.items():
        ids = [r.id for r in rules.rules]
        for rule in rules.rules:
            if ids.count(rule.id) > 1:
                raise RuleBroken(rule.file, rule.id, f"the id is used twice on form {code}")


def _only_known_history(forms: dict[str, FormRules]) -> None:
    known = {f"{code}__{h.name}" for code, form in forms.items() for h in form.history}
    for form in forms.values():
        for where, stage, text in [
            *((r.id, r.stage, r.sql()) for r in form.rules),
            *((d.name, d.stage, d.sql) for d in form.derive),
        ]:
            unknown = set(_HISTORY_TABLE.findall(text)) - known
            if unknown or (stage is not Stage.CROSS and _HISTORY_TABLE.search(text)):
                problem = f"expected older deliveries out of {sorted(known)}, at stage X"
                raise RuleBroken(f"{form.form}.yml", where, f"{problem}; found {text}")


def _checking_order(forms: dict[str, FormRules]) -> tuple[str, ...]:
    graph: dict[str, set[str]] = {}
    for code, rules in forms.items():
        texts = [r.sql() for r in rules.at(Stage.FORM)]
        texts += [d.sql for d in rules.derived(Stage.FORM)]
        graph[code] = set(form_codes(texts) & forms.keys()) - {code}
    try:
        sorter = TopologicalSorter(graph)
        sorter.prepare()
        order: list[str] = []
        while sorter.is_active():
            ready = sorted(sorter.get_ready())
            order += ready
            sorter.done(*ready)
    except CycleError as error:
        raise CircularReferences(
            f"expected forms that can be checked one after another, found a circle: "
            f"{' → '.join(error.args[1])}; make one of the rules a cross-form rule (stage: X)"
        ) from error
    return tuple(order)


def _delivery_rules(folder: Path) -> dict[str, DeliveryRule]:
    rules: dict[str, DeliveryRule] = {}
    for name, data in _yaml(folder / "_delivery.yml").items():
        tolerance = data.pop("tolerance", None)
        rules[name] = DeliveryRule(
            **data, tolerance=Tolerance.model_validate(tolerance) if tolerance else None
        )
    return rules


@cache
def load_catalogue(folder: Path = RULES_DIR, forms_dir: Path = FORMS_DIR) -> Catalogue:
    """The rules of all forms and of the target table.

    Raises:
        RuleBroken: a file does not fit the model, names an unknown form, or repeats an id.
        CircularReferences: forms wait for one another.
    """
    forms = load_forms(forms_dir)
    texts = _yaml(folder / "_generated.yml")
    files: dict[str, list[RuleFile]] = {}
    for path in sorted(folder.glob("[!_]*.yml")):
        parsed = read_rule_file(path)
        if parsed.form not in forms and parsed.form != SEED_FORM:
            raise RuleBroken(path.name, "—", f"form {parsed.form} is not in ingest/forms")
        files.setdefault(parsed.form, []).append(parsed)
    compiled = {c: _form_rules(form, files.get(c, []), texts) for c, form in forms.items()}
    if SEED_FORM in files:
        seed = files[SEED_FORM][0]
        compiled[SEED_FORM] = FormRules(SEED_FORM, seed.rules, seed.derive, seed.territory)
    _unique_ids(compiled)
    _only_known_history(compiled)
    return Catalogue(compiled, _checking_order(compiled), _delivery_rules(folder))


def rules_fingerprint(folder: Path = RULES_DIR, forms_dir: Path = FORMS_DIR) -> str:
    """One hash over rules and forms: part of what makes a load what it is."""
    digest = hashlib.sha256()
    for path in sorted(folder.glob("*.yml")) + sorted(forms_dir.glob("*.yml")):
        digest.update(path.name.encode())
        digest.update(path.read_bytes())
    return digest.hexdigest()
