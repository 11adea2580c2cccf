"""Names that lead out, collide or break file systems: nothing is written where they say."""

from __future__ import annotations

import io
import os
import unicodedata
from datetime import datetime
from pathlib import Path

import pytest
from openpyxl import load_workbook

from channels.senders import safe_name, safe_path
from desk.marks import marked
from desk.told import told_of
from expectations.check import Given, check_given
from ingest.archives import members
from ingest.knowledge import load_knowledge
from ingest.landing import all_landed, land_folder, object_path
from ingest.limits import most
from ingest.read import read_delivery
from ingest.settings import MOSCOW, Settings
from tests.fuzz.seeds import zipped
from tests.ingest.bad_files import GOOD

NOW = datetime(2024, 10, 3, 12, 0, tzinfo=MOSCOW)
NAMES = (
    "../../evil.csv", "/etc/cron.d/evil", "C:\\Windows\\evil.csv", "\\\\server\\share\\evil.csv",
    "a/../../b.csv", "./c.csv", "nul\0.csv", "d\r\n.csv", "CON", "aux.csv", "e" * 60_000,
    "f ", "g.", "ы.csv", "Ы.csv", "й.csv", unicodedata.normalize("NFD", "й.csv"), "dup.csv",
    "dup.csv", "\u202egnp.csv", "~", "~root/h.csv", "$(id).csv", "`id`.csv", "|id", "i:stream.csv",
    "..", "...",
)  # fmt: skip


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """A data directory with room around it, in which strangers would be seen."""
    return Settings(tmp_path / "around" / "data")


def _receive(settings: Settings, name: str, data: bytes) -> None:
    path = settings.incoming / "T14" / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
    os.utime(path, (NOW.timestamp() - 3600,) * 2)
    land_folder(settings, settings.incoming, NOW)
    for landed in all_landed(settings):
        read_delivery(settings, landed, load_knowledge())


def test_members_of_an_archive_are_written_nowhere_else(settings: Settings) -> None:
    parts = [(name, f"a;b\n{n};x".encode()) for n, name in enumerate(NAMES)]
    with pytest.warns(UserWarning, match="Duplicate"):
        data = zipped(parts)
    _receive(settings, "Отчёты.zip", data)
    everything = settings.data_dir.parent.parent
    assert [path.name for path in everything.iterdir()] == ["around"]
    assert [path.name for path in settings.data_dir.parent.iterdir()] == ["data"]
    landed = [item for item in all_landed(settings) if item.source.count("/") > 1]
    # All but «..» and a hidden file came, each with its own bytes: none was laid over another.
    kept = {object_path(settings, item.sha256).read_bytes() for item in landed}
    assert kept == {data for name, data in parts if name not in ("..", "...")}
    assert len({item.delivery_id for item in landed}) == len(landed) == len(parts) - 2
    for item in landed:
        assert ".." not in item.source.split("/")
        assert not item.source.startswith("/")
        assert not any(ord(letter) < 32 for letter in item.source)
    kinds = {path.relative_to(settings.landing).parts[0] for path in settings.landing.rglob("*")}
    assert kinds == {"objects", "deliveries"}


@pytest.mark.parametrize("name", NAMES)
def test_names_of_attachments_lead_nowhere(name: str) -> None:
    assert "/" not in safe_name(name)
    assert safe_name(name) not in ("..", ".")
    parts = safe_path(name).split("/")
    assert ".." not in parts
    assert all(len(part.encode()) <= 255 for part in parts)
    assert not any(ord(letter) < 32 for letter in safe_path(name))


def test_a_book_may_have_any_members(tmp_path: Path) -> None:
    found = members(zipped([("a/b.xlsx", GOOD), ("A/B.xlsx", GOOD + b"\0")]))
    assert [member.path for member in found] == ["a/b.xlsx", "A/B.xlsx"]


def test_a_file_beyond_the_limit_is_kept_and_refused_unread(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """500 MB, as a hole on the disk: landing goes through it in pieces, reading not at all."""
    path = settings.incoming / "T14" / "M08_parents_meetings__T14__2024-09.xlsx"
    path.parent.mkdir(parents=True)
    with path.open("wb") as stream:
        stream.truncate(500 << 20)
    os.utime(path, (NOW.timestamp() - 3600,) * 2)
    (landed,) = land_folder(settings, settings.incoming, NOW).new
    read = Path.read_bytes
    monkeypatch.setattr(Path, "read_bytes", lambda self: _small(self, read(self)))
    delivery = read_delivery(settings, landed, load_knowledge())
    (finding,) = delivery.file_findings
    assert (finding.code, finding.severity) == ("F-OVER-LIMIT", "block")
    assert "500 МБ" in finding.message
    assert "не больше 200 МБ" in finding.message
    assert (delivery.form_code, delivery.sender_territory_id) == ("M08", 14)


def _small(path: Path, data: bytes) -> bytes:
    assert len(data) <= most("file_bytes"), path
    return data


def test_a_name_in_no_encoding_is_checked_and_answered() -> None:
    """Systems hand over bytes that are no letters; a check answers such a file, too."""
    name = os.fsdecode(b"M08__T14__2024-09\xff.csv")
    (verdict,) = check_given([Given(Path("T14") / name, GOOD)], NOW)
    made = marked(GOOD, told_of(verdict), NOW)
    for text in (verdict.delivery.file_name, made.name):
        assert text.encode()
        assert "xff" in text
    assert load_workbook(io.BytesIO(made.data)).sheetnames[0] == "Итог"
