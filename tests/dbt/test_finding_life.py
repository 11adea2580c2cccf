"""The life of findings over four publications of a year, each remembering the one before."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any

import duckdb
import pytest

from tests.dbt.accepted import Accepted
from tests.dbt.conftest import Warehouse, failed_nodes
from warehouse.history import TABLES, Previous, write_tables

Row = dict[str, Any]
WAIVED = {
    "answered": "waived",
    "answered_on": date(2024, 10, 1),
    "answered_until": date(2024, 11, 5),
}
CONFIRMED = {"answered": "confirmed", "answered_on": date(2024, 11, 1)}
# Date of the run and its findings by key.
MONTHS: list[tuple[date, dict[str, Row]]] = [
    (date(2024, 8, 31), {"mended": {}, "returns": {}, "waived": {}, "stays": {}, "silent": {}}),
    (date(2024, 9, 30), {"waived": WAIVED, "stays": {}, "confirmed": {}}),
    (date(2024, 10, 31), {"returns": {}, "waived": WAIVED, "confirmed": CONFIRMED, "stays": {}}),
    (date(2024, 11, 30), {"waived": {}, "confirmed": {}, "stays": {}}),
]
LIFE = {
    "mended": ["open", "fixed", "fixed", "fixed"],
    "returns": ["open", "fixed", "open", "fixed"],
    "waived": ["open", "waived", "waived", "open"],
    "stays": ["open", "open", "open", "open"],
    "confirmed": [None, "open", "confirmed", "open"],
    # Its sender has sent nothing since: nobody can say that it was mended.
    "silent": ["open", "open", "open", "open"],
}  # fmt: skip
FORMS = {"silent": "M04"}


@dataclass(frozen=True)
class Year:
    """Folders of the publications, oldest first."""

    folders: list[Path]

    def rows(self, month: int, columns: str, table: str = "mart_finding") -> list[tuple[Any, ...]]:
        path = self.folders[month] / f"{table}.parquet"
        return duckdb.execute(
            f"select {columns} from read_parquet('{path}') order by all"
        ).fetchall()


def accepted(as_of: date, findings: dict[str, Row]) -> Accepted:
    """A run a day after its date; the files of a month came with the first day of the next."""
    came = as_of + timedelta(days=1)
    run = Accepted(as_of=as_of, known_at=datetime.combine(as_of + timedelta(days=4), time(23, 59)))
    sent = ["M03", *(FORMS[key] for key in findings if key in FORMS)]
    for form in sent:
        file = {"delivery_id": f"{form}-{as_of}", "form_code": form, "sender_territory_id": 1}
        moment = {"as_of": as_of, "received_at": datetime.combine(came, time(9))}
        taken = {"status": "accepted", "is_selected": True, "n_received": 9, "n_accepted": 9}
        run.control.setdefault("deliveries", []).append({**file, **moment, **taken})
        version = {"delivery_id": f"{form}-{as_of}", "period": "", "is_current": True}
        run.control.setdefault("versions", []).append({**version, "is_readable": True})
    for form in ("M03", "M04"):
        rule = {"rule_id": "V-1", "form_code": form, "stage": "S", "severity": "warning"}
        counts = {"title_ru": "Т", "n_checked": 9 * (form in sent), "n_failed": 0}
        run.control.setdefault("rules", []).append({**rule, **counts})
    for key, more in findings.items():
        form = FORMS.get(key, "M03")
        place = {"delivery_id": f"{form}-{as_of}", "form_code": form, "sender_territory_id": 1}
        what = {"rule_id": "V-1", "severity": "warning", "stage": "S", "territory_id": 1}
        run.control.setdefault("findings", []).append(
            {**place, **what, "period": "", "finding_key": key, **more}
        )
    return run


def published(warehouse: Warehouse, folder: Path) -> Path:
    """What the publication would freeze of the tables that the next run remembers."""
    folder.mkdir()
    tables: dict[str, Any] = {}
    with duckdb.connect(f"{warehouse.database}", read_only=True) as con:
        for name in ("mart_finding", "mart_finding_burndown", "dim_run"):
            (schema,) = con.execute(
                "select table_schema from information_schema.tables where table_name = ?", [name]
            ).fetchall()[0]
            path = folder / f"{name}.parquet"
            con.execute(f"copy (select * from {schema}.{name} order by all) to '{path}'")
            columns = con.execute(f"describe {schema}.{name}").fetchall()
            tables[name] = {"columns": [{"name": column[0]} for column in columns]}
    (folder / "manifest.json").write_text(json.dumps({"tables": tables}), encoding="utf-8")
    return folder


def build(folder: Path, as_of: date, findings: dict[str, Row], previous: Previous | None) -> Path:
    run = accepted(as_of, findings)
    warehouse = Warehouse(folder)
    run.write(folder / "accepted")
    write_tables(folder / "accepted" / "history", previous)
    result = warehouse.dbt(
        "build", "--exclude-resource-type", "unit_test",
        "--select", "+mart_finding", "+mart_finding_burndown", "burndown_adds_up",
    )  # fmt: skip
    assert failed_nodes(result) == []
    return published(warehouse, folder / "published")


@pytest.fixture(scope="module")
def year(tmp_path_factory: pytest.TempPathFactory) -> Year:
    folders: list[Path] = []
    previous = None
    for as_of, findings in MONTHS:
        folder = tmp_path_factory.mktemp(f"month_{as_of}")
        folders.append(build(folder, as_of, findings, previous))
        previous = Previous(as_of, folders[-1])
    return Year(folders)


@pytest.mark.parametrize("key", LIFE)
def test_a_finding_lives_as_its_files_say(year: Year, key: str) -> None:
    found = [dict(year.rows(month, "finding_key, state")).get(key) for month in range(len(MONTHS))]
    assert found == LIFE[key]


def test_days_are_those_of_the_files(year: Year) -> None:
    found = {
        row[0]: row[1:] for row in year.rows(3, "finding_key, opened_on, closed_on, n_reopened")
    }
    assert found["mended"] == (date(2024, 9, 1), date(2024, 10, 1), 0)
    assert found["returns"] == (date(2024, 11, 1), date(2024, 12, 1), 1)
    assert found["stays"] == (date(2024, 9, 1), None, 0)
    ages = [dict(year.rows(month, "finding_key, age_wd"))["stays"] for month in range(len(MONTHS))]
    assert ages == sorted(ages) and ages[0] < ages[-1]


def test_a_waiver_is_shown_while_it_holds(year: Year) -> None:
    until = [
        dict(year.rows(month, "finding_key, answered_until")).get("waived") for month in range(4)
    ]
    assert until == [None, date(2024, 11, 5), date(2024, 11, 5), None]


def test_the_burndown_tells_what_came_and_went(year: Year) -> None:
    columns = (
        "n_open_before, n_opened, n_returned, n_lapsed, n_fixed, n_waived, n_confirmed, n_open"
    )
    found = [
        duckdb.execute(
            f"select {columns} from read_parquet('{folder / 'mart_finding_burndown.parquet'}')"
            " where form_code = 'M03'"
        ).fetchone()
        for folder in year.folders
    ]
    assert found == [
        (0, 4, 0, 0, 0, 0, 0, 4),
        (4, 1, 0, 0, 2, 1, 0, 2),
        (2, 0, 1, 0, 0, 0, 1, 2),
        (2, 0, 0, 2, 1, 0, 0, 3),
    ]


def test_a_month_built_again_gives_the_same_bytes(
    year: Year, tmp_path_factory: pytest.TempPathFactory
) -> None:
    as_of, findings = MONTHS[2]
    again = build(
        tmp_path_factory.mktemp("again"), as_of, findings, Previous(MONTHS[1][0], year.folders[1])
    )
    for name in ("mart_finding.parquet", "mart_finding_burndown.parquet"):
        assert (again / name).read_bytes() == (year.folders[2] / name).read_bytes()


def test_every_remembered_column_of_a_finding_is_published(year: Year) -> None:
    manifest = json.loads((year.folders[0] / "manifest.json").read_text(encoding="utf-8"))
    names = {column["name"] for column in manifest["tables"]["mart_finding"]["columns"]}
    assert TABLES["mart_finding"].keys() <= names
