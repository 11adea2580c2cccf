"""Random passwords and keys for docker compose, one file each; what is there already stays.

What enters: a folder. What leaves: files that compose mounts below `/run/secrets`. Only the
standard library is used: this is the first command on a machine that has nothing but Docker.
"""

from __future__ import annotations

import base64
import json
import os
import secrets
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

# The folder is closed on the host; its files are open, since services run under other users.
FOLDER_MODE, FILE_MODE = 0o700, 0o444
WORDS = (
    "metadata_postgres_password",
    "airflow_db_password",
    "superset_db_password",
    "warehouse_postgres_password",
    "bvb_admin_password",
    "bvb_analyst_password",
    "bvb_report_password",
    "bvb_restricted_password",
    "airflow_jwt_secret",
    "airflow_secret_key",
    "superset_secret_key",
    "superset_admin_password",
    "redis_password",
)
AIRFLOW_USERS = ("admin", "officer", "viewer")
SSH_KEYS = ("samples_host_key", "samples_client_key")
CONNECTIONS = "connections.yaml"
CONNECTIONS_HEAD = """\
# Подключения Airflow, одно на запись: docs/channels.md, docs/letters.md, docs/compose.md.
# Файл только для владельца: в нём пароли. После правки: docker compose restart
"""


class NoKeyMaker(Exception):
    """The program that makes keys of the sample SFTP server is not installed."""


def password() -> str:
    """A word of 43 letters and digits that needs no quoting anywhere."""
    return secrets.token_urlsafe(32).replace("-", "x").replace("_", "y")


def write(path: Path, text: str) -> bool:
    """Write a file unless it is there; whole or not at all.

    Returns:
        whether it was written.
    """
    if path.exists():
        return False
    temporary = path.with_name(f".{path.name}.tmp")
    temporary.unlink(missing_ok=True)
    handle = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "w", encoding="utf-8") as stream:
        stream.write(text)
    temporary.chmod(FILE_MODE)
    temporary.rename(path)
    return True


def make_ssh_key(path: Path) -> bool:
    """A pair of Ed25519 keys without a passphrase.

    Raises:
        NoKeyMaker: there is no `ssh-keygen`.
    """
    if path.exists():
        return False
    maker = shutil.which("ssh-keygen")
    if maker is None:
        raise NoKeyMaker(
            "нужна программа ssh-keygen, её нет; поставьте пакет openssh-client и повторите"
        )
    command = [maker, "-q", "-t", "ed25519", "-N", "", "-C", path.name, "-f", f"{path}"]
    subprocess.run(command, check=True)  # noqa: S603 - a program found above, no shell
    path.chmod(FILE_MODE)
    path.with_suffix(".pub").chmod(FILE_MODE)
    return True


def connections(folder: Path) -> str:
    """Airflow's connections to what this compose file starts; YAML, and JSON below each name."""

    def read(name: str) -> str:
        return (folder / name).read_text(encoding="utf-8").strip()

    public_key = " ".join(read("samples_host_key.pub").split()[:2])
    private_key = (folder / "samples_client_key").read_text(encoding="ascii")
    made = {
        "bvb_postgres": {
            "conn_type": "postgres",
            "host": "warehouse-db",
            "login": "bvb_admin",
            "password": read("bvb_admin_password"),
            "schema": "bvb",
        },
        "samples_sftp": {
            "conn_type": "sftp",
            "host": "samples-sftp",
            "port": 2222,
            "login": "bvb",
            "extra": {"private_key": private_key, "host_key": public_key},
        },
        "samples_imap": {
            "conn_type": "imap",
            "host": "samples-imap",
            "port": 1143,
            "login": "reports",
            "password": read("samples_imap_users").split("{PLAIN}")[1],
            "extra": {"use_ssl": False},
        },
    }
    # JSON is YAML, too; so the file needs no library and its reader no care for quotes.
    lines = [f"{name}: {json.dumps(value)}" for name, value in made.items()]
    return CONNECTIONS_HEAD + "\n".join(lines) + "\n"


def make_all(folder: Path) -> list[str]:
    """Make what is missing.

    Returns:
        names of the files made.
    """
    folder.mkdir(parents=True, exist_ok=True)
    folder.chmod(FOLDER_MODE)
    texts: dict[str, Callable[[], str]] = dict.fromkeys(WORDS, password)
    texts["airflow_fernet_key"] = lambda: base64.urlsafe_b64encode(secrets.token_bytes(32)).decode()
    texts["airflow_users.json"] = lambda: json.dumps({user: password() for user in AIRFLOW_USERS})
    texts["samples_imap_users"] = lambda: f"reports:{{PLAIN}}{password()}"
    made = [name for name, text in texts.items() if write(folder / name, text())]
    made += [name for name in SSH_KEYS if make_ssh_key(folder / name)]
    # Last: it repeats what the files above say.
    if write(folder / CONNECTIONS, connections(folder)):
        made.append(CONNECTIONS)
    return made


def main() -> None:
    """Make what is missing in the folder given, `secrets` by default."""
    folder = Path(sys.argv[1] if len(sys.argv) > 1 else "secrets")
    try:
        made = make_all(folder)
    except NoKeyMaker as error:
        sys.exit(f"Ошибка: {error}")
    kept = "прежние не тронуты" if len(made) < len(WORDS) else "пароли случайные"
    print(f"{folder}: создано файлов {len(made)}; {kept}")


if __name__ == "__main__":
    main()
