"""From columns to files: names, passports, formats and moments of receipt.

What enters: typed columns of a form. What leaves: a file with the canonical name whose time of
change is the moment of receipt.
"""

from __future__ import annotations

import os
from dataclasses import dataclass, replace
from datetime import date, datetime, time
from functools import cache
from pathlib import Path
from typing import Any

import pyarrow as pa

from ingest.forms import ColumnType, Form, FormVersion, Sender
from ingest.routing import canonical_stem, printed_labels
from ingest.settings import MOSCOW
from synthetic.config import World
from synthetic.people import MAIL_DOMAIN, full_names, people
from synthetic.sheet import Tab, write_csv, write_xlsx

XLSX_ROWS = 1_000_000
DATA_SHEET = {Sender.PLATFORM: "Выгрузка", Sender.TERRITORY: "Данные", Sender.OPERATOR: "Данные"}


@dataclass(frozen=True)
class Outgoing:
    """One file that somebody sends."""

    form: Form
    territory: int  # 0: platform or operator
    as_of: date
    received_at: datetime
    version: int = 1
    is_zero: bool = False

    @property
    def period(self) -> str:
        """The month it is for."""
        return f"{self.as_of:%Y-%m}"

    @property
    def folder(self) -> str:
        """Drop folder of its sender."""
        return f"T{self.territory:02d}" if self.territory else str(self.form.sender)

    @property
    def stem(self) -> str:
        """Canonical name without the extension."""
        return canonical_stem(self.form, self.territory, self.as_of, self.version)

    @property
    def layout(self) -> FormVersion:
        """The layout valid on its date."""
        return self.form.version_at(self.as_of)


def receipt(world: World, day: date, working_days: int, salt: int) -> datetime:
    """A moment on the n-th working day after `day`, in office hours, fixed by `salt`."""
    when = world.reference.calendar.add_working_days(day, working_days)
    return datetime.combine(when, time(9 + salt % 8, salt * 7 % 60, salt * 13 % 60), tzinfo=MOSCOW)


@cache
def _coordinators(world: World) -> list[str]:
    """Who answers for the files of each territory; at 0 the platform's or operator's person."""
    found = people(world.rng("coordinators"), len(world.territories) + 1, 0.9)
    return full_names(found.last, found.first, found.middle)


def coordinator(world: World, territory: int) -> str:
    """Who answers for a territory's files."""
    return _coordinators(world)[territory]


def coordinator_mail(territory: int) -> str:
    """The coordinator's address."""
    return f"bvb{territory:02d}@{MAIL_DOMAIN}"


def coordinator_phone(territory: int) -> str:
    """The coordinator's telephone."""
    return f"8 (498) 602-{territory:02d}-00"


def passport(world: World, file: Outgoing, changes: dict[str, str] | None = None) -> Tab:
    """The «Паспорт» sheet of a file, by the labels of `ingest/passport.yml`."""
    names = {t.territory_id: t.name for t in world.reference.territories}
    values = {
        "form_code": file.form.code,
        "form_version": f"{file.layout.version}",
        "territory_code": f"T{file.territory:02d}" if file.territory else "",
        "territory_name": names.get(file.territory, ""),
        "period": file.period,
        "as_of": f"{file.as_of:%d.%m.%Y}",
        "responsible_name": coordinator(world, file.territory),
        "responsible_phone": coordinator_phone(file.territory),
        "responsible_email": coordinator_mail(file.territory),
        "filled_on": f"{file.received_at:%d.%m.%Y}",
        "is_zero_report": "да" if file.is_zero else "нет",
    } | (changes or {})
    rows = [(label, values[name]) for name, label in printed_labels().items() if values.get(name)]
    return Tab("Паспорт", (file.form.title, ""), pa.table({"a": [], "b": []}), below=tuple(rows))


def data_tab(file: Outgoing, table: pa.Table, *, as_serial: bool) -> Tab:
    """The sheet with the rows; in filled-in templates dates are real dates."""
    columns = file.layout.columns
    dates = {c.name for c in columns if c.type is ColumnType.DATE} if as_serial else set()
    numbers = {c.name for c in columns if c.type is ColumnType.INT}
    return Tab(
        DATA_SHEET[file.form.sender],
        tuple(c.title for c in columns),
        table,
        dates=frozenset(dates),
        numbers=frozenset(numbers),
    )


def stamp(path: Path, moment: datetime) -> None:
    """Set the moment of receipt."""
    seconds = int(moment.timestamp())
    os.utime(path, (seconds, seconds))


def write_file(out: Path, world: World, file: Outgoing, table: pa.Table) -> Path:
    """Write one file: a workbook, or csv when a sheet could not hold the rows."""
    folder = out / file.folder
    folder.mkdir(parents=True, exist_ok=True)
    is_platform = file.form.sender is Sender.PLATFORM
    tab = data_tab(file, table, as_serial=not is_platform)
    limit: Any = world.region["files"]["xlsx_rows"]
    if table.num_rows > min(limit, XLSX_ROWS):
        path = folder / f"{file.stem}.csv"
        write_csv(path, tab)
    else:
        path = folder / f"{file.stem}.xlsx"
        tabs = [tab] if is_platform else [passport(world, file), tab]
        write_xlsx(path, tabs, file.received_at)
    stamp(path, file.received_at)
    return path


def resent(file: Outgoing, received_at: datetime) -> Outgoing:
    """The next version of a file."""
    return replace(file, version=file.version + 1, received_at=received_at)
