"""One build of the hand-made region for all tests of the dbt project."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
import pytest

from tests.dbt.accepted import Accepted
from tests.dbt.golden import golden_run, silent_run
from warehouse.runner import close_database

PROJECT = Path(__file__).parents[2] / "dbt_project"


@dataclass(frozen=True)
class Warehouse:
    """A built database and the way to call dbt on it."""

    folder: Path

    @property
    def database(self) -> Path:
        return self.folder / "build.duckdb"

    def dbt(self, *arguments: str) -> Any:
        """Result of a dbt call in this process; quiet."""
        from dbt.cli.main import dbtRunner

        flags = {
            "--project-dir": PROJECT,
            "--profiles-dir": PROJECT,
            "--target-path": self.folder / "target",
            "--log-path": self.folder / "logs",
        }
        options = [part for name, value in flags.items() for part in (name, str(value))]
        with pytest.MonkeyPatch.context() as environment:
            environment.setenv("BVB_RUN_DIR", str(self.folder / "accepted"))
            environment.setenv("BVB_BUILD_DB", str(self.database))
            result = dbtRunner().invoke(["--quiet", *arguments, *options])
            close_database()
            return result

    def rows(self, query: str) -> list[tuple[Any, ...]]:
        """Rows of a query on the built database."""
        with duckdb.connect(str(self.database), read_only=True) as connection:
            return connection.execute(query).fetchall()


def failed_nodes(result: Any) -> list[str]:
    """Nodes of a dbt result that did not pass, with the message of each."""
    if result.exception:
        raise result.exception
    good = {"success", "pass", "no-op"}
    return [f"{r.node.name}: {r.message}" for r in result.result if r.status not in good]


def _built(folder: Path, run: Accepted) -> Warehouse:
    run.write(folder / "accepted")
    warehouse = Warehouse(folder)
    assert failed_nodes(warehouse.dbt("build", "--exclude-resource-type", "unit_test")) == []
    return warehouse


@pytest.fixture(scope="session")
def golden(tmp_path_factory: pytest.TempPathFactory) -> Warehouse:
    """Every form received."""
    return _built(tmp_path_factory.mktemp("golden"), golden_run())


@pytest.fixture(scope="session")
def silent(tmp_path_factory: pytest.TempPathFactory) -> Warehouse:
    """Events missing, participations rejected."""
    return _built(tmp_path_factory.mktemp("silent"), silent_run())
