"""`bvb blank`: templates of forms, filled in as far as is known."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

import click
from rich.console import Console

from bvb.commands import _options
from ingest.calendar import month_end
from ingest.forms import Sender, load_forms
from ingest.settings import load_settings

if TYPE_CHECKING:
    from desk.blanks import Blank, Blanks

ALL, OPERATOR = "all", "operator"
SHOWN = 20
_MONTH = re.compile(r"^\d{4}-(0[1-9]|1[0-2])$")
_TERRITORY = re.compile(r"^[TtТт]?(\d{1,2})$")


def _day(period: str | None, as_of: date | None) -> date:
    if (period is None) == (as_of is None):
        raise click.UsageError("укажите либо --period ГГГГ-ММ, либо --as-of ГГГГ-ММ-ДД")
    if as_of is not None:
        return as_of
    if not _MONTH.match(period or ""):
        raise click.UsageError(f"--period: ожидался месяц ГГГГ-ММ, указано «{period}»")
    return month_end(f"{period}")


def _territory(text: str) -> int:
    if text == OPERATOR:
        return 0
    match = _TERRITORY.match(text)
    if not match or not int(match[1]):
        raise click.UsageError(f"--territory: номер, {OPERATOR} или {ALL}; указано «{text}»")
    return int(match[1])


def _chosen(blanks: Blanks, form_code: str, territory: str) -> list[Blank]:
    """One template, or those that are owed out of many."""
    form = load_forms().get(form_code)
    is_of_many = territory == ALL and form is not None and form.sender is Sender.TERRITORY
    if form_code != ALL and not is_of_many:
        return [blanks.one(form_code, _territory(OPERATOR if territory == ALL else territory))]
    codes = load_forms() if form_code == ALL else [form_code]
    everybody = [t.territory_id for t in blanks.reference.territories]
    places = [*everybody, 0] if territory == ALL else [_territory(territory)]
    return list(blanks.owed(codes, places))


@click.command(
    help="Сделать шаблоны форм для территорий и оператора: паспорт, школы и последние принятые "
    "строки подставлены. Шаблон содержит сведения своего отправителя: отдавать только ему."
)
@click.option("--form", "form_code", default=ALL, show_default=True, metavar="КОД",
              help="Код формы или all — всё, что положено сдать.")  # fmt: skip
@click.option("--territory", default=ALL, show_default=True, metavar="НОМЕР",
              help="Номер территории, operator или all.")  # fmt: skip
@click.option("--period", metavar="ГГГГ-ММ", help="Месяц.")
@click.option("--as-of", type=_options.DAY, callback=_options.as_day,
              help="Дата вместо месяца, ГГГГ-ММ-ДД.")  # fmt: skip
@click.option("--out", type=click.Path(path_type=Path, file_okay=False), required=True,
              help="Куда писать: папка на отправителя.")  # fmt: skip
@_options.data
def command(  # noqa: PLR0913, PLR0917 - one argument an option
    form_code: str,
    territory: str,
    period: str | None,
    as_of: date | None,
    out: Path,
    data: Path | None,
) -> None:
    """Write the templates and name them."""
    from desk.blanks import Blanks, write_blank

    blanks = Blanks(load_settings(data), _day(period, as_of))
    chosen = _chosen(blanks, form_code, territory)
    console = Console()
    with console.status("Пишу шаблоны"):
        written = [write_blank(blank, out) for blank in chosen]
    for path in written[:SHOWN]:
        click.echo(path)
    if len(written) > SHOWN:
        click.echo(f"… и ещё {len(written) - SHOWN}; всего шаблонов: {len(written)}")
    if not written:
        click.echo("За этот период никто из выбранных эту форму не сдаёт: шаблонов нет.", err=True)
