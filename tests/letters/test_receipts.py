"""Receipts: what they prove, by the file and by the number, and where a sender picks them up."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from click.testing import CliRunner

from bvb.commands.receipt import command
from bvb.steps import receive
from desk.receipts import ReceiptNotFound, find_receipts, receipts, write_receipts
from ingest.settings import Settings
from tests.letters.world import World, at


def test_what_became_of_a_file(world: World) -> None:
    came = world.file("M08", 14, "2024-09", at("2024-10-02"))
    assert receipts(world.settings)[0].state == "получен, прочитан; проверка ещё не проведена"
    world.verdict(came, "M08", 14, "partially_accepted", n_received=7, n_accepted=5, n_rejected=2)
    world.run(date(2024, 9, 30), at("2024-10-03"))
    (receipt,) = receipts(world.settings)
    assert receipt.state == "принят частично"
    for text in ("Жуковский", "M08 Родительские собрания за сентябрь 2024 г.", "4 096 байт",
                 "получено 7, принято 5, не принято 2", "02.10.2024 12:00:00",
                 receipt.landed.sha256, receipt.number):  # fmt: skip
        assert text in receipt.text


def test_the_newest_verdict_counts(world: World) -> None:
    came = world.file("M08", 14, "2024-09", at("2024-10-02"))
    world.verdict(came, "M08", 14, "accepted")
    world.run(date(2024, 9, 30), at("2024-10-03"))
    world.rows[0]["status"] = "superseded"
    world.run(date(2024, 10, 31), at("2024-11-06"))
    assert receipts(world.settings)[0].state == "заменён новой версией"


def test_a_file_that_could_not_be_opened_or_was_not_read_yet(world: World) -> None:
    world.file("M08", 14, "2024-09", at("2024-10-02"), blocked="Файл защищён паролем")
    world.file("M09", 14, "2024-09", at("2024-10-03"), is_read=False)
    blocked, unread = receipts(world.settings)
    assert "Причина:            Файл защищён паролем" in blocked.text
    assert (blocked.state, unread.state) == ("не принят", "получен, ещё не прочитан")
    assert "Отправитель не определён" in unread.text


@pytest.mark.parametrize(
    "spelling",
    ["{0}", "{1}", "{2}", "  {0} ".strip(), "{3}"],
    ids=["whole", "low", "start", "x", "ru"],
)
def test_a_number_is_found_as_people_write_it(world: World, spelling: str) -> None:
    world.file("M08", 14, "2024-09", at("2024-10-02"))
    number = receipts(world.settings)[0].number
    russian = number.translate(str.maketrans("ABCE", "АВСЕ"))
    asked = spelling.format(number, number.lower(), number[:9], russian)
    assert [receipt.number for receipt in find_receipts(world.settings, asked)] == [number]


@pytest.mark.parametrize("asked", ["", "E4", "FFFF-FFFF-FFFF-FFFF", "нет такого"])
def test_a_number_that_nobody_gave(world: World, asked: str) -> None:
    world.file("M08", 14, "2024-09", at("2024-10-02"))
    with pytest.raises(ReceiptNotFound, match="не номер квитанции"):
        find_receipts(world.settings, asked)


def test_the_sent_file_itself_is_the_proof_and_a_changed_one_is_none(tmp_path: Path) -> None:
    settings = Settings(tmp_path / "data")
    sent = settings.incoming / "T14" / "отчёт.csv"
    sent.parent.mkdir(parents=True)
    sent.write_text("a;b\n1;2\n", encoding="utf-8")
    (settings.incoming / "T14" / "again.csv").write_bytes(sent.read_bytes())
    for path in sent.parent.iterdir():
        path.with_name(path.name + ".done").touch()
    receive(settings)
    kept = tmp_path / "на моём компьютере.csv"
    kept.write_bytes(sent.read_bytes())
    shown = CliRunner().invoke(command, [f"{kept}", "--data", f"{settings.data_dir}"]).output
    assert "отчёт.csv" in shown and "again.csv" in shown
    assert shown.count("КВИТАНЦИЯ №") == 2
    kept.write_text("a;b\n1;3\n", encoding="utf-8")
    with pytest.raises(ReceiptNotFound, match="не поступал"):
        find_receipts(settings, f"{kept}")


def test_receipts_lie_with_their_sender_and_change_only_with_their_text(world: World) -> None:
    came = world.file("M08", 14, "2024-09", at("2024-10-02"))
    world.file("M08", 15, "2024-09", at("2024-10-02"))
    assert write_receipts(world.settings) == 2
    (mine,) = (world.settings.returned / "receipts" / "T14").iterdir()
    (other,) = (world.settings.returned / "receipts" / "T15").iterdir()
    before = [(p.read_bytes(), p.stat().st_mtime_ns) for p in (mine, other)]
    write_receipts(world.settings)
    assert [(p.read_bytes(), p.stat().st_mtime_ns) for p in (mine, other)] == before
    world.verdict(came, "M08", 14, "accepted", n_received=1, n_accepted=1)
    world.run(date(2024, 9, 30), at("2024-10-03"))
    write_receipts(world.settings)
    assert "Состояние:          принят\n" in mine.read_text(encoding="utf-8")
    assert other.stat().st_mtime_ns == before[1][1]
