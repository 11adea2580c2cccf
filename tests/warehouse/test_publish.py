"""A publication is whole or invisible, the same load has the same bytes, readers never wait."""

from __future__ import annotations

import hashlib
import json
import os
import re
import threading
from datetime import date
from pathlib import Path

import duckdb
import pyarrow.parquet as pq
import pytest

from ingest.deliveries import DiskFull, says_disk_full
from ingest.settings import load_settings
from tests.warehouse.conftest import Ask, Built, another_load
from warehouse import publish as room
from warehouse.errors import LayerNotBuilt, NothingPublished
from warehouse.publish import publish
from warehouse.query import select

FIRST = "2024-11-30__20241204T235959__hand-made"


def digests(folder: Path) -> dict[str, str]:
    return {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in folder.iterdir()}


def catalogue(built: Built) -> Path:
    return built.data / "warehouse" / "catalog.duckdb"


def loads(connection: duckdb.DuckDBPyConnection, table: str) -> list[str]:
    rows = connection.execute(f"select distinct load_id from {table} order by 1").fetchall()
    return [row[0] for row in rows]


def test_version_holds_every_table_and_a_manifest(published_once: Built) -> None:
    published = published_once
    marts = published.data / "marts"
    assert os.readlink(marts / "current") == FIRST
    manifest = json.loads((marts / "current" / "manifest.json").read_text(encoding="utf-8"))
    about = {name: manifest[name] for name in ("version", "load_id", "order_id", "as_of")}
    assert about == {
        "version": FIRST, "load_id": "hand-made", "order_id": "r-423-2024", "as_of": "2024-11-30",
    }  # fmt: skip
    assert manifest["known_at"] == "2024-12-04T23:59:59+03:00"
    tables = manifest["tables"]
    assert {"mart_indicator_progress", "fct_participation", "dim_territory"} <= set(tables)
    assert not [name for name in tables if name.startswith(("stg_", "int_"))]
    for table in tables.values():
        path = marts / FIRST / table["file"]
        assert hashlib.sha256(path.read_bytes()).hexdigest() == table["sha256"]
        assert pq.read_metadata(path).num_rows == table["rows"]
    assert tables["mart_indicator_progress"]["rows"] == 536
    assert len(list((marts / FIRST).iterdir())) == len(tables) + 1


def test_again_is_a_no_op(published: Built) -> None:
    folder = published.data / "marts" / FIRST
    stamps = {path: path.stat().st_mtime_ns for path in (*folder.iterdir(), catalogue(published))}
    assert publish(published.run()).version == FIRST
    assert {path: path.stat().st_mtime_ns for path in stamps} == stamps


def test_frozen_again_gives_the_same_bytes(published: Built) -> None:
    folder = published.data / "marts" / FIRST
    before = digests(folder)
    # Rows that a build happened to write in another order are the same publication.
    with duckdb.connect(f"{published.data}/warehouse/build.duckdb") as connection:
        for table in ("marts.mart_indicator_progress", "facts.fct_participation"):
            connection.execute(f"create temp table kept as select * from {table}")
            connection.execute(f"delete from {table}")
            connection.execute(f"insert into {table} select * from kept order by random()")
            connection.execute("drop table kept")
    folder.rename(folder.with_name("before"))
    assert publish(published.run()).version == FIRST
    assert digests(folder) == before


def test_a_damaged_version_is_made_again(published: Built) -> None:
    folder = published.data / "marts" / FIRST
    before = digests(folder)
    (folder / "mart_consents.parquet").unlink()
    publish(published.run())
    assert digests(folder) == before


def test_open_connection_sees_the_next_version(published: Built) -> None:
    with duckdb.connect(f"{catalogue(published)}", read_only=True) as reader:
        assert loads(reader, "mart_indicator_progress") == ["hand-made"]
        stamp = catalogue(published).stat().st_mtime_ns
        publish(another_load(published, "second"))
        assert loads(reader, "mart_indicator_progress") == ["second"]
        assert loads(reader, "history.mart_indicator_progress") == ["second"]
        assert catalogue(published).stat().st_mtime_ns == stamp
    assert (published.data / "marts" / FIRST).is_dir()


