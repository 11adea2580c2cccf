"""The files of Docker say what they promise; nothing here needs Docker."""

from __future__ import annotations

import json
import re
import shutil
import stat
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from bvb.airflow import environment
from ingest.settings import Settings

ROOT = Path(__file__).resolve().parents[2]
FILES = ("docker-compose.yml", "docker-compose.celery.yml")
BASES = {"python:3.12-slim-bookworm", "postgres:17", "debian:bookworm-slim"}
DOCKERFILES = [ROOT / "Dockerfile", *sorted(ROOT.glob("compose/*/Dockerfile"))]


def described(name: str) -> dict[str, Any]:
    return yaml.safe_load((ROOT / name).read_text(encoding="utf-8"))


SERVICES = described(FILES[0])["services"]
# What the override adds stands for itself; the rest are changes of services above.
ADDED = {
    name: service
    for name, service in described(FILES[1])["services"].items()
    if name not in SERVICES and "extends" not in service
}


def made(folder: Path) -> subprocess.CompletedProcess[str]:
    maker = ROOT / "compose" / "make_secrets.py"
    return subprocess.run(
        [sys.executable, maker, folder], capture_output=True, text=True, check=True
    )


@pytest.fixture(scope="module")
def secrets(tmp_path_factory: pytest.TempPathFactory) -> Path:
    if shutil.which("ssh-keygen") is None:
        pytest.skip("ssh-keygen is not installed (Debian: apt-get install openssh-client)")
    folder = tmp_path_factory.mktemp("stack") / "secrets"
    made(folder)
    return folder


@pytest.mark.parametrize("name", [*SERVICES, *ADDED])
def test_every_service_is_bounded(name: str) -> None:
    service = {**SERVICES, **ADDED}[name]
    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert service["mem_limit"]
    assert service["logging"]["options"]["max-size"]
    # One that ends by itself has no health, and must not be started for ever.
    assert ("healthcheck" in service) != (service["restart"] == "no")


@pytest.mark.parametrize("name", [*SERVICES, *ADDED])
def test_ports_are_open_to_this_machine_only(name: str) -> None:
    for port in {**SERVICES, **ADDED}[name].get("ports", []):
        assert re.match(r"\$\{BVB_[A-Z]+_PORT:-127\.0\.0\.1:\d+\}:\d+$", port)


def test_every_image_is_built_by_one_service() -> None:
    for services in (SERVICES, {**SERVICES, **ADDED}):
        images = [service["image"] for service in services.values() if "build" in service]
        assert len(images) == len(set(images))
        for service in services.values():
            is_own = service["image"] in images
            assert is_own or service["image"] in BASES
            if is_own:
                wanted = "build" if "build" in service else "never"
                assert service["pull_policy"] == wanted


@pytest.mark.parametrize("path", DOCKERFILES, ids=lambda p: p.parent.name)
def test_images_stand_on_three_bases_and_run_as_nobody_special(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert set(re.findall(r"^FROM (\S+)", text, re.M)) <= BASES
    last_user = re.findall(r"^USER (\d+):\d+$", text, re.M)[-1]
    assert int(last_user) > 0
    assert "://" not in text
    for line in re.findall(r"pip install .*", text.replace("\\\n", " ")):
        assert "--require-hashes" in line or "--no-deps" in line


def test_compose_repeats_nothing_that_airflow_is_told_anyway() -> None:
    told = environment(Settings(ROOT / "data"))
    given = described(FILES[0])["x-airflow-environment"]
    # The container's own home and addresses; everything else would be a second truth.
    assert set(given) & set(told) == {
        "AIRFLOW_HOME",
        "AIRFLOW__API__HOST",
        "AIRFLOW__API__BASE_URL",
    }


@pytest.mark.parametrize("name", FILES)
def test_secrets_come_from_files_that_one_command_makes(name: str, secrets: Path) -> None:
    wanted = described(name)["secrets"]
    for key, secret in wanted.items():
        assert secret["file"] == f"${{BVB_SECRETS:-./secrets}}/{key}"
        assert (secrets / key).stat().st_size > 30
    text = (ROOT / name).read_text(encoding="utf-8")
    assert not re.search(r"(?i)(password|secret_key|token): *['\"]?[a-z0-9]", text)


def test_secrets_are_random_closed_and_kept(secrets: Path, tmp_path: Path) -> None:
    before = {path.name: path.read_bytes() for path in secrets.iterdir()}
    assert stat.S_IMODE(secrets.stat().st_mode) == 0o700
    assert "создано файлов 0" in made(secrets).stdout
    assert {path.name: path.read_bytes() for path in secrets.iterdir()} == before
    (secrets / "airflow_jwt_secret").unlink()
    made(secrets)
    changed = {n for n, text in before.items() if (secrets / n).read_bytes() != text}
    assert changed == {"airflow_jwt_secret"}
    words = [text for name, text in before.items() if name.endswith(("password", "secret"))]
    assert len(set(words)) == len(words)


def test_airflow_reads_the_connections_made(secrets: Path) -> None:
    from airflow.secrets.local_filesystem import LocalFilesystemBackend

    backend = LocalFilesystemBackend(connections_file_path=f"{secrets / 'connections.yaml'}")
    warehouse = backend.get_connection("bvb_postgres")
    assert (warehouse.conn_type, warehouse.login, warehouse.schema) == (
        "postgres",
        "bvb_admin",
        "bvb",
    )
    assert warehouse.password == (secrets / "bvb_admin_password").read_text(encoding="utf-8")
    key = backend.get_connection("samples_sftp").extra_dejson["private_key"]
    assert key == (secrets / "samples_client_key").read_text(encoding="ascii")
    users = json.loads((secrets / "airflow_users.json").read_text(encoding="utf-8"))
    assert len(set(users.values())) == 3


def test_only_named_folders_reach_an_image() -> None:
    lines = (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines()
    rules = [line for line in lines if line and not line.startswith("#")]
    let_in = {rule[1:] for rule in rules if rule.startswith("!")}
    assert rules[0] == "*"
    assert not let_in & {"tests", "data", "secrets", ".git", "docs", "bench"}
    packages = {path.parent.name for path in ROOT.glob("*/__init__.py")}
    assert packages - {"bench", "tests"} <= let_in


def test_samples_describe_channels_that_are_understood(tmp_path: Path) -> None:
    from channels.senders import load_senders
    from channels.spec import load_specs

    settings = Settings(tmp_path)
    for name in ("channels.yml", "senders.csv"):
        text = (ROOT / "compose" / "samples" / name).read_bytes()
        (tmp_path / name).write_bytes(text)
    assert {spec.kind for spec in load_specs(settings).values()} == {"sftp", "imap"}
    assert load_senders(settings)
