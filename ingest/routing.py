"""Whose file it is, which form, for when: passport first, then name, then folder, then header.

What enters: sheets and what the channel knew. What leaves: a `Route`, its gaps and contradictions.
Nothing is guessed: what no source says stays empty and becomes a finding.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import date
from functools import cache
from itertools import combinations
from pathlib import Path

from ingest.calendar import month_end
from ingest.cells import text_of
from ingest.forms import Form, Sender
from ingest.header import form_by_header
from ingest.sheets import Sheet
from ingest.territories import TerritoryResolver
from ingest.text import clean, fold
from ingest.yaml_files import read_yaml

# Codes are typed by people with a Russian keyboard.
_CODE_LETTERS = str.maketrans("РМКТрмкт", "PMKTpmkt")
_NAME = re.compile(
    r"(?<![a-z0-9])(?P<form>[PMKR]\d\d)_[a-z_]+?(__t(?P<territory>\d{1,2}))?"
    r"__(?P<when>\d{4}-\d{2}(-\d{2})?)(__v(?P<version>\d+))?",
    re.IGNORECASE,
)
_TERRITORY_CODE = re.compile(r"^t?(\d{1,2})$", re.IGNORECASE)
_MONTH = re.compile(r"^(\d{4})-(\d{2})$")
_DAY = re.compile(r"^(\d{4})-(\d{2})-(\d{2})$")
_DAY_RU = re.compile(r"^(\d{1,2})\.(\d{1,2})\.(\d{4})$")
_MONTH_RU = re.compile(r"^(\d{1,2})\.(\d{4})$")
_PASSPORT_ROWS = 40
WORDS = {"form_code": "форма", "territory_id": "код территории", "period": "период"}
_YES = {"да", "+", "1", "true"}


@dataclass(frozen=True)
class Route:
    """What one source says about a file; empty where it says nothing."""

    form_code: str | None = None
    territory_id: int | None = None
    as_of: date | None = None
    period: str | None = None
    version: int | None = None
    form_version: str | None = None  # as the passport says it
    is_zero_report: bool = False
    names_day: bool = False  # `as_of` was said as a day, not as a month
    unclear: dict[str, str] = field(default_factory=dict)  # field → text that nobody understood
    conflicts: tuple[str, ...] = ()  # what the source contradicts itself in
    blank: str | None = None  # the stamp of the blank that was filled in


@dataclass(frozen=True)
class Routed:
    """The merged route and what its sources contradict each other in."""

    route: Route
    conflicts: tuple[str, ...]


@cache
def _passport() -> dict[str, list[str]]:
    path = Path(__file__).with_name("passport.yml")
    fields: dict[str, list[str]] = read_yaml(path)
    return fields


@cache
def _labels() -> dict[str, str]:
    return {fold(label): name for name, labels in _passport().items() for label in labels}


def printed_labels() -> dict[str, str]:
    """What a passport prints before each field, in its order."""
    return {name: labels[0] for name, labels in _passport().items()}


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
    except ValueError:
        return None
    return day, f"{day:%Y-%m}"


def canonical_stem(form: Form, territory_id: int, as_of: date, version: int = 1) -> str:
    """The canonical name of a file, without its extension: what `from_name` understands."""
    where = f"__T{territory_id:02d}" if territory_id else ""
    when = f"{as_of:%Y-%m}" if territory_id else f"{as_of}"
    return f"{form.code}_{form.entity}{where}__{when}__v{version}"


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
    if code and (match := _TERRITORY_CODE.match(code.translate(_CODE_LETTERS))):
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
    conflicts: list[str] = []
    by_name = resolver.resolve(fields.get("territory_name", ""))
    if territory_id is not None and by_name is not None and by_name != territory_id:
        conflicts.append(
            f"{WORDS['territory_id']}: код в паспорте — T{territory_id:02d}, "
            f"название в паспорте — T{by_name:02d}"
        )
    day, month = (parse_when(fields.get(name, "")) for name in ("as_of", "period"))
    for text, parsed in ((fields.get("as_of"), day), (fields.get("period"), month)):
        if text and parsed is None:
            unclear.setdefault("period", text)
    if day and month and day[1] != month[1]:
        conflicts.append(
            f"{WORDS['period']}: дата среза в паспорте — {day[0]}, "
            f"отчётный период в паспорте — {month[1]}"
        )
    # Excel turns «2024-09» into the first of September: a period means the whole month.
    when = day or ((month_end(month[1]), month[1]) if month else None)
    form = fields.get("form_code")
    return Route(
        form_code=form.upper().translate(_CODE_LETTERS) if form else None,
        territory_id=territory_id,
        as_of=when[0] if when else None,
        period=when[1] if when else None,
        form_version=fields.get("form_version"),
        is_zero_report=fold(fields.get("is_zero_report", "")) in _YES,
        names_day=day is not None,
        unclear=unclear,
        conflicts=tuple(conflicts),
        blank=fields.get("blank"),
    )


def from_name(file_name: str, resolver: TerritoryResolver) -> Route:
    """What the canonical file name says (`M03_navigators__T14__2024-05__v2.xlsx`)."""
    match = _NAME.search(file_name.translate(_CODE_LETTERS))
    if match is None:
        return Route()
    when = parse_when(match["when"])
    territory = match["territory"]
    territory_id = resolver.known(int(territory)) if territory else None
    unclear = {} if when else {"period": match["when"]}
    if territory and territory_id is None:
        unclear["territory"] = f"T{territory}"
    return Route(
        form_code=match["form"].upper(),
        territory_id=territory_id,
        as_of=when[0] if when else None,
        period=when[1] if when else None,
        version=int(match["version"]) if match["version"] else None,
        names_day=match["when"].count("-") == 2,
        unclear=unclear,
    )


def from_folder(folder: str, resolver: TerritoryResolver) -> Route:
    """What the drop folder says: `T14` belongs to territory 14."""
    code = folder.translate(_CODE_LETTERS)
    match = _TERRITORY_CODE.match(code)
    if not match or code[0] not in "Tt":
        return Route()
    territory_id = resolver.known(int(match[1]))
    unclear = {} if territory_id is not None else {"territory": folder}
    return Route(territory_id=territory_id, unclear=unclear)


def _said(route: Route, name: str) -> str | None:
    """What a source says about a field, as it is shown to the sender."""
    if name == "territory_id" and route.territory_id is not None:
        return f"T{route.territory_id:02d}"
    if name == "period":
        return route.period or route.unclear.get("period")
    return route.form_code if name == "form_code" else route.unclear.get("territory")


def _differ(first: Route, second: Route, name: str) -> bool:
    a, b = _said(first, name), _said(second, name)
    if a is None or b is None:
        return False
    other_day = first.names_day and second.names_day and first.as_of != second.as_of
    return a != b or (name == "period" and other_day)


def _conflicts(sources: list[tuple[str, Route]]) -> Iterator[str]:
    """Every field that a later source says otherwise than an earlier one."""
    for name, what in WORDS.items():
        for (place, first), (other_place, second) in combinations(sources, 2):
            if _differ(first, second, name):
                a, b = (
                    str(r.as_of) if name == "period" and r.names_day else _said(r, name)
                    for r in (first, second)
                )
                yield f"{what}: {place} — {a}, {other_place} — {b}"
                break


def _merge(first: Route, second: Route) -> Route:
    return replace(
        first,
        form_code=first.form_code or second.form_code,
        territory_id=first.territory_id if first.territory_id is not None else second.territory_id,
        as_of=first.as_of or second.as_of,
        period=first.period or second.period,
        version=first.version or second.version,
        names_day=first.names_day if first.as_of else second.names_day,
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
    sources = [("в паспорте", passport), ("в имени файла", name), ("по папке", drop)]
    conflicts = [*passport.conflicts, *_conflicts(sources)]
    route = _merge(_merge(passport, name), drop)
    if route.form_code is None:
        route = replace(route, form_code=form_by_header(sheets, forms))
    form = forms.get(route.form_code or "")
    if form is not None and form.sender is not Sender.TERRITORY:
        route = replace(route, territory_id=0)
    return Routed(route=route, conflicts=tuple(conflicts))


def public_name(file_name: str, delivery_id: str, resolver: TerritoryResolver) -> str:
    """A file's name outside the answers: kept if canonical; others may hold somebody's name."""
    return file_name if from_name(file_name, resolver).form_code else f"файл {delivery_id[:8]}"
