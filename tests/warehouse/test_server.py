"""A publication to PostgreSQL is whole or invisible, proved equal, and can be taken back."""

from __future__ import annotations

import json
import threading
from dataclasses import replace
from typing import Any

import psycopg2
import pytest

from tests.postgres_server import PostgresServer
from tests.warehouse.conftest import another_load
from tests.warehouse.server import Region
from warehouse.publish import publish
from warehouse.server import publication
from warehouse.server.errors import (
    NothingToRollBack,
    NotSwitched,
    PersonsMissing,
    PublicationBusy,
    ServerFell,
    ServerUnreachable,
    TablesDiffer,
)
from warehouse.server.publication import roll_back

LOADS = "select distinct load_id from {} order by 1"


def load_of(region: Region, table: str = "marts.mart_indicator_progress") -> list[str]:
    return [row[0] for row in region.ask(LOADS.format(table))]


def next_load(region: Region, name: str) -> None:
    publish(another_load(region.built, name))


def test_every_frozen_table_is_there_with_its_rows_and_its_load(served: Region) -> None:
    path = served.built.data / "marts" / "current" / "manifest.json"
    manifest = json.loads(path.read_text(encoding="utf-8"))
    for name, table in manifest["tables"].items():
        place = f"{table['layer']}.{name}"
        assert served.ask(f"select count(*) from {place}") == [(table["rows"],)], place
        assert load_of(served, place) in ([manifest["load_id"]], []), place
    assert served.ask("select count(*) from history.mart_indicator_progress") == [(536,)]
    nodes = served.ask(
        "select count(distinct layer), count(distinct node) > 100 from ops.ops_dbt_node"
    )
    assert nodes == [(4, True)]


def test_types_keys_and_comments_come_along(served: Region) -> None:
    kinds = dict(
        served.ask(
            "select column_name, data_type from information_schema.columns"
            " where table_schema = 'marts' and table_name = 'mart_indicator_progress'"
        )
    )
    assert (kinds["as_of"], kinds["fact"], kinds["pct"]) == ("date", "bigint", "numeric")
    keys = served.ask("select indexdef from pg_indexes where schemaname = 'marts'")
    assert any("UNIQUE" in d and "(territory_id, indicator_id)" in d for (d,) in keys)
    missing = served.ask(
        "select c.table_name, c.column_name from information_schema.columns c"
        " where table_schema in ('facts', 'marts', 'history') and col_description("
        " format('%I.%I', table_schema, table_name)::regclass, ordinal_position) is null"
    )
    assert missing == []


def test_the_same_version_again_changes_nothing(region: Region) -> None:
    first, again = region.serve(), region.serve()
    assert first.is_new and first.n_rows > 536
    assert not again.is_new and again.publication_id == first.publication_id
    schemas = region.ask("select nspname from pg_namespace where nspname like '%\\_\\_%'")
    assert schemas == []


def test_readers_see_one_load_whole_during_three_publications(region: Region) -> None:
    region.serve()
    stop, seen, faults = threading.Event(), set(), []

    def read() -> None:
        with region.session("bvb_analyst") as cursor:
            while not stop.is_set():
                try:
                    cursor.execute(
                        "select (select min(load_id) from marts.mart_indicator_progress),"
                        " (select max(load_id) from facts.fct_delivery)"
                    )
                    seen.add(cursor.fetchone())
                except psycopg2.Error as error:
                    faults.append(f"{error}")
                    return

    reader = threading.Thread(target=read)
    reader.start()
    for name in ("second", "third", "fourth"):
        next_load(region, name)
        region.serve()
    stop.set()
    reader.join()
    assert faults == []
    assert all(one == other for one, other in seen)
    assert ("fourth", "fourth") in seen or len(seen) >= 3


