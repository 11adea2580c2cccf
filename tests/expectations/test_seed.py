"""The order's own target table: its examples, its three known differences, and tampering."""

from __future__ import annotations

import csv
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from expectations.catalogue import SEED_FORM, load_catalogue
from expectations.compile import Setup, compile_form
from expectations.details import add_details
from expectations.errors import SeedRejected
from expectations.seed import check_seed
from expectations.wording import sentence
from ingest.reference import SEEDS_DIR
from tests.expectations.deliveries import Connection
from tests.expectations.world import EXAMPLES, read_yaml


class Case(NamedTuple):
    """An example and what it is of."""

    rule_id: str
    breaks: bool
    example: dict[str, Any]


RULES: dict[str, Any] = read_yaml(EXAMPLES / "R02.yml")["rules"]
CASES = [
    pytest.param(Case(rule_id, kind == "broken", example), id=f"{rule_id}-{kind}-{n}")
    for rule_id, kinds in RULES.items()
    for kind in ("holds", "broken")
    for n, example in enumerate(kinds[kind])
]
Findings = list[dict[str, Any]]


@pytest.fixture
def seeds(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A copy of the seeds that the check reads instead of the real ones."""
    folder = tmp_path / "seeds"
    folder.mkdir()
    for name in ("targets", "target_columns", "target_total_exceptions"):
        shutil.copy(SEEDS_DIR / f"{name}.csv", folder)
    monkeypatch.setattr("expectations.seed.SEEDS_DIR", folder)
    yield folder


def _edit(folder: Path, name: str, where: dict[str, str], change: dict[str, str] | None) -> None:
    """Change the lines that fit `where`; without a change they are left out."""
    path = folder / f"{name}.csv"
    with path.open(encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream))
    fitting = [row for row in rows if where.items() <= row.items()]
    assert fitting, f"{name}: no line is {where}"
    kept = [
        row | (change or {}) if row in fitting else row
        for row in rows
        if change is not None or row not in fitting
    ]
    with path.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.DictWriter(stream, rows[0].keys())
        writer.writeheader()
        writer.writerows(kept)


def _findings(con: Connection, setup: Setup) -> tuple[Findings, str | None]:
    """Findings with the column and row they are about, and why the table was refused."""
    refusal = None
    try:
        check_seed(con, setup)
    except SeedRejected as error:
        refusal = str(error)
    add_details(con, setup, compile_form(setup, SEED_FORM))
    con.execute(
        f"create view found as select d.*, t.column_code, t.row_no from findings_detail d"
        f" inner join {SEED_FORM}__all t on t._sheet = d.sheet and t._row = d.row"
    )
    return con.execute("select * from found order by all").to_arrow_table().to_pylist(), refusal


@pytest.mark.parametrize("case", CASES)
def test_examples_of_the_target_table(
    case: Case, con: Connection, setup: Setup, seeds: Path
) -> None:
    rule_id, breaks, example = case
    for name, (where, change) in example.get("set", {}).items():
        _edit(seeds, name, where, change)
    for name, where in example.get("drop", {}).items():
        _edit(seeds, name, where, None)
    findings, refusal = _findings(con, setup)
    there = con.execute(
        f"select count(*) from {SEED_FORM}__all where column_code = ? and row_no is not distinct"
        " from ?",
        example["at"],
    ).fetchone()
    assert there and there[0] > 0, "the example speaks of a line that is not there"
    here = [f for f in findings if [f["column_code"], f["row_no"]] == example["at"]]
    own = [f for f in here if f["rule_id"] == rule_id]
    assert bool(own) == breaks
    rule = load_catalogue().rule(SEED_FORM, rule_id)
    for finding in own:
        assert finding["severity"] == example.get("severity", rule.severity)
        assert finding["message"] == sentence(example.get("says", finding["message"]))
        assert "{" not in finding["message"] + finding["expected"] + finding["how_to_fix"]
    if breaks and rule.severity.rejects:
        assert refusal is not None and rule_id in refusal
    # What else breaks anywhere in the table is said by the example, or known of the order itself.
    known = {("V-50d", code) for code in ("c4", "c6", "c9")}
    if breaks:
        known |= {(other, example["at"][0]) for other in [rule_id, *example.get("also", [])]}
    assert {(f["rule_id"], f["column_code"]) for f in findings} == known


def test_every_rule_of_the_table_has_both_examples() -> None:
    ids = {rule.id for rule in load_catalogue().forms[SEED_FORM].rules}
    assert {
        rule_id for rule_id, kinds in RULES.items() if kinds["holds"] and kinds["broken"]
    } == ids


def test_real_table_has_66_rows_a_column_and_three_known_differences(
    con: Connection, setup: Setup
) -> None:
    findings, refusal = _findings(con, setup)
    assert refusal is None
    rows = con.execute(
        f"select column_code, count(*), min(row_no), max(row_no) from {SEED_FORM}__all"
        " where kind = 'row' group by 1"
    ).fetchall()
    assert {code: tuple(rest) for code, *rest in rows} == {
        f"c{n}": (66, 1, 66) for n in range(3, 13)
    }
    differences = con.execute(
        f"select t.column_code, t.difference from {SEED_FORM}__found f"
        f" inner join {SEED_FORM}__all t on t.ord = f.ord order by 2"
    ).fetchall()
    assert differences == [("c9", -18), ("c6", -8), ("c4", 419)]
    assert {(f["rule_id"], f["severity"]) for f in findings} == {("V-50d", "warning")}
    assert all(len(f["message"]) > 80 for f in findings), "each difference says its reason"


def test_a_column_whose_rows_are_gone_is_refused(
    con: Connection, setup: Setup, seeds: Path
) -> None:
    _edit(seeds, "targets", {"column_code": "c12"}, None)
    with pytest.raises(SeedRejected, match="V-50e"):
        check_seed(con, setup)


def test_a_column_whose_total_is_gone_is_refused(
    con: Connection, setup: Setup, seeds: Path
) -> None:
    _edit(seeds, "target_columns", {"column_code": "c12"}, None)
    with pytest.raises(SeedRejected, match="V-50"):
        check_seed(con, setup)
