"""Every accepted format and encoding gives the same parsed rows, with the sender's row numbers."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import pytest

from ingest.forms import Sender, load_forms

from .conftest import Reader
from .files import BOOKS, MARKUP, TEXTS, SheetOf, data_sheet, expected_rows, passport, table, xlsx

Writer = Callable[[Sequence[SheetOf]], bytes]
NAMES = {name: name for name in (*BOOKS, *MARKUP)}
SHEETS = {"csv": "csv", "html": "Таблица 1"}
WRITERS = {**BOOKS, **MARKUP, **TEXTS}
FORMS = sorted(load_forms())


def canonical_name(code: str, extension: str) -> str:
    form = load_forms()[code]
    if form.sender is Sender.TERRITORY:
        return f"{code}_{form.entity}__T14__2024-09__v1.{extension}"
    return f"{code}_{form.entity}__2024-09-30__v1.{extension}"


@pytest.mark.parametrize("writer", WRITERS)
@pytest.mark.parametrize("code", ["P04", "M04"])
def test_every_format_gives_the_same_rows(read: Reader, writer: str, code: str) -> None:
    extension = NAMES.get(writer, "csv")
    outcome = read(
        WRITERS[writer]([data_sheet(table(code))]), canonical_name(code, extension), folder=""
    )
    assert outcome.codes == remarks(writer, fits=True)
    assert outcome.values() == expected_rows(code)
    assert [row["_row"] for row in outcome.rows] == [2, 3, 4]
    assert {row["_sheet"] for row in outcome.rows} == {SHEETS.get(extension, "Данные")}


@pytest.mark.parametrize("code", FORMS)
def test_every_form_is_read_from_its_own_template(read: Reader, code: str) -> None:
    outcome = read(xlsx([data_sheet(table(code))]), canonical_name(code, "xlsx"), folder="")
    assert outcome.codes == []
    assert (outcome.delivery.form_code, outcome.delivery.n_rows) == (code, 3)
    assert outcome.values() == expected_rows(code)


@pytest.mark.parametrize("writer", BOOKS)
def test_passport_and_data_lie_in_one_book(read: Reader, writer: str) -> None:
    sheets = [
        passport(form_code="M04", territory_code="T14", period="2024-09"),
        data_sheet(table("M04")),
    ]
    outcome = read(BOOKS[writer](sheets), f"отчёт.{writer}", folder="")
    assert outcome.codes == remarks(writer, fits=True)
    assert outcome.delivery.sender_territory_id == 14
    assert outcome.delivery.period == "2024-09"


def remarks(writer: str, *, fits: bool) -> list[str]:
    """What is said of a format: books of Excel pass, others may lose zeros and dates."""
    if writer in ("ods", "xlsb", "html", "xml"):
        return ["F-NOT-EXCEL"]
    if fits:
        return []
    return ["F-DISGUISED"] if writer in ("xlsx", "xls") else ["F-NOT-EXCEL"]


@pytest.mark.parametrize("writer", sorted(WRITERS))
@pytest.mark.parametrize("extension", ["xlsx", "xls", "csv", "ods"])
def test_content_decides_not_the_extension(read: Reader, writer: str, extension: str) -> None:
    own = NAMES.get(writer, "csv")
    data = WRITERS[writer]([data_sheet(table("P05", 2))])
    outcome = read(data, f"P05_participations__2024-09-30__v1.{extension}")
    assert outcome.codes == remarks(writer, fits=extension == own)
    assert outcome.delivery.n_rows == 2


def test_row_numbers_of_csv_count_lines_inside_quotes(read: Reader) -> None:
    rows = table("M11")
    rows[1][-1] = "первая строка\nвторая; с разделителем"
    outcome = read(TEXTS["utf-8 semicolon"]([data_sheet(rows)]), "M11_x__T14__2024-09.csv", "")
    assert [row["_row"] for row in outcome.rows] == [2, 4, 5]
    assert outcome.rows[0]["comment"] == "первая строка вторая; с разделителем"


def test_commas_inside_cells_do_not_hide_the_semicolons(read: Reader) -> None:
    rows = table("M11", 6)
    for row in rows[1:]:
        row[-1] = "7А, 7Б, 8А, 8Б, 9А, 9Б"
    outcome = read(TEXTS["cp1251 semicolon"]([data_sheet(rows)]), "M11_x__T14__2024-09.csv", "")
    assert (outcome.codes, outcome.delivery.n_rows) == ([], 6)


def test_a_surplus_delimiter_is_reported_and_loses_one_row_only(read: Reader) -> None:
    rows = table("P05")
    rows[2].append("лишнее")
    outcome = read(
        TEXTS["utf-8 semicolon"]([data_sheet(rows)]), "P05_participations__2024-09-30.csv"
    )
    assert (outcome.codes, outcome.delivery.n_rows) == (["F-BROKEN-ROWS"], 2)
    assert outcome.finding("F-BROKEN-ROWS").row == 3
    assert outcome.delivery.n_broken == 1


def test_merged_cells_of_a_page_keep_their_columns(read: Reader) -> None:
    head, *rows = table("M11")
    cells = [
        "<tr><td colspan=5>Сводка за сентябрь</td></tr>",
        "<tr>" + "".join(f"<th>{title}</th>" for title in head) + "</tr>",
        f"<tr><td>{rows[0][0]}</td><td>1</td><td rowspan=2>7</td><td>а</td></tr>",
        f"<tr><td>{rows[1][0]}</td><td>2</td><td>б</td></tr>",
    ]
    page = f"<html><table>{''.join(cells)}</table></html>".encode()
    outcome = read(page, "M11_summary_claims__T14__2024-09__v1.xls", "")
    assert outcome.codes == ["F-NOT-EXCEL"]
    assert [(row["value_cumulative"], row["comment"]) for row in outcome.rows] == [
        ("7", "а"),
        (None, "б"),
    ]
    assert [row["_row"] for row in outcome.rows] == [3, 4]


@pytest.mark.parametrize(
    "page",
    [
        "<html><body>Доступ запрещён</body></html>",
        "<?xml version='1.0'?><note>нет таблицы</note>",
        "<!DOCTYPE x [<!ENTITY e SYSTEM 'file:///etc/passwd'>]><x>&e;</x>",
        "<Workbook xmlns='urn:schemas-microsoft-com:office:spreadsheet'><Worksheet",
        "<",
    ],
)
def test_a_page_without_a_table_is_no_table(read: Reader, page: str) -> None:
    outcome = read(page.encode(), "M11_summary_claims__T14__2024-09__v1.xls", "")
    assert outcome.codes == ["F-FOREIGN"]


def test_spans_and_entities_are_not_believed(read: Reader) -> None:
    wide = "<html><table><tr><td colspan=99999999 rowspan=99999999>1</td></tr></table></html>"
    assert "F-FOREIGN" not in read(wide.encode(), "M11_x__T14__2024-09.xls", "").codes
    laughs = "".join(f'<!ENTITY e{n} "{f"&e{n - 1};" * 10}">' for n in range(1, 12))
    bomb = (
        f'<?xml version="1.0"?><!DOCTYPE Workbook [<!ENTITY e0 "ха">{laughs}]>'
        '<Workbook xmlns="urn:schemas-microsoft-com:office:spreadsheet"'
        ' xmlns:ss="urn:schemas-microsoft-com:office:spreadsheet"><Worksheet ss:Name="1"><Table>'
        "<Row><Cell><Data>&e11;</Data></Cell></Row></Table></Worksheet></Workbook>"
    )
    assert read(bomb.encode(), "M11_x__T14__2024-09.xls", "").delivery.n_rows == 0
