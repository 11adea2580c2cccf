"""A PostgreSQL server of the tests' own: a fresh cluster on loopback, gone afterwards.

What enters: nothing; the binaries are looked for in PATH and where Debian puts them. What leaves:
an address to connect to. Where there are none the test is skipped and says so.
"""

from __future__ import annotations

import contextlib
import os
import shlex
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

HOST = "127.0.0.1"
USER = "postgres"
# What a test's server need not do: survive a loss of power.
OPTIONS = {
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "listen_addresses": HOST,
}


@dataclass(frozen=True)
class PostgresServer:
    """A running server; whoever connects from this machine is its superuser."""

    port: int
    binaries: Path
    folder: Path

    def _control(self, *what: str) -> None:
        program = f"{self.binaries / 'pg_ctl'}"
        _as_server([program, "--pgdata", f"{self.folder / 'data'}", "--wait", *what])

    def start(self) -> None:
        """Start it, the first time or after a fall."""
        known = {"port": f"{self.port}", "unix_socket_directories": f"{self.folder}"}
        options = shlex.join(f"--{name}={value}" for name, value in {**OPTIONS, **known}.items())
        self._control("--log", f"{self.folder / 'log'}", "--options", options, "start")

    def fall(self) -> None:
        """End it without a word to anybody, as a loss of power would."""
        self._control("--mode", "immediate", "stop")

    def uri(self, database: str = "postgres") -> str:
        """Address of a database."""
        return f"postgresql://{USER}@{HOST}:{self.port}/{database}"

    def create_database(
        self, name: str, locale: str = "C.UTF-8", template: str = "template0"
    ) -> str:
        """A new database in UTF8, empty or a copy of another; its address."""
        command = [self.binaries / "createdb", "--host", HOST, "--port", f"{self.port}"]
        options = ["--username", USER, "--template", template, "--encoding", "UTF8"]
        subprocess.run([*command, *options, "--locale", locale, name], check=True)
        return self.uri(name)


def find_binaries() -> Path | None:
    """The folder of `initdb` and `pg_ctl`, of the newest version."""
    found = shutil.which("initdb")
    if found:
        return Path(found).resolve().parent
    installed = Path("/usr/lib/postgresql").glob("*/bin/initdb")
    newest = max(installed, key=lambda path: int(path.parts[-3]), default=None)
    return newest.parent if newest else None


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        port: int = probe.getsockname()[1]
        return port


def _as_server(command: list[str]) -> None:
    """Run a command as the user that a server may run as: it refuses to be root."""
    if os.geteuid() == 0:
        command = ["su", USER, "-s", "/bin/bash", "-c", shlex.join(command)]
    # A server keeps what it inherits: with a pipe of ours the call would never end.
    done = subprocess.run(
        command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE,
        cwd="/", check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr.decode(errors="replace")


@contextlib.contextmanager
def postgres_server() -> Iterator[PostgresServer]:
    """A server from `initdb` to `pg_ctl stop`; its folder goes with it."""
    binaries = find_binaries()
    if binaries is None:
        pytest.skip(
            "no PostgreSQL server here: initdb is neither in PATH nor in /usr/lib/postgresql"
        )
    # Below /tmp and with a short name: a socket's path has little room.
    folder = Path(tempfile.mkdtemp(prefix="bvb-pg-", dir="/tmp"))
    port = _free_port()
    try:
        if os.geteuid() == 0:
            shutil.chown(folder, USER)
        data = f"{folder / 'data'}"
        _as_server([
            f"{binaries / 'initdb'}", "--pgdata", data, "--username", USER, "--auth", "trust",
            "--encoding", "UTF8", "--locale", "C.UTF-8", "--no-sync",
        ])  # fmt: skip
        server = PostgresServer(port, binaries, folder)
        server.start()
        try:
            yield server
        finally:
            server.fall()
    finally:
        shutil.rmtree(folder, ignore_errors=True)
