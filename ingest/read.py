"""Reading one delivery: from landed bytes to text rows, or to the reason why not.

What enters: a manifest. What leaves: `parsed/<delivery_id>/` with `rows.parquet` and
`delivery.json`. A file that cannot be used ends here with findings for its sender, never with an
exception; exceptions are left for faults of our own.
"""

from __future__ import annotations

from pathlib import Path

from ingest.archives import NotUnpacked, members
from ingest.deliveries import (
    UNPACKED,
    Delivery,
    Landed,
    load_delivery,
    record_path,
    room_for,
    write_atomically,
)
from ingest.forms import Form, FormVersion, Sender
from ingest.header import Header, find_headers, is_transposed, of_other_months
from ingest.knowledge import Knowledge
from ingest.landing import land_bytes, landed_bytes
from ingest.limits import OverLimit, most, within
from ingest.look import active_parts
from ingest.reading import Reading
from ingest.remarks import disguise, listed, of_cells, of_route, of_rows, of_sheets
from ingest.replies import find_replies, replying_sender
from ingest.routing import Route, route_file
from ingest.rows import BATCH_ROWS, content_hash, write_rows
from ingest.settings import Settings, temporary_of
from ingest.sheets import Sheet, UnreadableTable, open_sheets
from ingest.sniff import EXTENSIONS, READABLE, WORDS, Kind, sniff
from ingest.stamp import completed, find_stamp, layout_mark

EXAMPLE_NAME = "M04_consent_originals__T14__2024-09__v1.xlsx"
_NO_SHEETS = "книга без единого листа с таблицей"
_BLOCKING_KINDS = {
    Kind.EMPTY: "F-EMPTY",
    Kind.BROKEN: "F-TRUNCATED",
    Kind.ENCRYPTED: "F-ENCRYPTED",
    Kind.BOMB: "F-TOO-LARGE",
}


def _open(reading: Reading, data: bytes) -> list[Sheet]:
    within("file_bytes", reading.landed.size)
    kind = sniff(data)
    if kind is Kind.ARCHIVE:
        _archive(reading, data)
        return []
    if kind in _BLOCKING_KINDS:
        reading.find(_BLOCKING_KINDS[kind])
        return []
    if kind not in READABLE:
        reading.find("F-FOREIGN", found=WORDS[kind])
        return []
    sheets = open_sheets(data, kind)
    extension = reading.landed.file_name.rsplit(".", 1)[-1].lower()
    if not sheets:
        reading.find("F-FOREIGN", found=WORDS[kind] if kind is Kind.HTML else _NO_SHEETS)
    elif code := disguise(kind, extension in EXTENSIONS[kind]):
        reading.find(code, found=WORDS[kind])
    if active := active_parts(data):
        reading.find("F-ACTIVE", found=", ".join(active))
    return sheets


def _opened(reading: Reading, data: bytes) -> list[Sheet]:
    """Sheets of the file; none when it is refused, and then the route still says whom to answer."""
    try:
        return _open(reading, data)
    except UnreadableTable as error:
        reading.find(error.code, row=error.row)
    except OverLimit as error:
        reading.find(error.code, **error.facts)
    return []


def _archive(reading: Reading, data: bytes) -> None:
    """An archive is answered by its members, unless it cannot be unpacked."""
    try:
        found = members(data)
    except NotUnpacked as error:
        reading.find("F-ARCHIVE", found=f"{error}")
        return
    reading.find(UNPACKED, found=listed([member.path for member in found]))


def _take_replies(reading: Reading, sheets: list[Sheet]) -> bool:
    """Whether the file is an answer of ours that came back."""
    found = find_replies(sheets)
    if found is not None:
        resolver = reading.knowledge.resolver_at(reading.received_on)
        sender = replying_sender(reading.landed.file_name, reading.landed.folder, resolver)
        reading.replies, reading.n_rows = found, len(found)
        reading.route = Route(territory_id=sender)
    return found is not None


def _route(reading: Reading, sheets: list[Sheet], data: bytes) -> None:
    landed, known = reading.landed, reading.knowledge
    name, folder = landed.file_name, landed.folder
    resolver = known.resolver_at(reading.received_on)
    routed = route_file(sheets, name, folder, known.forms, resolver)
    if routed.route.as_of and known.resolver_at(routed.route.as_of) is not resolver:
        # The file is for another year than it came in: names mean what that year's order says.
        resolver = known.resolver_at(routed.route.as_of)
        routed = route_file(sheets, name, folder, known.forms, resolver)
    reading.route = route = routed.route
    if not sheets:
        return  # the file is refused already; the route only says whom to answer
    reading.stamp = find_stamp(route, data, sniff(data))
    reading.route = route = completed(route, reading.stamp, resolver)
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
        _check_blank(reading, form, reading.version)
        for code, _, facts in of_route(route, form, reading.received_on):
            reading.find(code, **facts)


