"""`catalog.duckdb`: views only, over what is published; any number of readers, nobody waits.

What enters: the manifest of the version just published. What leaves: the catalogue and, beside it,
`catalog.sql`, the same definitions as text. Neither is touched while the definitions stay the same:
the views name links and folders, so an open connection sees the next version by itself.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import duckdb

from ingest.deliveries import write_atomically
from ingest.settings import Settings, temporary_of
from ingest.sql import sql_text
from warehouse.files import room_for_duckdb, sync
from warehouse.history import BY_DATE

CATALOGUE = "catalog.duckdb"
# Readers bring their own DuckDB, often an older one.
_STORAGE = "v1.0.0"
_HISTORY = "Все опубликованные даты, каждая по последней публикации (every date). "
_OUTCOMES: dict[str, tuple[str, str, dict[str, tuple[str, str]]]] = {
    "ops_step_outcome": (
        "steps",
        "Одна строка — прогон и шаг: что шаг сообщил о себе, закончившись. "
        "One row per run and step: what the step said about itself when it ended.",
        {
            "as_of": ("date", "Дата среза прогона. Date of the run."),
            "run_id": (
                "varchar",
                "Прогон: дата среза и момент знания. Date and moment of knowledge.",
            ),
            "step": ("varchar", "Название шага, как в Airflow. Name of the step."),
            "is_ok": ("boolean", "Шаг закончился успешно. Whether it ended as it should."),
        },
    ),
    "ops_dbt_node": (
        "dbt",
        "Одна строка — прогон, слой и узел dbt: что стало с моделью, справочником, проверкой. "
        "One row per run, layer and dbt node: what became of each model, seed and test.",
        {
            "as_of": ("date", "Дата среза прогона. Date of the run."),
            "run_id": (
                "varchar",
                "Прогон: дата среза и момент знания. Date and moment of knowledge.",
            ),
            "load_id": ("varchar", "Загрузка, для которой строили. Load that it was built for."),
            "layer": ("varchar", "Слой: seeds, staging, facts или marts. Layer."),
            "node": ("varchar", "Название узла. Name of the model, seed or test."),
            "kind": ("varchar", "Вид узла. What it is: model, seed or test."),
            "status": (
                "varchar",
                "Итог словом dbt; unchanged — слой стоит с прошлого раза."
                " success, pass, warn, fail, error, skipped or unchanged (it stood already).",
            ),
            "is_ok": (
                "boolean",
                "«Нет» — слой остановился здесь. False when the layer had to stop.",
            ),
            "seconds": ("double", "Сколько секунд заняло. How long it took on that machine."),
            "n_rows": ("bigint", "Строк в построенной таблице. Rows of the table that was built."),
            "n_failures": ("bigint", "Строк, которые нашла проверка. Rows that a test found."),
            "message": (
                "varchar",
                "Сообщение dbt, без значений строк. What dbt said, without values.",
            ),
        },
    ),
}


def _comments(view: str, text: str, columns: Mapping[str, str]) -> Iterable[str]:
    yield f"comment on view {view} is {sql_text(text)};"
    for name, description in columns.items():
        yield f"comment on column {view}.{name} is {sql_text(description)};"


def _table_views(settings: Settings, name: str, table: Mapping[str, Any]) -> Iterable[str]:
    """Views of one table: of the current version, and of all dates.

    Columns are listed by name: a version with one more column does not disturb open connections.
    """
    listed = ", ".join(column["name"] for column in table["columns"])
    columns = {column["name"]: column["description"] for column in table["columns"]}
    current = settings.marts / "current" / f"{name}.parquet"
    yield f"create view main.{name} as select {listed} from read_parquet({sql_text(current)});"
    yield from _comments(f"main.{name}", table["description"], columns)
    dates = settings.marts / BY_DATE / "*" / f"{name}.parquet"
    yield (
        f"create view history.{name} as select {listed}"
        f" from read_parquet({sql_text(dates)}, union_by_name = true);"
    )
    yield from _comments(f"history.{name}", _HISTORY + table["description"], columns)


def _outcome_views(settings: Settings) -> Iterable[str]:
    """Views of the outcome rows, as far as there are any."""
    for view, (folder, text, columns) in _OUTCOMES.items():
        if next(settings.outcomes.glob(f"*/{folder}/*.json"), None) is None:
            continue
        files = settings.outcomes / "*" / folder / "*.json"
        listed = ", ".join(
            f"cast(json ->> '{name}' as {kind}) as {name}" for name, (kind, _) in columns.items()
        )
        yield (
            f"create view main.{view} as select {listed}, json as details"
            f" from read_json_objects({sql_text(files)});"
        )
        described = {name: description for name, (_, description) in columns.items()}
        described["details"] = "Вся строка, как она записана. The whole row as it was written."
        yield from _comments(f"main.{view}", text, described)


# How long each layer took beside the runs before it: a slow drift shows before it hurts.
_TREND = """create view main.ops_layer_trend as
with layers as (
    select as_of, run_id, load_id, layer, sum(seconds) as seconds, count(*) as n_nodes,
        sum(n_rows) as n_rows, count(*) filter (where not is_ok) as n_failed
    from main.ops_dbt_node where status <> 'unchanged' group by all
)
select as_of, run_id, load_id, layer, n_nodes, n_failed, cast(n_rows as bigint) as n_rows,
    round(seconds, 3) as seconds,
    round(median(seconds) over before, 3) as usual_seconds,
    round(seconds / nullif(median(seconds) over before, 0), 2) as to_usual
