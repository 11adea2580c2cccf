"""`bvb restore`: the data directory as a backup holds it."""

from __future__ import annotations

from pathlib import Path

import click
from rich.console import Console

from bvb.commands import _options
from ingest.settings import load_settings

_MB = 1 << 20


@click.command(help="Восстановить папку данных из резервной копии; каждый байт проверяется.")
@click.argument("folder", type=click.Path(path_type=Path, file_okay=False, exists=True))
@click.option("--snapshot", metavar="ИМЯ", help="Какая копия; по умолчанию последняя.")
@click.option("--list", "is_list", is_flag=True, help="Показать копии и выйти.")
@click.option("--replace", is_flag=True, help="Заменить данные, которые лежат в папке.")
@_options.key_file
@_options.data
def command(
    folder: Path,
    snapshot: str | None,
    is_list: bool,
    replace: bool,
    **places: Path | None,
) -> None:
    """Restore, or list the snapshots."""
    from bvb.server import server_of
    from duty.restore import restore
    from duty.seal import load_key
    from duty.server_rows import restore_audit
    from duty.snapshots import finished
    from duty.vault import open_vault

    settings, key_file = load_settings(places["data"]), places["key_file"]
    console = Console(highlight=False, soft_wrap=True)
    vault = open_vault(folder, load_key(key_file) if key_file else None)
    if is_list:
        for name in finished(vault):
            console.print(name)
        return
    done = restore(vault, settings, snapshot, replace=replace)
    console.print(
        f"восстановлено из копии {done.snapshot_id} в {settings.data_dir}: "
        f"файлов {done.n_files} ({done.n_bytes / _MB:.1f} МБ), версий витрин {len(done.versions)}"
    )
    server = server_of(settings)
    if server and (n_rows := restore_audit(settings, server)):
        console.print(f"в журнал обращений сервера возвращено записей: {n_rows}")
    if done.as_of:
        console.print("отчёты и витрины на месте; чтобы построить остальное заново:")
    for day in done.as_of:
        console.print(f"  bvb run --as-of {day}")
