"""`bvb run`: the main job for a date, through Airflow in this process."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path

import click
from rich.console import Console

from bvb.airflow import apply_environment, home, run_dag
from bvb.commands import _options
from ingest.runs import late_deliveries
from ingest.settings import load_settings

TITLES = {
    "land_files": "приём файлов",
    "read_files": "чтение файлов",
    "anything_new": "есть ли новое",
    "validate": "проверка правил",
    "answer_senders": "ответы отправителям",
    "send_letters": "письма отправителям",
    "staging": "хранилище: слой staging",
    "facts": "хранилище: факты",
    "marts": "хранилище: витрины",
    "publish": "публикация",
    "report": "отчёты",
}


@contextmanager
def _journal(path: Path) -> Iterator[Console]:
    """Send all that libraries print to a file; what is yielded still writes to the terminal."""
    path.parent.mkdir(parents=True, exist_ok=True)
    sys.stdout.flush()
    sys.stderr.flush()
    kept = os.dup(1), os.dup(2)
    with path.open("wb") as log, os.fdopen(os.dup(1), "w", encoding="utf-8") as terminal:
        os.dup2(log.fileno(), 1)
        os.dup2(log.fileno(), 2)
        try:
            yield Console(file=terminal)
        finally:
            sys.stdout.flush()
            sys.stderr.flush()
            for number, handle in enumerate(kept, start=1):
                os.dup2(handle, number)
                os.close(handle)


class _Progress:
    """One line a step; mapped tasks are counted in place."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self.errors: dict[str, str] = {}
        self._started: dict[str, float] = {}
        self.states: dict[str, list[str]] = {}

    def __call__(self, task_id: str, state: str, error: str = "") -> None:
        if error:
            self.errors[task_id] = error
        if state == "running":
            self._started.setdefault(task_id, time.monotonic())
            return
        self.states.setdefault(task_id, []).append(state)
        if task_id not in TITLES or task_id == "read_files":
            self._count(task_id)
            return
        if task_id == "anything_new":
            self._close_reading()
        seconds = time.monotonic() - self._started[task_id]
        mark = {"success": "[green]✓[/green]", "failed": "[red]✗[/red]"}.get(state, "–")
        self._console.print(f" {mark} {TITLES[task_id]:<28}{seconds:6.1f} с")

    def _count(self, task_id: str) -> None:
        count = len(self.states[task_id])
        if task_id == "read_files" and self._console.is_terminal:
            self._console.print(f"   {TITLES[task_id]}: {count}", end="\r")
        elif task_id == "read_files" and count % 50 == 0:
            self._console.print(f"   {TITLES[task_id]}: {count}")

    def _close_reading(self) -> None:
        states = self.states.get("read_files", [])
        if states:
            seconds = time.monotonic() - self._started["read_files"]
            refused = states.count("skipped")
            self._console.print(
                f" [green]✓[/green] {TITLES['read_files']:<28}{seconds:6.1f} с"
                f"  отправителей {len(states)}, с непринятыми файлами {refused}"
            )


@click.command(help="Главная работа за дату: приём, проверка, хранилище, отчёт (через Airflow).")
@_options.as_of
@_options.known_at
@_options.data
def command(as_of: date, known_at: str | None, data: Path | None) -> None:
    """Run the DAG and print the summary; exit code 1 when a task failed."""
    settings = load_settings(data)
    apply_environment(settings, quiet=True)
    from bvb import summary
    from bvb.which_run import open_run

    console = Console()
    run = open_run(as_of, known_at, settings)
    moment = f"{run.known_at:%d.%m.%Y %H:%M}"
    console.print(f"[bold]Срез на {as_of:%d.%m.%Y}[/bold], известно на {moment}", highlight=False)
    journal = home() / "logs" / f"bvb_run__{as_of}.log"
    with _journal(journal) as terminal:
        progress = _Progress(terminal)
        state = run_dag({"as_of": f"{as_of}", "known_at": known_at}, progress)
    if state != "success":
        for task_id, error in progress.errors.items():
            console.print(f"{TITLES.get(task_id, task_id)}: {error}", markup=False, style="red")
        console.print(f"Прогон не окончен, принятое цело. Журнал: {journal}", soft_wrap=True)
        sys.exit(1)
    if "validate" not in progress.states:
        console.print("Новых файлов и изменений нет: прежний результат действителен.")
    run = open_run(as_of, known_at, settings)
    summary.show(run, console, late_deliveries(run))
