"""The command `bvb`: one file a command in `bvb/commands/`, imported only when it is called.

What enters: the command line. What leaves: an exit code; a fault is one sentence, not a traceback.
"""

from __future__ import annotations

import importlib
import sys
from pathlib import Path

import click

COMMANDS = Path(__file__).parent / "commands"
OUR_ROOMS = (
    "bvb",
    "channels",
    "desk",
    "duty",
    "expectations",
    "ingest",
    "reports",
    "synthetic",
    "warehouse",
)


class LazyGroup(click.Group):
    """A group whose commands are the modules of a folder."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Names of the commands."""
        return sorted(path.stem for path in COMMANDS.glob("[!_]*.py"))

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import the module of one command."""
        if cmd_name not in self.list_commands(ctx):
            return None
        command: click.Command = importlib.import_module(f"bvb.commands.{cmd_name}").command
        return command


@click.group(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="bvb-warehouse")
def cli() -> None:
    """Хранилище проекта «Билет в будущее»: от файлов территорий до отчёта министерству.

    Данные лежат в папке BVB_DATA_DIR (по умолчанию ./data). С чего начать:

    \b
      bvb synth --as-of 2024-09-30 --scale 0.1 --out data/incoming
      bvb run --as-of 2024-09-30
      bvb sql "select * from mart_indicator_progress where territory_id = 0"
    """  # noqa: D301 - click keeps the layout after a real backspace


def is_ours(error: BaseException) -> bool:
    """Whether the error is worded for a reader: it comes from our own classes."""
    return type(error).__module__.split(".")[0] in OUR_ROOMS


def main() -> None:
    """Entry point."""
    try:
        cli(standalone_mode=True)
    except Exception as error:
        if not is_ours(error):
            raise
        click.echo(f"Ошибка ({type(error).__name__}): {error}", err=True)
        sys.exit(3)
