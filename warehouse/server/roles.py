"""Roles, grants and row policies, from `server.yml`.

What enters: an admin's session. What leaves: roles that exist, and on staged tables exactly the
rights that the file gives. Nobody gets a password here: without one a role cannot log in.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from psycopg2 import sql
from psycopg2.extensions import encrypt_password

from ingest.reference import Territory
from warehouse.server.connection import Connection, Cursor
from warehouse.server.contents import Table
from warehouse.server.loading import stage_of
from warehouse.server.spec import RoleSpec, ServerSpec

ALL_ROWS, OWN_ROWS = "bvb_all_rows", "bvb_own_rows"
SECURITY, LOOKUP, AUDIT = "security", "lookup", "audit"
_GROUPS = {"all": ALL_ROWS, "own": OWN_ROWS}

_FOUNDATION = """
revoke all on schema public from public;
create schema if not exists security;
create schema if not exists audit;
create schema if not exists lookup;
create table if not exists security.territory_of_role (
    role_name text primary key,
    territory_id integer not null
);
comment on table security.territory_of_role is 'Какую территорию видит роль входа.';
create or replace function security.own_territory() returns integer
    language sql stable security definer set search_path = pg_catalog as
    $$ select territory_id from security.territory_of_role where role_name = session_user $$;
create table if not exists audit.publication (
    publication_id bigint generated always as identity primary key,
    version text not null,
    load_id text not null,
    as_of date not null,
    fingerprint text not null,
    published_at timestamptz not null,
    is_current boolean not null
);
comment on table audit.publication is 'Что когда опубликовано; текущая версия одна.';
create unique index if not exists one_current on audit.publication (is_current) where is_current;
create table if not exists audit.access (
    accessed_at timestamptz not null default clock_timestamp(),
    role_name text not null,
    person_key text not null,
    reason text not null,
    n_found integer not null
);
comment on table audit.access is 'Кто и зачем спрашивал имя по ключу.';
"""

_PERSON = """
-- Its columns may have changed; in one transaction nobody sees it gone.
drop function if exists lookup.person(text, text);
create function lookup.person(asked_key text, reason text)
    returns table (kind text, last_name varchar, first_name varchar, middle_name varchar,
        birth_date date)
    language plpgsql volatile security definer set search_path = pg_catalog as $$
declare n integer;
begin
    if length(btrim(coalesce(reason, ''))) < 10 then
        raise exception 'укажите причину обращения (не короче 10 знаков): она записывается';
    end if;
    return query select p.* from ({persons}) p;
    get diagnostics n = row_count;
    insert into audit.access (role_name, person_key, reason, n_found)
    values (session_user, asked_key, reason, n);
end $$;
comment on function lookup.person(text, text) is
    'Имя по ключу человека; обращение, причина и роль записываются в audit.access.';
