"""Reading one delivery: from landed bytes to text rows, or to the reason why not.

What enters: a manifest. What leaves: `parsed/<delivery_id>/` with `rows.parquet` and
`delivery.json`. A file that cannot be used ends here with findings for its sender, never with an
exception; exceptions are left for faults of our own.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from datetime import date
from functools import cache
from pathlib import Path

from ingest.deliveries import (
    Delivery,
    FileFinding,
    Landed,
    Reply,
    file_finding,
    load_delivery,
    record_path,
    room_for,
    write_atomically,
)
from ingest.forms import FORMS_DIR, Form, FormVersion, Sender, load_forms
from ingest.header import Header, find_headers
from ingest.landing import object_path
from ingest.orders import nearest_order, order_at, orders
from ingest.reference import load_reference, seeds_fingerprint
from ingest.replies import find_replies, replying_sender
from ingest.routing import Route, route_file
from ingest.rows import RowCount, write_rows
from ingest.settings import MOSCOW, Settings, temporary_of
from ingest.sheets import Sheet, UnreadableTable, open_sheets
from ingest.sniff import EXTENSIONS, READABLE, WORDS, Kind, sniff
from ingest.territories import TerritoryResolver

EXAMPLE_NAME = "M04_consent_originals__T14__2024-09__v1.xlsx"
_BLOCKING_KINDS = {
    Kind.EMPTY: "F-EMPTY",
    Kind.BROKEN: "F-TRUNCATED",
    Kind.ENCRYPTED: "F-ENCRYPTED",
    Kind.BOMB: "F-TOO-LARGE",
}
_LISTED = 12  # titles or rows named in one message


@dataclass(frozen=True)
class Knowledge:
    """What the reader knows: forms, names of territories by order, and a hash over all."""

    forms: dict[str, Form]
    resolvers: dict[str, TerritoryResolver]
    fingerprint: str

    def resolver_at(self, day: date) -> TerritoryResolver:
        """Names of the territories of the order that a day belongs to or is nearest to."""
        return self.resolvers[nearest_order(day).order_id]


@cache
def load_knowledge() -> Knowledge:
    """The reader's knowledge of all orders."""
    digest = hashlib.sha256(seeds_fingerprint().encode())
    room = Path(__file__).parent
    # The reader's own code is knowledge, too: a corrected reader reads again.
    for path in sorted([*FORMS_DIR.glob("*.yml"), *room.glob("*.yml"), *room.glob("*.py")]):
        digest.update(path.read_bytes())
    resolvers = {o.order_id: TerritoryResolver(load_reference(o.order_id)) for o in orders()}
    return Knowledge(load_forms(), resolvers, digest.hexdigest()[:16])


@dataclass
class _Reading:
    """State of one file while it is read."""

    landed: Landed
    knowledge: Knowledge
    findings: list[FileFinding] = field(default_factory=list)
    route: Route = field(default_factory=Route)
    version: FormVersion | None = None
    n_rows: int = 0
    replies: tuple[Reply, ...] | None = None

    def find(self, code: str, at: Header | None = None, **facts: object) -> None:
        known = {"file": self.landed.file_name, **facts}
        sheet, row = (at.sheet.name, at.row) if at else (None, None)
        self.findings.append(file_finding(code, known, sheet=sheet, row=row))

    @property
    def is_blocked(self) -> bool:
        return any(finding.severity == "block" for finding in self.findings)


def _listed(words: list[str]) -> str:
    more = f" и ещё {len(words) - _LISTED}" if len(words) > _LISTED else ""
    return ", ".join(f"«{word}»" for word in words[:_LISTED]) + more


def _open(reading: _Reading, data: bytes) -> list[Sheet]:
    kind = sniff(data)
    if kind in _BLOCKING_KINDS:
        reading.find(_BLOCKING_KINDS[kind])
        return []
    if kind not in READABLE:
        reading.find("F-FOREIGN", found=WORDS[kind])
        return []
    try:
        sheets = open_sheets(data, kind)
    except UnreadableTable as error:
        reading.find(error.code, row=error.row)
        return []
    extension = reading.landed.file_name.rsplit(".", 1)[-1].lower()
    if kind is Kind.HTML and not sheets:
        reading.find("F-FOREIGN", found=WORDS[kind])
    elif extension not in EXTENSIONS[kind]:
        reading.find("F-DISGUISED", found=WORDS[kind])
    return sheets


def _take_replies(reading: _Reading, sheets: list[Sheet]) -> bool:
    """Whether the file is an answer of ours that came back."""
    reading.replies = find_replies(sheets)
    if reading.replies is None:
        return False
    landed = reading.landed
    resolver = reading.knowledge.resolver_at(landed.received_at.astimezone(MOSCOW).date())
    sender = replying_sender(landed.file_name, landed.folder, resolver)
    reading.route, reading.n_rows = Route(territory_id=sender), len(reading.replies)
    return True


def _route(reading: _Reading, sheets: list[Sheet]) -> None:
    landed, known = reading.landed, reading.knowledge
    name, folder = landed.file_name, landed.folder
    resolver = known.resolver_at(landed.received_at.astimezone(MOSCOW).date())
    routed = route_file(sheets, name, folder, known.forms, resolver)
    if routed.route.as_of and known.resolver_at(routed.route.as_of) is not resolver:
        # The file is for another year than it came in: names mean what that year's order says.
        resolver = known.resolver_at(routed.route.as_of)
        routed = route_file(sheets, name, folder, known.forms, resolver)
    reading.route = route = routed.route
    if not sheets:
        return  # the file is refused already; the route only says whom to answer
    for conflict in routed.conflicts:
        reading.find("F-OTHER-ROUTE", found=conflict)
    form = known.forms.get(route.form_code or "")
    if form is None:
        said = f"указан код «{route.form_code}»" if route.form_code else "код нигде не указан"
        reading.find("F-NO-FORM", found=said, example=EXAMPLE_NAME)
        return
    if form.sender is Sender.TERRITORY and route.territory_id is None:
        reading.find("F-NO-TERRITORY", found=route.unclear.get("territory", "она нигде не указана"))
    if route.as_of is None:
        reading.find("F-NO-PERIOD", found=route.unclear.get("period", "период нигде не указан"))
    else:
        reading.version = form.version_at(route.as_of)
        _check_version(reading, form)
        _check_date(reading, form, route.as_of)


