"""The second count of every rule, and the proof of it that publication and answers ask for.

What enters: a run whose rows were split. What leaves: results and Data Docs of Great Expectations,
and `gx/agreed.json` with the load that was counted twice, or an error.
"""

from __future__ import annotations

import json
from pathlib import Path

import pyarrow.parquet as pq

from expectations.catalogue import SEED_FORM
from expectations.checks import Checked
from expectations.compile import compile_form
from expectations.errors import NotAgreed
from expectations.reuse import checks_path, kept_keys, reading, remembered
from expectations.reuse_keys import given_of
from expectations.scan import compile_all
from expectations.suite import run_suite, table_suites
from ingest.deliveries import write_atomically
from ingest.runs import RunContext


def _proof_path(run: RunContext) -> Path:
    return run.outcomes_dir / "gx" / "agreed.json"


def _load_id(run: RunContext) -> str:
    rows = pq.read_table(run.accepted_dir / "run.parquet", columns=["load_id"]).to_pylist()
    return str(rows[0]["load_id"])


def _counted(path: Path, keys: dict[str, str]) -> frozenset[str]:
    """Forms whose rows and rules are those of the count before."""
    if not path.exists():
        return frozenset()
    before = json.loads(path.read_text(encoding="utf-8")).get("keys", {})
    return frozenset(code for code, key in keys.items() if before.get(code) == key)


def agree(run: RunContext) -> int:
    """Count everything again by Great Expectations and compare; what did not change stays counted.

    Returns:
        how many expectations stand in the results.

    Raises:
        ChecksGone: the rows of this run were not split, or the rules have changed since.
        SuiteCrashed: an expectation could not be evaluated.
        CountsDisagree: the suite counted other numbers than the split.
    """
    load_id, path = _load_id(run), _proof_path(run)
    given = given_of(run)
    with reading(run, given.made_with) as con:
        checked = Checked(given.setup, compile_all(given.setup), remembered(con))
        suites = table_suites(con, checked, compile_form(given.setup, SEED_FORM))
        # With what the key is made belongs to it: other rules of the same rows count anew.
        keys = {code: f"{given.made_with} {key}" for code, key in kept_keys(con).items()}
    unchanged = _counted(path, keys)
    path.unlink(missing_ok=True)
    count = run_suite(checks_path(run), suites, run, unchanged)
    proof = {"load_id": load_id, "expectations": count, "keys": keys}
    write_atomically(path, json.dumps(proof).encode())
    return count


def require_agreed(run: RunContext) -> None:
    """Check that the rows of the run were counted twice.

    Raises:
        NotAgreed: they were not, or other rows were.
    """
    load_id, path = _load_id(run), _proof_path(run)
    if not path.exists():
        raise NotAgreed(load_id, "no count at all")
    found = json.loads(path.read_text(encoding="utf-8"))["load_id"]
    if found != load_id:
        raise NotAgreed(load_id, f"a count of {found}")
