"""Entities and links of XML and HTML: no file of the machine is read, no server is called."""

from __future__ import annotations

import hashlib
import socket
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from ingest.deliveries import Landed
from ingest.knowledge import load_knowledge
from ingest.read import read_bytes
from ingest.settings import MOSCOW
from tests.defects.base import titles
from tests.fuzz.attacks_entities import bombed, in_a_sheet
from tests.fuzz.attacks_texts import as_html, as_xml
from tests.fuzz.made import ROW, SHEET_RELATIONS
from tests.fuzz.seeds import Sent

NOW = datetime(2024, 10, 2, 12, 0, tzinfo=MOSCOW)
CANARY = "канарейка-из-файла"


@pytest.fixture
def server() -> Iterator[socket.socket]:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        listening.settimeout(0.05)
        yield listening


def _rows_xml(cell: str) -> str:
    lines = (titles("M08"), [cell, *ROW[1:]])
    rows = "".join(
        "<Row>" + "".join(f"<Cell><Data>{text}</Data></Cell>" for text in line) + "</Row>"
        for line in lines
    )
    return f'<Worksheet ss:Name="x"><Table>{rows}</Table></Worksheet>'


def _sent(place: str, target: str) -> Sent:
    declared = (
        f'<!DOCTYPE l SYSTEM "{target}" [<!ENTITY h SYSTEM "{target}">'
        f'<!ENTITY % p SYSTEM "{target}"> %p;]>'
    ).encode()
    if place == "xml 2003":
        return as_xml(_rows_xml("&h;x"), declared.decode())
    if place == "html":
        links = f'<link rel=stylesheet href="{target}"><img src="{target}"><script src="{target}">'
        cells = "".join(f"<td>{text}</td>" for text in ROW)
        return as_html(f'<tr>{cells}</tr></table>{links}</script><base href="{target}">')
    return in_a_sheet(declared) if place == "sheet" else bombed(place, declared)


@pytest.mark.parametrize(
    "place",
    ["xml 2003", "html", "sheet", "xl/workbook.xml", "xl/styles.xml", "xl/sharedStrings.xml",
     "docProps/custom.xml", SHEET_RELATIONS],
)  # fmt: skip
def test_nothing_outside_of_a_file_is_read(
    tmp_path: Path, server: socket.socket, place: str
) -> None:
    (tmp_path / "canary.txt").write_text(CANARY, encoding="utf-8")
    port = server.getsockname()[1]
    for target in ((tmp_path / "canary.txt").as_uri(), f"http://127.0.0.1:{port}/x"):
        sent = _sent(place, target)
        landed = Landed(
            delivery_id="d" * 16, sha256=hashlib.sha256(sent.data).hexdigest(),
            size=len(sent.data), channel="folder", source=f"{sent.folder}/{sent.name}",
            received_at=NOW, landed_at=NOW,
        )  # fmt: skip
        path = tmp_path / "parsed" / "rows.parquet"
        delivery = read_bytes(landed, sent.data, load_knowledge(), path)
        said = delivery.model_dump_json()
        said += f"{pq.read_table(path).to_pylist()}" if delivery.parsed_path else ""
        assert CANARY not in said
        with pytest.raises(TimeoutError):
            server.accept()
