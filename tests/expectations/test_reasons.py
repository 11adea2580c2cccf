"""What a sender is told of a text that is no date."""

from __future__ import annotations

import duckdb
import pytest

from expectations.reasons import not_a_date_sql
from ingest.casts import install_macros
from ingest.sql import sql_text


def _reason(text: str, *, is_personal: bool = False) -> str:
    with duckdb.connect() as con:
        install_macros(con)
        told = not_a_date_sql("t", is_personal=is_personal)
        row = con.execute(
            f"select bvb_date(t), {told} from (select {sql_text(text)} as t)"
        ).fetchone()
    assert row is not None
    assert row[0] is None
    return str(row[1])


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("31.02.2024", "дней в феврале 2024 года — 29"),
        ("30/2/23", "дней в феврале 2023 года — 28"),
        ("2024-06-31", "дней в июне 2024 года — 30"),
        ("31 июня 2024 г.", "дней в июне 2024 года — 30"),
        ("0.05.2024", "дней в мае 2024 года — 31"),
        ("01.13.2024", "месяца с номером 13 нет"),
        ("00.00.0000", "месяца с номером 0 нет"),
        ("01.09.2204", "года 2204 здесь быть не может"),
        ("01.09.0204", "года 0204 здесь быть не может"),
        ("01.09.20244", "года 20244 здесь быть не может"),
        ("01.09.2024, 02.09.2024", "кроме даты в ячейке стоит что-то ещё"),
        ("в сентябре", "это текст, а не дата"),
        ("сент.24", "день, месяц и год не распознаны"),
        ("7 вторника 2024", "день, месяц и год не распознаны"),
        ("99999999999.99.9999", "день, месяц и год не распознаны"),
    ],
)
def test_the_reason_is_told(text: str, reason: str) -> None:
    assert _reason(text) == reason


@pytest.mark.parametrize("text", ["31.02.2013", "01.13.2013", "01.09.2204", "март 2013"])
def test_of_a_birth_date_nothing_is_repeated(text: str) -> None:
    assert not any(sign.isdigit() for sign in _reason(text, is_personal=True))
