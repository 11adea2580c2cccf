"""The steps of a run, one call a task: what Airflow schedules and the benchmark times.

What enters: small texts (a date, a moment, a delivery's id). What leaves: small counts without
personal data. Everything between the steps lies on disk, so any step can be killed and repeated.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from bvb.clock import moscow_now
from ingest.deliveries import Status, load_delivery, write_atomically
from ingest.landing import all_landed, land_folder, load_landed
from ingest.runs import RunContext, late_deliveries, make_run, visible_deliveries
from ingest.settings import MOSCOW, Settings, load_settings

if TYPE_CHECKING:
    from ingest.deliveries import Landed
    from ingest.read import Knowledge

PROJECT = Path(__file__).resolve().parents[1]
# What decides the bytes of marts and reports, besides the deliveries and the seeds.
_CODE = {
    "expectations": ("*.py", "*.yml"),
    "dbt_project": ("*.sql", "*.yml"),
    "warehouse": ("*.py",),
    "reports": ("*.py", "*.yml", "*.j2", "*.js", "*.css"),
    "ingest": ("*.py", "*.yml"),
}
Layer = Literal["seeds", "staging", "facts", "marts"]


class RunNotUnderstood(Exception):
    """The date or the moment of a run is not written as expected."""


class DateInFuture(Exception):
    """A run of a day that has not come yet: its files cannot exist."""


def resolve_as_of(
    as_of: str | None, partition_key: str | None, asked_at: datetime | None = None
) -> date:
    """The run's date: given, else the end of the partition's month, else of the last month.

    Args:
        as_of: `YYYY-MM-DD` from the form or the command line.
        partition_key: `YYYY-MM` of a scheduled run.
        asked_at: when a run without both was asked for.

    Raises:
        RunNotUnderstood: nothing says a date.
    """
    from ingest.routing import month_end

    try:
        if as_of:
            return date.fromisoformat(as_of)
        if partition_key:
            return month_end(partition_key)
    except ValueError as error:
        raise RunNotUnderstood(
            f"expected a date YYYY-MM-DD or a month YYYY-MM, found {as_of or partition_key!r}"
        ) from error
    if asked_at:
        return asked_at.astimezone(MOSCOW).date().replace(day=1) - timedelta(days=1)
    raise RunNotUnderstood(
        "expected a date: give as_of=YYYY-MM-DD in the form, or let the monthly schedule run"
    )


def _latest(settings: Settings) -> datetime | None:
    landed = all_landed(settings)
    return max((item.received_at for item in landed), default=None)


def open_run(
    as_of: date, known_at: str | None = None, settings: Settings | None = None
) -> RunContext:
    """The run of a date; `known_at` is a moment, `latest` (all that came) or empty (the freeze).

    Raises:
        RunNotUnderstood: the moment is not ISO 8601.
        DateInFuture: the date has not come yet.
    """
    settings = settings or load_settings()
    today = moscow_now().date()
    if as_of > today:
        raise DateInFuture(
            f"expected a date up to today, {today}, found {as_of}; "
            "run it when that day is over: no file of it can exist yet"
        )
    moment: datetime | None = None
    if known_at == "latest":
        moment = _latest(settings)
    elif known_at:
        try:
            moment = datetime.fromisoformat(known_at)
        except ValueError as error:
            raise RunNotUnderstood(
                f"expected a moment such as 2024-10-03T18:00, or latest; found {known_at!r}"
            ) from error
        if moment.tzinfo is None:
            moment = moment.replace(tzinfo=MOSCOW)
    return make_run(settings, as_of, moment)


def _label(landed: Landed, known: Knowledge) -> str:
    """A file's name for logs; one that is not shown is found by its folder."""
    from ingest.routing import public_name

    folder, _, name = landed.source.rpartition("/")
    resolver = known.resolver_at(landed.received_at.astimezone(MOSCOW).date())
    shown = public_name(name, landed.delivery_id, resolver)
    return name if shown == name else f"{folder.split('/', 1)[0] or 'incoming'}/{shown}"


def land(settings: Settings | None = None, now: datetime | None = None) -> dict[str, Any]:
    """Land what lies in `incoming/`; say what has to be read.

    Returns:
        counts and `files`: delivery_id and label of each delivery that was not read yet.
    """
    from ingest.read import load_knowledge

    settings = settings or load_settings()
    settings.incoming.mkdir(parents=True, exist_ok=True)
    known = load_knowledge()
    outcome = land_folder(settings, settings.incoming, now or moscow_now())
    pending = []
    for landed in all_landed(settings):
        done = load_delivery(settings, landed.delivery_id)
        if done is None or done.read_with != known.fingerprint:
            pending.append({"delivery_id": landed.delivery_id, "label": _label(landed, known)})
    return {
        "new": len(outcome.new),
        "known": outcome.known,
        "still_writing": len(outcome.still_writing),
        "files": pending,
    }


def read(delivery_id: str, settings: Settings | None = None) -> dict[str, Any]:
    """Read one landed delivery; a file that cannot be used is an answer, not an error."""
    from ingest.read import load_knowledge, read_delivery

    settings = settings or load_settings()
    delivery = read_delivery(settings, load_landed(settings, delivery_id), load_knowledge())
    return {
        "form": delivery.form_code,
        "territory": delivery.sender_territory_id,
        "rows": delivery.n_rows,
        "blocked_by": [f.code for f in delivery.file_findings if f.severity == "block"],
    }


