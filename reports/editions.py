"""Editions: what was handed over stays as it was for ever; a later one lies beside it.

What enters: checked bytes of one load. What leaves: `reports/<date>/editions/<NN>__<load_id>/`,
whose files are never written twice, and links to those of the newest one in `reports/<date>/`.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

from ingest.settings import Settings, temporary_of
from reports.errors import ReportNotWritten

MANIFEST = "manifest.json"
EDITIONS = "editions"


@dataclass(frozen=True)
class Staged:
    """A file that waits under a temporary name."""

    name: str
    temporary: Path
    digest: str


@dataclass(frozen=True)
class Edition:
    """What was handed over at one time, with its manifest."""

    number: int
    folder: Path
    manifest: dict[str, Any]

    @property
    def load_id(self) -> str:
        """The load of its marts."""
        return str(self.manifest["load_id"])

    @property
    def digests(self) -> dict[str, str]:
        """File -> hash of every report."""
        return {
            name: digest
            for entry in self.manifest["reports"]
            for name, digest in entry["files"].items()
        }


@contextmanager
def disk(path: Path) -> Iterator[None]:
    """Say a refusal of the disk in words.

    Raises:
        ReportNotWritten: the disk refused.
    """
    try:
        yield
    except OSError as error:
        raise ReportNotWritten(path, error.strerror or str(error)) from error


def folder_of(settings: Settings, as_of: date) -> Path:
    """Where the newest edition of a date is shown."""
    return settings.reports / as_of.isoformat()


def newest(folder: Path) -> Edition | None:
    """The last edition of a date that was handed over whole."""
    for path in sorted((folder / EDITIONS).glob("[0-9]*"), reverse=True):
        manifest = path / MANIFEST
        if manifest.exists():
            read = json.loads(manifest.read_text(encoding="utf-8"))
            return Edition(int(path.name.partition("__")[0]), path, read)
    return None


def _link(source: Path, target: Path) -> None:
    """Show one frozen file under another name, in one step."""
    # A rename between two names of one file does nothing, not even take the old name away.
    if target.exists() and target.samefile(source):
        return
    target.parent.mkdir(parents=True, exist_ok=True)
    link = target.with_name(f".{target.name}.{os.getpid()}.link")
    link.unlink(missing_ok=True)
    os.link(source, link)
    link.replace(target)


@dataclass
class Staging:
    """Files of one edition on their way: all of them appear, or none."""

    folder: Path
    load_id: str
    files: list[Staged] = field(default_factory=list)

    def add(self, name: str, content: bytes) -> Staged:
        """Write under a temporary name, to the disk itself."""
        temporary = temporary_of(self.folder / Path(name).name)
        staged = Staged(name, temporary, hashlib.sha256(content).hexdigest())
        self.files.append(staged)
        with disk(self.folder / name):
            self.folder.mkdir(parents=True, exist_ok=True)
            with temporary.open("wb") as stream:
                stream.write(content)
                stream.flush()
                os.fsync(stream.fileno())
        return staged

    def place(self, before: Edition | None) -> tuple[int, Path]:
        """Number and folder of the edition: the last one, unless it says anything else."""
        if before is None:
            number = 1
        elif before.load_id == self.load_id and not self._differs(before):
            return before.number, before.folder
        else:
            number = before.number + 1
        return number, self.folder / EDITIONS / f"{number:02d}__{self.load_id}"

    def _differs(self, before: Edition) -> bool:
        known = before.digests
        return any(known.get(item.name, item.digest) != item.digest for item in self.files)

    def hand_over(self, place: Path, carried: Path | None, names: list[str]) -> list[Path]:
        """Put every file in its place and show the edition as the newest.

        Args:
            place: the folder of the edition.
            carried: the edition before, if its other files still hold.
            names: all files that the edition shows, the manifest last.
        """
        staged = {item.name: item for item in self.files}
        known = {} if not (place / MANIFEST).exists() else self._known(place)
        for name in names:
            path = place / name
            with disk(path):
                path.parent.mkdir(parents=True, exist_ok=True)
                if name not in staged:
                    if carried and not path.exists():
                        _link(carried / name, path)
                elif name not in known:
                    staged[name].temporary.replace(path)
                    path.chmod(0o444)
        return self._show(place, names)

    def _show(self, place: Path, names: list[str]) -> list[Path]:
        """Link the edition's files where readers look; what it does not hold is taken away."""
        for gone in sorted(self._shown() - set(names)):
            with disk(self.folder / gone):
                (self.folder / gone).unlink(missing_ok=True)
        for name in names:
            with disk(self.folder / name):
                _link(place / name, self.folder / name)
        return [self.folder / name for name in names]

    def _shown(self) -> set[str]:
        return set(self._known(self.folder)) if (self.folder / MANIFEST).exists() else set()

    @staticmethod
    def _known(folder: Path) -> dict[str, str]:
        """File -> hash of all that a manifest tells."""
        manifest = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
        note = manifest["what_changed"]
        told = {note["file"]: note["sha256"]} if note else {}
        return Edition(0, folder, manifest).digests | told

    def forget(self) -> None:
        """Remove what was not handed over."""
        for item in self.files:
            # The disk that refused the file may refuse this too; the first error is told.
            with suppress(OSError):
                item.temporary.unlink(missing_ok=True)
