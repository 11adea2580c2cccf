"""`bvb synth`: files of an invented region, as the platform and 66 territories would send them."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import click
from rich.console import Console

from bvb.commands import _options


@click.command(help="Записать файлы вымышленной области за дату или за весь год (для пробы).")
@click.option(
    "--as-of", type=_options.DAY, callback=_options.as_day, help="Дата среза, ГГГГ-ММ-ДД."
)
@click.option(
    "--from", "first", type=_options.DAY, callback=_options.as_day, help="Первая дата года."
)
@click.option(
    "--to", "last", type=_options.DAY, callback=_options.as_day, help="Последняя дата года."
)
@click.option("--scale", type=float, default=0.1, show_default=True, help="1.0 — настоящий размер.")
@click.option("--seed", type=int, default=1, show_default=True, help="То же число — те же байты.")
@click.option(
    "--out", type=click.Path(path_type=Path, file_okay=False), required=True, help="Куда писать."
)
@click.option("--defects", is_flag=True, help="Добавить испорченные файлы и ошибки в строках.")
def command(  # noqa: PLR0913, PLR0917 - one argument an option
    as_of: date | None,
    first: date | None,
    last: date | None,
    scale: float,
    seed: int,
    out: Path,
    defects: bool,
) -> None:
    """Generate the region for one date, or every scheduled file of a span of dates."""
    from synthetic.region import generate, generate_year

    given = [as_of is not None, first is not None, last is not None]
    if given not in ([True, False, False], [False, True, True]):
        raise click.UsageError("укажите либо --as-of, либо --from и --to")
    if defects and as_of is None:
        raise click.UsageError("--defects портит файлы одной даты: укажите --as-of")
    console = Console()
    what = f"на {as_of:%d.%m.%Y}" if as_of else f"с {first:%d.%m.%Y} по {last:%d.%m.%Y}"
    with console.status(f"Пишу файлы области {what}, масштаб {scale:g}"):
        if as_of is not None:
            generate(out, as_of=as_of, scale=scale, seed=seed, defects=defects)
        elif first is not None and last is not None:
            generate_year(out, (first, last), scale=scale, seed=seed)
    count = sum(1 for path in out.rglob("*") if path.is_file())
    console.print(f"Записано файлов: {count} в {out}")
