"""`bvb airflow`: Airflow's own interface on the same DAGs."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

import click

from bvb.airflow import PORT, apply_environment, environment, home, prepare
from bvb.commands import _options
from ingest.settings import load_settings

READY_SECONDS = 180
STOP_SECONDS = 40
# What a container runs; logs are files that the API server sees, so nobody has to serve them.
PARTS = {
    "init": (),
    "api-server": ("api-server",),
    "scheduler": ("scheduler", "--skip-serve-logs"),
    "dag-processor": ("dag-processor",),
    "triggerer": ("triggerer", "--skip-serve-logs"),
    "worker": ("celery", "worker", "--skip-serve-logs"),
}


def _healthy(url: str) -> bool:
    try:
        with urllib.request.urlopen(f"{url}/api/v2/monitor/health", timeout=2) as answer:  # noqa: S310 - our own http address
            state = json.load(answer)
    except (OSError, ValueError):
        return False
    parts = ("metadatabase", "scheduler", "dag_processor")
    return all(state.get(part, {}).get("status") == "healthy" for part in parts)


def _is_taken(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def _password() -> tuple[str, str]:
    path = home() / "simple_auth_manager_passwords.json.generated"
    if not path.exists():
        return "admin", f"см. {path}"
    users: dict[str, str] = json.loads(path.read_text(encoding="utf-8"))
    path.chmod(0o600)
    return next(iter(users.items()))


def _stop(process: subprocess.Popen[bytes]) -> None:
    """SIGINT ends all parts; SIGTERM would leave them without their parent."""
    if process.poll() is None:
        process.send_signal(signal.SIGINT)
    try:
        process.wait(STOP_SECONDS)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)


def _wait(process: subprocess.Popen[bytes], url: str) -> None:
    deadline = time.monotonic() + READY_SECONDS
    while time.monotonic() < deadline and process.poll() is None:
        if _healthy(url):
            user, password = _password()
            click.echo(f"\nAirflow готов: {url}\n  пользователь: {user}\n  пароль: {password}")
            click.echo("  DAG ministry_report → Trigger → дата среза (as_of). Остановить: Ctrl+C\n")
            break
        time.sleep(1)
    else:
        click.echo(f"Airflow не поднялся за {READY_SECONDS} с; журнал: {home() / 'standalone.log'}")
    process.wait()


def _become(part: str) -> None:
    """One part of Airflow in place of this process, so that signals reach it."""
    if part == "init":
        prepare()
        return
    executable = f"{Path(sys.executable).with_name('airflow')}"
    os.execv(executable, [executable, *PARTS[part]])  # noqa: S606 - no shell is wanted


@click.command(help="Открыть интерфейс Airflow: печатает адрес, пользователя и пароль.")
@click.option("--port", type=int, default=PORT, show_default=True)
@click.option(
    "--part",
    type=click.Choice(list(PARTS)),
    help="Запустить одну часть Airflow, как её запускает контейнер (docs/compose.md).",
)
@_options.data
def command(port: int, part: str | None, data: Path | None) -> None:
    """Start `airflow standalone` and wait until it is stopped, or become one of its parts."""
    if part:
        apply_environment(load_settings(data), quiet=False)
        _become(part)
        return
    if _is_taken(port):
        raise click.ClickException(
            f"порт {port} занят; выберите другой: make airflow PORT={port + 1}"
        )
    settings = load_settings(data)
    for name, value in environment(settings, port).items():
        if name.startswith("AIRFLOW__API"):
            os.environ[name] = value  # noqa: TID251 - the port is this command's argument
    apply_environment(settings, quiet=False)
    # Started in the background, a process inherits «ignore Ctrl+C», and so would Airflow from it.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    click.echo("Готовлю Airflow…")
    home().mkdir(parents=True, exist_ok=True)
    executable = Path(sys.executable).with_name("airflow")
    with (home() / "standalone.log").open("ab") as log:
        # A process of its own: migrations talk much, and their talk belongs into the log.
        subprocess.run(
            [sys.executable, "-c", "from bvb.airflow import prepare; prepare()"],
            stdout=log,
            stderr=subprocess.STDOUT,
            check=True,
        )
        process = subprocess.Popen(  # noqa: S603 - our own interpreter's neighbour
            [f"{executable}", "standalone"],
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        try:
            _wait(process, f"http://localhost:{port}")
        except KeyboardInterrupt:
            click.echo("Останавливаю…")
        finally:
            _stop(process)
