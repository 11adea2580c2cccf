"""The stack of docker-compose.yml really run: `make compose-smoke`. Needs a Docker engine.

Builds, starts, runs the month of a small region by REST, kills main processes with -9, waits for
the end of the run, reads a mart as the analyst does, takes everything down. Nothing of a stack
that is already running here is touched.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from .stack import PAGE, ROOT, Stack, patiently

AS_OF, SCALE = "2024-09-30", "0.02"
DAG = "/api/v2/dags/ministry_report"
IDLE_LIMIT_MB = 2048
WAIT_SECONDS, RUN_SECONDS = 420, 1200
NOT_IN_IMAGE = ("tests", ".git", ".github", ".ci", "data", "secrets", "docs", "bench", ".venv")


@contextmanager
def step(title: str) -> Iterator[None]:
    """Say what is done and how long it took."""
    begun = time.monotonic()
    print(f"{title} …", flush=True)
    yield
    print(f"   {time.monotonic() - begun:6.1f} с", flush=True)


def expect(is_so: bool, what: str) -> None:
    if not is_so:
        raise SystemExit(f"не так, как ожидалось: {what}")
    print(f"   верно: {what}")


def image_holds_only_what_runs(stack: Stack) -> None:
    listed = stack.docker("run", "--rm", "bvb-warehouse:local", "ls", "-A", "/opt/bvb").split()
    expect(not set(NOT_IN_IMAGE) & set(listed), "в образе нет тестов, данных, секретов и .git")
    said = stack.docker(
        "history", "--no-trunc", "--format", "{{.CreatedBy}}", "bvb-warehouse:local"
    )
    ours = said.split("COPY /opt/venv")[0]
    expect("://" not in ours, "в слоях образа нет адресов реестров")


def guarded(stack: Stack) -> None:
    """No password that anybody could guess opens anything."""
    for password in ("admin", "airflow", ""):
        try:
            stack.ask("/auth/token", {"username": "admin", "password": password})
        except urllib.error.HTTPError as error:
            expect(400 <= error.code < 500, f"Airflow не принял пароль «{password}»")
        else:
            expect(False, f"Airflow не принял пароль «{password}»")
    for user in ("postgres", "bvb_admin", "bvb_analyst"):
        said = stack.inside(
            "warehouse-db",
            f"PGPASSWORD={user} psql -h warehouse-db -U {user} -d postgres -c ''",
            check=False,
        )
        expect("authentication failed" in said, f"PostgreSQL не принял пароль «{user}»")
    for service in ("scheduler", "page", "api-server", "warehouse-db", "metadata-db"):
        said = stack.inside(service, "id -u; grep CapEff /proc/1/status; touch /x", check=False)
        is_bare = "CapEff:\t0000000000000000" in said and "Read-only file system" in said
        expect(is_bare and not said.startswith("0\n"), f"{service}: без прав, корень не пишется")


def tasks(stack: Stack, run: str) -> dict[str, Any]:
    found = stack.ask(f"{DAG}/dagRuns/{run}/taskInstances?limit=500")["task_instances"]
    return {task["task_id"]: task["state"] for task in found}


def start_run(stack: Stack) -> str:
    stack.sign_in("officer")
    conf = {"as_of": AS_OF, "known_at": "latest"}
    made = stack.ask(f"{DAG}/dagRuns", {"logical_date": None, "conf": conf})
    # Second, so that the run of the schedule waits behind this one.
    stack.ask(DAG, {"is_paused": False}, "PATCH")
    return str(made["dag_run_id"])


def kill_when(stack: Stack, run: str, task: str, service: str) -> None:
    """Kill a service while a task runs, and see it come back by itself."""
    patiently(task, RUN_SECONDS, lambda: tasks(stack, run).get(task) == "running" or None)
    before = stack.started_at(service)
    stack.kill_main_process(service)
    patiently(service, 60, lambda: stack.started_at(service) != before or None)
    expect(True, f"{service} убит во время {task} и запущен снова")


def finish_run(stack: Stack, run: str) -> None:
    def ended() -> str | None:
        state = str(stack.ask(f"{DAG}/dagRuns/{run}")["state"])
        return state if state in {"success", "failed"} else None

    state = patiently("конец прогона", RUN_SECONDS, ended)
    print(f"   {tasks(stack, run)}")
    expect(state == "success", "прогон дошёл до конца")
    log = stack.ask(f"{DAG}/dagRuns/{run}/taskInstances/marts/logs/1?full_content=true")
    expect(len(log["content"]) > 2, "журнал задачи виден в интерфейсе")
    said = stack.inside("scheduler", "bvb sql --csv 'select count(*) from mart_indicator_progress'")
    expect(int(said.split()[-1]) > 0, f"витрина опубликована, строк {said.split()[-1]}")


def ask_warehouse(stack: Stack, role: str, query: str) -> str:
    """What a client with a role's own password is told, by TCP like everybody else."""
    return stack.inside(
        "warehouse-db",
        f"PGPASSWORD=$(cat /run/secrets/{role}_password) "
        f"psql -h warehouse-db -U {role} -d bvb -tAc '{query}'",
        check=False,
    ).strip()


