"""What is asked about more than a row: a whole delivery, or a territory's part of one.

What enters: the chosen deliveries and their rows. What leaves: `<FORM>__deliveries` and
`<FORM>__territories`, one row a unit, on which rules with `each:` are checked like rules of rows.
"""

from __future__ import annotations

from expectations.blame import blaming
from expectations.compile import Setup, with_columns
from expectations.database import Connection
from expectations.models import Each, Stage
from expectations.typed import derived_parts

TABLES = {Each.ROW: "crossed", Each.DELIVERY: "deliveries", Each.TERRITORY: "territories"}


def table_of(form_code: str, stage: Stage, each: Each) -> str:
    """The relation that rules of a stage and unit are checked on."""
    return f"{form_code}__all" if stage is Stage.FORM else f"{form_code}__{TABLES[each]}"


def _territories(each: Each) -> tuple[str, str]:
    """Column and join: the platform's and the operator's files speak of every territory."""
    if each is Each.DELIVERY:
        return "cast(null as integer)", ""
    joined = (
        " inner join territories x on x.territory_id = s.sender_territory_id"
        " or s.sender_territory_id not in (select territory_id from territories)"
    )
    return "x.territory_id", joined


def _units(form_code: str, each: Each) -> str:
    territory, joined = _territories(each)
    # A delivery of several sheets has no sheet of its own to point to.
    return f"""
        with counted as (
            select delivery_no, count(*) as n_rows, min(_sheet) as first_sheet,
                max(_sheet) as last_sheet
            from {form_code}__all group by delivery_no
        )
        select row_number() over (order by s.delivery_no, {territory}) as ord,
            s.delivery_no, s.delivery_id, s.sender_territory_id, s.delivery_as_of, s.form_version,
            case when c.first_sheet = c.last_sheet then c.first_sheet end as _sheet,
            cast(null as integer) as _row, {territory} as territory_id,
            coalesce(c.n_rows, 0) as n_rows, b.n_rows as n_rows_before, b.as_of as before_on
        from (select i.* from inputs i
              semi join {form_code}__chosen n on n.delivery_no = i.delivery_no
              where i.form_code = '{form_code}') s{joined}
        left join counted c on c.delivery_no = s.delivery_no
        left join sizes_before b
            on b.form_code = '{form_code}' and b.delivery_no = s.delivery_no"""


def create_units(con: Connection, setup: Setup, form_code: str, each: Each) -> str:
    """Create the table of a form's units with their derived columns; its name."""
    table = table_of(form_code, Stage.CROSS, each)
    derived = setup.catalogue.forms[form_code].derived(Stage.CROSS, each)
    relation = f"({_units(form_code, each)})"
    with blaming(con, derived_parts(derived, setup, form_code, relation)):
        con.execute(f"create table {table} as {with_columns(relation, derived, setup)}")
    return table
