"""What the checks say about themselves as tables: deliveries, expectations, rules, the run.

What enters: verdicts and checked tables. What leaves: small parquet files beside the accepted rows;
no value of any cell, and no file name that is not of our own making.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from expectations.catalogue import SEED_FORM, DeliveryRule, rules_fingerprint
from expectations.checks import Checked
from expectations.compile import CompiledForm, CompiledRule
from expectations.database import Connection, insert_rows
from expectations.details import DETAIL_COLUMNS
from expectations.models import Each, Stage
from expectations.selection import Outcome, sender_of
from expectations.units import table_of
from expectations.verdicts import Verdict
from expectations.wording import sentence
from ingest.deliveries import Delivery, file_finding_catalogue
from ingest.expected import expected_deliveries
from ingest.reference import Reference
from ingest.routing import public_name
from ingest.runs import RunContext, line_of
from ingest.settings import MOSCOW
from ingest.territories import TerritoryResolver
from ingest.text import fold

UNKNOWN_FORM = ""  # of a file that could not be routed

_STRING, _INT, _LONG = pa.string(), pa.int32(), pa.int64()
SCHEMAS: dict[str, pa.Schema] = {
    "deliveries": pa.schema(
        {
            "delivery_id": _STRING, "form_code": _STRING, "form_version": _INT,
            "sender_territory_id": _INT, "as_of": pa.date32(), "version": _INT,
            "received_at": pa.timestamp("us"), "sha256": _STRING, "file_name": _STRING,
            "channel": _STRING, "status": _STRING, "is_selected": pa.bool_(),
            "n_received": _LONG, "n_accepted": _LONG, "n_rejected": _LONG,
            "n_errors": _LONG, "n_warnings": _LONG, "supersedes": _STRING,
        }
    ),
    "expected": pa.schema(
        {
            "form_code": _STRING, "form_title": _STRING, "sender_kind": _STRING,
            "sender_territory_id": _INT, "period": _STRING, "due_on": pa.date32(),
            "is_due": pa.bool_(),
        }
    ),
    "rules": pa.schema(
        {
            "rule_id": _STRING, "form_code": _STRING, "stage": _STRING, "severity": _STRING,
            "title_ru": _STRING, "clause": _STRING, "n_checked": _LONG, "n_failed": _LONG,
        }
    ),
    # Each delivery and the version before it; counts are NULL when there is none to compare with.
    "versions": pa.schema(
        {
            "delivery_id": _STRING, "previous_delivery_id": _STRING, "period": _STRING,
            "is_current": pa.bool_(), "is_readable": pa.bool_(),
            "n_fixed": _LONG, "n_left": _LONG, "n_new": _LONG,
        }
    ),
    "decisions": pa.schema(
        {
            "kind": _STRING, "file": _STRING, "line": _INT, "fate": _STRING, "n_findings": _LONG,
        }
    ),
    "decision_messages": pa.schema(
        {
            "kind": _STRING, "file": _STRING, "line": _INT, "fate": _STRING, "message": _STRING,
        }
    ),
    "run": pa.schema(
        {
            "order_id": _STRING, "as_of": pa.date32(), "known_at": pa.timestamp("us"),
            "run_id": _STRING, "load_id": _STRING, "rules_version": _STRING,
        }
    ),
}  # fmt: skip
Row = dict[str, Any]


def write_table(folder: Path, name: str, rows: Iterable[Row]) -> None:
    """Write one outcome table in its schema."""
    folder.mkdir(parents=True, exist_ok=True)
    table = pa.Table.from_pylist(list(rows), schema=SCHEMAS[name])
    pq.write_table(table, folder / f"{name}.parquet")


def _detail(delivery: Delivery, **facts: object) -> list[object]:
    row = dict.fromkeys(DETAIL_COLUMNS) | {
        "delivery_id": delivery.delivery_id,
        "form_code": delivery.form_code or UNKNOWN_FORM,
        "sender_territory_id": delivery.sender_territory_id,
        "territory_id": delivery.sender_territory_id,
        "stage": str(Stage.FILE),
        "rule_no": -1,
        "period": line_of(delivery)[1],
        # Nobody knows what an unrouted file is: it is called by its name alone.
        "natural_key": "" if delivery.form_code else fold(delivery.file_name),
        "fact": facts.get("message"),
        **facts,
    }
    return list(row.values())


def add_file_findings(
    con: Connection,
    outcomes: Iterable[Outcome],
    deliveries: Iterable[Delivery],
    into: str = "findings_detail",
) -> None:
    """Append to `into` what is wrong with files and deliveries as a whole."""
    rows = [
        _detail(
            item, rule_id=f.code, severity=f.severity, sheet=f.sheet, row=f.row,
            column_title=f.column_title, message=f.message, how_to_fix=f.how_to_fix,
        )
        for item in deliveries
        for f in item.file_findings
    ]  # fmt: skip
    for outcome in outcomes:
        found = outcome.finding
        if found is not None:
            rule = found.rule
            rows.append(
                _detail(
                    outcome.delivery, rule_id=rule.id, severity="block", clause=rule.clause,
                    message=sentence(found.text(rule.message)),
                    expected=found.text(rule.expected),
                    how_to_fix=sentence(found.text(rule.fix)),
                )
            )  # fmt: skip
    insert_rows(con, into, rows)


def remark_counts(con: Connection) -> dict[str, tuple[int, int]]:
    """Delivery → (errors and rejections, warnings) that were neither waived nor confirmed."""
    rows = con.execute(
        "select delivery_id,"
        " count(*) filter (where severity in ('block', 'reject', 'error')),"
        " count(*) filter (where severity = 'warning')"
        " from findings_detail where delivery_id is not null and answered is null group by 1"
    ).fetchall()
    return {str(key): (int(errors), int(warnings)) for key, errors, warnings in rows}


def delivery_rows(
    found: Iterable[Verdict], remarks: Mapping[str, tuple[int, int]], reference: Reference
) -> list[Row]:
    """Rows of `deliveries`; times are Moscow's."""
    resolver = TerritoryResolver(reference)
    return [
        {
            "delivery_id": v.delivery.delivery_id,
            "form_code": v.delivery.form_code,
            "form_version": v.delivery.form_version,
            "sender_territory_id": v.delivery.sender_territory_id
            if v.delivery.form_code is None
            else sender_of(v.delivery),
            "as_of": v.delivery.as_of,
            "version": v.delivery.version,
            "received_at": v.delivery.received_at.astimezone(MOSCOW).replace(tzinfo=None),
            "sha256": v.delivery.sha256,
            "file_name": public_name(v.delivery.file_name, v.delivery.delivery_id, resolver),
            "channel": v.delivery.channel,
            "status": str(v.status),
            "is_selected": v.is_selected,
            "n_received": v.counts.received if v.counts else v.delivery.n_rows,
            "n_accepted": v.counts.accepted if v.counts else None,
            "n_rejected": v.counts.rejected if v.counts else None,
            "n_errors": remarks.get(v.delivery.delivery_id, (0, 0))[0],
            "n_warnings": remarks.get(v.delivery.delivery_id, (0, 0))[1],
            "supersedes": v.supersedes,
        }
        for v in found
    ]


