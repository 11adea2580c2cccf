"""The table is found wherever it stands; what is not data is left out and said so."""

from __future__ import annotations

import io
import json
from typing import Any

import pytest
import xlsxwriter

from ingest.sheets import open_sheets
from ingest.sniff import Kind

from .conftest import Reader
from .files import (
    SheetOf,
    csv_text,
    data_sheet,
    expected_rows,
    passport,
    samples,
    table,
    titles,
    xlsx,
)

Cells = list[list[Any]]


def with_titles(code: str, **renamed: str) -> Cells:
    """A table whose titles are other words: original title → new one, given as column=title."""
    from .files import version_of

    names = [column.name for column in version_of(code).columns]
    return [[renamed.get(n, t) for n, t in zip(names, titles(code), strict=True)], *samples(code)]


@pytest.mark.parametrize("row", [1, 2, 5, 17, 29, 30])
def test_header_is_found_in_any_of_the_first_30_rows(read: Reader, row: int) -> None:
    preamble: Cells = [[f"Приложение к письму, строка {n}"] for n in range(1, row)]
    outcome = read(xlsx([data_sheet(preamble + table("P05"))]))
    assert outcome.values() == expected_rows("P05")
    assert [r["_row"] for r in outcome.rows] == [row + 1, row + 2, row + 3]


def test_header_below_the_30th_filled_row_is_not_looked_for(read: Reader) -> None:
    preamble: Cells = [[f"строка {n}"] for n in range(30)]
    assert read(xlsx([data_sheet(preamble + table("P05"))])).blocks == ["F-NO-HEADER"]


def test_blank_rows_do_not_count_and_rows_keep_their_own_numbers(read: Reader) -> None:
    cells: Cells = [[]] * 60 + table("P05")
    cells.insert(62, [])
    outcome = read(xlsx([data_sheet(cells)]))
    assert [r["_row"] for r in outcome.rows] == [62, 64, 65]


def test_empty_columns_on_the_left_do_no_harm(read: Reader) -> None:
    shifted = [["", "", *row] for row in table("P05")]
    assert read(xlsx([data_sheet(shifted)])).values() == expected_rows("P05")


@pytest.mark.parametrize("blank_before", [False, True])
@pytest.mark.parametrize("as_text", [False, True])
def test_numbering_row_is_dropped(read: Reader, blank_before: bool, as_text: bool) -> None:
    cells = table("P05")
    numbers: list[Any] = [str(n) if as_text else n for n in range(1, len(cells[0]) + 1)]
    cells[1:1] = [[], numbers] if blank_before else [numbers]
    outcome = read(xlsx([data_sheet(cells)]))
    assert outcome.values() == expected_rows("P05")
    assert outcome.codes == ["F-TOTALS"]


def test_numbers_further_down_are_data(read: Reader) -> None:
    cells = table("P05")
    cells.append(list(range(1, len(cells[0]) + 1)))
    assert read(xlsx([data_sheet(cells)])).delivery.n_rows == 4


@pytest.mark.parametrize("label", ["Итого", "ИТОГО:", "Всего по округу", " итого ", "Всего"])
@pytest.mark.parametrize("position", [0, 1, 2])
def test_totals_rows_are_dropped_and_named(read: Reader, label: str, position: int) -> None:
    cells = table("M11")
    total: list[Any] = [""] * len(cells[0])
    total[position], total[3] = label, "итог"
    cells.insert(2, total)
    outcome = read(xlsx([data_sheet(cells)]), "M11_summary__T14__2024-09.xlsx", "T14")
    assert outcome.values() == expected_rows("M11")
    assert "строка 3" in outcome.finding("F-TOTALS").message


def test_words_that_begin_like_totals_are_data(read: Reader) -> None:
    cells = table("P05")
    cells[1][0] = "Всеголосов-7"
    assert read(xlsx([data_sheet(cells)])).delivery.n_rows == 3


