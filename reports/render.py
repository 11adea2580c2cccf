"""Reports of a date: made from frozen marts, read back, checked, and only then handed over.

What enters: settings, a date, an order, and which reports. What leaves: an edition of files and its
manifest in `reports/<as_of>/`, the same bytes for the same marts. What was handed over before stays
beside it, with a note of what changed.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from ingest.reference import load_reference
from ingest.settings import Settings
from reports import editable, printed
from reports.book import book_writers
from reports.catalogue import ReportSpec, catalogue, marts_of
from reports.changes import note_bytes, watching
from reports.check import Check, check_page, check_workbook
from reports.editions import MANIFEST, Edition, Staged, Staging, disk, folder_of, newest
from reports.errors import BadReportConfig, ReportError, ReportSkipped
from reports.marts import MartSet, load_marts
from reports.page import page_bytes
from reports.workbook import workbook_bytes

VERSIONS = ("known_at", "known_on", "rules_version", "formulas_version", "plan_version")
NOTE = "what_changed__{order_id}__{as_of}.xlsx"


@dataclass(frozen=True)
class Writer:
    """Makes the bytes of a report, and compares the written file with the marts.

    `make_each` is for reports of one file a territory: pairs of territory and bytes, of all or of
    the one asked for.
    """

    make: Callable[[MartSet], bytes] | None
    check: Check
    make_each: Callable[[MartSet, int | None], Iterator[tuple[int, bytes]]] | None = None


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
    """What was handed over, what could not be made here, and what an earlier load still tells."""

    paths: list[Path]
    skipped: dict[str, str]
    edition: int
    not_renewed: list[str]


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
    for place, content in writer.make_each(marts, territory) if writer.make_each else ():
        yield spec.file.format(territory=place, **known), content


def _add(staging: Staging, name: str, content: bytes, check: Check, marts: MartSet) -> Staged:
    staged = staging.add(name, content)
    with disk(staging.folder / name):
        written = staged.temporary.read_bytes()
    check(written, name, marts)
    return staged


def _entry(spec: ReportSpec, files: Iterable[Staged]) -> dict[str, Any]:
    return {
        "id": spec.id,
        "code": spec.code,
        "title": spec.title,
        "addressee": spec.addressee,
        "period": spec.period,
        "files": {item.name: item.digest for item in files},
        "marts": spec.marts,
    }


def _note(settings: Settings, marts: MartSet, replaces: str) -> bytes:
    """What changed since the edition before, by its marts if they are still there."""
    wanted = ["dim_run", *(spec.mart for spec in watching().watched)]
    after = load_marts(settings.marts, marts.as_of, marts.order_id, wanted)
    earlier = None
    kept = sorted(settings.marts.glob(f"*__{replaces}"))
    if kept:
        with suppress(ReportError):  # an old version may lack a mart that came later
            earlier = load_marts(kept[0], marts.as_of, marts.order_id, wanted)
    return note_bytes(earlier, after, replaces)


@dataclass(frozen=True)
class _Made:
    """What this call made: entries of the manifest, and what it could not make."""

    entries: list[dict[str, Any]]
    skipped: dict[str, str]


def _manifest(
    marts: MartSet, made: _Made, before: Edition | None, number: int, note: Staged | None
) -> dict[str, Any]:
    """What was made from what; reports made earlier from the same load stay listed."""
    told: dict[str, Any] = before.manifest if before else {}
    is_same = before is not None and before.number == number
    is_kept = before is not None and before.load_id == marts.load_id
    entries = {item["id"]: item for item in (told["reports"] if is_kept else [])}
    for item in made.entries:
        # A part of the letters does not make the others unmade.
        known = entries.get(item["id"], {}).get("files", {})
        entries[item["id"]] = item | {"files": dict(sorted((known | item["files"]).items()))}
    dropped = [item["id"] for item in told.get("reports", [])] + told.get("not_renewed", [])
    skipped = {k: v for k, v in told.get("skipped", {}).items() if is_kept and k not in entries}
    return {
        "order_id": marts.order_id,
        "as_of": marts.as_of.isoformat(),
        "edition": number,
        "load_id": marts.load_id,
        "replaces": told.get("replaces") if is_same or not before else before.load_id,
        **{name: str(row[name]) for row in marts.rows("dim_run")[:1] for name in VERSIONS},
        "what_changed": (
            {"file": note.name, "sha256": note.digest}
            if note
            else (told["what_changed"] if is_same else None)
        ),
        "reports": [entries[spec.id] for spec in catalogue().reports if spec.id in entries],
        "not_renewed": [
            s.id for s in catalogue().reports if s.id in dropped and s.id not in entries
        ],
        "skipped": skipped | made.skipped,
    }


def _hand_over(settings: Settings, marts: MartSet, staging: Staging, made: _Made) -> Rendered:
    before = newest(staging.folder)
    number, place = staging.place(before)
    note = None
    is_new = before is not None and number != before.number
    if before and is_new:
        name = NOTE.format(order_id=marts.order_id, as_of=marts.as_of)
        note = staging.add(name, _note(settings, marts, before.load_id))
    manifest = _manifest(marts, made, before, number, note)
    content = json.dumps(manifest, ensure_ascii=False, indent=2) + "\n"
    staging.add(MANIFEST, content.encode())
    names = [name for entry in manifest["reports"] for name in entry["files"]]
    if manifest["what_changed"]:
        names.append(manifest["what_changed"]["file"])
    carried = before.folder if before and is_new and before.load_id == marts.load_id else None
    shown = staging.hand_over(place, carried, [*names, MANIFEST])
    now = {item.name for item in staging.files}
    paths = [path for path, name in zip(shown, [*names, MANIFEST], strict=True) if name in now]
    return Rendered(paths, made.skipped, number, manifest["not_renewed"])


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
    final_on = load_reference(order_id).day("final_report_due")
    specs = catalogue().chosen(as_of, final_on, only)
    writers = [(spec, _writer(spec)) for spec in specs]
    marts = load_marts(settings.marts, as_of, order_id, [*marts_of(specs), "dim_run"])
    staging = Staging(folder_of(settings, as_of), marts.load_id)
    made = _Made([], {})
    try:
        for spec, writer in writers:
            try:
                files = [
                    _add(staging, name, content, writer.check, marts)
                    for name, content in _contents(spec, writer, marts, territory)
                ]
            except ReportSkipped as reason:
                made.skipped[spec.id] = reason.reason
                continue
            made.entries.append(_entry(spec, files))
        return _hand_over(settings, marts, staging, made)
    finally:
        staging.forget()
