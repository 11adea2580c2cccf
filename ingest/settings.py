"""The only reader of the environment: where data lies and which secret makes person keys.

What enters: `BVB_DATA_DIR`, `BVB_HMAC_SECRET`. What leaves: one frozen `Settings`.
"""

from __future__ import annotations

import os
import secrets
from dataclasses import dataclass
from pathlib import Path
from zoneinfo import ZoneInfo

MOSCOW = ZoneInfo("Europe/Moscow")  # decision Q-25
DATA_DIR_VARIABLE = "BVB_DATA_DIR"
SECRET_VARIABLE = "BVB_HMAC_SECRET"  # noqa: S105 - the name of a variable, not a secret
SECRET_BYTES = 32
SHORTEST_SECRET = 16


class SecretTooShort(Exception):
    """The person-key secret given in the environment could be guessed."""


def temporary_of(path: Path) -> Path:
    """A name beside `path` that no other process writes to; renamed to it when all is there."""
    return path.with_name(f".{path.name}.{os.getpid()}.tmp")


@dataclass(frozen=True)
class Settings:
    """Paths below the data directory (decision 8 of the architecture)."""

    data_dir: Path

    @property
    def incoming(self) -> Path:
        """What senders drop; never changed by us."""
        return self.data_dir / "incoming"

    @property
    def landing(self) -> Path:
        """Received bytes by sha256, kept for ever, with one manifest a delivery."""
        return self.data_dir / "landing"

    @property
    def channels_file(self) -> Path:
        """Which channels files are taken from; no file, no channel."""
        return self.data_dir / "channels.yml"

    @property
    def senders_file(self) -> Path:
        """Whose address or folder name stands for which sender."""
        return self.data_dir / "senders.csv"

    @property
    def parsed(self) -> Path:
        """Text rows with addresses, one parquet a delivery."""
        return self.data_dir / "parsed"

    @property
    def accepted(self) -> Path:
        """Typed rows that passed, one folder a run."""
        return self.data_dir / "accepted"

    @property
    def quarantine(self) -> Path:
        """Rejected rows and findings with values (restricted), one folder a run."""
        return self.data_dir / "quarantine"

    @property
    def outcomes(self) -> Path:
        """What every step says about itself, and the Data Docs."""
        return self.data_dir / "outcomes"

    @property
    def returned(self) -> Path:
        """Answers to senders, one folder a run."""
        return self.data_dir / "returned"

    @property
    def warehouse(self) -> Path:
        """The private build database and the readers' catalogue."""
        return self.data_dir / "warehouse"

    @property
    def marts(self) -> Path:
        """Frozen versions and the `current` link."""
        return self.data_dir / "marts"

    @property
    def reports(self) -> Path:
        """Workbooks and pages, one folder an as_of date."""
        return self.data_dir / "reports"

    def secret(self) -> bytes:
        """Secret of the person keys (Q-20): from the environment, else made once for this data.

        Raises:
            SecretTooShort: the variable or the kept file holds fewer than 16 characters.
        """
        given = os.environ.get(SECRET_VARIABLE)
        if given is not None:
            if len(given) < SHORTEST_SECRET:
                raise SecretTooShort(
                    f"{SECRET_VARIABLE}: expected {SHORTEST_SECRET} characters or more, "
                    f"found {len(given)}; "
                    "set a longer secret, or unset it to use the one kept with the data"
                )
            return given.encode()
        return self._kept_secret("hmac.key", "a new secret would rename every person")

    def page_secret(self) -> bytes:
        """Secret that signs the sessions of the senders' page; made once for this data.

        Raises:
            SecretTooShort: the kept file holds fewer than 16 characters.
        """
        return self._kept_secret("page.key", "or remove it: everybody has to sign in again")

    @property
    def page_accounts(self) -> Path:
        """Who may sign in on the senders' page: codes and hashes of passwords."""
        return self.data_dir / ".secret" / "page_accounts.csv"

    @property
    def page_work(self) -> Path:
        """Temporary files of the page's checks; nothing lies there between them."""
        return self.data_dir / ".page"

    def _kept_secret(self, name: str, otherwise: str) -> bytes:
        path = self.data_dir / ".secret" / name
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        if not path.exists():
            temporary = temporary_of(path)
            handle = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
            with os.fdopen(handle, "w", encoding="ascii") as stream:
                stream.write(secrets.token_hex(SECRET_BYTES))
            try:
                # A link appears whole or not at all: two first runs end with one secret.
                os.link(temporary, path)
            except FileExistsError:
                pass
            finally:
                temporary.unlink()
        kept = path.read_text(encoding="ascii").strip()
        if len(kept) < SHORTEST_SECRET:
            raise SecretTooShort(
                f"{path}: expected {SHORTEST_SECRET} characters or more, found {len(kept)}; "
                f"restore the file from the backup: {otherwise}"
            )
        return kept.encode()


def load_settings(data_dir: Path | None = None) -> Settings:
    """Settings for `data_dir`, else for `BVB_DATA_DIR`, else for `./data`; the path is absolute."""
    chosen = data_dir or Path(os.environ.get(DATA_DIR_VARIABLE, "data"))
    return Settings(data_dir=chosen.expanduser().resolve())
