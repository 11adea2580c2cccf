"""The stamp of a blank: which form, layout, territory and date a template was made for.

What enters: a blank's facts, or a file that was filled in. What leaves: the stamp as text, as in
`M05/1/T14/2024-09/1f0c9a2b`, or what a stamp says where the passport says nothing.
"""

from __future__ import annotations

import hashlib
import io
import json
import re
import zipfile
from dataclasses import dataclass, replace
from datetime import date

from ingest.bombs import ZIP_FAULTS
from ingest.forms import Form, FormVersion
from ingest.limits import most
from ingest.routing import Route, parse_when
from ingest.sniff import Kind
from ingest.territories import TerritoryResolver
from ingest.text import clean

PROPERTY = "bvb_blank"  # custom property of the document
_STAMP = re.compile(
    r"^(?P<form>[A-Z]\d{2})/(?P<version>\d+)/T(?P<territory>\d{2})"
    r"/(?P<when>\d{4}-\d{2}(-\d{2})?)/(?P<layout>[0-9a-f]{8})$"
)
_PART = "docProps/custom.xml"
# Nothing is tried twice: text that begins like the property again and again costs no time.
_KEPT = re.compile(rf'name="{PROPERTY}"[^>]*+>\s*+<(?:\w++:)?+lpwstr[^>]*+>([^<]++)<'.encode())


@dataclass(frozen=True)
class Stamp:
    """What a blank was made for; territory 0 is the operator, `when` a month or a day."""

    form_code: str
    form_version: int
    territory_id: int
    when: str
    layout: str

    def __str__(self) -> str:
        """The stamp as it is printed."""
        place = f"T{self.territory_id:02d}"
        return f"{self.form_code}/{self.form_version}/{place}/{self.when}/{self.layout}"


def layout_mark(version: FormVersion) -> str:
    """Eight letters that change when what a sender sees of the layout changes."""
    seen = [
        [c.title, c.type.value, c.required, c.key, [*c.values.values()]] for c in version.columns
    ]
    text = json.dumps(seen, ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()[:8]


def stamp_of(form: Form, version: FormVersion, territory_id: int, as_of: date) -> Stamp:
    """The stamp of a blank; a report for a month is stamped with its month."""
    when = f"{as_of:%Y-%m}" if form.kind == "period" else f"{as_of}"
    return Stamp(form.code, version.version, territory_id, when, layout_mark(version))


def parse_stamp(text: str | None) -> Stamp | None:
    """What a text says as a stamp; None for anything else."""
    match = _STAMP.match(clean(text or ""))
    if match is None:
        return None
    numbers = int(match["version"]), int(match["territory"])
    return Stamp(match["form"], *numbers, match["when"], match["layout"])


def find_stamp(route: Route, data: bytes, kind: Kind) -> Stamp | None:
    """The stamp of a file: from its passport, else from the properties of the workbook."""
    found = parse_stamp(route.blank)
    if found is not None or kind is not Kind.XLSX:
        return found
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive, archive.open(_PART) as part:
            match = _KEPT.search(part.read(most("stamp_bytes")))
    except ZIP_FAULTS:
        return None  # no such part, or one that cannot be unpacked: the rows are read all the same
    return parse_stamp(match[1].decode(errors="replace")) if match else None


def completed(route: Route, stamp: Stamp | None, resolver: TerritoryResolver) -> Route:
    """The route with what only the stamp knows, as when somebody deleted the passport."""
    if stamp is None:
        return route
    place = resolver.known(stamp.territory_id) if stamp.territory_id else 0
    # A period that somebody wrote and nobody understood is not the blank's any more.
    when = parse_when(stamp.when) if route.as_of is None and "period" not in route.unclear else None
    if "territory" in route.unclear:
        place = None
    return replace(
        route,
        form_code=route.form_code or stamp.form_code,
        territory_id=place if route.territory_id is None else route.territory_id,
        as_of=when[0] if when else route.as_of,
        period=when[1] if when else route.period,
    )
