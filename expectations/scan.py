"""The one-pass split: each row is looked at once, every rule at the same time.

What enters: `<FORM>__checked` tables. What leaves, per form: `<FORM>__found` (row, rule number, and
the row that it repeats), `<FORM>__rejected` (rows that leave the data) and the view `<FORM>` of
accepted rows, which later forms and cross-form rules read.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from expectations.blame import Part, blaming
from expectations.compile import CompiledForm, CompiledRule, Setup, compile_form, with_columns
from expectations.database import Connection
from expectations.errors import RowsLost, RowsRepeated
from expectations.models import Each, Stage
from expectations.typed import derived_parts
from expectations.units import create_units

_MASK_BITS = 60  # rules in one whole-number mask; a longer list takes a second mask


@dataclass(frozen=True)
class RowCounts:
    """What became of the rows of one delivery."""

    received: int
    accepted: int
    rejected: int

    def with_unread(self, rows: int) -> RowCounts:
        """The same with rows that the reader could not tell cell from cell."""
        return RowCounts(self.received + rows, self.accepted, self.rejected + rows)


def _numbers(values: Iterable[int]) -> str:
    return ", ".join(map(str, values)) or "-1"


def create_result_tables(con: Connection, form_code: str) -> None:
    """Empty findings and rejections of a form, and the view of its (still no) accepted rows."""
    con.execute(f"create table {form_code}__found (ord bigint, rule_no integer, first_ord bigint)")
    con.execute(f"create table {form_code}__rejected (ord bigint)")
    select_deliveries(con, form_code, [])


def select_deliveries(con: Connection, form_code: str, delivery_nos: Sequence[int]) -> None:
    """Define what is accepted of a form: rows of these deliveries that were not rejected."""
    con.execute(
        f"create or replace table {form_code}__chosen as"
        f" select cast(unnest([{_numbers(delivery_nos)}]) as integer) as delivery_no"
    )
    con.execute(
        f"create or replace view {form_code} as select * from {form_code}__all"
        f" where delivery_no in ({_numbers(delivery_nos)})"
        f" and ord not in (select ord from {form_code}__rejected)"
    )


def _mask(rules: Sequence[CompiledRule]) -> str:
    bits = (
        f"case when ({rule.condition}) is false then {1 << bit} else 0 end"
        for bit, rule in enumerate(rules)
    )
    return " + ".join(f"cast({bit} as bigint)" for bit in bits)


def scan(con: Connection, form_code: str, table: str, rules: Sequence[CompiledRule]) -> None:
    """Check all row rules in one scan of `table` and keep what is broken.

    Args:
        con: the run's database.
        form_code: the form whose findings grow.
        table: a relation with `ord` and every column the rules name.
        rules: rules of one stage that can be checked; `unique` ones are left to `find_repeated`.

    Raises:
        RuleBroken: a condition does not fit the table.
    """
    row_rules = [rule for rule in rules if rule.condition]
    if not row_rules:
        return
    chunks = [row_rules[i : i + _MASK_BITS] for i in range(0, len(row_rules), _MASK_BITS)]
    masks = ", ".join(f"{_mask(chunk)} as m{n}" for n, chunk in enumerate(chunks))
    broken = " or ".join(f"m{n} <> 0" for n in range(len(chunks)))
    numbers = ", ".join(
        f"case when m{n} & {1 << bit} <> 0 then {rule.number} end"
        for n, chunk in enumerate(chunks)
        for bit, rule in enumerate(chunk)
    )
    alone = (
        Part(
            r.rule.file, r.rule.id, f"select count(*) from {table} t where ({r.condition}) is false"
        )
        for r in row_rules
    )
    with blaming(con, alone):
        con.execute(
            f"""insert into {form_code}__found (ord, rule_no)
                with masked as materialized (
                    select * from (select t.ord, {masks} from {table} t) where {broken}
                ),
                listed as (select ord, unnest([{numbers}]) as rule_no from masked)
                select ord, rule_no from listed where rule_no is not null"""
        )


def _rejecting(rules: Sequence[CompiledRule]) -> list[int]:
    return [rule.number for rule in rules if rule.severity.rejects]


def _repeated_sql(form_code: str, table: str, rule: CompiledRule, rejecting: str) -> str:
    """SQL of the broken rows of a `unique` rule and the row that each repeats.

    Of rows that have to agree only the first of each kind counts: those after it repeat it.
    """
    keys, agreed = rule.key_sql("t"), rule.agreed_sql("t")
    same = " and ".join(f"{sql} is not distinct from g.{key}" for key, sql in keys.items())
    place = "order by b.ord is not null, t._sheet, t._row, t.ord"
    of_key = ", ".join(keys.values())
    kind = f"partition by {', '.join((keys | agreed).values())} {place}"
    of_kind = f"qualify row_number() over ({kind}) = 1" if agreed else ""
    return f"""
        with repeated as (select * from ({rule.repeated_sql(table)}) where _times > 1),
        bad as (select distinct ord from {form_code}__found where rule_no in ({rejecting})),
        members as (
            select t.*, b.ord is not null as is_bad from {table} t
            inner join repeated g on {same}
            left join bad b on b.ord = t.ord
            where {rule.filled_sql("t")} {of_kind}
        ),
        ranked as (
            select t.ord, row_number() over w as place, first_value(t.ord) over w as first_ord
            from members t
            window w as (partition by {of_key} order by t.is_bad, t._sheet, t._row, t.ord)
        )
        select ord, {rule.number}, first_ord from ranked where place > 1"""


def find_repeated(
    con: Connection, form_code: str, table: str, rules: Sequence[CompiledRule]
) -> None:
    """Keep all rows of a group with equal keys but the first; sound rows go before rejected ones.

    Whole groups are rare, so only their rows are ordered.
    """
    rejecting = _numbers(_rejecting(rules))
    for rule in rules:
        if rule.rule.unique:
            found = _repeated_sql(form_code, table, rule, rejecting)
            con.execute(f"insert into {form_code}__found {found}")


def check_form(
    con: Connection, compiled: CompiledForm, available: frozenset[str], delivery_nos: Sequence[int]
) -> dict[int, RowCounts]:
    """Check the own rules of a form on the rows of some deliveries.

    Args:
        con: the run's database; `<FORM>__checked` holds the rows.
        compiled: rules of the form.
        available: forms with accepted data; rules that read others are left out.
        delivery_nos: deliveries to look at now (others were looked at before).

    Returns:
        delivery number → rows received, accepted, rejected (equal sums are asserted).

    Raises:
        RowsRepeated: two rows of a delivery share sheet and row.
        RowsLost: the split does not add up.
    """
    form_code = compiled.rules_of_form.form
    rules = compiled.at(Stage.FORM, available | {form_code})
    wanted = f"delivery_no in ({_numbers(delivery_nos)})"
    table = f"(select * from {form_code}__all where {wanted})"
    _assert_addresses(con, form_code, table)
    scan(con, form_code, table, rules)
    find_repeated(con, form_code, table, rules)
    con.execute(
        f"insert into {form_code}__rejected select distinct f.ord from {form_code}__found f"
        f" inner join {form_code}__checked t on t.rowid = f.ord"
        f" where f.rule_no in ({_numbers(_rejecting(rules))}) and t.{wanted}"
    )
    return _count(con, form_code, table, delivery_nos)


def _assert_addresses(con: Connection, form_code: str, table: str) -> None:
    row = con.execute(
        "select coalesce(sum(n - 1), 0) from (select count(*) as n"
        f" from {table} group by delivery_no, _sheet, _row having count(*) > 1)"
    ).fetchone()
    if row and row[0]:
        raise RowsRepeated(form_code, int(row[0]))


def _count(
    con: Connection, form_code: str, table: str, delivery_nos: Sequence[int]
) -> dict[int, RowCounts]:
    received = _per_delivery(con, table)
    rejected = _per_delivery(con, f"{table} semi join {form_code}__rejected using (ord)")
    accepted = _per_delivery(con, f"{table} anti join {form_code}__rejected using (ord)")
    counts = {
        no: RowCounts(received.get(no, 0), accepted.get(no, 0), rejected.get(no, 0))
        for no in delivery_nos
    }
    for count in counts.values():
        if count.accepted + count.rejected != count.received:
            raise RowsLost(form_code, count.received, count.accepted, count.rejected)
    return counts


def _per_delivery(con: Connection, relation: str) -> dict[int, int]:
    rows = con.execute(f"select delivery_no, count(*) from {relation} group by 1").fetchall()
    return {int(no): int(n) for no, n in rows}


def create_crossed(con: Connection, setup: Setup, form_code: str) -> None:
    """The view `<FORM>__crossed`: accepted rows with the derived columns of cross-form rules."""
    derived = setup.catalogue.forms[form_code].derived(Stage.CROSS)
    if not derived:
        con.execute(f"create view {form_code}__crossed as select * from {form_code}")
        return
    extra = ", ".join(f"e.{d.name}" for d in derived)
    with blaming(con, derived_parts(derived, setup, form_code, form_code)):
        con.execute(
            f"create table {form_code}__extra as"
            f" select e.ord, {extra} from ({with_columns(form_code, derived, setup)}) e"
        )
    con.execute(
        f"create view {form_code}__crossed as select t.*, {extra}"
        f" from {form_code} t inner join {form_code}__extra e on e.ord = t.ord"
    )


def check_across(
    con: Connection, setup: Setup, compiled: CompiledForm, available: frozenset[str]
) -> None:
    """Check the cross-form rules of a form on its accepted rows, and those of larger units.

    They flag and never reject.
    """
    form_code = compiled.rules_of_form.form
    create_crossed(con, setup, form_code)
    rules = compiled.at(Stage.CROSS, available)
    scan(con, form_code, f"{form_code}__crossed", rules)
    find_repeated(con, form_code, f"{form_code}__crossed", rules)
    for each in (Each.DELIVERY, Each.TERRITORY):
        of_units = compiled.at(Stage.CROSS, available, each)
        if of_units:
            scan(con, form_code, create_units(con, setup, form_code, each), of_units)


def compile_all(setup: Setup) -> dict[str, CompiledForm]:
    """Compiled rules of every source form, in checking order."""
    from expectations.catalogue import SEED_FORM

    return {code: compile_form(setup, code) for code in setup.catalogue.order if code != SEED_FORM}
