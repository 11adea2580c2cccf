"""The conventions of the dbt project, checked file by file."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.dbt.conftest import PROJECT
from warehouse.descriptions import read_yaml

LONGEST = 120
PREFIXES = {
    "staging": (
        "stg_history__",
        "stg_platform__",
        "stg_operator__",
        "stg_territory__",
        "stg_control__",
    ),
    "restricted": ("stg_restricted__",),
    "intermediate": ("int_",),
    "facts": ("dim_", "fct_"),
    "marts": ("mart_",),
}
PUBLISHED = ("facts", "marts")
KEYS = {"order_id", "as_of", "load_id"}
# Portability: what some engine of the list does not know (engine macros are the place for it).
NOT_PORTABLE = {
    "qualify": r"\bqualify\b",
    "group by all": r"\bgroup\s+by\s+all\b",
    "order by all": r"\border\s+by\s+all\b",
    "distinct on": r"\bdistinct\s+on\b",
    "::": r"::",
    "exclude": r"\*\s+exclude\b",
    "filter": r"\bfilter\s*\(\s*where\b",
    "ilike": r"\bilike\b",
    "engine function": (
        r"\b(strftime|strptime|to_char|date_trunc|date_diff|datediff|listagg|string_agg)\b"
    ),
    "list or struct": r"\b(unnest|list_\w+|struct_\w+)\s*\(",
    # Empty values come last in DuckDB and first in PostgreSQL.
    "desc without nulls last": r"\bdesc\b(?!\s+nulls\s+last\b)",
    "clock": r"\b(now|today)\s*\(|\bcurrent_(date|timestamp)\b",
}
NEEDS_UNIT_TEST = re.compile(
    r"\bcase\b|\bjoin\b|\bover\s*\(| / |percent|\bratio\(|integer_divide|median"
)
HEADINGS = ("-- What: ", "-- When it matters: ", "-- What to do: ")
# Item 5 of the main job: what readers of the marts were promised; more is allowed.
PROMISED = {
    "mart_indicator_progress": {
        "order_id", "as_of", "territory_id", "indicator_id", "territory_name", "territory_kind",
        "indicator_name", "target", "target_declared", "fact", "fact_confirmed", "value_status",
        "pct", "gap", "needed_per_working_day", "deadline", "is_met", "n_expected", "n_reported",
    },
    "mart_navigator_load": {
        "territory_id", "n_navigators", "n_pupils_attached", "avg_load", "max_load",
        "n_over_limit", "n_pupils_without_navigator", "load_limit",
    },
    "mart_consents": {
        "territory_id", "n_consent_required", "n_scan_attached", "pct_scan", "scan_due",
        "n_original_required", "n_original_received", "pct_original", "original_due",
    },
    "mart_event_publication": {
        "territory_id", "event_month", "n_events", "n_published_in_time", "pct_in_time",
        "median_lag_wd", "n_late",
    },
    "mart_deliveries": {
        "form_code", "territory_id", "is_expected", "received_at", "is_on_time", "status",
        "due_on", "n_received", "n_accepted", "n_rejected",
    },
    "mart_findings": {
        "rule_id", "form_code", "territory_id", "n_findings", "n_rows_checked", "share",
    },
    "mart_diagnostics": {
        "territory_id", "methodology_code", "n_pupils_active", "n_started", "n_finished",
        "pct_finished",
    },
}  # fmt: skip


@cache
def _yml(path: Path) -> dict[str, Any]:
    content: dict[str, Any] = read_yaml(path)
    return content


@dataclass(frozen=True)
class Model:
    """A model with its two files."""

    path: Path

    @property
    def name(self) -> str:
        return self.path.stem

    @property
    def folder(self) -> str:
        return self.path.parent.name

    @property
    def sql(self) -> str:
        return self.path.read_text(encoding="utf-8")

    @property
    def yml(self) -> dict[str, Any]:
        return _yml(self.path.with_suffix(".yml"))

    @property
    def about(self) -> dict[str, Any]:
        described: dict[str, Any] = self.yml["models"][0]
        return described

    @property
    def columns(self) -> list[dict[str, Any]]:
        return list(self.about.get("columns", []))


def _code(sql: str) -> str:
    """SQL without comments and texts, in lower case."""
    bare = re.sub(r"\{#.*?#\}", "", sql, flags=re.S)
    bare = re.sub(r"--[^\n]*", "", bare)
    return re.sub(r"'[^']*'", "''", bare).lower()


@cache
def models() -> tuple[Model, ...]:
    return tuple(Model(path) for path in sorted((PROJECT / "models").rglob("*.sql")))


@cache
def singular_tests() -> tuple[Path, ...]:
    paths = sorted((PROJECT / "tests").rglob("*.sql"))
    return tuple(path for path in paths if path.parent.name != "generic")


def published() -> list[Model]:
    return [model for model in models() if model.folder in PUBLISHED]


def test_there_is_something_to_check() -> None:
    assert {model.folder for model in models()} == set(PREFIXES)
    assert len(models()) >= 50
    assert len(published()) >= 25
    assert len(singular_tests()) >= 14


def test_prefix_is_folder_is_schema() -> None:
    wrong = [m.name for m in models() if not m.name.startswith(PREFIXES[m.folder])]
    assert wrong == []
    configured = yaml.safe_load((PROJECT / "dbt_project.yml").read_text())["models"]["bvb"]
    schemas = {name: part["+schema"] for name, part in configured.items() if name[0] != "+"}
    assert schemas == {folder: folder for folder in PREFIXES}


def test_every_model_has_one_description_file_of_its_name() -> None:
    stems = [model.name for model in models()]
    assert len(stems) == len(set(stems))
    # What belongs to no model (sources, exposures, metrics) has a leading underscore.
    files = {path.stem for path in (PROJECT / "models").rglob("[!_]*.yml")}
    assert files == set(stems)
    assert [m.name for m in models() if [x["name"] for x in m.yml["models"]] != [m.name]] == []


def test_first_sentence_says_the_grain() -> None:
    grain = re.compile(r"^(One row per|Exactly one row)\b")
    assert [m.name for m in models() if not grain.match(m.about["description"])] == []


def test_descriptions_are_unique() -> None:
    texts = [" ".join(m.about["description"].split()) for m in models()]
    texts += [test["description"] for m in models() for test in m.yml.get("unit_tests", [])]
    assert sorted(texts) == sorted(set(texts))


def test_every_published_column_is_described() -> None:
    silent = [
        f"{model.name}.{column['name']}"
        for model in published()
        for column in model.columns
        if not (column.get("description") or "").strip()
    ]
    assert silent == []
    assert all(model.columns for model in published())


def test_every_published_table_has_a_contract_and_its_run() -> None:
    configured = yaml.safe_load((PROJECT / "dbt_project.yml").read_text())["models"]["bvb"]
    assert [configured[folder]["+contract"] for folder in PUBLISHED] == [{"enforced": True}] * 2
    for model in published():
        assert "config(" not in model.sql, model.name
        assert "contract" not in model.about.get("config", {}), model.name
        assert {column["name"] for column in model.columns} >= KEYS, model.name
        assert all(column.get("data_type") for column in model.columns), model.name


def test_every_published_table_has_a_unique_key() -> None:
    # Findings have none: two at one place of a file are two.
    keyless = [
        model.name
        for model in published()
        if not any("unique_key" in test for test in model.about.get("data_tests", []))
    ]
    assert keyless == ["fct_finding"]


def test_logic_has_a_unit_test() -> None:
    logical = [m for m in models() if NEEDS_UNIT_TEST.search(_code(m.sql))]
    assert len(logical) >= 30
    tested = {test["model"] for m in models() for test in m.yml.get("unit_tests", [])}
    assert [m.name for m in logical if m.name not in tested] == []


def test_unit_tests_stand_beside_their_model_and_expect_rows() -> None:
    for model in models():
        for test in model.yml.get("unit_tests", []):
            assert test["model"] == model.name
            assert test["description"]
            assert test["expect"]["rows"], test["name"]


@pytest.mark.parametrize("folder", ["models", "tests", "macros"])
def test_files_are_short(folder: str) -> None:
    paths = list((PROJECT / folder).rglob("*.sql"))
    assert paths
    long = [p.name for p in paths if len(p.read_text().splitlines()) > LONGEST]
    assert long == []


def test_layers_are_not_skipped() -> None:
    """Marts know nothing of staging; only one model knows the restricted layer."""
    refs = {m: set(re.findall(r"ref\('(\w+)'\)", m.sql)) for m in models()}
    marts = [m for m in refs if m.folder == "marts"]
    assert marts and all(refs[m] for m in marts)
    assert [m.name for m in marts if any(r.startswith("stg_") for r in refs[m])] == []
    readers = {m.name for m, found in refs.items() if any("restricted" in r for r in found)}
    assert readers == {"int_pupil_consent"}
    sources = {m.folder for m in models() if "source(" in m.sql}
    assert sources == {"staging", "restricted"}


def found_constructs(sql: str) -> list[str]:
    code = _code(sql)
    return [name for name, pattern in NOT_PORTABLE.items() if re.search(pattern, code, re.M)]


def test_models_are_portable() -> None:
    paths = [*(PROJECT / "models").rglob("*.sql"), *(PROJECT / "tests").rglob("*.sql")]
    paths.append(PROJECT / "macros" / "rules.sql")
    assert {p.name: found for p in paths if (found := found_constructs(p.read_text()))} == {}


@pytest.mark.parametrize(
    ("sql", "construct"),
    [
        ("select a from t qualify row_number() over (order by a) = 1", "qualify"),
        ("select a, count(*) from t group by all", "group by all"),
        ("select distinct on (a) a from t", "distinct on"),
        ("select a::date from t", "::"),
        ("select strftime(a, '%Y') from t", "engine function"),
        ("select count(*) filter (where a) from t", "filter"),
        ("select current_date", "clock"),
        ("select a from t order by a desc, b", "desc without nulls last"),
    ],
)
def test_the_portability_check_can_fail(sql: str, construct: str) -> None:
    assert construct in found_constructs(sql)


@pytest.mark.parametrize("path", singular_tests(), ids=lambda path: path.stem)
def test_every_test_explains_itself(path: Path) -> None:
    lines = path.read_text(encoding="utf-8").splitlines()
    starts = [next((i for i, line in enumerate(lines) if line.startswith(h)), -1) for h in HEADINGS]
    assert -1 not in starts, f"{path.name}: expected {HEADINGS} as first lines"
    assert starts == sorted(starts)
    assert starts[0] == 0


def test_tests_are_sorted_by_what_they_ask() -> None:
    assert {path.parent.name for path in singular_tests()} == {"config", "integrity", "values"}


@pytest.mark.parametrize("mart", sorted(PROMISED))
def test_marts_have_the_promised_columns(mart: str) -> None:
    columns = {c["name"] for m in models() if m.name == mart for c in m.columns}
    assert PROMISED[mart] - columns == set()


def test_no_personal_column_is_published() -> None:
    personal = re.compile(
        r"(last|first|middle)_name|birth|snils|phone|(^|_)(email|fio)$|subject_name|"
        r"representative_name"
    )
    found = [
        f"{m.name}.{c['name']}"
        for m in published()
        for c in m.columns
        if personal.search(c["name"])
    ]
    assert found == []
