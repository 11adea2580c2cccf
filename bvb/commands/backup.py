"""`bvb backup`: one more snapshot of everything that cannot be rebuilt."""

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

_MB = 1 << 20


@click.command(help="Резервная копия всего, что нельзя построить заново; копируется только новое.")
@click.argument("folder", type=click.Path(path_type=Path, file_okay=False))
@_options.key_file
@_options.data
def command(folder: Path, key_file: Path | None, data: Path | None) -> None:
    """Make a snapshot and say what it holds."""
    from duty.backup import back_up
    from duty.seal import load_key
    from duty.vault import MARK, open_vault

    settings, console = load_settings(data), Console(highlight=False, soft_wrap=True)
    _keep_audit(settings, console)
    if key_file and not key_file.exists() and not (folder / MARK).exists():
        load_key(key_file, make=True)
        console.print(f"создан ключ: {key_file} — храните его отдельно от копии")
    vault = open_vault(folder, load_key(key_file) if key_file else None, make=True)
    done = back_up(settings, vault, moscow_now())
    console.print(
        f"копия {done.snapshot_id}: файлов {done.n_files} ({done.n_bytes / _MB:.1f} МБ), "
        f"новых {done.n_new} ({done.n_new_bytes / _MB:.1f} МБ); все байты прочитаны обратно"
    )
    if done.mended:
        console.print(f"повреждённые в копии файлы записаны заново: {len(done.mended)}")
    if done.dropped:
        console.print(f"убраны прежние копии: {', '.join(done.dropped)}")


def _keep_audit(settings: Settings, console: Console) -> None:
    """Take along the audit of the server; one that is down must not stop the backup."""
    from bvb.server import server_of
    from duty.server_rows import keep_audit
    from warehouse.server.errors import ServerUnreachable

    server = server_of(settings)
    if server is None:
        return
    try:
        keep_audit(settings, server)
    except ServerUnreachable as error:
        console.print(f"журнал обращений сервера в копию не попал: {error}")
