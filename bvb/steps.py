"""The steps of a run, one call a task: what Airflow schedules and the benchmark times.

What enters: small texts (a date, a moment, a delivery's id). What leaves: small counts without
personal data. Everything between the steps lies on disk, so any step can be killed and repeated.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from bvb.clock import moscow_now
from ingest.code import code_fingerprint
from ingest.decisions import decisions_fingerprint
from ingest.deliveries import Status, load_delivery, write_atomically
from ingest.landing import FOLDER, all_landed, land_folder, load_landed
from ingest.runs import RunContext, late_deliveries, visible_deliveries
from ingest.settings import MOSCOW, Settings, load_settings

if TYPE_CHECKING:
    from ingest.deliveries import Landed
    from ingest.knowledge import Knowledge

# What decides the bytes of marts and reports, besides the deliveries.
_ROOMS = ("expectations", "dbt_project", "warehouse", "reports", "ingest", "desk")
Layer = Literal["seeds", "staging", "facts", "marts"]


def _label(landed: Landed, known: Knowledge) -> str:
    """A file's name for logs; one that is not shown is found by its folder."""
    from ingest.routing import public_name

    name = landed.file_name
    resolver = known.resolver_at(landed.received_at.astimezone(MOSCOW).date())
    shown = public_name(name, landed.delivery_id, resolver)
    return name if shown == name else f"{_sender(landed)}/{shown}"


def _sender(landed: Landed) -> str:
    """Whose files are read together: the first folder, else all of a channel."""
    return landed.folder or ("incoming" if landed.channel == FOLDER else landed.channel)


def land(settings: Settings | None = None, now: datetime | None = None) -> dict[str, Any]:
    """Land what lies in `incoming/`; say what has to be read, by sender.

    Returns:
        counts and `senders`: for each folder the ids and labels of deliveries not read yet.
    """
    from ingest.knowledge import load_knowledge

    settings = settings or load_settings()
    settings.incoming.mkdir(parents=True, exist_ok=True)
    known = load_knowledge()
    outcome = land_folder(settings, settings.incoming, now or moscow_now())
    pending: dict[str, list[dict[str, str]]] = {}
    for landed in all_landed(settings):
        done = load_delivery(settings, landed.delivery_id)
        if done is None or done.read_with != known.fingerprint:
            file = {"delivery_id": landed.delivery_id, "label": _label(landed, known)}
            pending.setdefault(_sender(landed), []).append(file)
    return {
        "new": len(outcome.new),
        "known": outcome.known,
        "still_writing": len(outcome.still_writing),
        "senders": [{"sender": name, "files": files} for name, files in sorted(pending.items())],
    }


def read(delivery_id: str, settings: Settings | None = None) -> dict[str, Any]:
    """Read one landed delivery; a file that cannot be used is an answer, not an error."""
    from duty.forget import forget_in
    from ingest.knowledge import load_knowledge
    from ingest.read import read_delivery

    settings = settings or load_settings()
    landed = load_landed(settings, delivery_id)
    delivery = read_delivery(settings, landed, load_knowledge())
    if forget_in(settings, delivery_id, moscow_now()):  # consents withdrawn before it came
        delivery = load_delivery(settings, delivery_id) or delivery
    return {
        "form": delivery.form_code,
        "territory": delivery.sender_territory_id,
        "rows": delivery.n_rows,
        "blocked_by": [f.code for f in delivery.file_findings if f.severity == "block"],
    }


def read_sender(sender: dict[str, Any], settings: Settings | None = None) -> dict[str, Any]:
    """Read all files of one sender.

    Returns:
        `label` for the grid, and `refused`: labels and reasons of files that cannot be used.
    """
    rows, refused = 0, []
    for file in sender["files"]:
        outcome = read(file["delivery_id"], settings)
        rows += outcome["rows"]
        if outcome["blocked_by"]:
            refused.append(f"{file['label']} ({', '.join(outcome['blocked_by'])})")
    label = f"{sender['sender']} — файлов: {len(sender['files'])}, строк: {rows}"
    if refused:
        label += f", не приняты: {'; '.join(refused)}"
    return {"label": label, "files": len(sender["files"]), "refused": refused}


def receive(settings: Settings, now: datetime | None = None) -> int:
    """Land and read everything that lies in `incoming/`, in this process; how many files."""
    senders = land(settings, now)["senders"]
    return sum(read_sender(sender, settings)["files"] for sender in senders)


def inputs_fingerprint(run: RunContext) -> str:
    """One hash over all that a run's result depends on: deliveries, knowledge, rules, models."""
    from ingest.knowledge import load_knowledge
    from warehouse.history import previous_version

    digest = hashlib.sha256(run.run_id.encode())
    digest.update(load_knowledge().fingerprint.encode())
    before = previous_version(run.settings, run.reference.order_id, run.as_of)
    digest.update(before.encode())
    digest.update(decisions_fingerprint(run.settings, run.known_at).encode())
    for delivery in visible_deliveries(run):
        digest.update(delivery.delivery_id.encode())
    digest.update(code_fingerprint(_ROOMS).encode())
    return digest.hexdigest()[:16]


def _done_path(run: RunContext) -> Path:
    return run.outcomes_dir / "done.json"


