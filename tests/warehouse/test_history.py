"""The memory of a run is the publication before it, in declared columns, and nothing older."""

from __future__ import annotations

import hashlib
import json
from datetime import date
from pathlib import Path

import duckdb
import pyarrow.parquet as pq
import pytest

from bvb.steps import inputs_fingerprint
from ingest.settings import load_settings
from tests.dbt.accepted import ORDER
from tests.dbt.golden import AS_OF
from tests.warehouse.conftest import Built, another_load
from warehouse import history
from warehouse.history import TABLES, find_previous, write_history, write_tables
from warehouse.publish import publish

LATER, LAST = date(2024, 12, 10), date(2024, 12, 31)


def rows(folder: Path, table: str, columns: str = "*") -> list[tuple[object, ...]]:
    query = f"select {columns} from read_parquet('{folder / table}.parquet') order by all"
    return duckdb.execute(query).fetchall()


def digests(folder: Path) -> dict[str, str]:
    return {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in folder.iterdir()}


def schema(folder: Path, table: str) -> dict[str, str]:
    found = duckdb.execute(f"describe from read_parquet('{folder / table}.parquet')").fetchall()
    return {name: kind.lower() for name, kind, *_ in found}


def test_the_first_run_has_an_empty_memory_of_the_declared_shape(built_once: Built) -> None:
    folder = built_once.run().accepted_dir / "history"
    assert {path.stem for path in folder.iterdir()} == {*TABLES, "versions"}
    for table, columns in TABLES.items():
        assert schema(folder, table) == columns
        assert rows(folder, table) == []
    assert rows(folder, "versions") == [(history.formulas_version(),)]


def test_a_first_publication_explains_no_change(built_once: Built) -> None:
    with duckdb.connect(f"{built_once.data / 'warehouse' / 'build.duckdb'}", read_only=True) as db:
        assert db.execute("select count(*) from marts.mart_indicator_change").fetchone() == (0,)
        version = db.execute("select formulas_version from facts.dim_run").fetchone()
    assert version == (history.formulas_version(),)


def test_only_an_earlier_date_of_the_same_order_is_before(published_once: Built) -> None:
    settings = load_settings(published_once.data)
    assert find_previous(settings, ORDER, AS_OF) is None
    assert find_previous(settings, "r-500-2025", LAST) is None
    found = find_previous(settings, ORDER, LAST)
    assert found is not None
    assert (found.as_of, found.version) == (AS_OF, "2024-11-30__20241204T235959__hand-made")


def test_the_newest_earlier_date_is_the_one_before(published: Built) -> None:
    publish(another_load(published, "second", LATER))
    settings = load_settings(published.data)
    found = find_previous(settings, ORDER, LAST)
    assert found is not None and found.as_of == LATER
    # A repeated run of the older date keeps its own past.
    assert find_previous(settings, ORDER, AS_OF) is None
    again = find_previous(settings, ORDER, LATER)
    assert again is not None and again.as_of == AS_OF


def test_memory_holds_what_was_published(published_once: Built, tmp_path: Path) -> None:
    previous = find_previous(load_settings(published_once.data), ORDER, LAST)
    write_tables(tmp_path, previous)
    assert rows(tmp_path, "dim_run", "as_of, known_on, load_id, plan_version") == [
        (AS_OF, date(2024, 12, 4), "hand-made", "original")
    ]
    assert len(rows(tmp_path, "mart_indicator_progress")) == 67 * 8
    assert ("I-5", "mover", 51) in rows(tmp_path, "fct_indicator_contribution")
    assert ("october:mover", "mover") in rows(tmp_path, "fct_participation", "row_key, person_key")
    assert ("P05", AS_OF) in rows(tmp_path, "fct_delivery")
    for table, columns in TABLES.items():
        assert schema(tmp_path, table) == columns


def test_the_same_version_gives_the_same_bytes(published_once: Built, tmp_path: Path) -> None:
    previous = find_previous(load_settings(published_once.data), ORDER, LAST)
    write_tables(tmp_path / "one", previous)
    write_tables(tmp_path / "two", previous)
    assert digests(tmp_path / "one") == digests(tmp_path / "two")


def test_an_older_version_may_lack_a_table_or_a_column(published: Built, tmp_path: Path) -> None:
    previous = find_previous(load_settings(published.data), ORDER, LAST)
    assert previous is not None
    (previous.folder / "fct_control_point.parquet").unlink()
    path = previous.folder / "dim_pupil.parquet"
    pq.write_table(pq.read_table(path).drop_columns(["evidence"]), path)
    manifest = previous.folder / "manifest.json"
    about = json.loads(manifest.read_text(encoding="utf-8"))
    pupils = about["tables"]["dim_pupil"]
    pupils["columns"] = [c for c in pupils["columns"] if c["name"] != "evidence"]
    manifest.write_text(json.dumps(about), encoding="utf-8")
    write_tables(tmp_path, previous)
    assert rows(tmp_path, "fct_control_point") == []
    assert {row[1] for row in rows(tmp_path, "dim_pupil", "pupil_key, evidence")} == {None}
    assert schema(tmp_path, "dim_pupil") == TABLES["dim_pupil"]


def test_one_older_version_is_read_however_many_there_are(
    published: Built, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = published.run(LAST)
    for day in range(1, 28):
        folder = published.data / "marts" / f"2024-11-{day:02}__old"
        folder.mkdir()
        link = published.data / "marts" / "by_date" / f"{ORDER}__2024-11-{day:02}"
        link.symlink_to(f"../{folder.name}")
    opened: list[Path] = []
    read_text = Path.read_text

    def counted(path: Path, *args: str, **options: str) -> str:
        if path.name == "manifest.json":
            opened.append(path.parent)
        return read_text(path, *args, **options)

    monkeypatch.setattr(Path, "read_text", counted)
    previous = write_history(run)
    assert previous is not None and previous.as_of == AS_OF
    assert {folder.name for folder in opened} == {previous.version}


def test_what_a_run_depends_on_includes_the_publication_before(published: Built) -> None:
    run, same = published.run(LAST), published.run(AS_OF)
    before, own = inputs_fingerprint(run), inputs_fingerprint(same)
    publish(another_load(published, "second", LATER))
    assert inputs_fingerprint(run) != before
    # The date itself is not its own past.
    assert inputs_fingerprint(same) == own


def test_formulas_have_a_version_of_their_own(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import shutil

    copy = tmp_path / "dbt_project"
    shutil.copytree(history.PROJECT, copy)
    first = history.formulas_version()
    monkeypatch.setattr(history, "PROJECT", copy)
    assert history.formulas_version() == first
    calendar = copy / "seeds" / "waivers.csv"
    calendar.write_text(calendar.read_text(encoding="utf-8") + "\n", encoding="utf-8")
    assert history.formulas_version() == first
    parameters = copy / "seeds" / "parameters.csv"
    parameters.write_text(parameters.read_text(encoding="utf-8") + "\n", encoding="utf-8")
    assert history.formulas_version() != first
