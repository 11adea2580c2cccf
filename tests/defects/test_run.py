"""The corpus as a run sees it: the same verdicts as a check gives, and what only a run can tell."""

from __future__ import annotations

import os
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from expectations.protocol import write_protocols
from expectations.validate import validate
from ingest.knowledge import load_knowledge
from ingest.landing import all_landed, land_folder
from ingest.read import read_delivery
from ingest.reference import load_reference
from ingest.runs import RunContext, make_run
from ingest.settings import MOSCOW, Settings
from tests.defects.base import book, meetings, navigators, passport, saved, titles
from tests.defects.corpus import corpus
from tests.defects.golden import judged

AS_OF = date(2024, 9, 30)
SENT = datetime(2024, 10, 2, 12, 0, tzinfo=MOSCOW)
NOW = datetime(2025, 1, 15, 12, 0, tzinfo=MOSCOW)
Row = dict[str, Any]


def _m08(territory: int, *, rows: int = 6, face: Row | None = None) -> bytes:
    cells = [titles("M08"), *meetings()[:rows]]
    return saved(book(cells, passport("M08", territory, **(face or {}))))


def _m03(territory: int, period: str, times: int) -> bytes:
    cells = [titles("M03")]
    for n in range(times):
        for row in navigators(load_reference().territory(territory).name):
            cells.append([*row[:3], f"{row[3]} {n}", *row[4:]])
    return saved(book(cells, passport("M03", territory, **{"Отчётный период": period})))


# (path, bytes, days after 2 October): what spec 05 says about deliveries and time.
LATER: dict[str, list[tuple[str, bytes, int]]] = {
    "D-57": [
        ("T57/Отчёт.xlsx", _m08(57, rows=5), 0),
        ("T57/Отчёт исправленный (1).xlsx", _m08(57), 0),
    ],
    "D-58": [("T58/Отчёт.xlsx", _m08(58, rows=5), 0), ("T58/Отчёт 2.xlsx", _m08(58), 30)],
    "D-60": [
        ("T60/Отчёт.xlsx", _m08(60), 0),
        ("T60/Копия.xlsx", _m08(60), 0),
        ("T60/Пересохранён.xlsx", _m08(60, face={"E-mail": "office@example.org"}), 0),
    ],
    "D-61": [
        ("T61/Список август.xlsx", _m03(61, "2024-08", 10), -30),
        ("T61/Список сентябрь.xlsx", _m03(61, "2024-09", 4), 0),
    ],
}


@dataclass(frozen=True)
class Answered:
    """A run over the corpus."""

    run: RunContext
    statuses: dict[str, str]  # path below the channel → status; late files have none
    findings: dict[str, list[Row]]


def _put(incoming: Path, source: str, data: bytes, sent: datetime) -> None:
    path = incoming / source
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
    os.utime(path, (sent.timestamp(), sent.timestamp()))


@pytest.fixture(scope="module", params=["", "b"], ids=["first", "second"])
def answered(tmp_path_factory: pytest.TempPathFactory, request: Any) -> Iterator[Answered]:
    """Fixtures of single files: of each defect the first, then the second one."""
    settings = Settings(tmp_path_factory.mktemp("corpus"))
    for defect, fixture in corpus().items():
        letter = defect.lstrip("D-0123456789")
        if (
            letter in {request.param, *("ac" if request.param == "" else "d")}
            and not fixture.beside
        ):
            _put(settings.incoming, fixture.source, fixture.data, SENT)
    for files in LATER.values() if request.param == "" else ():
        for order, (source, data, days) in enumerate(files):
            sent = SENT + timedelta(days=days, minutes=order)
            _put(settings.incoming, source, data, sent)
    known = load_knowledge()
    land_folder(settings, settings.incoming, NOW)
    for landed in all_landed(settings):
        read_delivery(settings, landed, known)
    run = make_run(settings, AS_OF)
    validate(run, "load-of-tests")
    write_protocols(run)
    yield _answered(run)


def _answered(run: RunContext) -> Answered:
    sources = {d.delivery_id: d.source for d in all_landed(run.settings)}
    rows = pq.read_table(run.accepted_dir / "deliveries.parquet").to_pylist()
    found: dict[str, list[Row]] = defaultdict(list)
    for row in pq.read_table(run.quarantine_dir / "findings_detail.parquet").to_pylist():
        if row["delivery_id"]:
            found[sources[row["delivery_id"]]].append(row)
    return Answered(run, {sources[r["delivery_id"]]: r["status"] for r in rows}, found)


def test_a_run_says_what_a_check_said(answered: Answered) -> None:
    """Of everything that a run did not set beside another file of the same sender."""
    compared, different = 0, []
    for defect, fixture in corpus().items():
        for verdict in judged(defect):
            inside = verdict.path.name if len(judged(defect)) > 1 else ""
            source = f"{fixture.source}/{inside}" if inside else fixture.source
            status = answered.statuses.get(source)
            if fixture.beside or status in (None, "superseded", "duplicate"):
                continue
            compared += 1
            here = {(f["rule_id"], f["sheet"], f["row"]) for f in answered.findings[source]}
            there = {(f.rule_id, f.sheet, f.row) for f in verdict.findings}
            if (status, here) != (verdict.status, there):
                different.append(
                    f"{defect}: {verdict.status} {there - here}, run: {status} {here - there}"
                )
    assert not different, "\n".join(different)
    assert compared > 15


def test_what_a_run_knows_of_versions(answered: Answered) -> None:
    if not any(source.startswith("T57") for source in answered.statuses):
        pytest.skip("these files are part of the first half")
    assert {
        source: answered.statuses.get(source) for files in LATER.values() for source, *_ in files
    } == {
        "T57/Отчёт.xlsx": "superseded",
        "T57/Отчёт исправленный (1).xlsx": "accepted",
        "T58/Отчёт.xlsx": "accepted",
        "T58/Отчёт 2.xlsx": None,  # it came after the freeze: the next run's business
        "T60/Отчёт.xlsx": "accepted",
        "T60/Копия.xlsx": "duplicate",
        "T60/Пересохранён.xlsx": "duplicate",
        "T61/Список август.xlsx": "superseded",
        "T61/Список сентябрь.xlsx": "accepted_with_remarks",
    }
    fewer = [f["rule_id"] for f in answered.findings["T61/Список сентябрь.xlsx"]]
    assert fewer == ["H-drop"]


def test_nobody_reads_of_the_files_of_others(answered: Answered) -> None:
    """Each answer lies in its sender's folder, and names only its own files."""
    for folder in answered.run.returned_dir.iterdir():
        assert folder.name[0] == "T" or folder.name.startswith(("platform", "unknown"))
