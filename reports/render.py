"""Reports of a date: made from frozen marts, read back, checked, and only then handed over.

What enters: settings, a date, an order, and which reports. What leaves: an edition of files and its
manifest in `reports/<as_of>/`, the same bytes for the same marts. What was handed over before stays
beside it, with a note of what changed.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from ingest.settings import Settings
from reports import editable, printed
from reports.book import book_writers
from reports.catalogue import ReportSpec, catalogue, marts_of
from reports.changes import note_bytes
from reports.check import Check, check_page, check_workbook
from reports.editions import MANIFEST, Staged, Staging, disk, folder_of, manifest_of
from reports.errors import BadReportConfig, ReportError, ReportSkipped
from reports.marts import MartSet, load_marts
from reports.page import page_bytes
from reports.workbook import workbook_bytes

VERSIONS = ("known_on", "rules_version", "formulas_version", "plan_version")
NOTE = "what_changed__{order_id}__{as_of}.xlsx"


@dataclass(frozen=True)
class Writer:
    """Makes the bytes of a report, and compares the written file with the marts.

    `make_each` is for reports of one file a territory: pairs of territory and bytes.
    """

    make: Callable[[MartSet], bytes] | None
    check: Check
    make_each: Callable[[MartSet], Iterator[tuple[int, bytes]]] | None = None


# One writer an entry of catalogue.yml; workbooks of tables bring their own.
WRITERS: dict[str, Writer] = {
    "ministry_workbook": Writer(workbook_bytes, check_workbook),
    "progress_page": Writer(page_bytes, check_page),
    "final_report": Writer(printed.final_pdf, printed.check_pdf),
    "final_report_word": Writer(editable.final_docx, editable.check_final),
    "passports": Writer(printed.passports_pdf, printed.check_pdf),
    "letters": Writer(None, editable.check_letter, editable.letters),
    **{name: Writer(make, check) for name, (make, check) in book_writers().items()},
}


@dataclass(frozen=True)
class Rendered:
    """What was handed over, and what could not be made on this machine."""

    paths: list[Path]
    skipped: dict[str, str]


def _writer(spec: ReportSpec) -> Writer:
    if spec.id not in WRITERS:
        raise BadReportConfig(
            "catalogue.yml",
            spec.id,
            f"expected one of {sorted(WRITERS)}, found no writer; "
            "add one to WRITERS in reports/render.py, an entry to books.yml, or remove it",
        )
    return WRITERS[spec.id]


def _contents(
    spec: ReportSpec, writer: Writer, marts: MartSet, territory: int | None
) -> Iterator[tuple[str, bytes]]:
    """(file name, bytes) of a report."""
    known = {"order_id": marts.order_id, "as_of": marts.as_of}
    if writer.make is not None:
        yield spec.file.format(**known), writer.make(marts)
    for place, content in writer.make_each(marts) if writer.make_each else ():
        if territory in (None, place):
            yield spec.file.format(territory=place, **known), content


def _add(staging: Staging, name: str, content: bytes, check: Check, marts: MartSet) -> Staged:
    staged = staging.add(name, content)
    with disk(staged.path):
        written = staged.temporary.read_bytes()
    check(written, name, marts)
    return staged


def _entry(spec: ReportSpec, staging: Staging, files: Iterable[Staged]) -> dict[str, Any]:
    return {
        "id": spec.id,
        "code": spec.code,
        "title": spec.title,
        "files": {item.path.relative_to(staging.frozen).as_posix(): item.digest for item in files},
        "marts": spec.marts,
    }


def _versions(marts: MartSet) -> dict[str, str]:
    rows = marts.rows("dim_run")
    return {name: str(rows[0][name]) for name in VERSIONS} if rows else {}


def _manifest(
    marts: MartSet, entries: list[dict[str, Any]], skipped: dict[str, str], before: Any
) -> bytes:
    """What was made from what; reports made earlier for the same load stay listed."""
    same = before if before and before["load_id"] == marts.load_id else None
    made = {entry["id"]: entry for entry in (same["reports"] if same else [])}
    made |= {entry["id"]: entry for entry in entries}
    replaces = same["replaces"] if same else (before["load_id"] if before else None)
    content = {
        "order_id": marts.order_id,
        "as_of": marts.as_of.isoformat(),
        "load_id": marts.load_id,
        "replaces": replaces,
        **_versions(marts),
        "reports": [made[spec.id] for spec in catalogue().reports if spec.id in made],
        "skipped": skipped,
    }
    return (json.dumps(content, ensure_ascii=False, indent=2) + "\n").encode()


def _note(settings: Settings, marts: MartSet, before: Any) -> bytes | None:
    """What changed since the edition before, if its marts are still there."""
    if not before or before["load_id"] == marts.load_id:
        return None
    kept = sorted(settings.marts.glob(f"*__{before['load_id']}"))
    if not kept:
        return None
    try:
        earlier = load_marts(kept[0], marts.as_of, marts.order_id, ["dim_run"])
    except ReportError:
        return None
    return note_bytes(earlier, marts)


def render(
    settings: Settings,
    as_of: date,
    order_id: str,
    only: Sequence[str] = (),
    territory: int | None = None,
) -> Rendered:
    """Make the reports of a date, or those asked for.

    Args:
        settings: where marts and reports lie.
        as_of: date of the data; an older one than the current version works as well.
        order_id: key of the order.
        only: ids of the catalogue, or «all»; empty means those that a run of the date makes.
        territory: of reports that have a file a territory, this one only.

    Returns:
        the handed-over files in the order of the catalogue, the manifest last.

    Raises:
        BadReportConfig: an id is unknown or has no writer.
        ReportError: the marts are missing, incomplete or of another shape.
        FigureMismatch: a written file shows another number than its mart.
        ReportNotWritten: the disk refuses a file.
    """
    specs = catalogue().chosen(as_of, only)
    writers = [(spec, _writer(spec)) for spec in specs]
    marts = load_marts(settings.marts, as_of, order_id, [*marts_of(specs), "dim_run"])
    folder = folder_of(settings, as_of)
    before = manifest_of(folder)
    staging = Staging(folder, marts.load_id)
    entries, skipped = [], {}
    try:
        for spec, writer in writers:
            try:
                files = [
                    _add(staging, name, content, writer.check, marts)
                    for name, content in _contents(spec, writer, marts, territory)
                ]
            except ReportSkipped as reason:
                skipped[spec.id] = reason.reason
                continue
            entries.append(_entry(spec, staging, files))
        note = _note(settings, marts, before)
        if note is not None:
            staging.add(NOTE.format(order_id=order_id, as_of=as_of), note)
        staging.add(MANIFEST, _manifest(marts, entries, skipped, before))
        return Rendered(staging.hand_over(), skipped)
    finally:
        staging.forget()
