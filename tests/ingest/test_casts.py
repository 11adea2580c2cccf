"""From text to types: what offices type, and what must stay a finding instead of a guess."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime
from typing import Any

import duckdb
import pytest

from ingest.casts import cast_expression, fold_code, install_macros, typed_select
from ingest.forms import DEFAULT_BOOL_VALUES, Column, ColumnType, load_forms


@pytest.fixture(scope="module")
def con() -> Iterator[duckdb.DuckDBPyConnection]:
    connection = duckdb.connect()
    install_macros(connection)
    install_macros(connection)
    yield connection
    connection.close()


def converted(con: duckdb.DuckDBPyConnection, column: Column, text: str | None) -> Any:
    query = f"select {cast_expression(column, 'raw')} from (select ?::varchar as raw)"
    return con.execute(query, [text]).fetchall()[0][0]


def of_type(kind: ColumnType) -> Column:
    return Column(name="value", title="Значение", type=kind)


FIRST = date(2024, 9, 1)
DATES = {
    **dict.fromkeys(
        [
            *("2024-09-01", "01.09.2024", "1.9.2024", "1.9.24", "01/09/2024", "1-9-2024"),
            *("01.09.2024 г.", "01.09.24г.", "1 сентября 2024 г.", "1 Сентября 2024 года"),
            *("1 сент. 2024", "2024-09-01 00:00:00", "01.09.2024 10:15", "45536", "45536.75"),
        ],
        FIRST,
    ),
    # Day first, always: never the second of January.
    "01.02.2024": date(2024, 2, 1),
    "12.11.2024": date(2024, 11, 12),
    "29.02.2024": date(2024, 2, 29),
    **dict.fromkeys(
        [
            *("30.02.2024", "2024-02-30", "31 апреля 2024", "29.02.2023", "00.00.0000"),
            *("01.01.1900", "2204-09-01", "0204-09-01", "сент.24", "09.2024", "сентябрь"),
            *("01.09", "1", "99999", "вчера", "01.09.2024 - 05.09.2024", ""),
        ]
    ),
}
MOMENTS = {
    "2024-11-18 23:59:01": datetime.fromisoformat("2024-11-18 23:59:01"),
    "18.11.2024 23:59": datetime.fromisoformat("2024-11-18 23:59:00"),
    "18.11.2024, 23:59:59": datetime.fromisoformat("2024-11-18 23:59:59"),
    "45614.5": datetime.fromisoformat("2024-11-18 12:00:00"),
    "18.11.2024": datetime.fromisoformat("2024-11-18 00:00:00"),
    # Moscow decides: the evening of the 18th in UTC is the 19th.
    "2024-11-18T23:59:00Z": datetime.fromisoformat("2024-11-19 02:59:00"),
    "2024-11-18T20:59:00+00:00": datetime.fromisoformat("2024-11-18 23:59:00"),
    **dict.fromkeys(["18.11.2024 25:00", "31.11.2024 10:00", "вчера", "10:15"]),
}
NUMBERS = {
    **{"7": 7, "007": 7, "-3": -3, "7.0": 7, "7,00": 7, "1 234": 1234, "1 234 567": 1234567},
    **{"12 чел.": 12, "12чел": 12, "1 234 чел.": 1234, "3 шт.": 3},
    **dict.fromkeys(
        ["~50", "25-30", "1,5", "12,3 чел.", "по списку", "12 345 6", "9" * 25, "7 или 8"]
    ),
}
GRADES = {
    **dict.fromkeys(
        ["7", "7А", "7 «А»", "7а класс", "7.1", "7-2", "VII", "vii «А»", "седьмой", "Седьмой «Б»"],
        7,
    ),
    # Excel has made a date of «10-2».
    **{"10-2": 10, "2024-02-10": 10, "11э": 11, "XI": 11, "9 корр.": 9},
    **dict.fromkeys(["по списку", "7А, 7Б", "7/8", "123", "класс"]),
}
INNS = {
    "7707083893": "7707083893",
    "500100732259": "500100732259",
    # The leading zero that Excel has lost comes back only when the check digit agrees.
    "276002534": "0276002534",
    **dict.fromkeys(["7707083894", "0007083893", "770708389", "нет", "77070838931"]),
}
MAILS = {
    "Ivanova@Edu.Example.ru": "ivanova@edu.example.ru",
    **dict.fromkeys(["ivanova@", "нет", "a@b", "a b@example.ru", "a@example.ru, b@example.ru"]),
}
URLS = {
    "https://example.ru/a?b=1": "https://example.ru/a?b=1",
    **dict.fromkeys(["example.ru", "http://", "https://a b.ru", "ссылка"]),
}
CASES = [
    (kind, text, value)
    for kind, table in [
        (ColumnType.DATE, DATES),
        (ColumnType.TS, MOMENTS),
        (ColumnType.INT, NUMBERS),
        (ColumnType.GRADE, GRADES),
        (ColumnType.INN, INNS),
        (ColumnType.EMAIL, MAILS),
        (ColumnType.URL, URLS),
    ]
    for text, value in table.items()
]


@pytest.mark.parametrize(("kind", "text", "value"), CASES)
def test_texts(con: duckdb.DuckDBPyConnection, kind: ColumnType, text: str, value: Any) -> None:
    assert converted(con, of_type(kind), text) == value


@pytest.mark.parametrize("kind", [k for k in ColumnType if k is not ColumnType.ENUM])
def test_nothing_stays_nothing(con: duckdb.DuckDBPyConnection, kind: ColumnType) -> None:
    assert converted(con, of_type(kind), None) is None


@pytest.mark.parametrize(
    ("text", "letter"),
    [("7А", "А"), ("7 «б»", "Б"), ("7a", "А"), ("VII-В", "В"), ("10-2", "2"), ("2024-02-10", "2"),
     ("7", None), ("7 класс", None), ("10А класс", "А")],
)  # fmt: skip
def test_letters(con: duckdb.DuckDBPyConnection, text: str, letter: str | None) -> None:
    assert con.execute("select bvb_letter(?::varchar)", [text]).fetchall()[0][0] == letter


@pytest.mark.parametrize("answer", [True, False])
def test_yes_and_no_in_all_their_spellings(con: duckdb.DuckDBPyConnection, answer: bool) -> None:
    for word in DEFAULT_BOOL_VALUES[str(answer).lower()]:
        for spelled in (word, word.upper(), f"«{word}».", word.replace("е", "ё")):
            assert converted(con, of_type(ColumnType.BOOL), spelled) is answer, spelled
    assert converted(con, of_type(ColumnType.BOOL), "частично") is None


ENUMS = [
    (code, column)
    for code, form in load_forms().items()
    for column in form.latest.columns
    if column.type is ColumnType.ENUM
]


@pytest.mark.parametrize(("form", "column"), ENUMS, ids=lambda v: getattr(v, "name", v))
def test_every_code_word_of_every_form(
    con: duckdb.DuckDBPyConnection, form: str, column: Column
) -> None:
    for code, words in column.values.items():
        for word in words:
            for spelled in (word, word.upper(), word.replace("ё", "е")):
                assert converted(con, column, spelled) == code, spelled
    assert converted(con, column, "что-то другое") is None


def test_the_sql_fold_equals_the_python_one(con: duckdb.DuckDBPyConnection) -> None:
    for word in ("Учaстник", "«Выпускник 9».", "не прикреплено", "Проф—проба", " Всё "):
        found = con.execute("select bvb_fold(?::varchar)", [word]).fetchall()[0][0]
        assert found == fold_code(word)


@pytest.mark.parametrize("code", sorted(load_forms()))
def test_the_text_stands_beside_every_typed_value(
    con: duckdb.DuckDBPyConnection, code: str
) -> None:
    version = load_forms()[code].latest
    empty = ", ".join(f'null::varchar as "{c.name}"' for c in version.columns)
    names = [d[0] for d in con.execute(
        f"select {typed_select(version)} from (select {empty})"
    ).description or []]  # fmt: skip
    for column in version.columns:
        assert {column.name, f"{column.name}__raw"} <= set(names)
        assert (f"{column.name}_letter" in names) is (column.type is ColumnType.GRADE)
