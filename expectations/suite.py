"""The Great Expectations suite, made from the same rules as the split, and the comparison of both.

What enters: the checked database and the compiled rules. What leaves: validation results and Data
Docs below `outcomes/`, or an error when the suite crashed or counted something else.
"""

from __future__ import annotations

import shutil
from collections.abc import Container, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from expectations.catalogue import SEED_FORM
from expectations.checks import Checked
from expectations.compile import CompiledForm, CompiledRule
from expectations.database import MEMORY_LIMIT, Connection
from expectations.errors import CountsDisagree, SuiteCrashed
from expectations.models import Each, Severity, Stage
from expectations.outcomes import failed_by_number, looked_at
from expectations.units import table_of
from ingest.collector import no_collection
from ingest.runs import RunContext

_SEVERITY = {
    Severity.BLOCK: "critical",
    Severity.REJECT: "critical",
    Severity.ERROR: "critical",
    Severity.WARNING: "warning",
    Severity.INFO: "info",
}
_SUFFIX = {Each.ROW: "across", Each.DELIVERY: "deliveries", Each.TERRITORY: "territories"}


@dataclass(frozen=True)
class TableSuite:
    """The rules that one table has to satisfy, with what the split counted for each."""

    name: str
    table: str
    n_rows: int
    rules: tuple[CompiledRule, ...]
    failed: dict[int, int] = field(default_factory=dict)

    @property
    def form_code(self) -> str:
        """Of which form the table is."""
        return self.name.partition("-")[0]

    @property
    def n_expectations(self) -> int:
        """The rules, and that the table has its rows at all."""
        return len(self.rules) + 1


def _rows(con: Connection, relation: str) -> int:
    row = con.execute(f"select count(*) from {relation}").fetchone()
    return int(row[0]) if row else 0


def table_suites(con: Connection, checked: Checked, seed: CompiledForm) -> list[TableSuite]:
    """Suites of all tables that hold rows; `create_suite_views` was called before."""
    return [
        suite
        for compiled in (seed, *checked.compiled.values())
        for suite in _of_form(con, checked, compiled)
        if suite.rules and suite.n_rows
    ]


def create_suite_views(con: Connection, checked: Checked) -> None:
    """The views `<FORM>__suite`: the rows that a form's own rules saw."""
    for code in (SEED_FORM, *checked.compiled):
        con.execute(
            f"create or replace view {code}__suite as"
            f" select * from {code}__all where {looked_at(checked, code)}"
        )


def _of_form(con: Connection, checked: Checked, compiled: CompiledForm) -> Iterator[TableSuite]:
    code = compiled.rules_of_form.form
    failed = failed_by_number(con, code)
    available = checked.selection.available | {code}
    table = f"{code}__suite"
    own = tuple(compiled.at(Stage.FORM, available))
    yield TableSuite(code, table, _rows(con, table), own, failed)
    for each, suffix in _SUFFIX.items():
        rules = tuple(compiled.at(Stage.CROSS, available, each))
        if rules:
            table = table_of(code, Stage.CROSS, each)
            yield TableSuite(f"{code}-{suffix}", table, _rows(con, table), rules, failed)


def counting_sql(rule: CompiledRule, table: str) -> str:
    """SQL of one value: how many rows break the rule."""
    if rule.condition:
        return f"count(*) filter (where ({rule.condition}) is false)"
    repeated = rule.repeated_sql(table)
    return f"(select coalesce(sum(_times - 1), 0) from ({repeated}) where _times > 1)"


def _context(folder: Path) -> Any:
    import great_expectations as gx
    from great_expectations.data_context.types.base import DataContextConfig

    def files(name: str) -> dict[str, str]:
        return {"class_name": "TupleFilesystemStoreBackend", "base_directory": f"{folder / name}"}

    config = DataContextConfig(
        stores={
            "expectations_store": {
                "class_name": "ExpectationsStore",
                "store_backend": files("suites"),
            },
            "validation_results_store": {
                "class_name": "ValidationResultsStore",
                "store_backend": files("validations"),
            },
            "checkpoint_store": {"class_name": "CheckpointStore"},
            "validation_definition_store": {"class_name": "ValidationDefinitionStore"},
        },
        expectations_store_name="expectations_store",
        validation_results_store_name="validation_results_store",
        checkpoint_store_name="checkpoint_store",
        data_docs_sites={
            "local": {
                "class_name": "SiteBuilder",
                "store_backend": files("data_docs"),
                "site_index_builder": {"class_name": "DefaultSiteIndexBuilder"},
                # The pages of results hold every rule; the rest would say the same once more.
                "site_section_builders": {"expectations": "None", "profiling": "None"},
                "show_how_to_buttons": False,
            }
        },
        progress_bars={"globally": False},
    )
    return gx.get_context(mode="ephemeral", project_config=config)