def test_unknown_columns_are_kept(read: Reader) -> None:
    cells = [[*row, f"особо {n}", ""] for n, row in enumerate(table("P05"))]
    cells[0][-2:] = ["Отметка куратора", "Отметка куратора"]
    cells[3][-1] = "вторая"
    outcome = read(xlsx([data_sheet(cells)]))
    assert outcome.codes == ["F-UNKNOWN-COLUMN"]
    extras = [json.loads(row["_extra"]) for row in outcome.rows]
    assert [list(extra.values()) for extra in extras] == [
        ["особо 1"],
        ["особо 2"],
        ["особо 3", "вторая"],
    ]
    assert outcome.values() == expected_rows("P05")


def test_a_remark_beside_the_table_loses_no_row(read: Reader) -> None:
    cells = table("P05")
    cells[2] = [*cells[2], "", "", "проверить!"]
    outcome = read(xlsx([data_sheet(cells)]))
    assert (outcome.codes, outcome.values()) == ([], expected_rows("P05"))


def test_columns_may_stand_in_any_order(read: Reader) -> None:
    cells = [list(reversed(row)) for row in table("P04")]
    outcome = read(xlsx([data_sheet(cells)]), "P04_events__2024-09-30.xlsx")
    assert outcome.values() == expected_rows("P04")


def test_optional_columns_may_be_absent(read: Reader) -> None:
    cells = [row[1:] for row in table("P05")]
    outcome = read(xlsx([data_sheet(cells)]))
    assert outcome.codes == []
    assert {row["participation_id"] for row in outcome.rows} == {None}


def test_sheet_is_chosen_by_titles_not_by_name_or_place(read: Reader) -> None:
    sheets = [
        data_sheet([["Письмо"], ["Направляем сведения"]], "Лист1"),
        data_sheet([["ID мероприятия", "Название"], [1, "не то"]], "Данные"),
        data_sheet(table("P05"), "на отправку"),
    ]
    outcome = read(xlsx(sheets))
    assert {row["_sheet"] for row in outcome.rows} == {"на отправку"}
    assert outcome.values() == expected_rows("P05")


def test_complete_sheets_are_read_together(read: Reader) -> None:
    outcome = read(xlsx([data_sheet(table("P05", 2), "А"), data_sheet(table("P05"), "Б")]))
    assert [row["_sheet"] for row in outcome.rows] == ["А", "А", "Б", "Б", "Б"]


@pytest.mark.parametrize("name", ["Образец", "пример заполнения", "Справочник", "Итоги"])
def test_examples_are_not_data_unless_nothing_else_is_there(read: Reader, name: str) -> None:
    example = data_sheet(table("P05", 1), name)
    assert read(xlsx([example, data_sheet(table("P05"))])).delivery.n_rows == 3
    assert read(xlsx([example])).delivery.n_rows == 1


def test_hidden_sheets_are_read_only_when_alone(read: Reader) -> None:
    hidden = SheetOf("Старое", table("P05", 1), hidden=True)
    assert read(xlsx([data_sheet(table("P05")), hidden])).delivery.n_rows == 3
    face = passport(form_code="P05", as_of="30.09.2024")
    assert read(xlsx([face, hidden]), "ок.xlsx").delivery.n_rows == 1


def test_a_sheet_that_is_one_large_chart_is_no_table(read: Reader) -> None:
    stream = io.BytesIO()
    book = xlsxwriter.Workbook(stream, {"in_memory": True})
    picture = book.add_chartsheet("Диаграмма")
    sheet = book.add_worksheet("Данные")
    for r, row in enumerate(table("P05")):
        sheet.write_row(r, 0, [str(value) for value in row])
    chart = book.add_chart({"type": "column"})
    chart.add_series({"values": "=Данные!$A$2:$A$4"})
    picture.set_chart(chart)
    book.close()
    outcome = read(stream.getvalue())
    assert (outcome.codes, outcome.delivery.n_rows) == ([], 3)
    assert [s.name for s in open_sheets(stream.getvalue(), Kind.XLSX)] == ["Данные"]