def has_work(run: RunContext) -> bool:
    """Whether anything changed since this run was last finished."""
    path = _done_path(run)
    if not path.exists():
        return True
    done = json.loads(path.read_text(encoding="utf-8"))
    # A file that was lost or cut since is a reason to work, whatever the inputs say.
    sizes = {run.settings.data_dir / name: size for name, size in done.get("made", {}).items()}
    complete = bool(sizes) and all(
        file.exists() and file.stat().st_size == n for file, n in sizes.items()
    )
    return not complete or bool(done["load_id"] != inputs_fingerprint(run))


def _made(run: RunContext, version: str) -> dict[str, int]:
    """Everything that a finished run left for others, with its size."""
    report = json.loads((run.outcomes_dir / "steps" / "report.json").read_text(encoding="utf-8"))
    data = run.settings.data_dir
    folders = (run.accepted_dir, run.settings.marts / version)
    files = [path for folder in folders for path in folder.rglob("*") if path.is_file()]
    files += [data / name for name in report["files"]]
    return {path.relative_to(data).as_posix(): path.stat().st_size for path in sorted(files)}


def _record(run: RunContext, step: str, facts: dict[str, Any]) -> dict[str, Any]:
    """Keep what a step did beside the data: `ops_step_outcome` of the catalogue reads it."""
    row = {"as_of": f"{run.as_of}", "run_id": run.run_id, "step": step, "is_ok": True, **facts}
    text = json.dumps(row, ensure_ascii=False, sort_keys=True)
    write_atomically(run.outcomes_dir / "steps" / f"{step}.json", text.encode())
    return facts


def validate(run: RunContext) -> dict[str, Any]:
    """Split every form's rows into accepted and quarantined ones."""
    from expectations.validate import validate as validate_run

    summary = validate_run(run, load_id=inputs_fingerprint(run))
    return _record(run, "validate", summary.counts())


def great_expectations(run: RunContext) -> dict[str, Any]:
    """Count every rule a second time; answers and publication wait for it."""
    from expectations.agreement import agree

    return _record(run, "great_expectations", {"expectations": agree(run)})


def answer(run: RunContext) -> dict[str, Any]:
    """Write the answer to each sender, her files with marks, and the receipts."""
    from desk.receipts import write_receipts
    from desk.returned import write_marked
    from expectations.agreement import require_agreed
    from expectations.protocol import write_protocols

    require_agreed(run)
    written = {"protocols": len(write_protocols(run)), "marked": len(write_marked(run))}
    return _record(run, "answer_senders", written | {"receipts": write_receipts(run.settings)})


def _rebuild_below(run: RunContext, layers: tuple[str, ...]) -> None:
    """Runs of two DAGs share one private warehouse: who finds another's begins anew."""
    from warehouse.build import build_layer, holds

    if not holds(run):
        for layer in layers:
            build_layer(run, layer)


def _build(run: RunContext, layer: Layer) -> dict[str, Any]:
    from warehouse.build import LAYERS, build_layer

    if layer in ("facts", "marts"):
        _rebuild_below(run, LAYERS[: LAYERS.index(layer)])
    return _record(run, layer, {"nodes": len(build_layer(run, layer))})


def staging(run: RunContext) -> dict[str, Any]:
    """Seeds and typed views in the private warehouse, made anew unless they stand."""
    from warehouse.ground import lay_ground

    return _record(run, "staging", {"nodes": len(lay_ground(run))})


def facts(run: RunContext) -> dict[str, Any]:
    """Build dimensions and facts."""
    return _build(run, "facts")


def marts(run: RunContext) -> dict[str, Any]:
    """Build the indicator marts."""
    return _build(run, "marts")


def publish(run: RunContext) -> dict[str, Any]:
    """Freeze the marts, switch `current`, refresh the catalogue."""
    from expectations.agreement import require_agreed
    from warehouse.build import LAYERS
    from warehouse.publish import publish as publish_run

    require_agreed(run)
    _rebuild_below(run, LAYERS)
    publication = publish_run(run)
    facts = {"version": publication.version, "load_id": publication.load_id}
    return _record(run, "publish", facts)


def report(run: RunContext) -> dict[str, Any]:
    """Render workbook and page from the frozen marts."""
    from reports.render import render

    done = render(run.settings, run.as_of, run.reference.order_id)
    names = [path.relative_to(run.settings.data_dir).as_posix() for path in done.paths]
    return _record(run, "report", {"files": names, "skipped": sorted(done.skipped)})


def finish(run: RunContext) -> dict[str, Any]:
    """Close the run: remember the load and say whether anything was not taken.

    The load is the one that was validated: a file that landed since makes the next run work.
    """
    from warehouse.build import read_load
    from warehouse.publish import version_of

    load_id = read_load(run).load_id
    done = {"load_id": load_id, "made": _made(run, version_of(run, load_id))}
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


# The steps after reading, in their order; the DAG and the benchmark run the same ones.
STEPS: dict[str, Callable[[RunContext], dict[str, Any]]] = {
    "validate": validate,
    "great_expectations": great_expectations,
    "answer_senders": answer,
    "staging": staging,
    "facts": facts,
    "marts": marts,
    "publish": publish,
    "report": report,
}