def _code_files() -> Iterable[Path]:
    for folder, patterns in _CODE.items():
        for pattern in patterns:
            yield from (
                path
                for path in (PROJECT / folder).rglob(pattern)
                if not {"target", "logs", "__pycache__"} & set(path.parts)
            )


def inputs_fingerprint(run: RunContext) -> str:
    """One hash over all that a run's result depends on: deliveries, knowledge, rules, models."""
    from ingest.read import load_knowledge
    from warehouse.history import previous_version

    digest = hashlib.sha256(run.run_id.encode())
    digest.update(load_knowledge().fingerprint.encode())
    before = previous_version(run.settings, run.reference.order_id, run.as_of)
    digest.update(before.encode())
    for delivery in visible_deliveries(run):
        digest.update(delivery.delivery_id.encode())
    for path in sorted(_code_files()):
        digest.update(path.relative_to(PROJECT).as_posix().encode())
        digest.update(path.read_bytes())
    return digest.hexdigest()


def _done_path(run: RunContext) -> Path:
    return run.outcomes_dir / "done.json"


def has_work(run: RunContext) -> bool:
    """Whether anything changed since this run was last finished."""
    path = _done_path(run)
    if not path.exists():
        return True
    done = json.loads(path.read_text(encoding="utf-8"))
    files = [run.settings.data_dir / name for name in done["files"]]
    complete = all(file.exists() for file in files)
    return not complete or bool(done["fingerprint"] != inputs_fingerprint(run))


def _record(run: RunContext, step: str, facts: dict[str, Any]) -> dict[str, Any]:
    """Keep what a step did beside the data: `ops_step_outcome` of the catalogue reads it."""
    row = {"as_of": f"{run.as_of}", "run_id": run.run_id, "step": step, "is_ok": True, **facts}
    text = json.dumps(row, ensure_ascii=False, sort_keys=True)
    write_atomically(run.outcomes_dir / "steps" / f"{step}.json", text.encode())
    return facts


def validate(run: RunContext) -> dict[str, Any]:
    """Split every form's rows into accepted and quarantined ones and check that GX agrees."""
    from expectations.validate import validate as validate_run

    summary = validate_run(run, load_id=inputs_fingerprint(run)[:16])
    return _record(run, "validate", summary.counts())


def answer(run: RunContext) -> dict[str, Any]:
    """Write the protocol of each sender."""
    from expectations.protocol import write_protocols

    return _record(run, "answer_senders", {"protocols": len(write_protocols(run))})


def _build(run: RunContext, layer: Layer) -> dict[str, Any]:
    from warehouse.build import build_layer

    return _record(run, layer, {"nodes": len(build_layer(run, layer))})


def staging(run: RunContext) -> dict[str, Any]:
    """Start the private warehouse anew: seeds and typed tables."""
    return _build(run, "seeds") | _build(run, "staging")


def facts(run: RunContext) -> dict[str, Any]:
    """Build dimensions and facts."""
    return _build(run, "facts")


def marts(run: RunContext) -> dict[str, Any]:
    """Build the indicator marts."""
    return _build(run, "marts")


def publish(run: RunContext) -> dict[str, Any]:
    """Freeze the marts, switch `current`, refresh the catalogue."""
    from warehouse.publish import publish as publish_run

    publication = publish_run(run)
    facts = {"version": publication.version, "load_id": publication.load_id}
    return _record(run, "publish", facts)


def report(run: RunContext) -> dict[str, Any]:
    """Render workbook and page from the frozen marts."""
    from reports.render import render

    paths = render(run.settings, run.as_of, run.reference.order_id)
    names = [path.relative_to(run.settings.data_dir).as_posix() for path in paths]
    return _record(run, "report", {"files": names})


def finish(run: RunContext) -> dict[str, Any]:
    """Close the run: remember its inputs and say whether anything was not taken."""
    record = run.outcomes_dir / "steps" / "report.json"
    files = json.loads(record.read_text(encoding="utf-8"))["files"]
    done = {"fingerprint": inputs_fingerprint(run), "files": files}
    write_atomically(_done_path(run), json.dumps(done, ensure_ascii=False).encode())
    verdict = "with_rejections" if rejected(run) else "all_files_accepted"
    return {"verdict": verdict, "late": late_deliveries(run)}


def rejected(run: RunContext) -> list[str]:
    """Ids of the run's deliveries of which nothing was taken."""
    import pyarrow.parquet as pq

    table = pq.read_table(
        run.accepted_dir / "deliveries.parquet", columns=["delivery_id", "status"]
    )
    return [row["delivery_id"] for row in table.to_pylist() if row["status"] == Status.REJECTED]


def outcome_label(label: str, outcome: dict[str, Any]) -> str:
    """What the grid shows for a file: its name and what became of it."""
    if outcome["blocked_by"]:
        return f"{label} — не принят ({', '.join(outcome['blocked_by'])})"
    return f"{label} — строк: {outcome['rows']}"


# The steps after reading, in their order; the DAG and the benchmark run the same ones.
STEPS: dict[str, Callable[[RunContext], dict[str, Any]]] = {
    "validate": validate,
    "answer_senders": answer,
    "staging": staging,
    "facts": facts,
    "marts": marts,
    "publish": publish,
    "report": report,
}