def read_as_readers(stack: Stack, run: str) -> None:
    """What the stack is for: readers with their own passwords ask the warehouse of BI."""
    state = tasks(stack, run).get("publish_postgres")
    expect(state == "success", f"витрины опубликованы в PostgreSQL: {state}")
    for role in ("bvb_analyst", "bvb_report"):
        said = ask_warehouse(stack, role, "select count(*) from marts.mart_indicator_progress")
        expect(said.isdigit() and int(said) > 0, f"{role} прочитал витрину: {said}")
    said = ask_warehouse(stack, "bvb_analyst", "select count(*) from facts.dim_school")
    expect(said.isdigit() and int(said) > 0, f"bvb_analyst прочитал факты: школ {said}")
    for role, query in (
        ("bvb_report", "select count(*) from facts.dim_school"),
        ("bvb_analyst", "select * from restricted.pupil"),
        ("bvb_report", "create table marts.mine ()"),
    ):
        said = ask_warehouse(stack, role, query)
        expect("permission denied" in said, f"{role} не может: {query}")


def page_answers() -> None:
    with urllib.request.urlopen(f"http://{PAGE}/health", timeout=10) as answer:
        expect(answer.read() == b"ok", "страница «Проверка файла» отвечает")


def idle(stack: Stack) -> None:
    time.sleep(20)
    found = stack.idle_megabytes()
    for name, megabytes in sorted(found.items(), key=lambda item: -item[1]):
        print(f"   {megabytes:7.0f} МБ {name}")
    total = sum(found.values())
    expect(total < IDLE_LIMIT_MB, f"в покое {total:.0f} МБ, меньше {IDLE_LIMIT_MB}")


def scenario(stack: Stack) -> None:
    with step("образ"):
        stack.compose("build")
        image_holds_only_what_runs(stack)
    with step("запуск до «здоров»"):
        stack.compose("up", "-d", "--wait", "--wait-timeout", f"{WAIT_SECONDS}")
        page_answers()
    with step("покой"):
        idle(stack)
    with step("чужих не пускают"):
        guarded(stack)
    with step("файлы области"):
        stack.inside(
            "scheduler", f"bvb synth --as-of {AS_OF} --scale {SCALE} --out $BVB_DATA_DIR/incoming"
        )
    with step("прогон: запущен по REST, планировщик и сервер убиты на ходу"):
        run = start_run(stack)
        kill_when(stack, run, "validate", "scheduler")
        kill_when(stack, run, "marts", "api-server")
    with step("прогон дошёл до конца"):
        finish_run(stack, run)
    with step("чтение хранилища под своими ролями"):
        read_as_readers(stack, run)


def take_down(stack: Stack) -> None:
    with step("остановка и удаление"):
        stack.compose("down", "-v", "--remove-orphans", "--timeout", "20")
        left = stack.docker("volume", "ls", "-q", "--filter", "name=bvb-smoke").split()
        expect(left == [], "не осталось ни контейнеров, ни томов")


def main(play: Callable[[Stack], None] = scenario) -> None:
    if shutil.which("docker") is None:
        sys.exit("нужен Docker: программы docker нет")
    if subprocess.run(["docker", "version"], check=False, capture_output=True).returncode:
        sys.exit("нужен Docker: программа есть, служба не отвечает")
    with tempfile.TemporaryDirectory(prefix="bvb-smoke-") as folder:
        secrets = Path(folder) / "secrets"
        maker = [sys.executable, f"{ROOT / 'compose' / 'make_secrets.py'}", f"{secrets}"]
        subprocess.run(maker, check=True)
        stack = Stack(secrets)
        try:
            play(stack)
        except BaseException:
            print(stack.compose("ps", "-a", check=False))
            print(stack.compose("logs", "--tail", "40", check=False))
            raise
        finally:
            take_down(stack)


if __name__ == "__main__":
    main()
