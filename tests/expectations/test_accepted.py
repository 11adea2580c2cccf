"""What leaves the checks: no personal value but in the restricted layer and the quarantine."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

import expectations.accepted
from expectations.accepted import (
    ANSWER_SQL,
    name_sheets,
    write_accepted,
    write_findings,
    write_quarantine,
)
from expectations.compile import CompiledForm, Setup, compile_form
from expectations.decided import Known, apply_decisions
from expectations.details import PUBLIC_COLUMNS, add_details, create_details
from expectations.difference import add_difference
from expectations.errors import PersonalDataExposed
from expectations.identity import identify
from expectations.keys import KEY_LENGTH, install_keys
from expectations.scan import check_across
from expectations.versions import DETAIL, Versions
from ingest.decisions import Decisions
from ingest.forms import Form, load_forms
from tests.dbt.accepted import accepted_schema, restricted_schema
from tests.expectations.conftest import MakeDelivery, Select
from tests.expectations.deliveries import Connection, database, make_delivery, run_selection

SECRET = b"a secret of these tests"
CANARY = "Канарейкина"
FORMS = load_forms()
PERSONAL = [code for code, form in FORMS.items() if any(c.pii for c in form.latest.columns)]


def _key(text: str) -> str:
    return hmac.new(SECRET, text.encode(), hashlib.sha256).hexdigest()[:KEY_LENGTH]


@dataclass(frozen=True)
class Run:
    """Every form with one sound row and one that is rejected, checked."""

    con: Connection
    compiled: dict[str, CompiledForm]


def _row(form: Form, spoilt: bool) -> dict[str, Any]:
    """A row whose personal texts are canaries; a spoilt one has lost its key."""
    names = {c.name: CANARY for c in form.latest.columns if c.pii in ("name", "note")}
    row: dict[str, Any] = {**names, "_sheet": f"Класс {CANARY}"}
    keys = sorted((c for c in form.latest.keys if c.required), key=lambda c: c.pii is not None)
    key = keys[0]
    return row | ({key.name: None} if spoilt else {})


@pytest.fixture(scope="module")
def run(setup: Setup, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Run]:
    folder = tmp_path_factory.mktemp("run")
    with database(setup, folder) as con:
        install_keys(con, SECRET)
        compiled = {c: compile_form(setup, c) for c in setup.catalogue.order if c in FORMS}
        selection = None
        for code, of_form in compiled.items():
            rows = [_row(FORMS[code], spoilt) for spoilt in (False, True)]
            sender = 1 if code.startswith("M") else None
            sent = make_delivery(folder, code, rows, sender=sender)
            selection = run_selection(con, setup, of_form, [sent], selection)
        for of_form in compiled.values():
            check_across(con, setup, of_form, frozenset(FORMS))
            add_details(con, setup, of_form)
        name_sheets(con, compiled)
        yield Run(con, compiled)


@pytest.mark.parametrize("code", FORMS)
def test_accepted_tables_have_the_columns_of_staging_and_no_names(
    code: str, run: Run, tmp_path: Path
) -> None:
    form = FORMS[code]
    write_accepted(run.con, form, run.compiled[code], tmp_path)
    accepted = pq.read_table(tmp_path / f"{code}.parquet")
    assert accepted.column_names == accepted_schema(form).names
    assert not {c.name for c in form.latest.columns if c.pii or c.person} & set(
        accepted.column_names
    )
    assert accepted.num_rows == 1
    assert CANARY not in str(accepted.to_pylist())
    restricted = tmp_path / "restricted" / f"{code}.parquet"
    assert restricted.exists() == (code in PERSONAL)
    if code in PERSONAL:
        table = pq.read_table(restricted)
        assert set(table.column_names) == set(restricted_schema(form).names)
        # The restricted layer is where the names are: the canary shows that it was looked for.
        has_text = any(c.pii in ("name", "note") for c in form.latest.columns)
        assert (CANARY in str(table.to_pylist())) == has_text


def test_a_leak_stops_before_anything_is_written(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        expectations.accepted, "_public_columns", lambda column, keys: [f't."{column.name}"']
    )
    for code in PERSONAL:
        with pytest.raises(PersonalDataExposed, match=code):
            write_accepted(run.con, FORMS[code], run.compiled[code], tmp_path)
    assert not list(tmp_path.rglob("*.parquet"))


def test_person_keys_are_the_same_in_every_form(run: Run, tmp_path: Path) -> None:
    for code in ("P02", "P03", "P04", "P05", "M04"):
        write_accepted(run.con, FORMS[code], run.compiled[code], tmp_path)
    rows = {p.stem: pq.read_table(p).to_pylist()[0] for p in tmp_path.glob("*.parquet")}
    assert rows["P03"]["pupil_key"] == rows["P05"]["pupil_key"] == _key("О-#")
    # The subject of an original is a pupil or a navigator: here the latter.
    assert rows["M04"]["subject_key"] == _key("Н-#")
    assert rows["P02"]["navigator_key"] == rows["P03"]["navigator_key"] == _key("Н-#")
    assert rows["P04"]["navigator_key"] == _key("Н-#")


def test_only_rows_with_an_error_that_counts_are_marked(
    con: Connection, setup: Setup, select: Select, delivery: MakeDelivery, tmp_path: Path
) -> None:
    install_keys(con, SECRET)
    compiled = compile_form(setup, "P04")
    rows: list[dict[str, Any]] = [
        {"event_id": "М-1"},
        {"event_id": "М-2", "event_on": "01.01.2025", "status": "опубликовано"},  # V-34b error
        {"event_id": "М-3", "published_at": "30.09.2024 10:00"},  # V-31, of the metric only
        {"event_id": "М-4", "municipality": "Хымки"},  # V-29f, a warning
    ]
    select(compiled, [delivery("P04", rows)])
    name_sheets(con, ["P04"])
    write_accepted(con, FORMS["P04"], compiled, tmp_path)
    accepted = pq.read_table(tmp_path / "P04.parquet").to_pylist()
    assert {r["event_id"]: r["has_error"] for r in accepted} == {
        "М-1": False,
        "М-2": True,
        "М-3": False,
        "М-4": False,
    }


def test_the_quarantine_keeps_the_texts_and_says_why(run: Run, tmp_path: Path) -> None:
    write_quarantine(run.con, FORMS["P03"], run.compiled["P03"], tmp_path)
    (row,) = pq.read_table(tmp_path / "P03.parquet").to_pylist()
    assert row["rule_ids"] == "N-pupil_id"
    assert row["last_name"] == CANARY
    assert row["grade"] == "8А"
    assert (row["source_sheet"], row["source_row"]) == (f"Класс {CANARY}", 3)


def test_findings_leave_without_texts_and_without_names_of_sheets(run: Run, tmp_path: Path) -> None:
    identify(run.con)
    apply_decisions(run.con, Decisions(), date(2024, 10, 3), Known(frozenset(), frozenset()))
    create_details(run.con, DETAIL)
    identify(run.con, DETAIL)
    add_difference(run.con, Versions({}, {}, frozenset(), ()), frozenset())
    write_findings(run.con, tmp_path / "accepted", tmp_path / "quarantine")
    public = pq.read_table(tmp_path / "accepted" / "findings.parquet")
    detail = pq.read_table(tmp_path / "quarantine" / "findings_detail.parquet")
    assert public.num_rows == detail.num_rows >= len(FORMS)
    assert public.column_names == [*PUBLIC_COLUMNS, *ANSWER_SQL]
    assert not {"value", "message", "expected", "how_to_fix"} & set(public.column_names)
    assert CANARY not in str(public.to_pylist())
    assert CANARY in str(detail.to_pylist())
    assert not {"rule_no", "natural_key", "fact"} & set(detail.column_names)
    assert len(set(public["finding_key"].to_pylist())) == public.num_rows


def test_equal_rows_give_equal_bytes(run: Run, tmp_path: Path) -> None:
    for folder in ("one", "two"):
        write_accepted(run.con, FORMS["P03"], run.compiled["P03"], tmp_path / folder)
    one, two = (sorted((tmp_path / f).rglob("*.parquet")) for f in ("one", "two"))
    assert [p.read_bytes() for p in one] == [p.read_bytes() for p in two]
