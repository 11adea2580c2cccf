"""`bvb letters`: everything that would go out on a day, or sending it."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

import click

from bvb.airflow import apply_environment
from bvb.commands import _options
from ingest.settings import Settings, load_settings

if TYPE_CHECKING:
    from desk.letters.plan import Asked, Plan

LINE = "═" * 72


def _show(settings: Settings, plan: Plan, *, is_brief: bool) -> None:
    from desk.letters.send import as_text

    for planned in plan.letters:
        if not is_brief:
            click.echo(f"{LINE}\n{as_text(settings, planned)}")
        else:
            letter = planned.letter
            click.echo(f"{', '.join(planned.addresses)}: {letter.subject}")
    for item in plan.held:
        letter = item.letter
        click.echo(
            f"не уйдёт: {letter.to.code} ({letter.to.role}), {letter.subject} — {item.words}"
        )
    for problem in plan.problems:
        click.echo(problem, err=True)
    click.echo(f"Ушло бы писем: {len(plan.letters)}, задержано: {len(plan.held)}")


def _send(settings: Settings, asked: Asked) -> None:
    apply_environment(settings, quiet=True)
    from bvb.letter_steps import send
    from desk.letters.config import load_config

    done = send(asked, settings)
    if done is None:
        raise click.ClickException(
            f"почта не подключена: создайте в Airflow соединение {load_config().connection} типа "
            "SMTP (docs/letters.md); посмотреть письма — без --send"
        )
    for title, found in (("отказано", done.refused), ("сервер просит позже", done.later)):
        for planned, detail in found:
            click.echo(f"{title}: {planned.letter.to.code}, {planned.letter.subject} — {detail}")
    click.echo(
        f"Ушло писем: {len(done.sent)}, отказано: {len(done.refused)}, "
        f"позже: {len(done.later)}, задержано: {len(done.plan.held)}"
    )


@click.command(help="Письма дня: показать всё, что ушло бы (так по умолчанию), или отправить.")
@click.option("--on", "day", type=_options.DAY, callback=_options.as_day, required=True,
              help="День, ГГГГ-ММ-ДД.")  # fmt: skip
@click.option("--send/--dry-run", "is_sending", default=False, help="Отправить; иначе показать.")
@click.option(
    "--to", "only", metavar="КОД", help="Только этому получателю: T14, operator, ministry."
)
@click.option("--brief", "is_brief", is_flag=True, help="Показать только кому и о чём.")
@_options.data
def command(
    day: date, is_sending: bool, only: str | None, is_brief: bool, data: Path | None
) -> None:
    """Print or send the letters of a day."""
    from desk.letters.plan import Asked, make_plan

    settings = load_settings(data)
    asked = Asked(day, only=only)
    if is_sending:
        _send(settings, asked)
    else:
        _show(settings, make_plan(settings, asked), is_brief=is_brief)
