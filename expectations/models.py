"""A rule as data: the shape of `expectations/rules/*.yml`.

What enters: parsed YAML. What leaves: frozen `Rule`, `Derived` and `RuleFile` objects.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from enum import StrEnum
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator


class Severity(StrEnum):
    """What a broken rule does, from worst to mildest."""

    BLOCK = "block"
    REJECT = "reject"
    ERROR = "error"
    WARNING = "warning"
    INFO = "info"

    @property
    def rejects(self) -> bool:
        """Whether the row leaves the accepted data."""
        return self in (Severity.BLOCK, Severity.REJECT)

    @property
    def is_remark(self) -> bool:
        """Whether somebody has to look at it."""
        return self is not Severity.INFO

    @property
    def rank(self) -> int:
        """Place from the worst, for sorting."""
        return list(Severity).index(self)


class Stage(StrEnum):
    """When a rule is checked: file, one form, or across accepted forms."""

    FILE = "F"
    FORM = "S"
    CROSS = "X"


class Each(StrEnum):
    """What a rule is asked about: a row, a whole delivery, or a territory's part of one."""

    ROW = "row"
    DELIVERY = "delivery"
    TERRITORY = "territory"


class Beside(StrEnum):
    """Other accepted deliveries of its own form that a rule compares a row with."""

    EARLIER = "earlier"
    OTHERS = "others"


class Tolerance(BaseModel):
    """A share that is let through; a number without a reason is not accepted."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    share: float = Field(ge=0, le=1)
    reason: str = Field(min_length=10)


class Escalation(BaseModel):
    """From the day in the parameter `since` (that day included) the severity is `to`."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    since: str
    to: Severity


class History(BaseModel):
    """An older delivery that rules compare with, as table `<FORM>__<name>`.

    Taken from the newest one whose date is before the delivery's own (`before: delivery`) or before
    a day of the register; one a sender, whatever the number of runs, so the cost does not grow.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str = Field(pattern=r"^[a-z][a-z_]*$")
    before: str = "delivery"
    columns: tuple[str, ...]
    why: str


class Derived(BaseModel):
    """A column computed once into the checked table; `t` is the row (or unit) in hand."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str = Field(pattern=r"^[a-z][a-z0-9_]*$")
    stage: Stage = Stage.FORM
    each: Each = Each.ROW
    sql: str
    why: str
    # Rules that use it are checked even when a form it reads has not come: it is NULL then.
    optional: bool = False


class Rule(BaseModel):
    """One rule of one form; exactly one of `check`, `unique`, `references` says what must hold."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: str = Field(pattern=r"^[A-Z]-[A-Za-z0-9_-]+$")
    form: str = ""
    column: str
    title: str
    check: str | None = None
    unique: tuple[str, ...] = ()
    # Rows of one `unique` key may repeat as long as these columns agree; one row of each further
    # combination is broken.
    agree: tuple[str, ...] = ()
    references: str | None = Field(default=None, pattern=r"^[A-Z]\d{2}\.[a-z_]+$")
    stage: Stage = Stage.FORM
    # A finding about more than a row has an address without a row and takes no row out of anything.
    each: Each = Each.ROW
    # A file alone cannot be judged by a rule that compares.
    beside: Beside | None = None
    severity: Severity
    escalates: Escalation | None = None
    active_from: str | None = None
    active_to: str | None = None
    # The finding is reported and counted, but the row stays in «confirmed» indicators.
    metric_only: bool = False
    # Stands in for the generated rule of the same column: one mistake, one finding.
    replaces: Literal["convertible", "required", "key"] | None = None
    tolerance: Tolerance | None = None
    value: str | None = None
    message: str
    expected: str
    fix: str
    clause: str
    file: str = ""

    @model_validator(mode="after")
    def _one_kind(self) -> Rule:
        kinds = [bool(self.check), bool(self.unique), bool(self.references)]
        if sum(kinds) != 1:
            raise ValueError(f"rule {self.id}: say exactly one of check, unique, references")
        if self.agree and not self.unique:
            raise ValueError(f"rule {self.id}: `agree` says what rows of one `unique` key share")
        if self.stage is Stage.CROSS and self.severity.rejects:
            raise ValueError(f"rule {self.id}: a cross-form rule flags, it cannot reject")
        if self.each is not Each.ROW and (self.stage is not Stage.CROSS or not self.check):
            raise ValueError(f"rule {self.id}: a rule of more than a row is a check of stage X")
        return self

    @property
    def key(self) -> tuple[str, str]:
        """Form and id: what names a rule everywhere."""
        return self.form, self.id

    def sql(self) -> str:
        """The condition with SQL CHECK semantics (NULL is satisfied); empty for `unique`."""
        if self.check:
            return self.check.strip()
        if self.references:
            form, column = self.references.split(".")
            # A NULL among the referenced values would make every miss look satisfied.
            return f"{self.column} in (select {column} from {form} where {column} is not null)"
        return ""


class RuleFile(BaseModel):
    """One file of rules; `territory` says which territory a row belongs to."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    form: str = Field(pattern=r"^[A-Z]\d{2}$")
    territory: str = "sender_territory_id"
    history: tuple[History, ...] = ()
    derive: tuple[Derived, ...] = ()
    rules: tuple[Rule, ...]


def severity_on(rule: Rule, as_of: date, parameters: Mapping[str, object]) -> Severity:
    """The severity of `rule` on the date `as_of`, after its escalation."""
    if rule.escalates is None:
        return rule.severity
    due = parameters[rule.escalates.since]
    return rule.escalates.to if isinstance(due, date) and as_of >= due else rule.severity
