"""Everything but the backup is destroyed; what comes back is the same to the byte."""

from __future__ import annotations

import os
import shutil
import signal
import stat
import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import pytest

from duty.backup import back_up
from duty.errors import BackupBusy, BackupDamaged, BackupInside, NoBackup, NotEmpty, WrongKey
from duty.restore import STAGING, restore
from duty.seal import load_key, seal, unseal
from duty.snapshots import finished, read_snapshot
from duty.vault import Vault, alone, open_vault
from ingest.settings import Settings
from tests.conftest import ROOT, Region
from tests.duty.conftest import NOW, digests
from warehouse.query import select

KEY = bytes(range(32))


@pytest.fixture
def data(tmp_path: Path) -> Settings:
    """A directory with a file of each kind that is kept, and of each that is not."""
    root = tmp_path / "data"
    files = {
        "landing/objects/ab/abcd": "bytes", "landing/deliveries/1.json": "{}",
        "decisions/waivers.csv": "Правило;Форма", "marts/v1/mart_a.parquet": "rows",
        "reports/2024-09-30/a.xlsx": "book", ".secret/hmac.key": "s" * 64,
        "outcomes/2024-09-30__20241003T235959/steps/a.json": "{}", "channels.yml": "channels: []",
        "incoming/T14/Иванов Иван.xlsx": "name", "parsed/1/rows.parquet": "x",
        "outcomes/2024-09-30__20241003T235959/done.json": "{}", "marts/.v2.tmp/a.parquet": "half",
    }  # fmt: skip
    for name, text in files.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text)
    (root / "marts" / "current").symlink_to("v1")
    (root / ".secret").chmod(0o700)
    (root / ".secret" / "hmac.key").chmod(0o600)
    (root / "landing" / "objects" / "ab" / "abcd").chmod(0o444)
    return Settings(root)


def saved(data: Settings, folder: Path, key: bytes | None = None) -> Vault:
    vault = open_vault(folder, key, make=True)
    back_up(data, vault, NOW)
    return vault


@pytest.mark.parametrize("key", [None, KEY], ids=["open", "sealed"])
def test_what_cannot_be_rebuilt_comes_back_with_links_and_rights(
    data: Settings, tmp_path: Path, key: bytes | None
) -> None:
    before = digests(data.data_dir)
    vault = saved(data, tmp_path / "copy", key)
    shutil.rmtree(data.data_dir)
    restore(vault, data)
    rebuilt = ("incoming/", "parsed/", "marts/.", "outcomes/2024-09-30__20241003T235959/done")
    assert digests(data.data_dir) == {
        name: digest for name, digest in before.items() if not name.startswith(rebuilt)
    }
    secret = data.data_dir / ".secret"
    assert stat.S_IMODE(secret.stat().st_mode) == 0o700
    assert stat.S_IMODE((secret / "hmac.key").stat().st_mode) == 0o600
    assert stat.S_IMODE((data.landing / "objects/ab/abcd").stat().st_mode) == 0o444


def test_nothing_of_a_sealed_backup_can_be_read(data: Settings, tmp_path: Path) -> None:
    vault = saved(data, tmp_path / "copy", KEY)
    kept = b"".join(p.read_bytes() for p in vault.folder.rglob("*") if p.is_file())
    names = " ".join(p.name for p in vault.folder.rglob("*"))
    assert b"hmac.key" not in kept
    assert b"Pravilo" not in kept and "Правило".encode() not in kept
    assert "abcd" not in names
    for wrong in (None, bytes(32)):
        with pytest.raises(WrongKey):
            open_vault(vault.folder, wrong)


def test_names_given_by_senders_are_in_no_manifest(data: Settings, tmp_path: Path) -> None:
    vault = saved(data, tmp_path / "copy")
    assert all("Иванов" not in p.read_text() for p in vault.snapshots.glob("*.json"))


def test_a_second_backup_copies_only_what_is_new(data: Settings, tmp_path: Path) -> None:
    vault = saved(data, tmp_path / "copy")
    objects = digests(vault.folder / "objects")
    again = back_up(data, vault, NOW + timedelta(hours=1))
    assert (again.n_new, digests(vault.folder / "objects")) == (0, objects)
    (data.data_dir / "decisions" / "waivers.csv").write_text("Правило;Форма\nV-31;P04\n")
    third = back_up(data, vault, NOW + timedelta(hours=2))
    assert third.n_new == 1
    assert len(finished(vault)) == 3


@pytest.mark.parametrize("damage", ["changed", "cut", "missing"])
def test_a_damaged_file_is_named_and_nothing_is_touched(
    data: Settings, tmp_path: Path, damage: str
) -> None:
    vault = saved(data, tmp_path / "copy")
    file = next(f for f in read_snapshot(vault).files if f.path == "marts/v1/mart_a.parquet")
    path = vault.object_path(file.sha256)
    path.chmod(0o600)
    {
        "changed": lambda: path.write_bytes(b"ROWS"),
        "cut": lambda: path.write_bytes(b"ro"),
        "missing": path.unlink,
    }[damage]()
    before = digests(data.data_dir)
    with pytest.raises(BackupDamaged, match=r"marts/v1/mart_a\.parquet"):
        restore(vault, data, replace=True)
    assert digests(data.data_dir) == before
    # The next backup finds the damage and copies the file once more.
    again = back_up(data, vault, NOW + timedelta(days=1))
    assert (again.n_new, len(again.mended)) == ((1, 0) if damage == "missing" else (0, 1))
    restore(vault, data, replace=True)


