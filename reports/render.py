"""All reports of a date: made from frozen marts, read back, checked, and only then handed over.

What enters: settings, a date, an order. What leaves: the files of the catalogue and a manifest in
`reports/<as_of>/`, the same bytes for the same marts. What was there before stays until every new
file has passed its check.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from ingest.settings import Settings
from reports.check import Check, check_page, check_workbook
from reports.config import ReportSpec, catalogue
from reports.errors import BadReportConfig, ReportNotWritten
from reports.marts import MartSet, load_marts
from reports.page import page_bytes
from reports.workbook import workbook_bytes

MANIFEST = "manifest.json"


@dataclass(frozen=True)
class Writer:
    """Makes the bytes of a report, and compares the written file with the marts."""

    make: Callable[[MartSet], bytes]
    check: Check


# One writer an entry of catalogue.yml.
WRITERS = {
    "ministry_workbook": Writer(workbook_bytes, check_workbook),
    "progress_page": Writer(page_bytes, check_page),
}


@dataclass(frozen=True)
class _Staged:
    """A checked file that waits under a temporary name."""

    path: Path
    temporary: Path
    digest: str


@contextmanager
def _disk(path: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise ReportNotWritten(path, error.strerror or str(error)) from error


def _writer(spec: ReportSpec) -> Writer:
    if spec.id not in WRITERS:
        raise BadReportConfig(
            "catalogue.yml",
            spec.id,
            f"expected one of {sorted(WRITERS)}, found no writer; "
            "add one to WRITERS in reports/render.py or remove the entry",
        )
    return WRITERS[spec.id]


def _stage(path: Path, content: bytes) -> _Staged:
    """Write under a temporary name, to the disk itself."""
    temporary = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    staged = _Staged(path, temporary, hashlib.sha256(content).hexdigest())
    try:
        with _disk(path):
            path.parent.mkdir(parents=True, exist_ok=True)
            with temporary.open("wb") as stream:
                stream.write(content)
                stream.flush()
                os.fsync(stream.fileno())
    except ReportNotWritten:
        _forget([staged])
        raise
    return staged


def _forget(staged: list[_Staged]) -> None:
    """Remove what was not handed over."""
    for item in staged:
        try:
            item.temporary.unlink(missing_ok=True)
        except OSError:
            # The disk that refused the file may refuse this too; the first error is told.
            continue


def _manifest(marts: MartSet, made: list[tuple[ReportSpec, _Staged]]) -> bytes:
    content = {
        "order_id": marts.order_id,
        "as_of": marts.as_of.isoformat(),
        "load_id": marts.load_id,
        "reports": [
            {
                "id": spec.id,
                "title": spec.title,
                "file": staged.path.name,
                "sha256": staged.digest,
                "marts": spec.marts,
            }
            for spec, staged in made
        ],
    }
    return (json.dumps(content, ensure_ascii=False, indent=2) + "\n").encode()


def render(settings: Settings, as_of: date, order_id: str) -> list[Path]:
    """Make all reports of the catalogue for one date.

    Args:
        settings: where marts and reports lie.
        as_of: date of the data; an older one than the current version works as well.
        order_id: key of the order.

    Returns:
        the reports in the order of the catalogue, and the manifest last.

    Raises:
        BadReportConfig: an entry of the catalogue has no writer.
        ReportError: the marts are missing, incomplete or of another shape.
        FigureMismatch: a written file shows another number than its mart.
        ReportNotWritten: the disk refuses a file.
    """
    writers = [(spec, _writer(spec)) for spec in catalogue().reports]
    marts = load_marts(settings.marts, as_of, order_id)
    folder = settings.reports / as_of.isoformat()
    staged: list[_Staged] = []
    try:
        for spec, writer in writers:
            path = folder / spec.file.format(order_id=order_id, as_of=as_of)
            staged.append(_stage(path, writer.make(marts)))
            with _disk(path):
                written = staged[-1].temporary.read_bytes()
            writer.check(written, path.name, marts)
        specs = [spec for spec, _ in writers]
        content = _manifest(marts, list(zip(specs, staged, strict=True)))
        staged.append(_stage(folder / MANIFEST, content))
        for item in staged:
            with _disk(item.path):
                item.temporary.replace(item.path)
    finally:
        _forget(staged)
    return [item.path for item in staged]
