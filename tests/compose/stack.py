"""One stack of docker compose with its own name, ports, passwords and volumes, and its REST."""

from __future__ import annotations

import json
import os
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

T = TypeVar("T")
ROOT = Path(__file__).resolve().parents[2]
PROJECT = "bvb-smoke"
AIRFLOW, PAGE, WAREHOUSE = ("127.0.0.1:18080", "127.0.0.1:18765", "127.0.0.1:25432")


class Stack:
    """A stack that cannot meet another one on the same machine."""

    def __init__(self, secrets: Path, profiles: tuple[str, ...] = ()) -> None:
        self.secrets = secrets
        self.environment = {
            **os.environ,
            "COMPOSE_PROJECT_NAME": PROJECT,
            "COMPOSE_PROFILES": ",".join(profiles),
            "BVB_SECRETS": f"{secrets}",
            "BVB_AIRFLOW_PORT": AIRFLOW,
            "BVB_AIRFLOW_URL": f"http://{AIRFLOW}",
            "BVB_PAGE_PORT": PAGE,
            "BVB_WAREHOUSE_PORT": WAREHOUSE,
        }
        self.token = ""

    def docker(self, *words: str, check: bool = True) -> str:
        """One call of docker; its whole talk is shown when it fails."""
        done = subprocess.run(
            ["docker", *words],
            check=False,
            cwd=ROOT,
            env=self.environment,
            capture_output=True,
            text=True,
        )
        if check and done.returncode:
            raise SystemExit(
                f"docker {' '.join(words)}\n{done.stdout[-4000:]}{done.stderr[-4000:]}"
            )
        return done.stdout if check else done.stdout + done.stderr

    def compose(self, *words: str, check: bool = True) -> str:
        return self.docker("compose", "--ansi", "never", *words, check=check)

    def inside(self, service: str, script: str, check: bool = True) -> str:
        """A shell script in a running container."""
        return self.compose("exec", "-T", service, "sh", "-c", script, check=check)

    def started_at(self, service: str) -> str:
        """When the container's main process began; another time after every restart."""
        container = self.compose("ps", "-q", service).strip()
        return self.docker("inspect", "-f", "{{.State.StartedAt}}", container).strip()

    def kill_main_process(self, service: str) -> None:
        """-9 to the program below the container's init: compose has to notice by itself."""
        self.inside(service, "kill -9 $(cat /proc/1/task/1/children)", check=False)

    def idle_megabytes(self) -> dict[str, float]:
        """Memory of every container of the stack."""
        units = {"KiB": 1 / 1024, "MiB": 1.0, "GiB": 1024.0}
        ids = self.compose("ps", "-q").split()
        said = self.docker("stats", "--no-stream", "--format", "{{.Name}} {{.MemUsage}}", *ids)
        found = {}
        for line in said.splitlines():
            name, used = line.split()[:2]
            found[name] = float(used[:-3]) * units[used[-3:]]
        return found

    def ask(self, path: str, body: Any = None, method: str | None = None) -> Any:
        """One call of Airflow's REST interface; JSON in and out."""
        request = urllib.request.Request(
            f"http://{AIRFLOW}{path}",
            data=None if body is None else json.dumps(body).encode(),
            headers={"Content-Type": "application/json", "Accept": "application/json"},
            method=method,
        )
        if self.token:
            request.add_header("Authorization", f"Bearer {self.token}")
        with urllib.request.urlopen(request, timeout=30) as answer:
            return json.load(answer)

    def sign_in(self, user: str) -> None:
        password = json.loads((self.secrets / "airflow_users.json").read_text())[user]
        answer = self.ask("/auth/token", {"username": user, "password": password})
        self.token = answer["access_token"]


def patiently(what: str, seconds: float, ask: Callable[[], T | None]) -> T:
    """The first answer that is not None; servers that are starting may refuse connections."""
    until = time.monotonic() + seconds
    trouble: object = None
    while time.monotonic() < until:
        try:
            found = ask()
        except (OSError, urllib.error.URLError) as error:
            trouble, found = error, None
        if found is not None:
            return found
        time.sleep(1)
    raise SystemExit(f"{what}: за {seconds:.0f} с не дождались ({trouble})")
