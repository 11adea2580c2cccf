"""`bvb synth`: files of an invented region, as the platform and 66 territories would send them."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import click
from rich.console import Console

from bvb.commands import _options


@click.command(help="Записать файлы вымышленной области за дату (для пробы и проверок).")
@_options.as_of
@click.option("--scale", type=float, default=0.1, show_default=True, help="1.0 — настоящий размер.")
@click.option("--seed", type=int, default=1, show_default=True, help="То же число — те же байты.")
@click.option(
    "--out", type=click.Path(path_type=Path, file_okay=False), required=True, help="Куда писать."
)
@click.option("--defects", is_flag=True, help="Добавить испорченные файлы и ошибки в строках.")
def command(as_of: date, scale: float, seed: int, out: Path, defects: bool) -> None:
    """Generate the region."""
    from synthetic.region import generate

    console = Console()
    with console.status(f"Пишу файлы области на {as_of:%d.%m.%Y}, масштаб {scale:g}"):
        generate(out, as_of=as_of, scale=scale, seed=seed, defects=defects)
    count = sum(1 for path in out.rglob("*") if path.is_file())
    console.print(f"Записано файлов: {count} в {out}")
