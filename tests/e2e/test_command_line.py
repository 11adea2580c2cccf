"""The command as a user calls it, through Airflow; no child's name leaves the closed folders."""

from __future__ import annotations

import os
import re
import sqlite3
import subprocess
import zipfile
from collections.abc import Iterator
from pathlib import Path

import duckdb
import openpyxl
import pytest

from tests.conftest import AS_OF, SCALE, run_bvb
from tests.postgres_server import HOST, postgres_server

CANARY = "Канарейкина"
BIRTH = "2011-03-07"
CLOSED = ("incoming", "landing", "parsed", "quarantine", ".secret")
N_CANARIES = 40


def _plant(incoming: Path) -> None:
    """Give some pupils an unmistakable name, birth date, and mistakes that make findings."""
    path = next((incoming / "platform").glob("P03_*.xlsx"))
    times = path.stat()
    book = openpyxl.load_workbook(path)
    sheet = next(s for s in book.worksheets if s.title != "Паспорт")
    header = next(row for row in sheet.iter_rows(max_row=30) if "Фамилия" in [c.value for c in row])
    columns = {cell.value: cell.column for cell in header}
    for row in range(header[0].row + 1, header[0].row + 1 + N_CANARIES):
        for title in ("Фамилия", "Имя", "Отчество"):
            sheet.cell(row, columns[title]).value = f"{CANARY}{row}"
        sheet.cell(row, columns["Дата рождения"]).value = BIRTH
        if row % 2:
            sheet.cell(row, columns["Дата рождения"]).value = f"{CANARY} {BIRTH}"
        if row % 3:
            sheet.cell(row, columns["Класс"]).value = "12А"
    book.save(path)
    os.utime(path, (times.st_atime, times.st_mtime))


@pytest.fixture(scope="module")
def finished(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Path, Path, str]]:
    data, home = tmp_path_factory.mktemp("data"), tmp_path_factory.mktemp("home")
    made = run_bvb(
        "synth", "--as-of", f"{AS_OF}", "--scale", f"{SCALE}", "--defects",
        "--out", f"{data / 'incoming'}",
    )  # fmt: skip
    assert made.returncode == 0, made.stderr
    _plant(data / "incoming")
    run = run_bvb("run", "--as-of", f"{AS_OF}", "--data", f"{data}", home=home)
    assert run.returncode == 0, run.stdout + run.stderr
    yield data, home, run.stdout


def test_summary_says_what_the_user_needs(finished: tuple[Path, Path, str]) -> None:
    _, _, out = finished
    for words in ("Файлы по состоянию", "Замечания по правилам", "Показатели области"):
        assert words in out
    for name in ("I-1", "I-8", "catalog.duckdb", ".xlsx", ".html", "returned"):
        assert name in out
    assert "Traceback" not in out


def test_second_call_is_a_visible_no_op(finished: tuple[Path, Path, str]) -> None:
    data, home, _ = finished
    before = (data / "marts" / "current").resolve()
    again = run_bvb("run", "--as-of", f"{AS_OF}", "--data", f"{data}", home=home)
    assert again.returncode == 0
    assert "Новых файлов и изменений нет" in again.stdout
    assert (data / "marts" / "current").resolve() == before


def _texts(path: Path) -> Iterator[bytes]:
    if path.suffix == ".parquet":
        for row in duckdb.sql(f"select * from '{path}'").fetchall():
            yield repr(row).encode()
    elif zipfile.is_zipfile(path):
        with zipfile.ZipFile(path) as archive:
            yield from (archive.read(name) for name in archive.namelist())
    elif path.suffix == ".db":
        with sqlite3.connect(path) as con:
            yield "\n".join(con.iterdump()).encode()
    else:
        yield path.read_bytes()


def _open_files(data: Path, home: Path) -> Iterator[Path]:
    for root in (data, home):
        for path in sorted(root.rglob("*")):
            closed = root == data and path.relative_to(data).parts[0] in CLOSED
            if path.is_file() and not closed and "restricted" not in path.parts:
                yield path


def test_no_canary_leaves_the_closed_folders(finished: tuple[Path, Path, str]) -> None:
    data, home, out = finished
    marks = re.compile(
        "|".join((CANARY, CANARY.encode("unicode_escape").decode().replace("\\", r"\\")))
    )
    assert not marks.search(out)
    leaks = set()
    seen = 0
    for path in _open_files(data, home):
        seen += 1
        for text in _texts(path):
            if CANARY.encode() in text or CANARY.encode("unicode_escape") in text:
                leaks.add(path.relative_to(data if path.is_relative_to(data) else home).as_posix())
    assert seen > 100
    assert leaks == set()


