"""A region with planted defects through the whole validation step: verdicts, suite, answers."""

from __future__ import annotations

import hashlib
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import openpyxl
import pyarrow.parquet as pq
import pytest

from expectations.agreement import agree
from expectations.check import FileVerdict, check_files
from expectations.errors import CountsDisagree, SuiteCrashed
from expectations.protocol import protocol_words, write_protocols
from expectations.suite import create_suite_views, run_suite, table_suites
from expectations.validate import ValidationSummary, validate
from ingest.knowledge import load_knowledge
from ingest.landing import all_landed, land_folder
from ingest.read import EXAMPLE_NAME, read_delivery
from ingest.runs import RunContext, make_run
from ingest.settings import Settings
from synthetic.region import Summary, generate
from tests.ingest.conftest import RECEIVED

AS_OF = date(2024, 9, 30)
LATER = RECEIVED.replace(year=2025)


@dataclass(frozen=True)
class Validated:
    """A run after its validation."""

    run: RunContext
    planted: Summary
    summary: ValidationSummary
    answers: list[Path]

    def table(self, name: str) -> list[dict[str, Any]]:
        rows: list[dict[str, Any]] = pq.read_table(
            self.run.accepted_dir / f"{name}.parquet"
        ).to_pylist()
        return rows

    def by_source(self) -> dict[str, dict[str, Any]]:
        """Path below `incoming/` → row of the run; late files have none."""
        rows = {r["delivery_id"]: r for r in self.table("deliveries")}
        landed = all_landed(self.run.settings)
        return {d.source: rows[d.delivery_id] for d in landed if d.delivery_id in rows}

    def delivery(self, source: str) -> dict[str, Any]:
        return self.by_source()[source]

    def of(self, defect: str) -> dict[str, Any]:
        return self.delivery(next(p.path for p in self.planted.planted if p.defect == defect))


def digests(folder: Path) -> dict[str, str]:
    return {
        p.relative_to(folder).as_posix(): hashlib.sha256(p.read_bytes()).hexdigest()
        for p in sorted(folder.rglob("*"))
        if p.is_file()
    }


@pytest.fixture(scope="module")
def spoilt(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Validated]:
    settings = Settings(tmp_path_factory.mktemp("spoilt"))
    planted = generate(settings.incoming, as_of=AS_OF, scale=0.01, seed=3, defects=True)
    known = load_knowledge()
    land_folder(settings, settings.incoming, LATER)
    for landed in all_landed(settings):
        read_delivery(settings, landed, known)
    run = make_run(settings, AS_OF)
    summary = validate(run, "load-of-tests")
    agree(run)
    yield Validated(run, planted, summary, write_protocols(run))


def test_accepted_and_rejected_are_what_was_received(spoilt: Validated) -> None:
    summary = spoilt.summary
    assert summary.n_received == summary.n_accepted + summary.n_rejected
    assert summary.n_rejected > 0
    counted = [r for r in spoilt.table("deliveries") if r["n_accepted"] is not None]
    assert all(r["n_accepted"] + r["n_rejected"] == r["n_received"] for r in counted)
    selected = {r["delivery_id"] for r in counted if r["is_selected"]}
    for form in {r["form_code"] for r in counted if r["is_selected"]}:
        rows = spoilt.table(form)
        assert {r["delivery_id"] for r in rows} <= selected
        expected = sum(
            r["n_accepted"] for r in counted if r["form_code"] == form and r["is_selected"]
        )
        assert len(rows) == expected


def test_no_row_is_in_both_places(spoilt: Validated) -> None:
    run = spoilt.run
    for form in ("P03", "P05", "M04"):
        accepted, rejected = (
            duckdb.sql(f"select delivery_id, source_row from '{folder}/{form}.parquet'").fetchall()
            for folder in (run.accepted_dir, run.quarantine_dir)
        )
        assert not set(accepted) & set(rejected)


