"""`bvb page`: the senders' page «Проверка файла», and its accounts."""

from __future__ import annotations

import logging
from pathlib import Path

import click

from bvb.clock import moscow_now
from bvb.commands import _options
from ingest.settings import Settings, load_settings

PORT = 8765
CONNECTIONS, STOP_SECONDS = 100, 10


def _serve(settings: Settings, host: str, port: int) -> None:
    import uvicorn

    from channels.memory import alone
    from desk.page.app import WithoutWords, create_app
    from desk.page.jobs import CHANNEL

    with alone(settings, CHANNEL):
        pass  # said in one sentence now, not by a server that cannot start
    logging.basicConfig(level=logging.WARNING, format="%(asctime)s %(message)s")
    logging.getLogger("bvb.page").setLevel(logging.INFO)
    logging.getLogger("uvicorn.error").addFilter(WithoutWords())
    click.echo(f"Страница «Проверка файла»: http://{host}:{port}  (остановить: Ctrl+C)")
    # No access log: addresses of people and of their results are nobody's business.
    uvicorn.run(
        create_app(settings, moscow_now),
        host=host,
        port=port,
        log_config=None,
        access_log=False,
        server_header=False,
        limit_concurrency=CONNECTIONS,
        timeout_graceful_shutdown=STOP_SECONDS,
    )


def _accounts(settings: Settings, add: tuple[str, ...], remove: tuple[str, ...]) -> None:
    from desk.page.accounts import account_codes, add_account, remove_account

    for code in remove:
        remove_account(settings, code)
        click.echo(f"{code}: учётной записи больше нет")
    for code in add:
        account, password = add_account(settings, code, moscow_now().date())
        click.echo(f"{account.code}: пароль {password}")
    if add:
        click.echo(
            "Пароли показаны один раз и нигде не хранятся; новый пароль — тот же вызов.", err=True
        )
    click.echo(f"Учётных записей: {len(account_codes(settings))}", err=True)


@click.command(
    help="Страница «Проверка файла»: отправитель входит, проверяет файл, отправляет его и берёт "
    "квитанцию. Без --add и --remove запускает страницу (docs/page.md)."
)
@click.option("--add", multiple=True, metavar="КОД",
              help="Завести учётную запись или сменить пароль: T14, operator.")  # fmt: skip
@click.option("--remove", multiple=True, metavar="КОД", help="Убрать учётную запись.")
@click.option("--host", default="127.0.0.1", show_default=True, help="Адрес, который слушать.")
@click.option("--port", type=int, default=PORT, show_default=True)
@_options.data
def command(
    add: tuple[str, ...], remove: tuple[str, ...], host: str, port: int, data: Path | None
) -> None:
    """Change accounts, or serve the page until it is stopped."""
    settings = load_settings(data)
    if add or remove:
        _accounts(settings, add, remove)
    else:
        _serve(settings, host, port)
