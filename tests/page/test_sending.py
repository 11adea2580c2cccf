"""Sending from the page: what may be sent, by whom, and what comes back."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from bvb.steps import land
from desk.receipts import find_receipts
from ingest.deliveries import load_delivery
from ingest.landing import all_landed, object_path
from tests.defects.corpus import corpus
from tests.page.files import NAME, good, locked, partly
from tests.page.site import Site, serving

PLATFORM = next(f for f in corpus().values() if f.source.startswith("platform/"))


def landed_files(site: Site) -> set[str]:
    return {item.source for item in all_landed(site.settings) if item.channel == "page"}


def test_what_was_checked_is_landed_and_answered_with_a_receipt(site: Site) -> None:
    visitor = site.signed_in("T26")
    place = visitor.checked(NAME, good())
    answer = visitor.post(f"{place}/send")
    assert answer.status_code == 303
    delivery_id = answer.headers["location"].rsplit("/", 1)[-1]
    landed = next(i for i in all_landed(site.settings) if i.delivery_id == delivery_id)
    assert (landed.channel, landed.source) == ("page", f"T26/{NAME}")
    assert landed.sha256 == hashlib.sha256(good()).hexdigest()
    assert object_path(site.settings, landed.sha256).read_bytes() == good()
    delivery = load_delivery(site.settings, delivery_id)
    assert delivery is not None
    assert (delivery.form_code, delivery.sender_territory_id) == ("M08", 26)
    html = visitor.http.get(answer.headers["location"]).text
    receipt = find_receipts(site.settings, delivery_id)[0]
    assert f"<strong data-number>{receipt.number}</strong>" in html
    assert landed.sha256 in html
    text = visitor.http.get(f"{answer.headers['location']}/text")
    assert text.content.decode() == receipt.text
    assert "страница «Проверка файла»" in receipt.text


def test_the_same_file_sent_again_has_the_same_receipt(site: Site) -> None:
    receipts = []
    for _ in range(2):
        visitor = site.signed_in("T26")
        place = visitor.checked(NAME, good(rows=4))
        receipts += [visitor.post(f"{place}/send").headers["location"] for _ in range(2)]
        texts = {visitor.http.get(f"{receipt}/text").text for receipt in receipts}
        site.clock.move(minutes=5)
    assert len(set(receipts)) == 1
    assert len(texts) == 1


def test_a_run_finds_what_was_sent(tmp_path: Path) -> None:
    with serving(tmp_path) as site:
        visitor = site.signed_in("T07")
        place = visitor.checked("Отчёты.zip", corpus()["D-07"].data)
        visitor.post(f"{place}/send", consent="yes")
        assert land(site.settings, site.clock())["senders"] == []  # all of it is read already
        assert landed_files(site) == {
            "T07/Отчёты.zip",
            "T07/Отчёты.zip/M08_parents_meetings__T07__2024-09.xlsx",
            "T07/Отчёты.zip/Письмо.docx",
            "T07/Отчёты.zip/Скан.jpg",
        }


def test_rows_that_are_lost_need_consent(site: Site) -> None:
    visitor = site.signed_in("T26")
    place = visitor.checked("Отчёт.xlsx", partly())
    asked = visitor.post(f"{place}/send")
    assert asked.status_code == 422
    assert "Поставьте отметку" in asked.text
    assert "Отправить, хотя строк не будет принято: 3" in asked.text
    assert "T26/Отчёт.xlsx" not in landed_files(site)
    assert visitor.post(f"{place}/send", consent="yes").status_code == 303
    assert "T26/Отчёт.xlsx" in landed_files(site)


def test_a_rejected_file_is_not_sent(site: Site) -> None:
    visitor = site.signed_in("T26")
    place = visitor.checked("Закрыт.xlsx", locked())
    assert 'class="card send"' not in visitor.http.get(place).text
    refused = visitor.post(f"{place}/send", consent="yes")
    assert refused.status_code == 409
    assert "не будет принят целиком" in refused.text
    assert "T26/Закрыт.xlsx" not in landed_files(site)


@pytest.mark.parametrize(
    ("name", "data", "told"),
    [
        ("Чужой.xlsx", good(14), "другой отправитель — T14 Жуковский, а вы вошли как T26 Лобня"),
        (PLATFORM.name, PLATFORM.data, "присылает не территория: её отправитель — Платформа"),
    ],
)
def test_a_file_of_somebody_else_is_judged_but_not_sent(
    site: Site, name: str, data: bytes, told: str
) -> None:
    visitor = site.signed_in("T26")
    verdict = visitor.verdict(name, data)
    refused = visitor.post(f"{verdict['address']}/send", consent="yes")
    if name == "Чужой.xlsx":
        assert "F-OTHER-ROUTE" in [f["rule_id"] for f in verdict["files"][0]["findings"]]
    assert not verdict["may_be_sent"]
    assert refused.status_code == 409
    assert told in refused.text
    assert told in visitor.http.get(verdict["address"]).text
    assert f"T26/{name}" not in landed_files(site)


def test_the_operator_sends_for_everybody(site: Site) -> None:
    visitor = site.signed_in("operator")
    place = visitor.checked(NAME, good(14))
    assert visitor.post(f"{place}/send").status_code == 303
    assert f"operator/{NAME}" in landed_files(site)


def test_a_receipt_is_seen_by_its_sender_alone(site: Site) -> None:
    visitor, other = site.signed_in("T26"), site.signed_in("T14")
    place = visitor.checked(NAME, good(rows=3))
    receipt = visitor.post(f"{place}/send").headers["location"]
    assert visitor.http.get(receipt).status_code == 200
    for path in (receipt, f"{receipt}/text", "/receipt/..%2f..%2fx", "/receipt/0000000000000000"):
        assert other.http.get(path).status_code == 404


def test_a_template_is_its_senders_own(site: Site) -> None:
    visitor = site.signed_in("T26")
    answer = visitor.http.get("/blank?form=M08&period=2024-09")
    assert answer.status_code == 200
    assert "M08_parents_meetings__T26__2024-09" in answer.headers["content-disposition"]
    verdict = visitor.verdict("шаблон.xlsx", answer.content)
    assert verdict["files"][0]["sender_territory_id"] == 26
    for query in ("form=K01&period=2024-09", "form=M08&period=2031-01", "form=M08&period=x"):
        assert visitor.http.get(f"/blank?{query}").status_code == 404