@pytest.mark.parametrize(
    ("defect", "status"),
    [
        ("D-05", "rejected"),
        ("D-06a", "rejected"),
        ("D-18d", "rejected"),
        ("D-52b", "rejected"),
        ("D-02", "accepted"),
        ("D-26", "accepted_with_remarks"),
        ("D-57", "accepted"),
        ("D-57b", "rejected"),
        ("D-60", "duplicate"),
    ],
)
def test_each_defect_has_its_status(spoilt: Validated, defect: str, status: str) -> None:
    assert spoilt.of(defect)["status"] == status


def test_the_newest_accepted_version_wins_and_names_what_it_replaces(spoilt: Validated) -> None:
    first = spoilt.delivery("T39/M04_consent_originals__T39__2024-09__v1.xlsx")
    again = spoilt.of("D-57")
    assert (first["status"], again["is_selected"]) == ("superseded", True)
    assert again["supersedes"] == first["delivery_id"]


def test_a_broken_resend_removes_nothing(spoilt: Validated) -> None:
    first = spoilt.delivery("T40/M04_consent_originals__T40__2024-09__v1.xlsx")
    assert first["is_selected"]
    assert any(r["sender_territory_id"] == 40 for r in spoilt.table("M04"))


def test_names_of_files_and_sheets_stay_with_the_sender(spoilt: Validated) -> None:
    copy = spoilt.of("D-60")
    assert copy["file_name"].startswith("файл ")
    sheets = {r["sheet"] for r in spoilt.table("findings")} - {None}
    assert sheets
    assert "Список" not in "".join(sheets)


def test_every_rule_is_listed_with_what_it_looked_at(spoilt: Validated) -> None:
    rules = {(r["rule_id"], r["form_code"]): r for r in spoilt.table("rules")}
    assert rules["V-50d", "R02"]["n_failed"] == 3
    assert rules["T-signed_on", "M04"]["n_failed"] > 0
    assert rules["V-19", "P02"]["n_checked"] == len(spoilt.table("P02"))
    found = Counter((f["rule_id"], f["form_code"]) for f in spoilt.table("findings"))
    own = {k: r["n_failed"] for k, r in rules.items() if r["stage"] != "F" and r["n_failed"]}
    assert {k: n for k, n in found.items() if k in own} == own


def test_validating_again_gives_the_same_bytes(spoilt: Validated) -> None:
    run = spoilt.run
    before = digests(run.accepted_dir) | digests(run.quarantine_dir) | digests(run.returned_dir)
    validate(run, "load-of-tests")
    write_protocols(run)
    after = digests(run.accepted_dir) | digests(run.quarantine_dir) | digests(run.returned_dir)
    assert after == before


def test_data_docs_need_no_network(spoilt: Validated) -> None:
    docs = spoilt.run.outcomes_dir / "gx" / "data_docs"
    pages = list(docs.rglob("*.html"))
    assert len(pages) > 10
    for page in pages:
        text = page.read_text(encoding="utf-8")
        assert 'src="http' not in text and 'href="http' not in text, page.name
    index = (docs / "index.html").read_text(encoding="utf-8")
    assert "P03" in index and "Обучающиеся" in index


@pytest.fixture
def checked(spoilt: Validated, tmp_path: Path) -> Iterator[Any]:
    from expectations.checks import run_checks
    from expectations.compile import make_setup
    from expectations.database import open_database
    from expectations.seed import check_seed
    from expectations.verdicts import sort_received

    path = tmp_path / "checks.duckdb"
    con = open_database(path, tmp_path / "spill")
    run = replace(spoilt.run, settings=spoilt.run.settings)
    done = run_checks(con, make_setup(run.reference, AS_OF), sort_received(run).to_check)
    seed = check_seed(con, done.setup)
    create_suite_views(con, done)
    suites = table_suites(con, done, seed)
    con.close()
    yield path, suites, replace(run, settings=Settings(tmp_path / "data"))


def test_other_counts_stop_the_run(checked: Any) -> None:
    path, suites, run = checked
    wrong = [replace(s, failed=s.failed | {s.rules[0].number: 10**6}) for s in suites[:1]]
    with pytest.raises(CountsDisagree, match="1000000"):
        run_suite(path, wrong + suites[1:2], run)