def test_history_holds_every_date_by_its_last_publication(published: Built) -> None:
    publish(another_load(published, "october", date(2024, 10, 31)))
    publish(another_load(published, "corrected"))
    settings = load_settings(published.data)
    trend = select(
        settings,
        "select as_of, load_id, count(*) from history.mart_indicator_progress"
        " group by as_of, load_id order by as_of",
    )
    assert trend.rows == [
        (date(2024, 10, 31), "october", 536),
        (date(2024, 11, 30), "corrected", 536),
    ]
    now = select(settings, "select distinct as_of, load_id from mart_indicator_progress")
    assert now.rows == [(date(2024, 11, 30), "corrected")]
    versions = [p.name for p in (published.data / "marts").glob("2024-*")]
    assert len(versions) == 3


def test_a_column_that_an_older_version_lacks_is_empty_in_history(published: Built) -> None:
    publish(another_load(published, "october", date(2024, 10, 31)))
    publish(another_load(published, "november"))
    path = next((published.data / "marts").glob("2024-10-31__*")) / "mart_consents.parquet"
    pq.write_table(pq.read_table(path).drop_columns(["n_navigators"]), path)
    found = select(
        load_settings(published.data),
        "select load_id, count(n_navigators), count(*) from history.mart_consents group by load_id"
        " order by load_id",
    )
    assert found.rows == [("november", 67, 67), ("october", 0, 67)]


def test_readers_have_no_error_during_publications(published: Built) -> None:
    stop, errors, seen = threading.Event(), [], set()

    def read() -> None:
        with duckdb.connect(f"{catalogue(published)}", read_only=True) as reader:
            while not stop.is_set():
                try:
                    for schema in ("main", "history"):
                        rows = reader.execute(
                            "select load_id, count(*)"
                            f" from {schema}.mart_indicator_progress group by load_id"
                        ).fetchall()
                        assert [row[1] for row in rows] == [536], rows
                        seen.add(rows[0][0])
                except Exception as error:
                    errors.append(error)
                    return

    readers = [threading.Thread(target=read) for _ in range(2)]
    for reader in readers:
        reader.start()
    for number in range(3):
        publish(another_load(published, f"load-{number}"))
    stop.set()
    for reader in readers:
        reader.join()
    assert errors == []
    assert "load-1" in seen


class Killed(BaseException):
    """Stands for SIGKILL: nothing catches it."""