revoke all on function lookup.person(text, text) from public;
"""


def _persons_sql(spec: ServerSpec) -> str:
    wanted = ("last_name", "first_name", "middle_name", "birth_date")
    parts = []
    for name, persons in spec.persons.items():
        listed = ", ".join(
            f"t.{c}" if c in persons.columns else f"null::date as {c}" for c in wanted
        )
        parts.append(
            f"select '{name}'::text as kind, {listed} from restricted.{name} t"
            " where t.person_key = asked_key"
        )
    return " union all ".join(parts)


def readers(spec: ServerSpec) -> dict[str, RoleSpec]:
    """Who is granted rights: every role, and for all territories their common group."""
    return {**spec.roles, OWN_ROWS: spec.territory_role}


def _create_role(cursor: Cursor, name: str, options: str) -> None:
    """A role without powers; of one that is there only `options` are set.

    Newer servers let nobody name an attribute that he does not have, even to say no.
    """
    cursor.execute("select 1 from pg_roles where rolname = %s", [name])
    if cursor.fetchone():
        verb, limits = "alter", ""
    else:
        verb = "create"
        limits = "nosuperuser nocreatedb nocreaterole noreplication nobypassrls"
    cursor.execute(
        sql.SQL("{} role {} {} {}").format(
            sql.SQL(verb), sql.Identifier(name), sql.SQL(options), sql.SQL(limits)
        )
    )


def make_roles(
    connection: Connection, spec: ServerSpec, territories: Iterable[Territory]
) -> list[str]:
    """Create what is missing: groups, roles, the tables behind the policies; again changes nothing.

    Returns:
        names of the login roles.
    """
    with connection, connection.cursor() as cursor:
        for group in _GROUPS.values():
            _create_role(cursor, group, "nologin")
        cursor.execute(_FOUNDATION)
        cursor.execute(_PERSON.format(persons=_persons_sql(spec)))
        for name, role in spec.roles.items():
            _make_login(cursor, name, role)
        for territory in territories:
            name, role = spec.role_of(territory)
            _make_login(cursor, name, role)
            cursor.execute(
                "insert into security.territory_of_role values (%s, %s) on conflict (role_name)"
                " do update set territory_id = excluded.territory_id",
                [name, territory.territory_id],
            )
        cursor.execute(
            sql.SQL(
                "grant usage on schema security to {0};"
                " grant execute on function security.own_territory() to {0}"
            ).format(sql.Identifier(OWN_ROWS))
        )
    return [*spec.roles, *(spec.role_of(territory)[0] for territory in territories)]


def _make_login(cursor: Cursor, name: str, role: RoleSpec) -> None:
    _create_role(cursor, name, "login inherit")
    identifier = sql.Identifier(name)
    cursor.execute(sql.SQL("grant {} to {}").format(sql.Identifier(_GROUPS[role.sees]), identifier))
    cursor.execute(sql.SQL("comment on role {} is {}").format(identifier, sql.Literal(role.text)))
    if role.looks_up_persons:
        cursor.execute(
            sql.SQL(
                "grant usage on schema lookup to {0};"
                " grant execute on function lookup.person(text, text) to {0}"
            ).format(identifier)
        )


def set_passwords(connection: Connection, passwords: Mapping[str, str]) -> None:
    """Give login roles their passwords; only the verifier travels, never the word itself."""
    with connection, connection.cursor() as cursor:
        for name, password in passwords.items():
            verifier = encrypt_password(password, name, connection, "scram-sha-256")
            cursor.execute(
                sql.SQL("alter role {} password {}").format(
                    sql.Identifier(name), sql.Literal(verifier)
                )
            )


def _is_read_by(spec: ServerSpec, role: RoleSpec, table: Table) -> bool:
    if table.layer not in role.layers:
        return False
    return role.sees == "all" or table.scope is not None or table.name in spec.for_everyone


def grant_rights(cursor: Cursor, spec: ServerSpec, tables: Iterable[Table]) -> None:
    """Grants and policies on staged tables: a role without a line in the file reads nothing."""
    tables = list(tables)
    for layer in spec.layers:
        names = [sql.Identifier(n) for n, role in readers(spec).items() if layer in role.layers]
        if names:
            cursor.execute(
                sql.SQL("grant usage on schema {} to {}").format(
                    sql.Identifier(stage_of(layer)), sql.SQL(", ").join(names)
                )
            )
    for table in tables:
        place = sql.Identifier(stage_of(table.layer), table.name)
        if table.scope:
            _add_policies(cursor, place, table.scope)
        names = [
            sql.Identifier(name)
            for name, role in readers(spec).items()
            if _is_read_by(spec, role, table)
        ]
        if names:
            cursor.execute(
                sql.SQL("grant select on {} to {}").format(place, sql.SQL(", ").join(names))
            )


def _add_policies(cursor: Cursor, place: sql.Identifier, scope: str) -> None:
    """Two policies, by group: one with an OR would keep the index from being used."""
    cursor.execute(
        sql.SQL(
            "alter table {0} enable row level security;"
            " create policy all_rows on {0} for select to {1} using (true);"
            # A sub-select is asked once for a query, not for each row.
            " create policy own_rows on {0} for select to {2}"
            " using ({3} = (select security.own_territory()))"
        ).format(place, sql.Identifier(ALL_ROWS), sql.Identifier(OWN_ROWS), sql.Identifier(scope))
    )