def _check_version(reading: _Reading, form: Form) -> None:
    """A template may be of an older layout than its date asks for, but of one that was declared."""
    said = reading.route.form_version
    known = [f"{version.version}" for version in form.versions]
    if said and said.removesuffix(".0") not in known:
        reading.find("F-NO-VERSION", found=said, form=form.code, expected=", ".join(known))


def _check_date(reading: _Reading, form: Form, as_of: date) -> None:
    received = reading.landed.received_at.astimezone(MOSCOW)
    if _is_future(form, as_of, received.date()):
        reading.find("F-FUTURE", found=f"{as_of:%d.%m.%Y}")
    elif order_at(as_of) is None:
        expected = "; ".join(order.shown for order in orders())
        reading.find("F-OTHER-YEAR", found=f"{as_of:%d.%m.%Y}", expected=expected)


def _is_future(form: Form, as_of: date, received: date) -> bool:
    """A snapshot cannot be newer than its receipt; a month may be reported before it ends."""
    if form.kind == "snapshot":
        return as_of > received
    return (as_of.year, as_of.month) > (received.year, received.month)


def _headers(reading: _Reading, version: FormVersion, sheets: list[Sheet]) -> list[Header]:
    headers = find_headers(sheets, version)
    required = [column.title for column in version.columns if column.required]
    if not headers:
        names = _listed([sheet.name for sheet in sheets])
        reading.find(
            "F-NO-HEADER",
            form=reading.route.form_code,
            sheet=names,
            expected=_listed(required),
        )
        return []
    best = headers[0]
    if best.doubled:
        reading.find("F-DUPLICATE-HEADER", best, found=_listed(list(best.doubled)))
    if best.missing:
        reading.find(
            "F-MISSING-COLUMN",
            best,
            expected=_listed([column.title for column in best.missing]),
            found=_listed(list(best.cells)),
        )
    if best.unknown:
        reading.find("F-UNKNOWN-COLUMN", best, found=_listed(list(best.unknown.values())))
    return headers if best.is_complete else []


def _count(reading: _Reading, count: RowCount, header: Header) -> None:
    reading.n_rows = count.kept
    if count.totals:
        reading.find("F-TOTALS", header, found=_listed(count.totals))
    if count.broken:
        reading.find("F-BROKEN-ROWS", header, found=_listed(count.broken))
    if not count.kept and not reading.route.is_zero_report:
        reading.find("F-NO-ROWS", header)


def _rows(reading: _Reading, sheets: list[Sheet], path: Path) -> None:
    version = reading.version
    if version is None or reading.is_blocked:
        return
    headers = _headers(reading, version, sheets)
    if headers:
        _count(reading, write_rows(headers, version, path), headers[0])


def _delivery(reading: _Reading, path: Path) -> Delivery:
    landed, route = reading.landed, reading.route
    return Delivery(
        delivery_id=landed.delivery_id,
        sha256=landed.sha256,
        file_name=landed.file_name,
        channel=landed.channel,
        folder=landed.folder,
        received_at=landed.received_at,
        form_code=route.form_code if route.form_code in reading.knowledge.forms else None,
        form_version=reading.version.version if reading.version else None,
        sender_territory_id=route.territory_id,
        as_of=route.as_of,
        period=route.period,
        version=route.version or 1,
        is_zero_report=route.is_zero_report,
        n_rows=reading.n_rows,
        file_findings=tuple(reading.findings),
        parsed_path=path if path.exists() else None,
        read_with=reading.knowledge.fingerprint,
        replies=reading.replies,
    )


def read_bytes(landed: Landed, data: bytes, known: Knowledge, rows_path: Path) -> Delivery:
    """Read bytes into `rows_path`; all that is wrong with them is in the result's findings."""
    reading = _Reading(landed, known)
    rows_path.parent.mkdir(parents=True, exist_ok=True)
    temporary = temporary_of(rows_path)
    with room_for(temporary):
        try:
            sheets = _open(reading, data)
            if not _take_replies(reading, sheets):
                _route(reading, sheets)
                _rows(reading, sheets, temporary)
        except UnreadableTable as error:
            reading.find(error.code, row=error.row)
        if temporary.exists():
            temporary.replace(rows_path)
    if reading.is_blocked:
        reading.n_rows = 0
        rows_path.unlink(missing_ok=True)
    return _delivery(reading, rows_path)


def read_delivery(settings: Settings, landed: Landed, known: Knowledge) -> Delivery:
    """Read a landed file unless it was read with the same knowledge before."""
    done = load_delivery(settings, landed.delivery_id)
    if done is not None and done.read_with == known.fingerprint:
        return done
    data = object_path(settings, landed.sha256).read_bytes()
    record = record_path(settings, landed.delivery_id)
    delivery = read_bytes(landed, data, known, record.parent / "rows.parquet")
    kept = delivery.model_copy(
        update={"parsed_path": Path("rows.parquet") if delivery.parsed_path else None}
    )
    write_atomically(record, kept.model_dump_json(indent=1).encode())
    return delivery