def test_killed_before_the_switch_leaves_the_old_version(
    published: Built, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = another_load(published, "second")

    def die(*_: object) -> None:
        raise Killed

    with monkeypatch.context() as patch:
        patch.setattr(room, "switch_link", die)
        with pytest.raises(Killed):
            publish(run)
    with duckdb.connect(f"{catalogue(published)}", read_only=True) as reader:
        assert loads(reader, "mart_indicator_progress") == ["hand-made"]
    assert publish(run).load_id == "second"
    assert os.readlink(published.data / "marts" / "current").endswith("second")


def test_killed_while_freezing_leaves_nothing_to_see(
    published: Built, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = another_load(published, "second")
    marts = published.data / "marts"
    left = marts / ".2024-01-31__x__killed.tmp"  # of a process that could not clean up
    left.mkdir()
    (left / "mart_consents.parquet").write_bytes(b"half")
    replace, calls = os.replace, iter(range(100))

    def die(source: Path, target: Path) -> None:
        if next(calls) == 3:
            raise Killed
        replace(source, target)

    with monkeypatch.context() as patch:
        patch.setattr(room.os, "replace", die)
        with pytest.raises(Killed):
            publish(run)
    assert sorted(p.name for p in marts.iterdir()) == [FIRST, "by_date", "current"]
    assert publish(run).load_id == "second"
    assert not list(marts.glob(".*"))


def test_only_a_green_build_is_published(built: Built) -> None:
    path = built.run().outcomes_dir / "dbt" / "marts.json"
    rows = json.loads(path.read_text(encoding="utf-8"))
    rows[0]["is_ok"] = False
    path.write_text(json.dumps(rows), encoding="utf-8")
    with pytest.raises(LayerNotBuilt, match=re.escape(rows[0]["node"])):
        publish(built.run())
    assert not (built.data / "marts").exists()
    with pytest.raises(NothingPublished, match="nothing published yet; run bvb run --as-of"):
        select(load_settings(built.data), "select 1")


def test_the_build_of_another_load_is_not_published(published: Built) -> None:
    another_load(published, "later", date(2024, 10, 31))
    (published.data / "marts" / FIRST / "manifest.json").unlink()
    with pytest.raises(LayerNotBuilt, match="another load"):
        publish(published.run())


def test_a_full_disk_leaves_what_was_there(
    published: Built, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = another_load(published, "second")

    def full(_: Path) -> None:
        raise duckdb.IOException("IO Error: could not write: No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(room, "sync", full)
        with pytest.raises(DiskFull, match="free space"):
            publish(run)
    assert os.readlink(published.data / "marts" / "current") == FIRST
    assert not list((published.data / "marts").glob(".*"))
    assert says_disk_full("No space left on device")


def test_catalogue_has_views_only_with_comments(published_once: Built) -> None:
    published = published_once
    with duckdb.connect(f"{catalogue(published)}", read_only=True) as reader:
        assert reader.execute("select count(*) from duckdb_tables()").fetchall() == [(0,)]
        views = reader.execute(
            "select schema_name, view_name, comment, sql from duckdb_views() where not internal"
        ).fetchall()
        columns = reader.execute(
            "select table_name || '.' || column_name, comment from duckdb_columns()"
            " where not internal and schema_name in ('main', 'history')"
        ).fetchall()
        storage = reader.execute("select tags from duckdb_databases() where not internal")
        version = storage.fetchall()[0][0]["storage_version"]
    names = {f"{schema}.{name}" for schema, name, _, _ in views}
    assert {"main.mart_indicator_progress", "history.mart_indicator_progress"} <= names
    assert {"main.ops_dbt_node", "main.fct_delivery", "main.fct_finding"} <= names
    assert all(comment.startswith(("Одна строка", "Все опубл")) for _, _, comment, _ in views)
    assert all("One row per" in comment for _, _, comment, _ in views)
    assert [name for name, comment in columns if not re.match("[^a-z]*[а-я].*[a-z]", comment)] == []
    declared = dict(columns)["mart_indicator_progress.target_declared"]
    assert re.match(r"Итог, напечатанный в распоряжении.* Total printed in the order", declared)
    assert not [sql for *_, sql in views if "restricted" in sql or "/accepted/" in sql]
    # One view stands on another; each of the others names a file of this directory.
    on_files = [sql for _, name, _, sql in views if name != "ops_layer_trend"]
    assert all(f"{published.data}" in sql for sql in on_files)
    assert version.startswith("v1.0")


def test_step_outcomes_join_the_catalogue_when_there_are_some(published: Built) -> None:
    path = published.run().outcomes_dir / "steps" / "validate.json"
    path.parent.mkdir()
    row = {"as_of": "2024-11-30", "run_id": "r", "step": "validate", "is_ok": True, "rows": 5}
    path.write_text(json.dumps(row), encoding="utf-8")
    publish(published.run())
    found = select(
        load_settings(published.data),
        "select as_of, step, is_ok, details ->> 'rows' from ops_step_outcome",
    )
    assert found.rows == [(date(2024, 11, 30), "validate", True, "5")]


def test_node_outcomes_are_a_table(ask: Ask) -> None:
    rows = ask(
        "select layer, n_rows, status from ops_dbt_node where node = 'mart_indicator_progress'"
    )
    assert rows == [("marts", 536, "success")]


def test_nothing_personal_is_published(published_once: Built) -> None:
    published = published_once
    texts = [path.read_bytes() for path in (published.data / "marts" / FIRST).iterdir()]
    texts += [path.read_bytes() for path in (published.data / "warehouse").glob("catalog.*")]
    assert len(texts) > 25
    assert not [text for text in texts if b"birth_date" in text]


def test_the_number_of_threads_does_not_change_the_bytes(tmp_path: Path) -> None:
    """A table of several row groups, frozen on machines with one core, two and five."""
    database = tmp_path / "build.duckdb"
    with duckdb.connect(str(database)) as connection:
        connection.execute("create schema facts")
        connection.execute(
            "create table facts.fct_large as select hash(i) % 1000 as a, md5(i::varchar) as b"
            " from range(400000) t(i)"
        )
    written = set()
    for threads in (1, 2, 5):
        folder = tmp_path / f"{threads}"
        folder.mkdir()
        with duckdb.connect(str(database), read_only=True, config={"threads": threads}) as con:
            room._freeze_table(con, "facts", "fct_large", ["a", "b"], folder)
        written.add(tuple(digests(folder).values()))
    assert len(written) == 1
    assert pq.read_metadata(tmp_path / "5" / "fct_large.parquet").num_row_groups > 2
