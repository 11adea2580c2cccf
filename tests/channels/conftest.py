"""Servers that all tests of channels share, and a data directory with an address book."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import yaml

from channels.pull import Outcome
from ingest.settings import Settings

from . import rigs, servers
from .platform_site import Site, platform_site

KINDS = ["folder", "sftp", "imap", "s3", "web"]
CONNECTION = "bvb_test"


@pytest.fixture(scope="session")
def sshd() -> Iterator[servers.Sshd]:
    with servers.sshd() as server:
        yield server


@pytest.fixture(scope="session")
def dovecot() -> Iterator[servers.Dovecot]:
    with servers.dovecot() as server:
        yield server


@dataclass
class Storage:
    url: str
    client: Any


@pytest.fixture(scope="session")
def storage() -> Iterator[Storage]:
    import boto3

    moto = pytest.importorskip("moto.server", reason="moto[server] is not installed")
    server = moto.ThreadedMotoServer(servers.HOST, 0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    url = f"http://{host}:{port}"
    client = boto3.client(
        "s3",
        endpoint_url=url,
        region_name="us-east-1",
        aws_access_key_id="access",
        aws_secret_access_key="secret",
    )
    yield Storage(url, client)
    server.stop()


@pytest.fixture
def site() -> Iterator[Site]:
    with platform_site() as server:
        yield server


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    made = Settings(tmp_path / "data")
    made.data_dir.mkdir()
    made.senders_file.write_text(rigs.BOOK, encoding="utf-8")
    return made


@pytest.fixture
def make_rig(request: pytest.FixtureRequest, tmp_path: Path) -> Callable[[str], rigs.Rig]:
    def make(kind: str) -> rigs.Rig:
        if kind == "folder":
            return rigs.folder_rig(tmp_path)
        name = {"sftp": "sshd", "imap": "dovecot", "s3": "storage", "web": "site"}[kind]
        rig: rigs.Rig = getattr(rigs, f"{kind}_rig")(request.getfixturevalue(name))
        return rig

    return make


@pytest.fixture(params=KINDS)
def rig(request: pytest.FixtureRequest, make_rig: Callable[[str], rigs.Rig]) -> rigs.Rig:
    return make_rig(request.param)


@pytest.fixture
def sftp(make_rig: Callable[[str], rigs.Rig]) -> rigs.Rig:
    return make_rig("sftp")


@pytest.fixture
def imap(make_rig: Callable[[str], rigs.Rig]) -> rigs.Rig:
    return make_rig("imap")


@pytest.fixture
def web(make_rig: Callable[[str], rigs.Rig]) -> rigs.Rig:
    return make_rig("web")


Pass = Callable[..., Outcome]


@pytest.fixture
def one_pass(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Pass:
    """One pass as production makes it: channels.yml, a connection of Airflow, its hook."""

    def run(rig: rigs.Rig, pause: Any = lambda _: None, **more: Any) -> Outcome:
        from bvb.pulling import pull_channel

        value = rigs.as_environment(rig.connection)
        monkeypatch.setenv(f"AIRFLOW_CONN_{CONNECTION.upper()}", value)
        spec = {"kind": rig.kind, "connection": CONNECTION, **rig.spec, **more}
        text = yaml.safe_dump({"channels": {"tested": spec}}, allow_unicode=True)
        settings.channels_file.write_text(text, encoding="utf-8")
        return pull_channel("tested", settings, pause)

    return run
