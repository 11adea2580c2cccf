"""The rules of writing as data: kinds of letters, limits, who is told after a deadline.

What enters: `letters.yml`. What leaves: a frozen `Config`; a field that nobody knows is an error.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict

from ingest.yaml_files import read_yaml

KindName = Literal["reminder", "answer", "escalation", "digest", "receipt"]


class _Strict(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Kind(_Strict):
    """How letters of a kind behave; smaller `priority` goes first."""

    title: str
    priority: int
    cooling_wd: int
    on_days_off: bool


class Step(_Strict):
    """Who is told `after_wd` working days after a deadline."""

    after_wd: int
    kind: KindName
    to: str
    role: str


class Escalation(_Strict):
    """The steps, and when an old debt is no news any more."""

    steps: tuple[Step, ...]
    forget_wd: int


class Points(_Strict):
    """Which points of the roadmap are the operator's although a territory's row has them."""

    operator_units: tuple[str, ...]
    operator_owners: tuple[str, ...]


class Config(_Strict):
    """`letters.yml`."""

    connection: str
    daily_cap: int
    total_cap: int
    fresh_days: int
    order_lingers_days: int
    attachments_mb: int
    how_to_send: str
    kinds: dict[KindName, Kind]
    escalation: Escalation
    points: Points
    held: dict[str, str]


@cache
def load_config() -> Config:
    """The rules of writing."""
    path = Path(__file__).with_name("letters.yml")
    return Config.model_validate(read_yaml(path))
