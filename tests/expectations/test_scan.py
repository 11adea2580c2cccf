"""The one-pass split on tables small enough to be counted by eye."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

import duckdb
import pytest

import expectations.scan
from expectations.catalogue import FormRules
from expectations.compile import CompiledForm, CompiledRule
from expectations.errors import RowsLost, RowsRepeated
from expectations.models import Rule, Severity
from expectations.scan import (
    RowCounts,
    check_form,
    create_result_tables,
    scan,
    select_deliveries,
)
from tests.expectations.deliveries import Connection

FORM = "Z01"
Line = tuple[int, str, int, int | None, str | None]  # delivery, sheet, row, number, word


def _rule(number: int, severity: str = "error", **what: Any) -> CompiledRule:
    texts: dict[str, Any] = dict.fromkeys(("title", "message", "expected", "fix", "clause"), "т")
    rule = Rule(
        id=f"V-{number:02d}", form=FORM, column="n", severity=Severity(severity), **what, **texts
    )
    return CompiledRule(number, rule, rule.severity, rule.sql(), frozenset(), True, rule.unique[:1])


def _compiled(*rules: CompiledRule) -> CompiledForm:
    form = FormRules(FORM, tuple(r.rule for r in rules), (), "sender_territory_id")
    return CompiledForm(form, rules)


@pytest.fixture
def con() -> Iterator[Connection]:
    connection = duckdb.connect()
    connection.execute(
        f"create table {FORM}__checked"
        " (delivery_no int, _sheet varchar, _row int, n int, w varchar)"
    )
    connection.execute(f"create view {FORM}__all as select rowid as ord, * from {FORM}__checked")
    create_result_tables(connection, FORM)
    yield connection
    connection.close()


def _give(con: Connection, lines: Sequence[Line]) -> None:
    con.executemany(f"insert into {FORM}__checked values (?, ?, ?, ?, ?)", lines)


def _found(con: Connection) -> list[tuple[int, int]]:
    """(row of the sheet, rule number)."""
    return con.execute(
        f"select _row, rule_no from {FORM}__found join {FORM}__all using (ord) order by all"
    ).fetchall()


def test_a_rule_is_broken_by_false_and_not_by_null(con: Connection) -> None:
    _give(con, [(1, "a", 2, 1, "x"), (1, "a", 3, -1, "x"), (1, "a", 4, None, "x")])
    scan(con, FORM, f"{FORM}__all", [_rule(0, check="n > 0")])
    assert _found(con) == [(3, 0)]


def test_a_row_says_everything_that_is_wrong_with_it(con: Connection) -> None:
    _give(con, [(1, "a", 2, -1, "x"), (1, "a", 3, 1, "y")])
    rules = [_rule(4, check="n > 0"), _rule(7, check="w = 'y'"), _rule(9, check="w <> 'y'")]
    scan(con, FORM, f"{FORM}__all", rules)
    assert _found(con) == [(2, 4), (2, 7), (3, 9)]


@pytest.mark.parametrize("number", [0, 59, 60, 61, 119, 120, 130])
def test_more_rules_than_a_mask_has_bits(con: Connection, number: int) -> None:
    _give(con, [(1, "a", 2, number, "x")])
    scan(con, FORM, f"{FORM}__all", [_rule(n, check=f"n <> {n}") for n in range(131)])
    assert _found(con) == [(2, number)]


def test_nothing_to_check_is_no_fault(con: Connection) -> None:
    scan(con, FORM, f"{FORM}__all", [])
    assert check_form(con, _compiled(), frozenset(), [1]) == {1: RowCounts(0, 0, 0)}


def test_only_rejecting_rules_take_rows_out_and_the_sums_agree(con: Connection) -> None:
    _give(con, [(1, "a", n, n, "x") for n in range(2, 7)] + [(2, "a", 2, 2, "x")])
    rules = _compiled(
        _rule(0, "reject", check="n <> 3"),
        _rule(1, "block", check="n <> 4"),
        _rule(2, "error", check="n <> 5"),
        _rule(3, "warning", check="n <> 6"),
    )
    counts = check_form(con, rules, frozenset(), [1, 2])
    assert counts == {1: RowCounts(5, 3, 2), 2: RowCounts(1, 1, 0)}
    select_deliveries(con, FORM, [1])
    assert con.execute(f"select n from {FORM} order by 1").fetchall() == [(2,), (5,), (6,)]
    select_deliveries(con, FORM, [])
    assert con.execute(f"select n from {FORM}").fetchall() == []


def test_other_deliveries_are_not_looked_at_again(con: Connection) -> None:
    _give(con, [(1, "a", 2, -1, "x"), (2, "a", 2, -1, "x")])
    rules = _compiled(_rule(0, "reject", check="n > 0"))
    assert check_form(con, rules, frozenset(), [2]) == {2: RowCounts(1, 0, 1)}
    assert check_form(con, rules, frozenset(), [1]) == {1: RowCounts(1, 0, 1)}
    assert len(_found(con)) == 2


def test_the_first_of_repeated_rows_stays(con: Connection) -> None:
    _give(con, [(1, "b", 2, 7, "x"), (1, "a", 9, 7, "x"), (1, "a", 3, 7, "x"), (1, "a", 4, 8, "x")])
    counts = check_form(con, _compiled(_rule(0, "reject", unique=("n",))), frozenset(), [1])
    assert _found(con) == [(2, 0), (9, 0)]
    assert counts == {1: RowCounts(4, 2, 2)}


def test_a_sound_row_stays_before_a_rejected_one(con: Connection) -> None:
    _give(con, [(1, "a", 2, 7, "bad"), (1, "a", 3, 7, "good")])
    rules = _compiled(_rule(0, "reject", unique=("n",)), _rule(1, "reject", check="w = 'good'"))
    counts = check_form(con, rules, frozenset(), [1])
    assert _found(con) == [(2, 0), (2, 1)]
    assert counts == {1: RowCounts(2, 1, 1)}


def test_rows_repeat_only_inside_a_delivery_and_never_without_a_key(con: Connection) -> None:
    _give(
        con,
        [(1, "a", 2, 7, "x"), (2, "a", 2, 7, "x"), (1, "a", 3, None, "x"), (1, "a", 4, None, "x")],
    )
    check_form(con, _compiled(_rule(0, "reject", unique=("n",))), frozenset(), [1, 2])
    assert _found(con) == []


def test_an_optional_part_of_a_key_may_be_empty_in_both(con: Connection) -> None:
    _give(con, [(1, "a", 2, 7, None), (1, "a", 3, 7, None), (1, "a", 4, 7, "x")])
    check_form(con, _compiled(_rule(0, "reject", unique=("n", "w"))), frozenset(), [1])
    assert _found(con) == [(3, 0)]


def _firsts(con: Connection) -> list[tuple[int, int, int]]:
    """(row of the sheet, rule number, row that it repeats)."""
    return con.execute(
        f"""select t._row, f.rule_no, o._row from {FORM}__found f join {FORM}__all t using (ord)
            join {FORM}__all o on o.ord = f.first_ord order by all"""
    ).fetchall()


def test_of_one_id_another_person_is_told_from_a_repetition(con: Connection) -> None:
    people = [(1, 5, "Анна"), (1, 6, "Анна"), (1, 7, "Пётр"), (1, 8, "Пётр"), (1, 9, "Олег")]
    _give(con, [(delivery, "a", row, 77, name) for delivery, row, name in people])
    _give(con, [(1, "a", 10, 78, "Анна"), (2, "a", 2, 77, "Олег")])
    rules = (
        _rule(0, "reject", unique=("n", "w")),
        _rule(1, "reject", unique=("n",), agree=("w",)),
    )
    counts = check_form(con, _compiled(*rules), frozenset(), [1, 2])
    assert _firsts(con) == [(6, 0, 5), (7, 1, 5), (8, 0, 7), (9, 1, 5)]
    # One row a broken rule: together they leave one row of the id.
    assert counts == {1: RowCounts(6, 2, 4), 2: RowCounts(1, 1, 0)}
    for rule, broken in zip(rules, (2, 2), strict=True):
        row = con.execute(
            f"select sum(_times - 1) from ({rule.repeated_sql(FORM + '__all')}) where _times > 1"
        ).fetchone()
        assert row == (broken,)


def test_a_person_without_a_name_is_not_another_one(con: Connection) -> None:
    _give(con, [(1, "a", 5, 77, "Анна"), (1, "a", 6, 77, None)])
    rule = _rule(0, unique=("n",), agree=("w",))
    told = replace(rule, required_keys=("n", "w"))
    check_form(con, _compiled(told), frozenset(), [1])
    assert _found(con) == []


def test_an_address_stands_once(con: Connection) -> None:
    _give(con, [(1, "a", 2, 7, "x"), (1, "a", 2, 8, "x")])
    with pytest.raises(RowsRepeated, match="found 1 rows"):
        check_form(con, _compiled(_rule(0, check="n > 0")), frozenset(), [1])


def test_lost_rows_stop_the_run(con: Connection, monkeypatch: pytest.MonkeyPatch) -> None:
    _give(con, [(1, "a", 2, 7, "x")])
    honest = expectations.scan._per_delivery

    def forgetful(con: Connection, relation: str) -> dict[int, int]:
        return {} if "anti join" in relation else honest(con, relation)

    monkeypatch.setattr(expectations.scan, "_per_delivery", forgetful)
    with pytest.raises(RowsLost, match=r"0 \+ 0 against 1"):
        check_form(con, _compiled(_rule(0, check="n > 0")), frozenset(), [1])