def test_no_birth_date_in_what_is_published(finished: tuple[Path, Path, str]) -> None:
    data, _, _ = finished
    day, month, year = BIRTH[8:], BIRTH[5:7], BIRTH[:4]
    published = [data / "marts", data / "reports", data / "outcomes", data / "returned"]
    leaks = [
        path.name
        for root in published
        for path in root.rglob("*")
        if path.is_file()
        for text in _texts(path)
        if BIRTH.encode() in text or f"{day}.{month}.{year}".encode() in text
    ]
    assert leaks == []


def test_the_canaries_were_really_read(finished: tuple[Path, Path, str]) -> None:
    data, _, _ = finished
    closed = [p for p in (data / "accepted").rglob("P03.parquet") if "restricted" in p.parts]
    parsed = list((data / "parsed").rglob("*.parquet"))
    count = duckdb.sql(
        f"select count(*) from read_parquet({[str(p) for p in parsed]}, union_by_name=true)"
        f" where last_name like '{CANARY}%'"
    ).fetchone()
    assert closed
    assert count == (N_CANARIES,)


def test_sql_is_read_only_and_answers(finished: tuple[Path, Path, str]) -> None:
    data, _, _ = finished
    count = "select count(*) as n from mart_indicator_progress"
    good = run_bvb("sql", count, "--csv", "--data", f"{data}")
    assert good.stdout.split() == ["n", "536"]
    bad = run_bvb("sql", "create table x as select 1", "--data", f"{data}")
    assert bad.returncode == 3
    assert "Traceback" not in bad.stderr


def test_status_names_the_published_version(finished: tuple[Path, Path, str]) -> None:
    data, _, _ = finished
    out = run_bvb("status", "--data", f"{data}").stdout
    assert (data / "marts" / "current").resolve().name in out


def test_check_has_three_exit_codes(finished: tuple[Path, Path, str], tmp_path: Path) -> None:
    data, _, _ = finished
    broken = tmp_path / "P03_pupils__2024-09-30__v1.xlsx"
    broken.write_bytes(b"not a workbook")
    assert run_bvb("check", f"{broken}").returncode == 2
    canaries = next((data / "incoming" / "platform").glob("P03_*.xlsx"))
    remarks = run_bvb("check", f"{canaries}")
    assert remarks.returncode == 1, remarks.stdout + remarks.stderr
    assert "Что сделать" in remarks.stdout


def test_check_gives_the_marked_workbook_back(tmp_path: Path) -> None:
    from tests.defects.corpus import corpus

    sent = tmp_path / "T26" / "Отчёт.xlsx"
    sent.parent.mkdir()
    sent.write_bytes(corpus()["D-26"].data)
    done = run_bvb("check", f"{sent}", "--marked", f"{tmp_path / 'answers'}")
    assert done.returncode == 1, done.stderr
    assert [p.name for p in (tmp_path / "answers").iterdir()] == ["Проверено__Отчёт.xlsx"]
    assert "отмечено:" in done.stdout
    assert "дней в феврале 2024 года — 29" in done.stdout
    # What a check cannot see alone is said in words, not by codes of rules.
    told = done.stdout.split("Проверит общий прогон")[1]
    assert "файлы других отправителей формы «Родительские собрания»: Число участников" in told
    assert "A-others" not in told


def test_the_server_holds_the_canaries_behind_the_lookup_alone(
    finished: tuple[Path, Path, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    data, home, _ = finished
    with postgres_server() as server:
        admin = "create role bvb_admin login createrole; "
        subprocess.run(
            [server.binaries / "psql", server.uri(), "-qc", admin], check=True, capture_output=True
        )
        database = server.create_database("bvb")
        grant = "alter database bvb owner to bvb_admin"
        subprocess.run([server.binaries / "psql", server.uri(), "-qc", grant], check=True)
        address = f"postgres://bvb_admin@{HOST}:{server.port}/bvb"
        monkeypatch.setenv("AIRFLOW_CONN_BVB_POSTGRES", address)
        served = run_bvb("serve", "--data", f"{data}", home=home)
        assert served.returncode == 0, served.stdout + served.stderr
        assert CANARY not in served.stdout + served.stderr

        def dump(*which: str) -> str:
            command = [f"{server.binaries / 'pg_dump'}", *which, database]
            return subprocess.run(command, capture_output=True, text=True, check=True).stdout

        assert CANARY not in dump("--exclude-schema=restricted")
        assert CANARY in dump("--schema=restricted")


def test_the_manifest_of_a_backup_names_nobody(
    finished: tuple[Path, Path, str], tmp_path: Path
) -> None:
    data, home, _ = finished
    kept = run_bvb("backup", f"{tmp_path / 'backup'}", "--data", f"{data}", home=home)
    assert kept.returncode == 0, kept.stdout + kept.stderr
    records = [p for p in (tmp_path / "backup").rglob("*") if p.suffix in (".json", ".csv")]
    assert records
    for path in records:
        assert CANARY not in path.read_text(encoding="utf-8"), path.name
    assert CANARY not in kept.stdout
