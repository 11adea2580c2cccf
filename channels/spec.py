"""Which channels there are: `channels.yml` of the data directory, checked in full before use.

What enters: YAML without passwords (those are in Airflow's connections). What leaves: frozen specs.
"""

from __future__ import annotations

import re
from datetime import date
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Annotated, Literal

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

from ingest.landing import FOLDER
from ingest.settings import Settings
from ingest.yaml_files import read_yaml

CONTRACT = Path(__file__).with_name("platform.yml")
MEGABYTE = 1 << 20
Name = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_-]*$")]


class ChannelsNotUnderstood(Exception):
    """`channels.yml` says something that no channel has."""


class _Spec(BaseModel):
    """What all kinds have in common."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    connection: str  # id of the Airflow connection
    sender: str | None = None  # all files are this sender's: `platform`, `operator`, `T14`
    max_mb: int = Field(default=200, gt=0)  # larger items are left and reported
    max_files: int = Field(default=500, gt=0)  # items in one pass; the rest waits

    @property
    def max_bytes(self) -> int:
        """Size limit of one item, bytes."""
        return self.max_mb * MEGABYTE

    def wants(self, _name: str) -> bool:
        """Whether a name is one to take; a letter has none."""
        return True


class _NamedFiles(_Spec):
    """What channels of files with paths have in common."""

    include: tuple[str, ...] = ("*",)  # patterns of file names
    sender_from: str | None = None  # an expression with the group `sender`, for the path

    @field_validator("sender_from")
    @classmethod
    def _names_a_sender(cls, text: str | None) -> str | None:
        if text is not None and "sender" not in re.compile(text).groupindex:
            raise ValueError("an expression with the group (?P<sender>…) is expected")
        return text

    def wants(self, name: str) -> bool:
        """Whether a file name fits one of the patterns, in any case."""
        return any(fnmatchcase(name.casefold(), p.casefold()) for p in self.include)


class FolderSpec(_NamedFiles):
    """A folder of this machine or of a mounted share; the connection (fs) may give its base."""

    kind: Literal["folder"]
    root: str = "."


class SftpSpec(_NamedFiles):
    """A folder of an SFTP server."""

    kind: Literal["sftp"]
    root: str = "."


class ImapSpec(_Spec):
    """A mailbox; senders are known by their addresses, so no path says who they are."""

    kind: Literal["imap"]
    mailbox: str = "INBOX"
    since: date | None = None  # letters received earlier are not even listed


class S3Spec(_NamedFiles):
    """Objects of a bucket below a prefix."""

    kind: Literal["s3"]
    bucket: str
    prefix: str = ""


class WebSpec(_NamedFiles):
    """Exports of a site behind a form of login, as the contract describes it."""

    kind: Literal["web"]
    contract: Path = CONTRACT
    sender: str | None = "platform"


ChannelSpec = Annotated[
    FolderSpec | SftpSpec | ImapSpec | S3Spec | WebSpec, Field(discriminator="kind")
]


class _File(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    channels: dict[Name, ChannelSpec] = {}


def _what(error: ValidationError | yaml.YAMLError | re.error) -> str:
    if isinstance(error, yaml.MarkedYAMLError) and error.problem_mark:
        return f"line {error.problem_mark.line + 1}: {error.problem}"
    if not isinstance(error, ValidationError):
        return f"{error}"
    faults = error.errors(include_url=False, include_input=False, include_context=False)
    return "; ".join(f"{'.'.join(str(part) for part in e['loc'])}: {e['msg']}" for e in faults)


def load_specs(settings: Settings) -> dict[str, ChannelSpec]:
    """Channels by name, in the order of the file; no file means no channel.

    Raises:
        ChannelsNotUnderstood: an unknown kind, key or value; which one is in the text.
    """
    path = settings.channels_file
    if not path.exists():
        return {}
    try:
        said = read_yaml(path) or {}
        specs = _File.model_validate(said).channels
    except (ValidationError, yaml.YAMLError, re.error) as error:
        raise ChannelsNotUnderstood(
            f"{path.name}: expected channels as docs/channels.md describes, "
            f"found {_what(error)}; mend the file, nothing was taken"
        ) from None  # its text would show values, and one may be a password in a wrong place
    if FOLDER in specs:
        raise ChannelsNotUnderstood(
            f"{path.name}: the name «{FOLDER}» is the drop folder's own; call the channel otherwise"
        )
    return specs