def test_header_of_two_lines_with_merged_cells(read: Reader) -> None:
    """Group titles stand above; columns without a group are merged downwards."""
    head, n = titles("P02"), 4
    upper = [head[0], "Педагог", "", "", *head[n:]]
    lower = ["", *head[1:n], *([""] * (len(head) - n))]
    merged = ((0, 1, 0, 3), (0, 0, 1, 0), *((0, c, 1, c) for c in range(n, len(head))))
    sheet = SheetOf("Данные", [upper, lower, *samples("P02")], merged=merged)
    outcome = read(xlsx([sheet]), "P02_navigators__2024-09-30.xlsx")
    assert outcome.blocks == []
    assert outcome.values() == expected_rows("P02")
    assert [row["_row"] for row in outcome.rows] == [3, 4, 5]


def test_header_of_three_lines_with_numbering(read: Reader) -> None:
    head = titles("P05")
    cells = [
        [head[0], "Сведения", *([""] * (len(head) - 2))],
        ["", head[1], "Обучающийся", *([""] * (len(head) - 3))],
        ["", "", *head[2:]],
        list(range(1, len(head) + 1)),
        *samples("P05"),
    ]
    outcome = read(xlsx([data_sheet(cells)]))
    assert outcome.values() == expected_rows("P05")


def test_synonyms_case_yo_dashes_line_breaks_and_look_alikes_in_titles(read: Reader) -> None:
    cells = with_titles(
        "P02",
        navigator_id="ID  ПЕДАГОГА–НАВИГАТОРА",
        last_name="Фaмилия",  # Latin «a»
        municipality="МО",
        registered_on="Дата\nрегистрации*",
        status="Cтaтус:",  # Latin «C» and «a»
        is_profile_completed="«Профиль заполнен»",
        cohort_year="Год\u00a0первого\u200bучастия".replace("\u200b", "\u200b "),
    )
    outcome = read(xlsx([data_sheet(cells)]), "P02_navigators__2024-09-30.xlsx")
    assert outcome.codes == []
    assert outcome.values() == expected_rows("P02")


def test_the_year_in_a_title_does_not_matter(read: Reader) -> None:
    cells = with_titles("P03", status="Статус участия 2025")
    outcome = read(xlsx([data_sheet(cells)]), "P03_pupils__2024-09-30.xlsx")
    assert (outcome.codes, outcome.values()) == ([], expected_rows("P03"))


def test_the_same_title_with_another_year_is_another_column(read: Reader) -> None:
    cells = [["Статус участия 2023", *titles("P03")], *(["отказ", *r] for r in samples("P03"))]
    outcome = read(xlsx([data_sheet(cells)]), "P03_pupils__2024-09-30.xlsx")
    assert outcome.codes == ["F-UNKNOWN-COLUMN"]
    assert outcome.values() == expected_rows("P03")


def test_similar_titles_are_not_guessed(read: Reader) -> None:
    cells = with_titles("P05", pupil_id="ID обучающегосяя")
    outcome = read(xlsx([data_sheet(cells)]))
    assert outcome.blocks == ["F-MISSING-COLUMN"]
    assert outcome.rows == []


def test_csv_with_a_preamble(read: Reader) -> None:
    text = "Выгрузка от 02.10.2024, платформа, версия 3, все округа\r\n\r\n" + csv_text(
        table("P05")
    )
    outcome = read(text.encode("cp1251"), "P05_participations__2024-09-30.csv")
    assert outcome.values() == expected_rows("P05")
    assert [row["_row"] for row in outcome.rows] == [4, 5, 6]


@pytest.mark.parametrize(("version", "is_known"), [("1", True), ("1.0", True), ("7", False)])
def test_only_a_declared_version_of_a_form_is_taken(
    read: Reader, version: str, is_known: bool
) -> None:
    face = passport(form_code="M04", form_version=version, territory_code="T14", period="2024-09")
    outcome = read(xlsx([face, data_sheet(table("M04"))]), "M04.xlsx")
    assert (outcome.blocks == []) == is_known
