"""Airflow on embedded parts: environment, metadata database, the pool, one DAG run in-process.

What enters: the data directory and AIRFLOW_HOME. What leaves: a ready Airflow, or a finished run.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from ingest.code import PROJECT
from ingest.settings import DATA_DIR_VARIABLE, Settings

POOL = "duckdb_writer"
APPROVAL = "ask_approval"  # param: a human is asked before the ministry is written to
DAG_ID = "ministry_report"
PORT = 8080
Progress = Callable[[str, str, str], None]


class DagNotLoaded(Exception):
    """Airflow could not read the DAG files."""


def environment(settings: Settings, port: int = PORT) -> dict[str, str]:
    """What Airflow and the libraries below it are told; set values win over these."""
    home = os.environ.get("AIRFLOW_HOME") or f"{PROJECT / '.airflow'}"
    url = f"http://localhost:{port}"
    return {
        "AIRFLOW_HOME": home,
        "AIRFLOW__CORE__DAGS_FOLDER": f"{PROJECT / 'dags'}",
        "AIRFLOW__CORE__LOAD_EXAMPLES": "False",
        "AIRFLOW__CORE__DEFAULT_TIMEZONE": "Europe/Moscow",
        # The default starts 32 idle workers; the run is bound by one writer anyway.
        "AIRFLOW__CORE__PARALLELISM": "4",
        # 66 territories, 3 forms, resends: the default of 1024 is near.
        "AIRFLOW__CORE__MAX_MAP_LENGTH": "4096",
        # Nobody else on the network is meant to reach a demonstration.
        "AIRFLOW__API__HOST": "127.0.0.1",
        "AIRFLOW__API__PORT": f"{port}",
        # Workers call this address; the port alone would leave them at 8080.
        "AIRFLOW__API__BASE_URL": url,
        "AIRFLOW__USAGE_DATA_COLLECTION__ENABLED": "False",
        "DO_NOT_TRACK": "1",
        "GX_ANALYTICS_ENABLED": "False",
        "DBT_SEND_ANONYMOUS_USAGE_STATS": "False",
        "PYTHONPATH": os.pathsep.join(
            part for part in (f"{PROJECT}", os.environ.get("PYTHONPATH", "")) if part
        ),
        DATA_DIR_VARIABLE: f"{settings.data_dir}",
    }


def with_own_programs(path: str) -> str:
    """`PATH` that finds this environment's programs first: standalone starts `airflow` by name."""
    return os.pathsep.join((f"{Path(sys.executable).parent}", path))


def apply_environment(settings: Settings, *, quiet: bool) -> None:
    """Put `environment` in force; has to come before the first import of Airflow."""
    for name, value in environment(settings).items():
        os.environ.setdefault(name, value)
    os.environ["PATH"] = with_own_programs(os.environ.get("PATH", ""))
    os.environ[DATA_DIR_VARIABLE] = f"{settings.data_dir}"
    if quiet:
        os.environ.setdefault("AIRFLOW__LOGGING__LOGGING_LEVEL", "WARNING")


def prepare() -> None:
    """Create or migrate the metadata database and the one-slot pool; again changes nothing."""
    from airflow.models.pool import Pool
    from airflow.utils import db

    db.upgradedb()
    # A task that names a pool which is not there would wait for ever, silently.
    Pool.create_or_update_pool(
        POOL, 1, "Одна запись в хранилище одновременно", include_deferred=False
    )


def use_kept_connections() -> None:
    """Let this process read connections of the metadata database, not of its environment only.

    Inside tasks Airflow gives them itself; its own commands say the same as this.
    """
    os.environ["_AIRFLOW_PROCESS_CONTEXT"] = "server"


def _watch(progress: Progress) -> object:
    from airflow.listeners import hookimpl

    # The hooks' names and arguments are Airflow's.
    class Watch:
        @hookimpl  # type: ignore[untyped-decorator]
        def on_task_instance_running(self, previous_state: Any, task_instance: Any) -> None:
            progress(task_instance.task_id, "running", "")

        @hookimpl  # type: ignore[untyped-decorator]
        def on_task_instance_success(self, previous_state: Any, task_instance: Any) -> None:
            progress(task_instance.task_id, "success", "")

        @hookimpl  # type: ignore[untyped-decorator]
        def on_task_instance_skipped(self, previous_state: Any, task_instance: Any) -> None:
            progress(task_instance.task_id, "skipped", "")

        @hookimpl  # type: ignore[untyped-decorator]
        def on_task_instance_failed(
            self, previous_state: Any, task_instance: Any, error: Any
        ) -> None:
            progress(task_instance.task_id, "failed", f"{type(error).__name__}: {error}")

    return Watch()


def run_dag(conf: dict[str, str | None], progress: Progress) -> str:
    """One run of the monthly DAG in this process.

    Returns:
        the state of the run: `success` or `failed`.

    Raises:
        DagNotLoaded: a DAG file has an error.
    """
    from airflow.dag_processing.dagbag import DagBag
    from airflow.sdk.listener import get_listener_manager

    prepare()
    bag = DagBag(f"{PROJECT / 'dags'}")
    if DAG_ID not in bag.dags:
        raise DagNotLoaded(
            f"expected the DAG {DAG_ID} in {PROJECT / 'dags'}, found errors {bag.import_errors}; "
            "mend the file"
        )
    get_listener_manager().add_listener(_watch(progress))
    # Nobody looks at the interface of a run like this: it would wait for an answer for ever.
    asked = {k: v for k, v in conf.items() if v} | {APPROVAL: False}
    run = bag.dags[DAG_ID].test(run_conf=asked)
    return f"{run.state}"


def home() -> Path:
    """Where Airflow keeps its database, logs and passwords."""
    return Path(os.environ["AIRFLOW_HOME"])
