"""A real Superset on a published region: files go in, come out the same, and a reader sees charts.

Superset is half a gigabyte of its own environment: `make .venv-superset/.ready` sets it up, and
without it the test is skipped.
"""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psycopg2
import pytest

from dashboards.look import Seen, browser_page, look, questions, recorded, sign_in
from tests.conftest import ROOT
from tests.conftest import Region as Folder
from tests.postgres_server import HOST, PostgresServer, postgres_server
from tests.warehouse.conftest import Built
from tests.warehouse.server import region_on
from warehouse.server.roles import set_passwords

# Another environment than the makefile's can be named.
PYTHON = Path(os.environ.get("BVB_SUPERSET_PYTHON", ROOT / ".venv-superset" / "bin" / "python"))
PATIENCE = 180  # seconds until a server on a busy machine answers
pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not PYTHON.exists(), reason="no Superset: make .venv-superset/.ready"),
    pytest.mark.skipif(
        not (shutil.which("chromium") or shutil.which("chromium-browser")), reason="no Chromium"
    ),
]


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        return int(probe.getsockname()[1])


@dataclass(frozen=True)
class Superset:
    """A Superset with everything in it; its web server is started when it is wanted."""

    environment: dict[str, str]
    metadata: str
    url: str

    def call(self, *command: str) -> subprocess.CompletedProcess[str]:
        program = PYTHON.with_name(command[0])
        return subprocess.run(
            [program, *command[1:]], cwd=ROOT, env=self.environment, capture_output=True,
            text=True, check=False,
        )  # fmt: skip

    def manage(self, *commands: str) -> subprocess.CompletedProcess[str]:
        return self.call(PYTHON.name, "dashboards/manage.py", *commands)

    @contextmanager
    def running(self, log: Path) -> Iterator[None]:
        with log.open("w") as output:
            process = subprocess.Popen(
                [PYTHON, "dashboards/manage.py", "serve"],
                cwd=ROOT, env=self.environment, stdout=output, stderr=output,
            )  # fmt: skip
            try:
                for _ in range(PATIENCE):
                    assert process.poll() is None, log.read_text()[-3000:]
                    try:
                        with urllib.request.urlopen(f"{self.url}/health"):
                            break
                    except urllib.error.URLError:
                        time.sleep(1)
                yield
            finally:
                process.terminate()
                process.wait()


def superset_on(postgres: PostgresServer, database: str) -> Superset:
    port = free_port()
    metadata = postgres.create_database("superset")
    secrets = {
        "SUPERSET_SECRET_KEY": "a key of the tests only, and long enough for it",
        "SUPERSET_METADATA_URI": metadata,
        "SUPERSET_ADMIN_PASSWORD": "admin-of-the-tests",
        "BVB_REPORT_PASSWORD": "report-of-the-tests",
    }
    places = {
        "BVB_DATABASE_HOST": HOST,
        "BVB_DATABASE_PORT": f"{postgres.port}",
        "BVB_DATABASE_NAME": database,
        "SUPERSET_BIND": f"{HOST}:{port}",
        # For Superset's own command; manage.py knows both.
        "SUPERSET_CONFIG_PATH": f"{ROOT / 'dashboards' / 'superset_config.py'}",
        "FLASK_APP": "superset",
    }
    return Superset({**os.environ, **secrets, **places}, metadata, f"http://{HOST}:{port}")


@pytest.fixture(scope="module")
def superset(region: Folder, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Superset]:
    data = tmp_path_factory.mktemp("superset") / "data"
    shutil.copytree(region.data_dir, data, symlinks=True)
    with postgres_server() as postgres, region_on(postgres, Built(data, {})) as published:
        published.serve()
        with published.server.connected() as connection:
            set_passwords(connection, {"bvb_report": "report-of-the-tests"})
        ours = superset_on(postgres, published.server.database)
        done = ours.manage("prepare", "import", "compare")
        assert done.returncode == 0, done.stderr[-3000:]
        yield ours


def test_files_come_out_as_they_went_in_and_a_change_by_hand_is_told(superset: Superset) -> None:
    again = superset.manage("import", "compare")
    assert again.returncode == 0, again.stderr[-3000:]
    with psycopg2.connect(superset.metadata) as connection, connection.cursor() as cursor:
        cursor.execute("select count(*) from slices")
        assert cursor.fetchone() == (len(recorded()),)
        cursor.execute("update slices set slice_name = 'Иначе' where slice_name = 'Согласия на"
                       " обработку персональных данных по территориям'")  # fmt: skip
    connection.close()
    changed = superset.manage("compare")
    assert changed.returncode != 0
    assert "в Superset 'Иначе'" in changed.stderr
    assert superset.manage("import", "compare").returncode == 0


def seen_by_a_reader(superset: Superset) -> tuple[list[Seen], set[str], str]:
    """What a reader sees, the foreign hosts that answered, and where SQL Lab leads the reader."""
    person = ["--firstname", "Р", "--lastname", "Ч", "--email", "reader@localhost"]
    account = ["--username", "reader", "--password", "reader-of-the-tests", "--role", "bvb_reader"]
    made = superset.call("superset", "fab", "create-user", *account, *person)
    assert made.returncode == 0, made.stderr[-3000:]
    with browser_page() as page:
        foreign: set[str] = set()
        page.on(
            "requestfinished",
            lambda request: (
                None
                if request.url.startswith((superset.url, "data:", "blob:"))
                else foreign.add(request.url)
            ),
        )
        sign_in(page, superset.url, "reader", "reader-of-the-tests")
        seen = look(page, superset.url)
        page.goto(f"{superset.url}/sqllab/")
        return seen, foreign, page.url


def test_a_reader_sees_every_chart_drawn_and_nothing_else(
    superset: Superset, tmp_path: Path
) -> None:
    with superset.running(tmp_path / "superset.log"):
        seen, foreign, lab = seen_by_a_reader(superset)
    assert [chart.name for chart in seen if not (chart.is_drawn and chart.n_rows)] == []
    assert questions(seen) == recorded(), "python -m dashboards.look --record"
    assert foreign == set()
    assert not lab.startswith(f"{superset.url}/sqllab")