def _check_blank(reading: Reading, form: Form, version: FormVersion) -> None:
    """A form may have changed since its blank was handed out."""
    stamp = reading.stamp
    if stamp and stamp.form_code == form.code and stamp.layout != layout_mark(version):
        reading.find("F-OLD-BLANK", found=f"{stamp}")


def _headers(reading: Reading, version: FormVersion, sheets: list[Sheet]) -> list[Header]:
    headers = find_headers(sheets, version)
    form = reading.route.form_code
    if not headers:
        if is_transposed(sheets, version):
            reading.find("F-TRANSPOSED", form=form)
            return []
        required = [column.title for column in version.columns if column.required]
        names = listed([sheet.name for sheet in sheets])
        reading.find("F-NO-HEADER", form=form, sheet=names, expected=listed(required))
        return []
    best = headers[0]
    if best.doubled:
        reading.find("F-DUPLICATE-HEADER", best, found=listed(list(best.doubled)))
    if best.missing:
        expected = listed([column.title for column in best.missing])
        reading.find("F-MISSING-COLUMN", best, expected=expected, found=listed(list(best.cells)))
    if best.unknown:
        reading.find("F-UNKNOWN-COLUMN", best, found=listed(list(best.unknown.values())))
    return _of_the_month(reading, headers) if best.is_complete else []


def _of_the_month(reading: Reading, headers: list[Header]) -> list[Header]:
    as_of = reading.route.as_of
    others = of_other_months(headers, as_of.month) if as_of and len(headers) > 1 else []
    if others:
        reading.find("F-OTHER-MONTH", found=listed([header.sheet.name for header in others]))
    return [header for header in headers if header not in others]


def _listed_in_blank(reading: Reading, version: FormVersion) -> str | None:
    """Which column the file's own blank came with filled in."""
    form = reading.knowledge.forms[reading.route.form_code or ""]
    key = form.listed_key(version) if reading.stamp else None
    return key.name if key else None


def _rows(reading: Reading, sheets: list[Sheet], path: Path) -> None:
    version = reading.version
    if version is None or reading.is_blocked:
        return
    headers = _headers(reading, version, sheets)
    if not headers:
        return
    count = write_rows(headers, version, path, _listed_in_blank(reading, version))
    reading.n_rows, reading.n_broken = count.kept, len(count.broken)
    for code, at, facts in (*of_sheets(headers), *of_rows(count, headers)):
        reading.find(code, at, **facts)
    for code, at, row, title, facts in of_cells(count):
        reading.find_at(code, at, row, title, facts)
    if not count.kept and not reading.route.is_zero_report:
        reading.find("F-NO-ROWS", headers[0])


def _delivery(reading: Reading, path: Path) -> Delivery:
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
        n_broken=reading.n_broken,
        file_findings=tuple(reading.findings),
        parsed_path=path if path.exists() else None,
        content=content_hash(path) if path.exists() and reading.n_rows <= BATCH_ROWS else None,
        read_with=reading.knowledge.fingerprint,
        replies=reading.replies,
    )


def read_bytes(landed: Landed, data: bytes, known: Knowledge, rows_path: Path) -> Delivery:
    """Read bytes into `rows_path`; all that is wrong with them is in the result's findings."""
    reading = Reading(landed, known)
    rows_path.parent.mkdir(parents=True, exist_ok=True)
    temporary = temporary_of(rows_path)
    with room_for(temporary):
        try:
            sheets = _opened(reading, data)
            if not _take_replies(reading, sheets):
                _route(reading, sheets, data)
                _rows(reading, sheets, temporary)
        except UnreadableTable as error:
            reading.find(error.code, row=error.row)
        except OverLimit as error:
            reading.find(error.code, **error.facts)
        if temporary.exists():
            temporary.replace(rows_path)
    if reading.is_blocked:
        reading.n_rows = reading.n_broken = 0
        rows_path.unlink(missing_ok=True)
    return _delivery(reading, rows_path)


def _read_members(settings: Settings, landed: Landed, data: bytes, known: Knowledge) -> None:
    """Land and read the members of an archive as deliveries of their own.

    Before the archive's own record: a process that dies between is followed by one that repeats.
    """
    for member in members(data):
        source = f"{landed.source}/{member.path}"
        own = land_bytes(settings, member.data, landed.channel, source, landed)
        read_delivery(settings, own, known)


def read_delivery(settings: Settings, landed: Landed, known: Knowledge) -> Delivery:
    """Read a landed file unless it was read with the same knowledge before."""
    done = load_delivery(settings, landed.delivery_id)
    if done is not None and done.read_with == known.fingerprint:
        return done
    is_too_large = landed.size > most("file_bytes")  # then it is refused unread
    data = b"" if is_too_large else landed_bytes(settings, landed)
    record = record_path(settings, landed.delivery_id)
    delivery = read_bytes(landed, data, known, record.parent / "rows.parquet")
    if delivery.is_unpacked:
        _read_members(settings, landed, data, known)
    kept = delivery.model_copy(
        update={"parsed_path": Path("rows.parquet") if delivery.parsed_path else None}
    )
    write_atomically(record, kept.model_dump_json(indent=1).encode())
    return delivery