def test_an_older_version_comes_back_and_only_the_last_ones_are_kept(region: Region) -> None:
    region.serve()
    for name in ("second", "third", "fourth"):
        next_load(region, name)
        region.serve()
    assert load_of(region) == ["fourth"]
    assert load_of(region, "marts__v2.mart_indicator_progress") == ["second"]
    assert region.ask("select to_regnamespace('marts__v1')") == [(None,)]
    roll_back(region.server)
    assert load_of(region) == load_of(region, "facts.fct_delivery") == ["third"]
    roll_back(region.server, to=4)
    assert load_of(region) == ["fourth"]
    with pytest.raises(NothingToRollBack, match="publication 1"):
        roll_back(region.server, to=1)
    names = region.ask("select nspname from pg_namespace where nspname like 'restricted%'")
    assert names == [("restricted",)], "older versions keep numbers, never names"


def test_a_difference_stops_before_the_switch(
    region: Region, monkeypatch: pytest.MonkeyPatch
) -> None:
    region.serve()
    next_load(region, "second")
    send = publication.send_rows

    def lose_a_row(source, target, table) -> None:
        send(source, target, table)
        if table.name == "fct_target" and table.layer == "facts":
            with target.cursor() as cursor:
                cursor.execute(
                    "update facts__stage.fct_target set target = target + 1 where ctid ="
                    " (select min(ctid) from facts__stage.fct_target)"
                )

    monkeypatch.setattr(publication, "send_rows", lose_a_row)
    with pytest.raises(TablesDiffer, match=r"facts\.fct_target"):
        region.serve()
    assert load_of(region) == ["hand-made"]
    monkeypatch.undo()
    region.serve()  # what the failed one left is cleared away
    assert load_of(region) == ["second"]


def test_a_held_schema_is_waited_for_in_vain_and_readers_keep_theirs(region: Region) -> None:
    region.serve()
    next_load(region, "second")
    with region.session("bvb_admin") as cursor:
        cursor.execute("begin; grant usage on schema marts to bvb_report")
        with pytest.raises(NotSwitched, match="readers keep the last version"):
            region.serve()
        cursor.execute("rollback")
    assert load_of(region) == ["hand-made"]
    region.serve()
    assert load_of(region) == ["second"]


@pytest.mark.parametrize("at", ["send_rows", "switch"])
def test_a_server_that_falls_in_the_middle_keeps_the_last_version(
    own_region: Region, own_postgres: PostgresServer, at: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    own_region.serve()
    next_load(own_region, "second")
    work, calls = getattr(publication, at), []

    def fall_first(*arguments: Any) -> Any:
        calls.append(1)
        if len(calls) == (1 if at == "switch" else 20):
            own_postgres.fall()
        return work(*arguments)

    monkeypatch.setattr(publication, at, fall_first)
    with pytest.raises(ServerFell, match="as soon as it is up again"):
        own_region.serve()
    monkeypatch.undo()
    own_postgres.start()
    assert load_of(own_region) == load_of(own_region, "facts.fct_delivery") == ["hand-made"]
    own_region.serve()
    assert load_of(own_region) == load_of(own_region, "facts.fct_delivery") == ["second"]


def test_two_publishers_do_not_meet(region: Region) -> None:
    with region.session("bvb_admin") as cursor:
        cursor.execute(f"select pg_advisory_lock({0x627662})")
        with pytest.raises(PublicationBusy):
            region.serve()
    assert region.serve().is_new


def test_a_silent_server_is_named_without_the_password(region: Region) -> None:
    away = replace(region, server=replace(region.server, port=1, password="s3cret-word"))
    with pytest.raises(ServerUnreachable, match=r"127\.0\.0\.1:1") as caught:
        away.serve()
    assert "s3cret-word" not in f"{caught.value!r}{away.server!r}"


def test_names_that_are_gone_are_said_before_anything_is_loaded(region: Region) -> None:
    (region.built.run().accepted_dir / "restricted" / "P03.parquet").unlink()
    with pytest.raises(PersonsMissing, match=r"P03\.parquet"):
        region.serve()
