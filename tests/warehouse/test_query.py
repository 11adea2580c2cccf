"""`select` asks and never writes, and sees nothing but what is published."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pytest

from ingest.settings import Settings, load_settings
from tests.warehouse.conftest import Ask, Built
from warehouse.errors import NothingPublished, OnlyQuestions, QuestionNotUnderstood
from warehouse.query import select


@pytest.fixture
def settings(published_once: Built) -> Settings:
    return load_settings(published_once.data)


def test_answer_has_names_and_rows(settings: Settings) -> None:
    answer = select(settings, "select count(*) as n, min(indicator_id) as first"
                              " from mart_indicator_progress")  # fmt: skip
    assert answer.columns == ["n", "first"]
    assert answer.rows == [(536, "I-1")]


@pytest.mark.parametrize(
    "question",
    [
        "show tables",
        "describe mart_consents",
        "summarize mart_findings",
        "with a as (select 1 as x) select x from a",
        "from mart_consents limit 1",
        "select 1;  -- a remark",
    ],
)
def test_ways_of_asking(ask: Ask, question: str) -> None:
    assert ask(question)


@pytest.mark.parametrize(
    "order",
    [
        "create table x as select 1",
        "create temp table x as select 1",
        "create table memory.main.x as select 1",
        "insert into mart_consents select * from mart_consents",
        "delete from mart_consents",
        "drop view mart_consents",
        "copy mart_consents to '{data}/out.csv'",
        "copy (select 1) to '{data}/marts/out.csv'",
        "explain analyze copy (select 1) to '{data}/marts/out.csv'",
        "explain analyze copy (select 1) to '{data}/outcomes/out.csv'",
        "pragma profiling_output = '{data}/marts/out.json'",
        "use memory",
        "export database '{data}/out'",
        "attach '{data}/warehouse/build.duckdb' as other",
        "set enable_external_access = true",
        "install httpfs",
        "select 1; drop view mart_consents",
        "select 1; select 2",
        "",
        "select * from read_text('/etc/passwd')",
        "select * from read_csv('/etc/passwd')",
        "select * from glob('/etc/*')",
        "select * from read_parquet('{data}/accepted/*/restricted/P03.parquet')",
        "select * from read_parquet('{data}/marts/../accepted/*/P03.parquet')",
    ],
)
def test_orders_and_other_files_are_refused(settings: Settings, order: str) -> None:
    before = sorted(settings.data_dir.rglob("*"))
    with pytest.raises(OnlyQuestions, match="read-only"):
        select(settings, order.format(data=settings.data_dir))
    assert sorted(settings.data_dir.rglob("*")) == before


@pytest.mark.parametrize(
    ("typo", "found"),
    [
        ("selec 1", "selec"),
        ("select * from mart_indicator_progres", "mart_indicator_progres"),
        ("select facts from mart_indicator_progress", "facts"),
        ("select cast('x' as integer)", "Could not convert"),
        ("select strptime('x', '%Y')", "Could not parse"),
        ("select * from '/etc/passwd'", "does not exist"),
    ],
)
def test_a_typo_is_explained(ask: Ask, typo: str, found: str) -> None:
    with pytest.raises(QuestionNotUnderstood, match=found) as caught:
        ask(typo)
    assert "\n" not in f"{caught.value}"


def test_nothing_published_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(NothingPublished, match="run bvb run --as-of"):
        select(load_settings(tmp_path), "select 1")


def test_a_path_with_a_quote_works(published: Built, tmp_path: Path) -> None:
    """Paths stand in SQL: an apostrophe in a folder's name ends no text."""
    from warehouse.publish import publish

    moved = tmp_path / "data of O'Brien"
    published.data.rename(moved)
    copy = Built(moved, published.nodes)
    publish(copy.run())
    rows = select(load_settings(moved), "select count(*) from mart_indicator_progress").rows
    assert rows == [(536,)]


def test_asks_while_others_keep_the_catalogue_open(settings: Settings) -> None:
    catalogue = settings.warehouse / "catalog.duckdb"
    with duckdb.connect(f"{catalogue}", read_only=True) as reader:
        reader.execute("select * from mart_consents").fetchone()
        assert select(settings, "select count(*) from mart_consents").rows == [(67,)]
        assert reader.execute("select count(*) from mart_consents").fetchall() == [(67,)]
