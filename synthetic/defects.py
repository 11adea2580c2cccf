"""Planted defects: the broken files of `defects.yml`, each with the findings it must lead to.

What enters: the files just written. What leaves: some of them replaced or joined by broken ones,
and a manifest that tests compare with what the reader finds.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import pyarrow as pa

from ingest.forms import Sender
from ingest.yaml_files import read_yaml
from synthetic.config import RegionError, World
from synthetic.files import Outgoing, data_tab, passport, receipt, resent, stamp
from synthetic.spoilers import CONTAINERS, LAYOUTS, ROWS, text_dates

Key = tuple[str, int]


@dataclass(frozen=True)
class Planted:
    """One broken file: where it lies, and what its reader is expected to say of the file."""

    defect: str
    form_code: str
    territory: int
    path: str  # below the region's folder
    findings: tuple[str, ...]
    why: str


@dataclass(frozen=True)
class Entry:
    """One line of `defects.yml`."""

    defect: str
    form: str
    territory: int
    why: str
    container: str = "xlsx"
    layout: str = "as_it_is"
    rows: str = "as_they_are"
    passport: dict[str, str] | None = None
    name: str | None = None
    folder: str | None = None
    suffix: str = ".xlsx"
    resend: bool = False
    copy: bool = False
    findings: tuple[str, ...] = ()

    @property
    def key(self) -> Key:
        """Whose file it is made from."""
        return self.form, self.territory


@cache
def entries() -> tuple[Entry, ...]:
    """All planted defects.

    Raises:
        RegionError: a line names a way of spoiling that does not exist.
    """
    path = Path(__file__).with_name("defects.yml")
    lines: list[dict[str, Any]] = read_yaml(path)
    found = tuple(Entry(**line | {"findings": tuple(line.get("findings", ()))}) for line in lines)
    for entry in found:
        ways = ((entry.container, CONTAINERS), (entry.layout, LAYOUTS), (entry.rows, ROWS))
        for name, known in ways:
            if name not in known:
                raise RegionError(f"{entry.defect}: expected one of {sorted(known)}, found {name}")
    return found


@dataclass(frozen=True)
class Written:
    """One good file; its table is kept only if a defect is made from it."""

    file: Outgoing
    path: Path
    n_rows: int
    table: pa.Table | None

    @classmethod
    def of(cls, file: Outgoing, table: pa.Table, path: Path) -> Written:
        """Remember a file, and its table if that is needed."""
        needed = (file.form.code, file.territory) in {entry.key for entry in entries()}
        return cls(file, path, table.num_rows, table if needed else None)


def _bytes(world: World, entry: Entry, file: Outgoing, table: pa.Table) -> bytes:
    is_filled_in = file.form.sender is not Sender.PLATFORM
    table = ROWS[entry.rows](table, file.layout)
    if entry.container.startswith("csv") and is_filled_in:
        table = text_dates(table, file.layout)  # csv knows no dates, only texts
    # Serial numbers are what a real date looks like once its format is lost.
    tab = data_tab(file, table, as_serial=is_filled_in and entry.rows != "serial_dates")
    tabs = LAYOUTS[entry.layout](tab, file.layout)
    if is_filled_in:
        tabs = [passport(world, file, entry.passport), *tabs]
    return CONTAINERS[entry.container](tabs, file.received_at)


def _spoil(out: Path, world: World, entry: Entry, good: Written) -> Planted:
    if good.table is None:
        raise RegionError(f"{entry.defect}: the table of {good.path.name} was not kept")
    file = good.file
    if entry.resend:
        file = resent(file, receipt(world, file.received_at.date(), 1, file.territory))
    if entry.copy:
        data = good.path.read_bytes()
    else:
        data = _bytes(world, entry, file, good.table)
        if not entry.resend:
            good.path.unlink()
    folder = out / (entry.folder or file.folder)
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{entry.name or file.stem}{entry.suffix}"
    path.write_bytes(data)
    stamp(path, file.received_at)
    where = path.relative_to(out).as_posix()
    return Planted(entry.defect, entry.form, entry.territory, where, entry.findings, entry.why)


def spoil(out: Path, world: World, written: list[Written]) -> tuple[Planted, ...]:
    """Spoil files as `defects.yml` says; lines whose form is not sent on this date are left out."""
    good = {(item.file.form.code, item.file.territory): item for item in written}
    return tuple(
        _spoil(out, world, entry, good[entry.key]) for entry in entries() if entry.key in good
    )
