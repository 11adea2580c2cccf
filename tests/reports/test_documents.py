"""Final report, passports and letters: on paper and in Word the figures are those of the marts.

What enters: marts of the invented region. What leaves: verdicts on what python-docx and pdftotext
read.
"""

from __future__ import annotations

import builtins
import shutil
import subprocess
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from docx import Document

from reports import editable, printed
from reports.catalogue import catalogue, marts_of
from reports.errors import FigureMismatch, ReportSkipped
from reports.formats import number
from reports.marts import MartSet, load_marts
from reports.pack import build_pack
from reports.progress import load_progress
from reports.territory import territory_cards
from tests.reports.region_duties import CLEAN
from tests.reports.region_marts import AS_OF, ORDER, write_marts

needs_poppler = pytest.mark.skipif(shutil.which("pdftotext") is None, reason="no poppler-utils")


@pytest.fixture(scope="module")
def marts(tmp_path_factory: pytest.TempPathFactory) -> MartSet:
    folder = write_marts(tmp_path_factory.mktemp("marts"))
    return load_marts(folder, AS_OF, ORDER, marts_of(catalogue().reports))


def read_pdf(content: bytes, folder: Path) -> list[str]:
    """Text of every page."""
    path = folder / "x.pdf"
    path.write_bytes(content)
    command = ["pdftotext", "-layout", str(path), "-"]
    text = subprocess.run(command, capture_output=True, check=True).stdout.decode()
    return text.split("\f")[:-1]


def words_of(content: bytes) -> str:
    document = Document(BytesIO(content))
    lines = [paragraph.text for paragraph in document.paragraphs]
    lines += [cell.text for table in document.tables for row in table.rows for cell in row.cells]
    return "\n".join(lines)


@needs_poppler
def test_the_printed_report_holds_the_region_and_every_territory(
    marts: MartSet, tmp_path: Path
) -> None:
    content = printed.final_pdf(marts)
    pages = read_pdf(content, tmp_path)
    text = "\n".join(pages).replace("\u00a0", " ")
    for line in build_pack(marts).lines:
        assert line.fact.replace("\u00a0", " ") in text
    annex = "\n".join(pages[-3:])
    assert all(row[1].split()[0] in annex for row in build_pack(marts).annex)
    assert f"стр. {len(pages)} из {len(pages)}" in pages[-1]
    assert printed.final_pdf(marts) == content


@needs_poppler
def test_every_territory_has_one_page(marts: MartSet, tmp_path: Path) -> None:
    pages = read_pdf(printed.passports_pdf(marts), tmp_path)
    names = [card.name for card in territory_cards(marts)]
    assert len(pages) == len(names)
    for place, page in enumerate(pages, start=1):
        assert page.lstrip().startswith(f"{place}. ")


def test_a_printed_figure_that_differs_is_refused(marts: MartSet) -> None:
    html = printed.final_html(marts)
    assert printed.check_figures(html, "final", marts) > 500
    fact = number(load_progress(marts).region[0].fact or 0)
    with pytest.raises(FigureMismatch, match=r"0\|I-1\|fact"):
        printed.check_figures(html.replace(f'fact">{fact}<', 'fact">1<', 1), "final", marts)


def test_word_says_what_the_paper_says(marts: MartSet) -> None:
    content = editable.final_docx(marts)
    editable.check_final(content, "final.docx", marts)
    text = words_of(content)
    pack = build_pack(marts)
    for told in (pack.title, *pack.basis, *(item.said for item in pack.unmet)):
        assert told in text
    assert "{{" not in text
    assert "{%" not in text
    assert editable.final_docx(marts) == content


def test_a_letter_names_what_is_missing_and_where_it_is_wrong(marts: MartSet) -> None:
    letters = dict(editable.letters(marts))
    cards = territory_cards(marts)
    assert sorted(letters) == [card.territory_id for card in cards]
    for card in cards[:20]:
        text = words_of(letters[card.territory_id])
        assert card.name in text
        for duty in card.late:
            assert duty.title in text
        for complaint in card.complaints:
            assert f"{complaint.rule}: {complaint.title} — строк {complaint.count}" in text
    assert dict(editable.letters(marts)) == letters


def test_a_letter_shows_file_and_rows(marts: MartSet) -> None:
    rows: list[dict[str, Any]] = [dict(row) for row in marts.rows("mart_findings")]
    here = next(row for row in rows if row["rule_id"] == "V-04")
    place = here["territory_id"]
    for row in rows:
        row["form_code"] = "M03"
    changed = MartSet(
        marts.order_id, marts.as_of, marts.load_id, marts.card,
        {**marts.tables, "mart_findings": tuple(rows)}, marts.columns,
    )  # fmt: skip
    text = words_of(dict(editable.letters(changed))[place])
    assert f"M03_list__T{place:02d}__2024-09__v1.xlsx: строки 3, 4, 17" in text


def test_who_did_everything_is_thanked_for_it(marts: MartSet) -> None:
    card = next(card for card in territory_cards(marts) if card.territory_id == CLEAN)
    assert (card.late, card.near) == ((), ())


def test_without_pango_only_the_paper_is_missing(
    marts: MartSet, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = builtins.__import__

    def refuse(name: str, *args: Any, **known: Any) -> Any:
        if name == "weasyprint":
            raise OSError("cannot load library 'libpango-1.0-0'")
        return real(name, *args, **known)

    monkeypatch.setattr(builtins, "__import__", refuse)
    with pytest.raises(ReportSkipped, match="apt-get install libpango"):
        printed.final_pdf(marts)
    assert editable.final_docx(marts).startswith(b"PK")
