"""Sample senders: files of an invented region on the sample servers, and channels that take them.

What enters: Airflow's connections (a mounted secret). What leaves: folders on SFTP, letters in the
mailbox, `channels.yml` and `senders.csv` in the data directory unless they are there.
"""

from __future__ import annotations

import imaplib
import io
import shutil
import tempfile
from datetime import date
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import paramiko
import yaml

from ingest.settings import Settings, load_settings
from synthetic.region import generate

HERE = Path(__file__).parent
CONNECTIONS = Path("/run/secrets/connections.yaml")
AS_OF, SCALE, SEED = date(2024, 9, 30), 0.02, 1
BY_SFTP = ("T14", "T15")
BY_MAIL = {"T16": "school@t16.example"}
BOX = "reports@region.example"


def describe(settings: Settings) -> None:
    """Put the description of the channels where the run looks for it."""
    settings.data_dir.mkdir(parents=True, exist_ok=True)
    for path in (settings.channels_file, settings.senders_file):
        if path.exists():
            print(f"{path.name}: уже есть, не тронут")
        else:
            shutil.copyfile(HERE / path.name, path)


def by_sftp(connection: dict[str, Any], region: Path) -> int:
    """Lay the files of some territories into their folders.

    Returns:
        how many files were written.
    """
    address = (connection["host"], connection["port"])
    key = paramiko.Ed25519Key.from_private_key(io.StringIO(connection["extra"]["private_key"]))
    name, public = connection["extra"]["host_key"].split()
    transport = paramiko.Transport(address)
    count = 0
    try:
        transport.connect(username=connection["login"], pkey=key)
        known = transport.get_remote_server_key()
        if (known.get_name(), known.get_base64()) != (name, public):
            raise SystemExit("ключ сервера SFTP не тот, что в подключении samples_sftp")
        client = transport.open_sftp_client()
        for sender in BY_SFTP:
            folder = f"/srv/samples/{sender}"
            if sender not in client.listdir("/srv/samples"):
                client.mkdir(folder)
            for path in sorted((region / sender).iterdir()):
                # Under its own name only when it is whole, as a good client does it.
                client.put(f"{path}", f"{folder}/{path.name}.part")
                client.posix_rename(f"{folder}/{path.name}.part", f"{folder}/{path.name}")
                count += 1
    finally:
        transport.close()
    return count


def by_mail(connection: dict[str, Any], region: Path) -> int:
    """Put one letter a territory into the mailbox, with all its files.

    Returns:
        how many files were sent.
    """
    count = 0
    with imaplib.IMAP4(connection["host"], connection["port"]) as client:
        client.login(connection["login"], connection["password"])
        for sender, address in BY_MAIL.items():
            letter = EmailMessage()
            letter["From"], letter["To"], letter["Subject"] = address, BOX, "Отчёт за сентябрь"
            letter.set_content("Направляем отчёт.")
            for path in sorted((region / sender).iterdir()):
                letter.add_attachment(
                    path.read_bytes(), maintype="application", subtype="octet-stream",
                    filename=path.name,
                )  # fmt: skip
                count += 1
            # The server stamps its own time: that of the receipt.
            client.append("INBOX", "", "", letter.as_bytes())
    return count


def main() -> None:
    """Describe the channels and send everything once."""
    describe(load_settings())
    connections = yaml.safe_load(CONNECTIONS.read_text(encoding="utf-8"))
    with tempfile.TemporaryDirectory() as folder:
        region = Path(folder)
        generate(region, as_of=AS_OF, scale=SCALE, seed=SEED)
        print(f"SFTP: файлов {by_sftp(connections['samples_sftp'], region)}")
        print(f"почта: файлов {by_mail(connections['samples_imap'], region)}")


if __name__ == "__main__":
    main()