def test_data_is_replaced_only_when_somebody_says_so(data: Settings, tmp_path: Path) -> None:
    vault = saved(data, tmp_path / "copy")
    (data.data_dir / "decisions" / "later.csv").write_text("later")
    with pytest.raises(NotEmpty):
        restore(vault, data)
    (data.data_dir / STAGING).mkdir()  # of a killed restore: no data
    restore(vault, data, replace=True)
    assert not (data.data_dir / "decisions" / "later.csv").exists()
    assert not (data.data_dir / STAGING).exists()


def test_a_backup_lies_outside_its_data(data: Settings, tmp_path: Path) -> None:
    with pytest.raises(BackupInside):
        saved(data, data.data_dir / "copy")
    with pytest.raises(NoBackup, match="empty folder"):
        open_vault(tmp_path, None, make=True)


def test_a_killed_backup_leaves_the_one_before(data: Settings, tmp_path: Path) -> None:
    vault = saved(data, tmp_path / "copy")
    big = data.landing / "objects" / "cd"
    big.mkdir()
    for number in range(200):
        (big / f"{number}").write_bytes(os.urandom(1 << 16))
    call = "from bvb.cli import main; main()"
    arguments = ["backup", f"{vault.folder}", "--data", f"{data.data_dir}"]
    process = subprocess.Popen([sys.executable, "-c", call, *arguments], cwd=ROOT)
    known = len(list((vault.folder / "objects").rglob("*")))
    while process.poll() is None and len(list((vault.folder / "objects").rglob("*"))) < known + 9:
        pass
    assert process.poll() is None, "it was done before it could be killed"
    process.send_signal(signal.SIGKILL)
    process.wait()
    assert len(finished(vault)) == 1
    restore(vault, Settings(tmp_path / "elsewhere"))
    back_up(data, vault, NOW + timedelta(hours=1))
    assert len(finished(vault)) == 2


def test_two_backups_do_not_work_on_one_folder(data: Settings, tmp_path: Path) -> None:
    vault = saved(data, tmp_path / "copy")
    with alone(vault), pytest.raises(BackupBusy):
        back_up(data, vault, NOW + timedelta(hours=1))


@pytest.mark.parametrize("size", [0, 1, (1 << 20) - 1, 1 << 20, (1 << 20) + 1, 3 << 20])
def test_a_sealed_stream_opens_whole_or_not_at_all(size: int) -> None:
    data = os.urandom(size)
    sealed = b"".join(seal([data[:7], data[7:]], KEY, "a"))
    assert b"".join(unseal([sealed[:5], sealed[5:]], KEY, "a")) == data
    spoilt = bytearray(sealed)
    spoilt[-1] ^= 1
    cut = sealed[: 16 + (1 << 20) + 16] if size > 1 << 20 else sealed[:-1]
    for wrong, name in ((bytes(spoilt), "a"), (cut, "a"), (sealed, "b")):
        with pytest.raises(WrongKey):
            b"".join(unseal([wrong], KEY, name))


def test_a_key_is_made_once_and_only_when_asked(tmp_path: Path) -> None:
    path = tmp_path / "key"
    with pytest.raises(WrongKey, match="found none"):
        load_key(path)
    key = load_key(path, make=True)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert load_key(path, make=True) == key
    path.write_text("no key")
    with pytest.raises(WrongKey, match="hexadecimal"):
        load_key(path)


@pytest.mark.slow
def test_marts_come_back_and_are_built_again_to_the_same_bytes(
    region: Region, tmp_path: Path
) -> None:
    from bvb.airflow import apply_environment
    from bvb.steps import STEPS, has_work, receive
    from bvb.which_run import open_run

    data = tmp_path / "data"
    shutil.copytree(region.data_dir, data, symlinks=True)
    before = digests(data / "marts")
    vault = open_vault(tmp_path / "copy", KEY, make=True)
    settings = Settings(data)
    back_up(settings, vault, NOW)
    shutil.rmtree(data)
    done = restore(vault, settings)
    assert digests(data / "marts") == before
    assert select(settings, "select count(*) from mart_indicator_progress").rows[0][0] > 0
    assert done.as_of == ("2024-09-30",)
    # Now the marts themselves are lost, too: landing alone gives the same bytes.
    shutil.rmtree(data / "marts")
    try:
        apply_environment(settings, quiet=True)
        assert receive(settings) > 0
        run = open_run(region.as_of, None, settings)
        assert has_work(run)
        for name in ("validate", "great_expectations", "staging", "facts", "marts", "publish"):
            STEPS[name](run)
    finally:
        apply_environment(Settings(region.data_dir), quiet=True)
    assert digests(data / "marts") == before
