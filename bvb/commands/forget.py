"""`bvb forget`: a withdrawn consent reaches every layer."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click
from rich.console import Console

from bvb.clock import moscow_now
from bvb.commands import _options
from ingest.settings import load_settings

if TYPE_CHECKING:
    from ingest.settings import Settings


@click.command(
    help="Исполнить отзывы согласий из decisions/withdrawals.csv: имена и даты рождения этих детей "
    "исчезают из всех слоёв. --id показывает ключ; --key, --by и --reason дописывают отзыв."
)
@click.option("--id", "platform_id", metavar="ID", help="ID на платформе: показать ключ и выйти.")
@click.option("--key", "person_key", metavar="КЛЮЧ", help="Чей отзыв записать и исполнить.")
@click.option("--by", "author", metavar="ФАМИЛИЯ", help="Кто записал отзыв.")
@click.option("--reason", metavar="ТЕКСТ", help="Основание: номер и дата заявления.")
@click.option("--again", is_flag=True, help="Исполнить весь реестр ещё раз.")
@_options.data
def command(platform_id: str | None, *, again: bool, data: Path | None, **line: str | None) -> None:
    """Show a key, or carry out the register."""
    from duty.forget import forget
    from duty.persons import key_of
    from duty.register import withdrawals
    from ingest.decisions import add_line

    settings, console = load_settings(data), Console(highlight=False, soft_wrap=True)
    if platform_id:
        console.print(f"ключ: {key_of(settings.secret(), platform_id)}")
        return
    given = {name: text for name, text in line.items() if text}
    if given:
        if len(given) < len(line):
            raise click.UsageError("--key, --by и --reason нужны вместе")
        add_line(settings, "withdrawals", given, moscow_now())
    keys = set(withdrawals(settings)) if again else None
    proofs = forget(settings, moscow_now(), keys)
    for proof in proofs:
        console.print(
            f"{proof['person_key']}: строк {proof['rows']}, исходных файлов изменено "
            f"{len(proof['objects'])}, просмотрено {proof['searched']}, "
            f"копий убрано {len(proof['removed'])}"
        )
        if proof["not_searched"]:
            console.print(
                f"  не просмотрены (сканы, файлы с паролем): {len(proof['not_searched'])} — "
                "проверьте их сами, хеши в outcomes/withdrawals"
            )
    if not proofs:
        console.print("новых отзывов нет")
        return
    console.print(_on_server(settings, {proof["person_key"] for proof in proofs}))
    console.print("сделайте копию (bvb backup): прежние копии, где эти имена есть, уйдут")


def _on_server(settings: Settings, keys: set[str]) -> str:
    from bvb.server import server_of
    from duty.server_rows import forget_on

    server = server_of(settings)
    if server is None:
        return "сервер PostgreSQL не подключён: там ничего не искалось"
    return f"на сервере убрано строк с именами: {forget_on(server, keys)}"
