"""Whose file it is, which form, for when: passport first, then name, then folder, then header.

What enters: sheets and what the channel knew. What leaves: a `Route`, its gaps and contradictions.
Nothing is guessed: what no source says stays empty and becomes a finding.
"""

from __future__ import annotations

import calendar
import re
from dataclasses import dataclass, field, replace
from datetime import date
from functools import cache
from pathlib import Path

import yaml

from ingest.cells import text_of
from ingest.forms import Form, Sender
from ingest.header import form_by_header
from ingest.sheets import Sheet
from ingest.territories import TerritoryResolver
from ingest.text import clean, fold

_NAME = re.compile(
    r"(?P<form>[PMK]\d\d)_[a-z_]+?(__t(?P<territory>\d{1,2}))?"
    r"__(?P<when>\d{4}-\d{2}(-\d{2})?)(__v(?P<version>\d+))?",
    re.IGNORECASE,
)
_TERRITORY_CODE = re.compile(r"^t?(\d{1,2})$", re.IGNORECASE)
_MONTH = re.compile(r"^(\d{4})-(\d{2})$")
_DAY = re.compile(r"^(\d{4})-(\d{2})-(\d{2})$")
_DAY_RU = re.compile(r"^(\d{1,2})\.(\d{1,2})\.(\d{4})$")
_MONTH_RU = re.compile(r"^(\d{1,2})\.(\d{4})$")
_PASSPORT_ROWS = 40
_YES = {"да", "+", "1", "true"}


@dataclass(frozen=True)
class Route:
    """What one source says about a file; empty where it says nothing."""

    form_code: str | None = None
    territory_id: int | None = None
    as_of: date | None = None
    period: str | None = None
    version: int | None = None
    is_zero_report: bool = False
    unclear: dict[str, str] = field(default_factory=dict)  # field → text that nobody understood


@dataclass(frozen=True)
class Routed:
    """The merged route and what its sources contradict each other in."""

    route: Route
    conflicts: tuple[str, ...]


@cache
def _labels() -> dict[str, str]:
    path = Path(__file__).with_name("passport.yml")
    fields: dict[str, list[str]] = yaml.safe_load(path.read_text(encoding="utf-8"))
    return {fold(label): name for name, labels in fields.items() for label in labels}


def month_end(period: str) -> date:
    """Last day of a month written `YYYY-MM`."""
    year, month = int(period[:4]), int(period[5:7])
    return date(year, month, calendar.monthrange(year, month)[1])


def parse_when(text: str) -> tuple[date, str] | None:
    """A month or a day in any of the usual spellings, as (last day, `YYYY-MM`)."""
    text = text.split(" ", maxsplit=1)[0]
    try:
        if match := _DAY.match(text):
            day = date(*map(int, match.groups()))
        elif match := _DAY_RU.match(text):
            numbers = [int(n) for n in match.groups()]
            day = date(numbers[2], numbers[1], numbers[0])
        elif match := _MONTH.match(text):
            day = month_end(text)
        elif match := _MONTH_RU.match(text):
            day = month_end(f"{match[2]}-{int(match[1]):02d}")
        else:
            return None
    except (ValueError, calendar.IllegalMonthError):
        return None
    return day, f"{day:%Y-%m}"


def _passport_fields(sheets: list[Sheet]) -> dict[str, str]:
    found: dict[str, str] = {}
    for sheet in sheets:
        if not fold(sheet.name).startswith("паспорт"):
            continue
        for _, cells in sheet.head(_PASSPORT_ROWS):
            texts = [clean(t) for c in cells if (t := text_of(c)) is not None]
            if len(texts) >= 2 and (name := _labels().get(fold(texts[0]))):
                found.setdefault(name, texts[1])
    return found


def _territory(code: str | None, name: str | None, resolver: TerritoryResolver) -> int | None:
    if code and (match := _TERRITORY_CODE.match(code)):
        return resolver.known(int(match[1]))
    for text in (code, name):
        if text and (found := resolver.resolve(text)) is not None:
            return found
    return None


def from_passport(sheets: list[Sheet], resolver: TerritoryResolver) -> Route:
    """What the «Паспорт» sheet says."""
    fields = _passport_fields(sheets)
    unclear: dict[str, str] = {}
    territory_id = _territory(fields.get("territory_code"), fields.get("territory_name"), resolver)
    said = fields.get("territory_code") or fields.get("territory_name")
    if said and territory_id is None:
        unclear["territory"] = said
    when = None
    for text in (fields.get("as_of"), fields.get("period")):
        if text and when is None:
            when = parse_when(text)
            if when is None:
                unclear["period"] = text
    form = fields.get("form_code")
    return Route(
        form_code=form.upper().replace("М", "M").replace("К", "K").replace("Р", "P")
        if form
        else None,
        territory_id=territory_id,
        as_of=when[0] if when else None,
        period=when[1] if when else None,
        is_zero_report=fold(fields.get("is_zero_report", "")) in _YES,
        unclear=unclear,
    )


def from_name(file_name: str, resolver: TerritoryResolver) -> Route:
    """What the canonical file name says (`M03_navigators__T14__2024-05__v2.xlsx`)."""
    match = _NAME.search(file_name)
    if match is None:
        return Route()
    when = parse_when(match["when"])
    territory = match["territory"]
    return Route(
        form_code=match["form"].upper(),
        territory_id=resolver.known(int(territory)) if territory else None,
        as_of=when[0] if when else None,
        period=when[1] if when else None,
        version=int(match["version"]) if match["version"] else None,
        unclear={} if when else {"period": match["when"]},
    )


def from_folder(folder: str, resolver: TerritoryResolver) -> Route:
    """What the drop folder says: `T14` belongs to territory 14."""
    match = _TERRITORY_CODE.match(folder)
    if match and folder[0] in "Tt":
        return Route(territory_id=resolver.known(int(match[1])))
    return Route()


def _conflicts(first: Route, second: Route) -> list[str]:
    pairs = (
        ("форма", first.form_code, second.form_code),
        ("код территории", first.territory_id, second.territory_id),
        ("период", first.period, second.period),
    )
    return [
        f"{what}: в паспорте {a}, в имени файла или папке {b}"
        for what, a, b in pairs
        if a is not None and b is not None and a != b
    ]


def _merge(first: Route, second: Route) -> Route:
    return replace(
        first,
        form_code=first.form_code or second.form_code,
        territory_id=first.territory_id if first.territory_id is not None else second.territory_id,
        as_of=first.as_of or second.as_of,
        period=first.period or second.period,
        version=first.version or second.version,
        unclear=second.unclear | first.unclear,
    )


def route_file(
    sheets: list[Sheet],
    file_name: str,
    folder: str,
    forms: dict[str, Form],
    resolver: TerritoryResolver,
) -> Routed:
    """Merge the sources in their order; the header's signature only names a form nobody named."""
    passport, name = from_passport(sheets, resolver), from_name(file_name, resolver)
    drop = from_folder(folder, resolver)
    conflicts = _conflicts(passport, name) or _conflicts(passport, drop)
    route = _merge(_merge(passport, name), drop)
    if route.form_code is None:
        route = replace(route, form_code=form_by_header(sheets, forms))
    form = forms.get(route.form_code or "")
    if form is not None and form.sender is not Sender.TERRITORY:
        route = replace(route, territory_id=0)
    return Routed(route=route, conflicts=tuple(conflicts))
