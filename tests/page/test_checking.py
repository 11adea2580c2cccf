"""A check on the page: what is shown, to whom, and that nothing stays behind."""

from __future__ import annotations

import io
import logging
import re
import tempfile
from pathlib import Path

import openpyxl
import pytest

from desk.page.verdict_view import ranges
from tests.defects.base import book, meetings, passport, saved, titles
from tests.defects.corpus import corpus
from tests.page.files import NAME, good, locked, many_faults, partly
from tests.page.site import Site, serving


def shown(site: Site, name: str, data: bytes, code: str = "T26") -> str:
    visitor = site.signed_in(code)
    return visitor.http.get(visitor.checked(name, data)).text


def test_a_verdict_says_first_what_becomes_of_the_file(site: Site) -> None:
    html = shown(site, "Отчёт.xlsx", partly())
    assert 'data-status="partially_accepted"' in html
    assert '<h1 id="verdict">Файл будет принят не полностью</h1>' in html
    for fact in ("M08 Родительские собрания", "T26 Лобня", "сентябрь 2024 г.", "03.10.2024"):
        assert fact in html
    numbers = re.findall(r"<dd>(\d+)</dd>", html)
    assert numbers == ["6", "3", "3"]


def test_repeated_findings_are_told_together(site: Site) -> None:
    html = shown(site, "Отчёт.xlsx", many_faults())
    body = re.findall(r'data-rule="T-n_participants" data-count="(\d+)">(.*?)</tbody>', html, re.S)
    assert [count for count, _ in body] == ["72"]
    assert body[0][1].count("<tr>") == 3
    assert "Ещё таких же: 69" in body[0][1]
    assert "лист «Данные», столбец «Участников»: строки 5–73" in body[0][1]


@pytest.mark.parametrize(
    ("rows", "text"),
    [([], ""), ([5], "5"), ([5, 6], "5–6"), ([2, 5, 6, 7, 9], "2, 5–7, 9"), ([3, 3, 4], "3–4")],
)
def test_neighbouring_rows_are_joined(rows: list[int], text: str) -> None:
    assert ranges(rows) == text


def test_blocking_findings_come_first(site: Site) -> None:
    rows = [[*row[:4], "много", *row[5:]] for row in meetings()]
    face = passport("M08", 26, **{"Версия формы": 9})
    html = shown(site, "x.xlsx", saved(book([titles("M08"), *rows], face)))
    assert re.findall(r'data-severity="(\w+)"', html)[0] == "block"


def test_the_marked_workbook_is_the_senders_own(site: Site) -> None:
    visitor = site.signed_in("T26")
    place = visitor.checked("Отчёт.xlsx", partly())
    assert f"{place}/marked/0" in visitor.http.get(place).text
    answer = visitor.http.get(f"{place}/marked/0")
    assert "attachment" in answer.headers["content-disposition"]
    book = openpyxl.load_workbook(io.BytesIO(answer.content))
    assert book.sheetnames == ["Итог", "Паспорт", "Данные"]
    comment = book["Данные"]["B2"].comment
    assert comment is not None
    assert "30.02.2024" in comment.text
    assert visitor.http.get(f"{place}/marked/1").status_code == 404


def test_nothing_to_mark_is_not_offered(site: Site) -> None:
    for data in (good(), locked()):
        assert "/marked/" not in shown(site, "Отчёт.xlsx", data)


def test_a_word_that_the_operator_decided_is_known(tmp_path: Path) -> None:
    rows = [[*row[:3], "вживую", *row[4:]] for row in meetings()]
    data = saved(book([titles("M08"), *rows], passport("M08", 26)))
    with serving(tmp_path) as site:
        visitor = site.signed_in("T26")
        assert visitor.verdict(NAME, data)["status"] != "accepted"
        (tmp_path / "decisions").mkdir()
        (tmp_path / "decisions" / "mappings.csv").write_text(
            "Что;Где;Написано;Решение;Кто решил;Решено\n"
            "слово;M08.meeting_format;вживую;очно;Орлова;01.10.2024\n",
            encoding="utf-8",
        )
        assert visitor.verdict(NAME, data)["status"] == "accepted"


def test_an_archive_is_judged_by_its_files(site: Site) -> None:
    html = shown(site, "Отчёты.zip", corpus()["D-07"].data, "T07")
    assert "Из архива будет принято файлов: 1 из 3" in html
    assert re.findall(r'class="member" data-status="(\w+)"', html) == [
        "accepted", "rejected", "rejected",
    ]  # fmt: skip
    assert "Отправить, хотя файлов из архива не будет принято: 2" in html


@pytest.mark.parametrize("name", ["<img src=x onerror=alert(1)>.xlsx", '"><script>1</script>.xlsx'])
def test_names_and_cells_are_text_and_nothing_else(site: Site, name: str) -> None:
    rows = meetings()
    rows[0][1] = "<script>alert(2)</script>"
    html = shown(site, name, saved(book([titles("M08"), *rows], passport("M08", 26))))
    assert "<script>" not in html
    assert "<img" not in html
    assert "&lt;script&gt;alert(2)" in html


@pytest.mark.parametrize("name", ["../../../x.xlsx", "C:\\Users\\x.xlsx", "/etc/x.xlsx"])
def test_a_name_leads_nowhere(site: Site, name: str) -> None:
    assert '<p class="file">x.xlsx</p>' in shown(site, name, good())


def test_a_verdict_is_seen_by_its_sender_alone_and_not_for_long(tmp_path: Path) -> None:
    with serving(tmp_path) as site:
        own, other = site.signed_in("T26"), site.signed_in("T14")
        place = own.checked(NAME, good())
        assert own.http.get(place).status_code == 200
        for path in ("", "/marked/0"):
            assert other.http.get(place + path).status_code == 410
        assert other.post(f"{place}/send").status_code == 410
        site.clock.move(minutes=31)
        gone = own.http.get(place)
        assert gone.status_code == 410
        assert "Проверьте его ещё раз" in gone.text


def test_no_file_is_no_fault(site: Site) -> None:
    visitor = site.signed_in("T26")
    assert visitor.post("/check").status_code == 400
    assert visitor.post("/check", files={"file": ("", b"")}).status_code == 400
    assert visitor.check("empty.xlsx", b"").status_code == 303


def everything(*folders: Path) -> dict[Path, bytes]:
    found = (path for folder in folders for path in folder.rglob("*") if path.is_file())
    return {path: path.read_bytes() for path in found}


def test_a_check_leaves_nothing_behind(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    data, temporary = tmp_path / "data", tmp_path / "tmp"
    temporary.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(temporary))
    monkeypatch.setenv("TMPDIR", str(temporary))
    with serving(data) as site:
        visitor = site.signed_in("T26")
        visitor.verdict(NAME, good())
        before = everything(data, temporary)
        for content in (
            good(rows=5),
            partly(),
            locked(),
            "Иванова Анна".encode(),
            many_faults(200),
        ):
            place = visitor.checked("Иванова Анна Петровна.xlsx", content)
            visitor.http.get(place)
        assert everything(data, temporary) == before
    said = [record.getMessage() for record in caplog.records if record.name.startswith("bvb")]
    assert len(said) == 6
    assert all(re.fullmatch(r"check sender=T26 bytes=\d+ status=\w+ ms=\d+", text) for text in said)
    assert "Иванова" not in caplog.text.replace("/checked/", "")