def expected_rows(run: RunContext) -> list[Row]:
    """Rows of `expected`."""
    return [dict(vars(item)) for item in expected_deliveries(run)]


def run_row(run: RunContext, load_id: str) -> Row:
    """The only row of `run`."""
    return {
        "order_id": run.reference.order_id,
        "as_of": run.as_of,
        "known_at": run.known_at.replace(tzinfo=None),
        "run_id": run.run_id,
        "load_id": load_id,
        "rules_version": rules_fingerprint()[:16],
    }


def _count(con: Connection, relation: str) -> int:
    row = con.execute(f"select count(*) from {relation}").fetchone()
    return int(row[0]) if row else 0


def failed_by_number(con: Connection, form_code: str) -> dict[int, int]:
    """Rule number → broken rows of a form."""
    rows = con.execute(f"select rule_no, count(*) from {form_code}__found group by 1").fetchall()
    return {int(number): int(count) for number, count in rows}


def looked_at(checked: Checked, form_code: str) -> str:
    """Condition on `delivery_no` of the rows that the form's own rules saw."""
    if form_code == SEED_FORM:
        return "true"
    numbers = ", ".join(map(str, checked.selection.looked_at[form_code])) or "-1"
    return f"delivery_no in ({numbers})"


def _form_rules(con: Connection, checked: Checked, compiled: CompiledForm) -> list[Row]:
    code = compiled.rules_of_form.form
    failed = failed_by_number(con, code)
    seen = {
        Stage.FORM: _count(con, f"{code}__all where {looked_at(checked, code)}"),
        Stage.CROSS: 0 if code == SEED_FORM else _count(con, code),
    }
    available = checked.selection.available | {code}

    def n_checked(rule: CompiledRule) -> int:
        if not rule.can_be_checked(available):
            return 0
        if rule.rule.each is Each.ROW:
            return seen[rule.rule.stage]
        return _count(con, table_of(code, rule.rule.stage, rule.rule.each))

    return [
        {
            "rule_id": rule.rule.id,
            "form_code": code,
            "stage": str(rule.rule.stage),
            "severity": str(rule.severity),
            "title_ru": rule.rule.title,
            "clause": rule.rule.clause,
            "n_checked": n_checked(rule),
            "n_failed": failed.get(rule.number, 0),
        }
        for rule in compiled.rules
    ]


def _file_rules(con: Connection, checked: Checked, found: Iterable[Verdict]) -> list[Row]:
    """Rules about files and deliveries, for the forms that had any."""
    titles = {code: (f["title"], f["severity"], "") for code, f in file_finding_catalogue().items()}
    written: Iterable[DeliveryRule] = checked.setup.catalogue.delivery_rules.values()
    titles |= {rule.id: (rule.title, "block", rule.clause) for rule in written}
    received: dict[str, int] = {}
    for verdict in found:
        code = verdict.delivery.form_code or UNKNOWN_FORM
        received[code] = received.get(code, 0) + 1
    failed = con.execute(
        "select rule_id, form_code, count(distinct delivery_id) from findings_detail"
        " where stage = 'F' group by 1, 2"
    ).fetchall()
    counts = {(str(rule), str(form)): int(n) for rule, form, n in failed}
    return [
        {
            "rule_id": rule_id, "form_code": form, "stage": str(Stage.FILE),
            "severity": severity, "title_ru": title, "clause": clause,
            "n_checked": n, "n_failed": counts.get((rule_id, form), 0),
        }
        for form, n in sorted(received.items())
        for rule_id, (title, severity, clause) in titles.items()
    ]  # fmt: skip


def rule_rows(
    con: Connection, checked: Checked, seed: CompiledForm, found: list[Verdict]
) -> list[Row]:
    """Rows of `rules`: every rule of every form, broken or not."""
    rows = [row for c in (seed, *checked.compiled.values()) for row in _form_rules(con, checked, c)]
    return rows + _file_rules(con, checked, found)
