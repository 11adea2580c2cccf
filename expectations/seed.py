"""The order's own target table, checked by the same rules as a form (V-50).

What enters: seeds `targets`, `target_columns`, `target_total_exceptions`. What leaves: table
`R02__checked`, its findings, or an error when the table breaks its own structure.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from typing import Any

from expectations.catalogue import SEED_FORM
from expectations.compile import CompiledForm, Setup, compile_form
from expectations.database import Connection, insert_rows
from expectations.errors import SeedRejected
from expectations.scan import check_form, create_result_tables, select_deliveries
from ingest.reference import SEEDS_DIR, read_seed

_COLUMNS = (
    "delivery_no integer, delivery_id varchar, sender_territory_id integer, delivery_as_of date,"
    " form_version integer, _sheet varchar, _row integer, kind varchar, column_code varchar,"
    " row_no integer, value bigint, value__raw varchar, n_rows integer, row_sum bigint,"
    " difference bigint, listed_difference bigint, reason varchar"
)
_TARGETS_SHEET, _TOTALS_SHEET = "targets.csv", "target_columns.csv"


def _whole(text: str) -> int | None:
    digits = text.strip().removeprefix("-")
    return int(text) if digits.isdigit() else None


def _target_rows(targets: list[dict[str, str]], setup: Setup) -> list[list[Any]]:
    per_column = Counter(row["column_code"] for row in targets)
    return [
        [0, None, 0, setup.as_of, 1, _TARGETS_SHEET, line, "row", row["column_code"],
         _whole(row["territory_id"]), _whole(row["value"]), row["value"],
         per_column[row["column_code"]], None, None, None, None]
        for line, row in enumerate(targets, 2)
    ]  # fmt: skip


def _total_rows(
    targets: list[dict[str, str]], totals: list[dict[str, str]], setup: Setup
) -> list[list[Any]]:
    sums: dict[str, int] = defaultdict(int)
    for row in targets:
        sums[row["column_code"]] += _whole(row["value"]) or 0
    listed = {row["column_code"]: row for row in _seed("target_total_exceptions", setup)}
    # A column whose total is gone is not passed over: it gets an unreadable one (V-50c).
    gone = sorted(sums.keys() - {row["column_code"] for row in totals})
    absent = {"declared_total": "", "declared_as_printed": ""}
    printed = totals + [absent | {"column_code": code} for code in gone]
    rows: list[list[Any]] = []
    for line, row in enumerate(printed, 2):
        code, declared = row["column_code"], _whole(row["declared_total"])
        known = listed.get(code)
        difference = None if declared is None else declared - sums[code]
        rows.append(
            [0, None, 0, setup.as_of, 1, _TOTALS_SHEET, line, "total", code, None, declared,
             row["declared_as_printed"], None, sums[code], difference,
             int(known["difference"]) if known else 0, known["reason"] if known else ""]
        )  # fmt: skip
    return rows


def _seed(name: str, setup: Setup) -> list[dict[str, str]]:
    rows = read_seed(name, SEEDS_DIR)
    return [row for row in rows if row["order_id"] == setup.reference.order_id]


def check_seed(con: Connection, setup: Setup) -> CompiledForm:
    """Check the target table of the order.

    Raises:
        SeedRejected: a rule of severity «block» is broken: no number of any report could be right.
    """
    targets, totals = _seed("targets", setup), _seed("target_columns", setup)
    con.execute(f"create table {SEED_FORM}__checked ({_COLUMNS})")
    rows = _target_rows(targets, setup) + _total_rows(targets, totals, setup)
    insert_rows(con, f"{SEED_FORM}__checked", rows)
    con.execute(f"create view {SEED_FORM}__all as select rowid as ord, * from {SEED_FORM}__checked")
    create_result_tables(con, SEED_FORM)
    compiled = compile_form(setup, SEED_FORM)
    check_form(con, compiled, frozenset(), [0])
    select_deliveries(con, SEED_FORM, [0])
    _assert_sound(con, compiled)
    return compiled


def _assert_sound(con: Connection, compiled: CompiledForm) -> None:
    blocking = {r.number: r.rule for r in compiled.rules if r.severity.rejects}
    rows = con.execute(
        f"select f.rule_no, t._sheet, min(t._row), count(*) from {SEED_FORM}__found f"
        f" inner join {SEED_FORM}__all t on t.ord = f.ord group by 1, 2 order by 1, 2"
    ).fetchall()
    broken = [
        f"{blocking[no].id} «{blocking[no].title}»: {sheet}, row {first} ({count} in all)"
        for no, sheet, first, count in rows
        if no in blocking
    ]
    if broken:
        raise SeedRejected(
            f"expected the target table of the order to keep its structure, found "
            f"{'; '.join(broken)}; compare the seeds with the order's text"
        )