def _suite(context: Any, suite: TableSuite) -> Any:
    import great_expectations as gx
    from great_expectations.expectations import ExpectTableRowCountToEqual

    from expectations.gx_engine import ExpectRowsToSatisfy

    made = gx.ExpectationSuite(name=suite.name)
    # Without it an empty table would satisfy everything.
    made.add_expectation(
        ExpectTableRowCountToEqual(
            value=suite.n_rows,
            description=f"Строк в проверке столько же, сколько получено: {suite.n_rows}",
        )
    )
    for rule in suite.rules:
        made.add_expectation(
            ExpectRowsToSatisfy(
                counting_sql=counting_sql(rule, suite.table),
                description=f"{rule.rule.id}. {rule.rule.title}",
                severity=_SEVERITY[rule.severity],
                notes=f"{rule.rule.clause}. Ожидается: {rule.rule.expected}",
                meta={"rule_id": rule.rule.id, "rule_number": rule.number},
            )
        )
    return context.suites.add(made)


def _checkpoint(context: Any, source: Any, suites: list[TableSuite]) -> Any:
    import great_expectations as gx

    definitions = []
    for suite in suites:
        batch = source.add_table_asset(suite.name, table_name=suite.table)
        definitions.append(
            context.validation_definitions.add(
                gx.ValidationDefinition(
                    name=suite.name,
                    data=batch.add_batch_definition_whole_table("all"),
                    suite=_suite(context, suite),
                )
            )
        )
    return context.checkpoints.add(
        gx.Checkpoint(
            name="delivered_files",
            validation_definitions=definitions,
            result_format="BASIC",
        )
    )


def _reason(info: dict[str, Any]) -> str:
    """The first message of an exception: GX nests it by metric, or does not."""
    if info.get("exception_message"):
        return str(info["exception_message"]).splitlines()[0]
    nested = [value for value in info.values() if isinstance(value, dict)]
    return next((_reason(value) for value in nested), "no message")


def _compare(suites: list[TableSuite], results: list[Any]) -> None:
    crashed: list[str] = []
    differences: list[str] = []
    by_name = {result.suite_name: result for result in results}
    for suite in (suite for suite in suites if suite.name in by_name):
        counted: dict[int, int] = {}
        for item in by_name[suite.name].results:
            if "observed_value" not in (item.result or {}):
                crashed.append(f"{suite.name}: {_reason(item.exception_info)}")
                continue
            number = item.expectation_config.meta.get("rule_number")
            observed = item.result["observed_value"]
            if number is None:
                if observed != suite.n_rows:
                    differences.append(f"{suite.name}: rows {suite.n_rows} and {observed}")
            else:
                counted[number] = item.result["details"]["broken"]
        differences += [
            f"{suite.name} {rule.rule.id}: {suite.failed.get(rule.number, 0)} and"
            f" {counted.get(rule.number, 'nothing')}"
            for rule in suite.rules
            if counted.get(rule.number) != suite.failed.get(rule.number, 0)
        ]
    if crashed:
        raise SuiteCrashed(
            "expected Great Expectations to evaluate every rule, found errors: "
            f"{'; '.join(sorted(set(crashed))[:3])}; correct the rule or the pinned version"
        )
    if differences:
        raise CountsDisagree(differences)


def _forget_results(folder: Path, unchanged: Container[str]) -> None:
    """Remove what earlier tries left: their results would stand in the index."""
    shutil.rmtree(folder / "data_docs", ignore_errors=True)
    for path in (*folder.glob("validations/*/"), *folder.glob("suites/*.json")):
        if path.stem in unchanged:
            continue
        if path.is_dir():
            shutil.rmtree(path)
        else:
            path.unlink()


def run_suite(
    database: Path,
    suites: list[TableSuite],
    run: RunContext,
    unchanged: frozenset[str] = frozenset(),
) -> int:
    """Validate all tables by Great Expectations, write results and Data Docs, compare the counts.

    Args:
        database: file of the checks; no other connection may hold it.
        suites: what `table_suites` gave.
        run: names the results; they go to its outcomes.
        unchanged: forms whose results lie there already and hold.

    Returns:
        how many expectations stand in the results.

    Raises:
        SuiteCrashed: an expectation could not be evaluated.
        CountsDisagree: the suite counted other numbers than the split.
    """
    from expectations.docs_offline import make_offline

    folder = run.outcomes_dir / "gx"
    have = {path.name for path in folder.glob("validations/*/")}
    fresh = [s for s in suites if s.form_code not in unchanged or s.name not in have]
    _forget_results(folder, {s.name for s in suites} - {s.name for s in fresh})
    results = _evaluate(database, fresh, run, folder)
    _compare(fresh, results)
    make_offline(folder / "data_docs", suites, run)
    return sum(suite.n_expectations for suite in suites)


@no_collection()
def _evaluate(database: Path, suites: list[TableSuite], run: RunContext, folder: Path) -> list[Any]:
    """Results of Great Expectations for these tables, and pages of all results in the folder."""
    from great_expectations.core.run_identifier import RunIdentifier

    import expectations.gx_engine  # noqa: F401 - registers the data source

    context = _context(folder)
    config = {"memory_limit": MEMORY_LIMIT}
    source = context.data_sources.add_duckdb(
        name="checks",
        connection_string=f"duckdb:///{database}",
        kwargs={"connect_args": {"read_only": True, "config": config}},
    )
    try:
        checkpoint = _checkpoint(context, source, suites)
        outcome = checkpoint.run(run_id=RunIdentifier(run_name=run.run_id, run_time=run.known_at))
        # Once for all tables: the action of a checkpoint would build the site anew for each.
        context.build_data_docs()
    finally:
        source.get_execution_engine().close()
        source.get_engine().dispose()
    return list(outcome.run_results.values())
