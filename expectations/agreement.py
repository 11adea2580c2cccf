"""The second count of every rule, and the proof of it that publication and answers ask for.

What enters: a run whose rows were split. What leaves: results and Data Docs of Great Expectations,
and `gx/agreed.json` with the load that was counted twice, or an error.
"""

from __future__ import annotations

import json

import pyarrow.parquet as pq

from expectations.catalogue import SEED_FORM
from expectations.checks import Checked
from expectations.compile import compile_form, make_setup
from expectations.errors import NotAgreed
from expectations.reuse import checks_path, reading, remembered
from expectations.reuse_keys import made_with
from expectations.scan import compile_all
from expectations.suite import run_suite, table_suites
from ingest.decisions import load_decisions
from ingest.deliveries import write_atomically
from ingest.mappings import read_mappings
from ingest.runs import RunContext

_PROOF = "agreed.json"


def _load_id(run: RunContext) -> str:
    rows = pq.read_table(run.accepted_dir / "run.parquet", columns=["load_id"]).to_pylist()
    return str(rows[0]["load_id"])


def agree(run: RunContext) -> int:
    """Count everything again by Great Expectations and compare.

    Returns:
        how many expectations were evaluated.

    Raises:
        ChecksGone: the rows of this run were not split, or the rules have changed since.
        SuiteCrashed: an expectation could not be evaluated.
        CountsDisagree: the suite counted other numbers than the split.
    """
    load_id = _load_id(run)
    mappings = read_mappings(load_decisions(run.settings, run.known_at), run.reference)
    setup = make_setup(run.reference, run.as_of, mappings)
    with reading(run, made_with(run, mappings)) as con:
        checked = Checked(setup, compile_all(setup), remembered(con))
        suites = table_suites(con, checked, compile_form(setup, SEED_FORM))
    count = run_suite(checks_path(run), suites, run)
    proof = json.dumps({"load_id": load_id, "expectations": count})
    write_atomically(run.outcomes_dir / "gx" / _PROOF, proof.encode())
    return count


def require_agreed(run: RunContext) -> None:
    """Check that the rows of the run were counted twice.

    Raises:
        NotAgreed: they were not, or other rows were.
    """
    load_id, path = _load_id(run), run.outcomes_dir / "gx" / _PROOF
    if not path.exists():
        raise NotAgreed(load_id, "no count at all")
    found = json.loads(path.read_text(encoding="utf-8"))["load_id"]
    if found != load_id:
        raise NotAgreed(load_id, f"a count of {found}")