from layers
window before as (
    partition by layer order by as_of, run_id rows between 5 preceding and 1 preceding
);
"""
_TREND_COLUMNS = {
    "as_of": "Дата среза прогона. Date of the run.",
    "run_id": "Прогон: дата и момент знания. The run: date and moment of knowledge.",
    "load_id": "Загрузка, для которой построен слой. Load that the layer was built for.",
    "layer": "Слой хранилища. seeds, staging, facts or marts.",
    "n_nodes": "Сколько в слое узлов dbt. Models, seeds and tests of the layer.",
    "n_failed": "Сколько из них не удалось. Nodes that were not well.",
    "n_rows": "Строк во всех таблицах слоя. Rows of all its tables.",
    "seconds": "Секунд на все узлы вместе. Seconds of all its nodes together.",
    "usual_seconds": "Медиана пяти прежних прогонов. Median of the five runs before.",
    "to_usual": "Во сколько раз дольше обычного. Ratio to the usual; 2 is twice as slow.",
}


def _trend_view(settings: Settings) -> Iterable[str]:
    if next(settings.outcomes.glob("*/dbt/*.json"), None) is not None:
        yield _TREND
        text = (
            "Одна строка — прогон и слой: сколько он шёл рядом с прежними прогонами. "
            "One row per run and layer: how long it took beside the runs before it."
        )
        yield from _comments("main.ops_layer_trend", text, _TREND_COLUMNS)


def definitions(settings: Settings, manifest: Mapping[str, Any]) -> str:
    """The catalogue as SQL text, the same for the same tables and paths."""
    lines = ["create schema history;"]
    for name, table in sorted(manifest["tables"].items()):
        lines += _table_views(settings, name, table)
    lines += _outcome_views(settings)
    lines += _trend_view(settings)
    return "\n".join(lines) + "\n"


def _write(path: Path, sql: str) -> None:
    temporary = temporary_of(path)
    with room_for_duckdb(temporary):
        temporary.unlink(missing_ok=True)
        with duckdb.connect(
            f"{temporary}", config={"storage_compatibility_version": _STORAGE}
        ) as connection:
            # One transaction: hundreds of comments would be as many writes to the disk.
            connection.execute(f"begin;\n{sql}commit;")
        sync(temporary)
        os.replace(temporary, path)
    sync(path.parent)


def refresh_catalogue(settings: Settings, manifest: Mapping[str, Any]) -> None:
    """Make the catalogue fit the published tables; written only when its definitions changed.

    Raises:
        DiskFull: no room was left; the old catalogue stays.
    """
    path = settings.warehouse / CATALOGUE
    text_path = path.with_suffix(".sql")
    sql = definitions(settings, manifest)
    known = text_path.read_text(encoding="utf-8") if text_path.exists() else ""
    if path.exists() and known == sql:
        return
    _write(path, sql)
    write_atomically(text_path, sql.encode())
