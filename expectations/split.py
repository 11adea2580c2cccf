"""All rules of one form on a handful of rows: for rule examples, without files and deliveries.

What enters: rows of text by form. What leaves: findings, worded as a sender would read them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

import pyarrow as pa

from expectations.catalogue import BEFORE
from expectations.compile import Setup
from expectations.database import Connection, open_database
from expectations.details import DETAIL_COLUMNS, add_details, create_details
from expectations.history import Compared, Pair, create_history, remember_sizes
from expectations.models import Beside
from expectations.scan import (
    check_across,
    check_form,
    compile_all,
    create_result_tables,
    select_deliveries,
)
from expectations.tables import Source, create_reference_tables, load_rows
from ingest.forms import load_forms

TextRow = Mapping[str, str | int | None]
SHEET = "Данные"
_OLDER = 1_000_000  # numbers of older deliveries begin here
_OTHER_DAY = 2_000_000  # and those of another date, by days


@dataclass(frozen=True)
class Finding:
    """One broken rule at one place, in the sender's words."""

    form_code: str
    rule_id: str
    severity: str
    stage: str
    sheet: str | None
    row: int | None
    column_name: str | None
    column_title: str | None
    value: str | None
    message: str
    expected: str | None
    how_to_fix: str
    clause: str | None
    sender_territory_id: int
    territory_id: int | None
    delivery_id: str


def read_findings(con: Connection) -> list[Finding]:
    """Everything in `findings_detail`, in the order of the file."""
    names = [name for name in DETAIL_COLUMNS if name in Finding.__annotations__]
    listed = ", ".join(f'"{name}"' for name in names)
    rows = con.execute(
        f"select {listed} from findings_detail"
        ' order by form_code, delivery_id, sheet, "row", rule_no'
    ).fetchall()
    return [Finding(**dict(zip(names, row, strict=True))) for row in rows]


def _give_rows(
    con: Connection, name: str, rows: Sequence[TextRow], as_of: date
) -> tuple[list[Source], str]:
    """Rows of a form or of its older deliveries (`P03__previous`), whose numbers stay apart."""
    code, _, older = name.partition("__")
    form, shift = load_forms()[code], _OLDER if older else 0
    columns = [column.name for column in form.latest.columns]
    sent = [(int(row.get("_sender") or 0), _date_of(row, as_of)) for row in rows]
    table = {
        **{c: pa.array([_text(row.get(c)) for row in rows], pa.string()) for c in columns},
        "_sheet": pa.array([str(row.get("_sheet") or SHEET) for row in rows], pa.string()),
        "_row": pa.array([int(row.get("_row") or n) for n, row in enumerate(rows, 2)], pa.int64()),
        "_path": pa.array([f"{name}:{sender}:{day}" for sender, day in sent], pa.string()),
    }
    given = f"{name}__given"
    con.register(f"{given}_arrow", pa.table(table))
    con.execute(f"create table {given} as select * from {given}_arrow")
    con.unregister(f"{given}_arrow")
    sources = [
        Source(
            delivery_no=sender + shift + _OTHER_DAY * (as_of - day).days,
            delivery_id=f"{form.code}-{sender}",
            sender_territory_id=sender,
            as_of=day,
            form_version=form.latest.version,
            path=f"{name}:{sender}:{day}",
        )
        for sender, day in sorted(set(sent))
    ]
    return sources, f"select * from {given}"


def _date_of(row: TextRow, as_of: date) -> date:
    """The date of the row's delivery: that of the check, or an earlier one of a form by periods."""
    return date.fromisoformat(f"{row['_as_of']}") if row.get("_as_of") else as_of


def _text(value: str | int | None) -> str | None:
    return None if value is None else str(value)


def check_tables(
    setup: Setup, tables: Mapping[str, Sequence[TextRow]], form_code: str | None
) -> list[Finding]:
    """Check one form's rows with all its rules, reading the other forms given beside it.

    Args:
        setup: `expectations.compile.make_setup(reference, as_of)`; as_of is also the date of the
            deliveries.
        tables: form code → rows as read from a file: canonical column → text (None: empty cell).
            `_sender` says which territory sent the row (0: platform), `_sheet` and `_row` its
            address (rows count from 2), `_as_of` the date of its delivery if it is an earlier one.
            Other forms' rows are checked too, and rejected ones are
            not seen by the form in hand; rules that need a form not given are not checked.
        form_code: whose findings are wanted; None: those of all forms.

    Returns:
        Findings in the order of rows and rules.
    """
    with TemporaryDirectory(prefix="bvb-check-") as folder:
        con = open_database(None, Path(folder))
        try:
            found = _check(con, setup, tables)
            return [f for f in found if form_code in (None, f.form_code)]
        finally:
            con.close()


def _give_history(
    con: Connection, setup: Setup, code: str, tables: Mapping[str, Sequence[TextRow]]
) -> None:
    """Older deliveries are of the end of the month before; `_before` is the size of one."""
    last_month = setup.as_of.replace(day=1) - timedelta(days=1)
    sizes = {int(r.get("_sender") or 0): int(r.get("_before") or 0) for r in tables.get(code, ())}
    before = [(sender, size, last_month) for sender, size in sizes.items() if size]
    remember_sizes(con, code, before)
    for history in setup.catalogue.forms[code].history:
        table = f"{code}__{history.name}"
        sources, given = _give_rows(con, table, tables.get(table, ()), last_month)
        pairs = [Pair(source.delivery_no - _OLDER, source) for source in sources]
        create_history(con, setup, Compared(code, history), pairs, given)


def _check(con: Connection, setup: Setup, tables: Mapping[str, Sequence[TextRow]]) -> list[Finding]:
    create_reference_tables(con, setup)
    create_details(con)
    available = frozenset(tables) | {f"{c}__{n}" for c in tables for n in (BEFORE, *Beside)}
    compiled = compile_all(setup)
    for code, rules in compiled.items():
        sources, given = _give_rows(con, code, tables.get(code, ()), setup.as_of)
        load_rows(con, setup, code, sources, given)
        create_result_tables(con, code)
        numbers = [source.delivery_no for source in sources]
        check_form(con, rules, available, numbers)
        select_deliveries(con, code, numbers)
        _give_history(con, setup, code, tables)
    for rules in compiled.values():
        check_across(con, setup, rules, available)
    for rules in compiled.values():
        add_details(con, setup, rules)
    return read_findings(con)
