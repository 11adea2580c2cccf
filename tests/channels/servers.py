"""Real servers on loopback, each with its own configuration and a free port."""

from __future__ import annotations

import os
import pwd
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

HOST = "127.0.0.1"
PASSWORD = "only-on-loopback"
PATIENCE_SECONDS = 20.0


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        return int(probe.getsockname()[1])


def program(name: str, package: str) -> str:
    """Where a server's program is; tests that need it are skipped where it cannot be."""
    found = shutil.which(name, path=f"{os.environ.get('PATH', '')}:/usr/sbin:/usr/local/sbin")
    if found is None:
        pytest.skip(f"{name} is not installed (Debian: apt-get install {package})")
    return found


@contextmanager
def running(command: list[str], port: int, log: Path) -> Iterator[None]:
    """A server's process from its first answer to the end of the tests."""
    with log.open("wb") as stream:
        process = subprocess.Popen(command, stdout=stream, stderr=stream)
    try:
        until = time.monotonic() + PATIENCE_SECONDS
        while True:
            try:
                socket.create_connection((HOST, port), timeout=1).close()
                break
            except OSError:
                assert process.poll() is None, log.read_text(errors="replace")
                assert time.monotonic() < until, log.read_text(errors="replace")
                time.sleep(0.05)
        yield
    finally:
        process.terminate()
        process.wait(PATIENCE_SECONDS)


@dataclass(frozen=True)
class Sshd:
    port: int
    user: str
    key: Path  # private key of the client
    host_key: str  # public key of the server
    files: Path


@contextmanager
def open_place() -> Iterator[Path]:
    """A folder that a server's own user can enter; pytest's are closed to others."""
    place = Path(tempfile.mkdtemp(prefix="bvb-server-", dir="/tmp"))
    place.chmod(0o755)
    try:
        yield place
    finally:
        shutil.rmtree(place, ignore_errors=True)


def own_user() -> pwd.struct_passwd:
    """Whose rights a server has: never root's, to whom no file is closed."""
    return pwd.getpwnam("nobody") if os.geteuid() == 0 else pwd.getpwuid(os.geteuid())


@contextmanager
def sshd() -> Iterator[Sshd]:
    """OpenSSH's server that gives nothing but SFTP, and only to the holder of one key."""
    with open_place() as place:
        yield from _sshd(place)


def _sshd(place: Path) -> Iterator[Sshd]:
    binary = program("sshd", "openssh-server")
    if os.geteuid() == 0:
        Path("/run/sshd").mkdir(mode=0o755, exist_ok=True)  # it asks for it; systemd makes it else
    for name in ("host", "client"):
        subprocess.run(
            ["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", f"{place / name}"], check=True
        )
    files, port = place / "files", free_port()
    files.mkdir()
    (place / "sshd_config").write_text(
        f"""
        ListenAddress {HOST}
        Port {port}
        HostKey {place / "host"}
        AuthorizedKeysFile {place / "client.pub"}
        PidFile none
        StrictModes no
        UsePAM no
        PasswordAuthentication no
        KbdInteractiveAuthentication no
        MaxStartups 100
        Subsystem sftp internal-sftp
        ForceCommand internal-sftp
        """,
        encoding="utf-8",
    )
    command = [binary, "-D", "-e", "-f", f"{place / 'sshd_config'}"]
    public = (place / "host.pub").read_text(encoding="ascii").rsplit(" ", 1)[0]
    with running(command, port, place / "sshd.log"):
        yield Sshd(port, own_user().pw_name, place / "client", public, files)


@dataclass(frozen=True)
class Dovecot:
    port: int


@contextmanager
def dovecot() -> Iterator[Dovecot]:
    """An IMAP server where every user has the same password and an empty mailbox."""
    with open_place() as place:
        yield from _dovecot(place)


def _dovecot(place: Path) -> Iterator[Dovecot]:
    binary, owner, port = program("dovecot", "dovecot-imapd"), own_user(), free_port()
    is_root = os.geteuid() == 0
    mail = place / "mail"
    mail.mkdir()
    if is_root:
        os.chown(mail, owner.pw_uid, owner.pw_gid)
    inner = "" if is_root else f"default_internal_user={owner.pw_name}"
    login = "" if is_root else f"default_login_user={owner.pw_name}"
    (place / "dovecot.conf").write_text(
        f"""
        protocols = imap
        listen = {HOST}
        base_dir = {place / "run"}
        state_dir = {place / "state"}
        log_path = {place / "dovecot.log"}
        ssl = no
        disable_plaintext_auth = no
        first_valid_uid = 1
        {inner}
        {login}
        mail_location = maildir:~/Maildir
        passdb {{
          driver = static
          args = password={PASSWORD}
        }}
        userdb {{
          driver = static
          args = uid={owner.pw_uid} gid={owner.pw_gid} home={mail}/%u
        }}
        service imap-login {{
          chroot =
          inet_listener imap {{
            port = {port}
          }}
          inet_listener imaps {{
            port = 0
          }}
        }}
        service anvil {{
          chroot =
        }}
        """,
        encoding="utf-8",
    )
    command = [binary, "-F", "-c", f"{place / 'dovecot.conf'}"]
    with running(command, port, place / "start.log"):
        yield Dovecot(port)
