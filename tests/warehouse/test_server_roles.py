"""Each role logs in and tries what it must not do."""

from __future__ import annotations

import psycopg2
import pytest

from tests.warehouse.server import SURNAME, Region
from warehouse.server.roles import set_passwords
from warehouse.server.spec import load_server_spec

READERS = ("bvb_analyst", "bvb_report", "bvb_restricted", "bvb_t01")
PROGRESS = "select count(distinct territory_id) from marts.mart_indicator_progress"


def refused(region: Region, role: str, statement: str) -> str:
    """The server's refusal; anything else is a failure of the test."""
    with pytest.raises(psycopg2.Error) as caught:
        region.ask(statement, role)
    # 42501: not allowed; 42704/3F000/42P01: it cannot even see that there is something.
    assert caught.value.pgcode in {"42501", "3F000", "42P01"}, caught.value
    return f"{caught.value}"


def test_who_sees_all_sees_the_region_and_a_territory_itself(served: Region) -> None:
    for role in ("bvb_analyst", "bvb_report", "bvb_restricted"):
        assert served.ask(PROGRESS, role) == [(67,)]
    for number in (1, 14, 66):
        seen = served.ask(
            "select distinct territory_id from marts.mart_indicator_progress", f"bvb_t{number:02d}"
        )
        assert seen == [(number,)]


def test_every_row_of_every_table_that_a_territory_reads_is_its_own(served: Region) -> None:
    spec = load_server_spec()
    tables = served.ask(
        "select table_schema, table_name, string_agg(column_name, ',') from"
        " information_schema.columns where table_schema in ('facts', 'marts', 'history', 'ops')"
        " group by 1, 2 order by 1, 2"
    )
    readable = 0
    for schema, name, listed in tables:
        place, scope = f"{schema}.{name}", spec.scope_of(tuple(listed.split(",")))
        if schema == "ops" or (scope is None and name not in spec.for_everyone):
            refused(served, "bvb_t01", f"select 1 from {place} limit 1")
        elif scope:
            readable += 1
            other = f"select count(*) from {place} where {scope} is distinct from 1"
            assert served.ask(other, "bvb_t01") == [(0,)], place
    assert readable > 40


@pytest.mark.parametrize("role", READERS)
@pytest.mark.parametrize(
    "statement",
    [
        "delete from marts.mart_indicator_progress returning 1",
        "update marts.mart_indicator_progress set fact = 0 returning 1",
        "create table marts.mine (a int)",
        "create schema mine",
        "create table public.mine (a int)",
        "set role bvb_admin",
        "set role bvb_all_rows_of_all",
        "select * from restricted.pupil",
        "select * from audit.access",
        "select * from audit.publication",
        "select * from security.territory_of_role",
        "alter table marts.mart_indicator_progress disable row level security",
        "create role friend login",
    ],
)
def test_nobody_who_reads_may(served: Region, role: str, statement: str) -> None:
    with pytest.raises(psycopg2.Error) as caught:
        served.ask(statement, role)
    assert caught.value.pgcode in {"42501", "3F000", "42P01", "22023"}, caught.value


def test_a_territory_cannot_become_another_or_see_all(served: Region) -> None:
    for wanted in ("bvb_t02", "bvb_all_rows", "bvb_analyst"):
        refused_as = "permission denied to set role"
        with pytest.raises(psycopg2.Error, match=refused_as):
            served.ask(f"set role {wanted}", "bvb_t01")
    assert served.ask("select security.own_territory()", "bvb_t01") == [(1,)]
    # Its group is its own by right; the rows stay those of whoever logged in.
    rows = "select count(*) from marts.mart_indicator_progress where territory_id <> 1"
    with served.session("bvb_t01") as cursor:
        cursor.execute("set role bvb_own_rows")
        cursor.execute(rows)
        assert cursor.fetchone() == (0,)


def test_the_report_role_has_marts_alone(served: Region) -> None:
    refused(served, "bvb_report", "select 1 from facts.fct_participation")
    refused(served, "bvb_report", "select 1 from ops.ops_dbt_node")


def test_a_name_is_found_with_a_reason_and_remembered(served: Region) -> None:
    key = served.ask(f"select person_key from restricted.pupil where last_name = '{SURNAME}'")[0][0]
    asked = f"select last_name from lookup.person('{key}', '{{}}')"
    assert served.ask(asked.format("сверка согласия №17"), "bvb_restricted") == [(SURNAME,)]
    assert served.ask("select role_name, person_key, reason, n_found from audit.access") == [
        ("bvb_restricted", key, "сверка согласия №17", 1)
    ]
    with pytest.raises(psycopg2.Error, match="укажите причину"):
        served.ask(asked.format("так"), "bvb_restricted")
    for role in ("bvb_analyst", "bvb_report", "bvb_t01"):
        refused(served, role, asked.format("сверка согласия №17"))


def test_names_lie_nowhere_else_on_the_server(served: Region) -> None:
    columns = served.ask(
        "select table_schema, table_name, column_name from information_schema.columns"
        " where table_schema in ('facts', 'marts', 'history', 'ops') and data_type ="
        " 'character varying'"
    )
    assert len(columns) > 300
    for schema, table, column in columns:
        found = f"select count(*) from {schema}.{table} where {column} like '%%{SURNAME}%%'"
        assert served.ask(found) == [(0,)], f"{schema}.{table}.{column}"


def test_a_role_without_a_password_has_none_and_a_given_one_is_kept_as_a_verifier(
    served: Region,
) -> None:
    kept = "select rolname, rolpassword from pg_authid where rolname like 'bvb\\_%' order by 1"
    before = dict(served.ask(kept, "postgres"))
    assert len(before) == 66 + 3 + 2 + 1
    assert set(before.values()) == {None}
    with served.server.connected() as connection:
        set_passwords(connection, {"bvb_report": "длинное слово 17"})
    after = dict(served.ask(kept, "postgres"))
    assert after["bvb_report"].startswith("SCRAM-SHA-256$")
    assert [name for name, word in after.items() if word] == ["bvb_report"]
