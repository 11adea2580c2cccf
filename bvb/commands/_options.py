"""Options that several commands share."""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path

import click

DAY = click.DateTime(["%Y-%m-%d"])


def as_day(
    _context: click.Context, _option: click.Parameter, value: datetime | None
) -> date | None:
    """The day of what click parsed as a moment."""
    return value.date() if value else None


as_of = click.option(
    "--as-of",
    type=DAY,
    callback=as_day,
    required=True,
    help="Дата среза, ГГГГ-ММ-ДД: конец месяца или контрольная дата распоряжения.",
)
known_at = click.option(
    "--known-at",
    metavar="МОМЕНТ",
    help="Что было известно: ISO-момент или latest (всё, что пришло). "
    "По умолчанию — заморозка: конец 3-го рабочего дня после даты среза.",
)
data = click.option(
    "--data",
    type=click.Path(path_type=Path, file_okay=False),
    help="Папка данных вместо BVB_DATA_DIR.",
)
key_file = click.option(
    "--key-file",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Файл ключа: копия зашифрована (AES-256-GCM); для новой копии ключ создаётся.",
)