def test_an_expectation_that_cannot_be_evaluated_stops_the_run(checked: Any) -> None:
    path, suites, run = checked
    rule = next(r for r in suites[1].rules if r.condition)
    broken = replace(suites[1], rules=(replace(rule, condition="no_such_column > 1"),))
    with pytest.raises(SuiteCrashed):
        run_suite(path, [broken], run)


def test_every_sender_has_one_answer_that_begins_with_its_status(spoilt: Validated) -> None:
    words = protocol_words()
    senders = {path.parent.name for path in spoilt.answers}
    assert {f"T{n:02d}" for n in range(1, 67)} | {"platform", "operator"} <= senders
    path = next(p for p in spoilt.answers if p.parent.name == "T05")
    book = openpyxl.load_workbook(path)
    assert book.sheetnames == [words["summary_sheet"], words["findings_sheet"]]
    texts = [str(c.value) for row in book[words["summary_sheet"]].iter_rows() for c in row]
    assert "не принят" in texts
    first = next(book[words["findings_sheet"]].iter_rows(min_row=6, max_row=6, values_only=True))
    assert "защищён паролем" in str(first[0])


def test_an_answer_holds_only_what_its_sender_sent(spoilt: Validated) -> None:
    names = {f"T{n:02d}__" for n in range(1, 67)}
    for path in spoilt.answers:
        own = path.parent.name + "__"
        book = openpyxl.load_workbook(path, read_only=True)
        text = " ".join(
            str(cell) for sheet in book for row in sheet.iter_rows(values_only=True) for cell in row
        )
        text = text.replace(EXAMPLE_NAME, "")
        assert not [name for name in names - {own} if name in text], path.name


def test_an_answer_is_ready_to_print(spoilt: Validated) -> None:
    book = openpyxl.load_workbook(spoilt.answers[0])
    for sheet in book:
        assert sheet.page_setup.orientation == "landscape"
        assert sheet.page_setup.paperSize == 9
        assert sheet.print_title_rows == "$5:$5"
        assert sheet.freeze_panes == "A6"


@pytest.fixture(scope="module")
def judged(spoilt: Validated) -> dict[str, FileVerdict]:
    """`bvb check` over every file of the region at once."""
    incoming = spoilt.run.settings.incoming
    paths = sorted(p for p in incoming.rglob("*") if p.is_file())
    found = check_files(paths, spoilt.run.known_at)
    return {v.path.relative_to(incoming).as_posix(): v for v in found}


def test_check_and_run_say_the_same(spoilt: Validated, judged: dict[str, FileVerdict]) -> None:
    answered = {
        source: row["status"]
        for source, row in spoilt.by_source().items()
        if row["status"] not in ("duplicate", "superseded")
    }
    different = {s: (judged[s].status, st) for s, st in answered.items() if judged[s].status != st}
    # A file of May read beside no snapshot of May cannot be compared with one: it says so.
    assert set(different.values()) <= {("accepted", "accepted_with_remarks")}
    rules: dict[str, set[str]] = defaultdict(set)
    for row in spoilt.table("findings"):
        rules[row["delivery_id"]].add(row["rule_id"])
    for source in different:
        told = judged[source]
        unseen = rules[spoilt.delivery(source)["delivery_id"]] - {f.rule_id for f in told.findings}
        assert unseen
        left = {rule.id for item in told.not_checked for rule in item.rules}
        assert unseen <= left, (source, unseen)
    assert len(different) < 10
    assert len(answered) > 180


def test_check_alone_says_what_it_could_not_check(spoilt: Validated) -> None:
    path = next((spoilt.run.settings.incoming / "platform").glob("P05_*"))
    (verdict,) = check_files([path], spoilt.run.known_at)
    assert verdict.status != "rejected"
    assert "V-35a" in {rule.id for item in verdict.not_checked for rule in item.rules}
