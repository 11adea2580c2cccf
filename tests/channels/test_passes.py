"""Every kind of channel, through Airflow's connections and hooks, against a real server."""

from __future__ import annotations

import json
import shutil
from datetime import timedelta
from typing import Any

import paramiko
import pytest

from channels import pull
from channels.base import ChannelRefused, ChannelUnreachable
from channels.memory import ChannelBusy, alone, folder_of
from channels.pull import outcome_path
from ingest.landing import all_landed, load_landed, object_path
from ingest.settings import Settings

from .conftest import Pass
from .platform_site import Site
from .rigs import SENT, Rig
from .servers import free_port

FILES = {"M04_consents__T14__2024-09.xlsx": b"first", "отчёт за май.csv": b"second" * 50_000}


def _put_all(rig: Rig) -> None:
    for name, data in FILES.items():
        rig.put(name, data)


def _sources(settings: Settings) -> set[str]:
    return {item.source for item in all_landed(settings)}


def test_new_files_land_under_their_sender_and_with_their_time(
    rig: Rig, settings: Settings, one_pass: Pass
) -> None:
    _put_all(rig)
    outcome = one_pass(rig)
    assert (outcome.listed, outcome.taken, outcome.known, outcome.left) == (2, 2, 0, {})
    assert _sources(settings) == {f"{rig.sender}/{name}" for name in FILES}
    for item in all_landed(settings):
        assert object_path(settings, item.sha256).read_bytes() == FILES[item.file_name]
        assert item.channel == "tested"
        assert item.received_at == SENT or not rig.is_dated
        assert item.received_at <= item.landed_at
    assert json.loads(outcome_path(settings, "tested").read_text("utf-8"))["taken"] == 2


def test_a_second_pass_downloads_nothing(
    rig: Rig, settings: Settings, one_pass: Pass, monkeypatch: pytest.MonkeyPatch
) -> None:
    _put_all(rig)
    one_pass(rig)

    def landed_again(*_: Any) -> None:
        raise AssertionError("nothing is new")

    monkeypatch.setattr(pull, "land_stream", landed_again)
    outcome = one_pass(rig)
    assert (outcome.listed, outcome.taken, outcome.known) == (2, 0, 2)


def test_a_lost_memory_costs_a_download_and_doubles_nothing(
    rig: Rig, settings: Settings, one_pass: Pass
) -> None:
    _put_all(rig)
    one_pass(rig)
    before = all_landed(settings)
    shutil.rmtree(folder_of(settings, "tested"))
    outcome = one_pass(rig)
    assert (outcome.taken, outcome.known) == (0, 2)
    assert all_landed(settings) == before


def test_what_comes_later_is_taken_by_the_next_pass(
    rig: Rig, settings: Settings, one_pass: Pass
) -> None:
    rig.put("a.xlsx", b"first")
    one_pass(rig)
    rig.put("b.xlsx", b"second")
    outcome = one_pass(rig)
    assert (outcome.taken, outcome.known) == (1, 1)
    assert _sources(settings) == {f"{rig.sender}/a.xlsx", f"{rig.sender}/b.xlsx"}


def test_a_corrected_file_is_a_second_delivery(
    rig: Rig, settings: Settings, one_pass: Pass
) -> None:
    rig.put("a.xlsx", b"first")
    one_pass(rig)
    rig.put("a.xlsx", b"other", SENT + timedelta(hours=1))
    assert one_pass(rig).taken == 1
    assert {load_landed(settings, i.delivery_id).size for i in all_landed(settings)} == {5}
    assert len(all_landed(settings)) == 2


def test_limits_leave_the_rest_for_the_next_pass_and_name_what_is_too_large(
    rig: Rig, settings: Settings, one_pass: Pass
) -> None:
    for number in range(3):
        rig.put(f"{number}.xlsx", f"{number}".encode())
    rig.put("large.xlsx", b"x" * (2 << 20))
    outcome = one_pass(rig, max_files=2, max_mb=1)
    assert (outcome.taken, outcome.left) == (2, {"next_pass": 1, "too_large": 1})
    outcome = one_pass(rig, max_files=2, max_mb=1)
    assert (outcome.taken, outcome.known, outcome.left) == (1, 2, {"too_large": 1})
    assert one_pass(rig).taken == 1  # the limit was raised


def test_a_server_that_is_off_is_a_fault_that_may_pass(
    rig: Rig, settings: Settings, one_pass: Pass
) -> None:
    if rig.kind == "folder":
        rig.spec["root"] = "not-mounted"
    rig.connection["port"] = free_port()
    rig.connection.get("extra", {}).pop("endpoint_url", None)
    if rig.kind == "s3":
        rig.connection["extra"]["endpoint_url"] = f"http://127.0.0.1:{free_port()}"
    with pytest.raises(ChannelUnreachable, match=r"found none|next pass tries again"):
        one_pass(rig)
    kept = json.loads(outcome_path(settings, "tested").read_text("utf-8"))
    assert kept["error"].startswith("ChannelUnreachable")


@pytest.mark.parametrize("kind", ["sftp", "imap", "web"])
def test_a_wrong_key_or_password_is_a_fault_that_somebody_mends(
    kind: str, make_rig: Any, settings: Settings, one_pass: Pass
) -> None:
    rig = make_rig(kind)
    rig.connection |= {"password": "wrong"}
    if kind == "sftp":
        rig.connection["extra"] = {"host_key": rig.connection["extra"]["host_key"]}
    with pytest.raises(ChannelRefused, match="mend"):
        one_pass(rig)
    assert "wrong" not in outcome_path(settings, "tested").read_text("utf-8")


def test_a_server_that_pretends_to_be_another_gets_no_password(sftp: Rig, one_pass: Pass) -> None:
    extra = sftp.connection["extra"]
    another = paramiko.Ed25519Key(data=b"\0\0\0\x0bssh-ed25519\0\0\0\x20" + b"x" * 32)
    for keys in ({}, {"host_key": f"ssh-ed25519 {another.get_base64()}"}):
        sftp.connection["extra"] = {"private_key": extra["private_key"], **keys}
        with pytest.raises(ChannelRefused, match="mend"):
            one_pass(sftp)


def test_a_password_never_goes_in_the_clear(web: Rig, site: Site, one_pass: Pass) -> None:
    web.connection["host"] = "platform.example"
    with pytest.raises(ChannelRefused, match="https"):
        one_pass(web)
    assert site.asked == []


def test_a_connection_that_airflow_does_not_have_is_named(rig: Rig, one_pass: Pass) -> None:
    with pytest.raises(ChannelRefused, match="no_such"):
        one_pass(rig, connection="no_such")


def test_only_one_pass_at_a_time_works_on_a_channel(
    rig: Rig, settings: Settings, one_pass: Pass
) -> None:
    with alone(settings, "tested"), pytest.raises(ChannelBusy, match="wait"):
        one_pass(rig)
    assert not outcome_path(settings, "tested").exists()  # it is the other one's to write
