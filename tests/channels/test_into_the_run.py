"""What channels bring goes on as if it lay in `incoming/`: read and routed."""

from __future__ import annotations

from typing import Any

import pytest

from bvb import steps
from ingest.deliveries import Delivery, load_delivery
from ingest.landing import all_landed
from ingest.settings import Settings
from tests.ingest.files import data_sheet, passport, table, xlsx

from .conftest import Pass
from .rigs import ADDRESS, Rig, letter, send

PERIOD = {"form_code": "M04", "period": "2024-09"}


def _received(settings: Settings) -> list[Delivery]:
    found = [load_delivery(settings, item.delivery_id) for item in all_landed(settings)]
    return [delivery for delivery in found if delivery]


CASES = {
    "address": (ADDRESS, {}, 14, []),
    "content": ("stranger@x.example", {"territory_code": "T14"}, 14, []),
    "both agree": (ADDRESS, {"territory_code": "T14"}, 14, []),
    "both differ": (ADDRESS, {"territory_code": "T15"}, 15, ["F-OTHER-ROUTE"]),
}


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_a_letter_is_routed_by_its_address_and_its_content(
    case: Any, imap: Rig, settings: Settings, one_pass: Pass
) -> None:
    address, said, territory, findings = case
    data = xlsx([passport(**PERIOD, **said), data_sheet(table("M04"))])
    send(imap, letter("наш отчёт.xlsx", data, address))
    one_pass(imap)
    assert steps.receive(settings) == 1
    (delivery,) = _received(settings)
    assert (delivery.form_code, delivery.sender_territory_id) == ("M04", territory)
    assert [f.code for f in delivery.file_findings if f.code == "F-OTHER-ROUTE"] == findings
    assert delivery.n_rows == 3


def test_a_task_reads_all_files_of_a_sender_whatever_channel_they_came_by(
    sftp: Rig, imap: Rig, settings: Settings, one_pass: Pass
) -> None:
    sftp.put("a.csv", b"1;2")
    one_pass(sftp)
    imap.put("b.csv", b"3;4")
    send(imap, letter("c.csv", b"5;6", "stranger@x.example"))
    one_pass(imap)
    senders: list[dict[str, Any]] = steps.land(settings)["senders"]
    assert {s["sender"]: len(s["files"]) for s in senders} == {"T14": 2, "tested": 1}


def test_the_platforms_export_is_the_platforms(
    web: Rig, settings: Settings, one_pass: Pass
) -> None:
    name = "P05_participations__2024-09-30__v1.xlsx"
    web.put(name, xlsx([data_sheet(table("P05"))]))
    one_pass(web)
    steps.receive(settings)
    (delivery,) = _received(settings)
    assert (delivery.form_code, delivery.sender_territory_id, delivery.folder) == (
        "P05",
        0,
        "platform",
    )
