"""What the check of a form depends on, as keys: an equal key means an equal result.

What enters: a run, its deliveries, the secret, decided names. What leaves: one key of all that
every form depends on, and a key a form.
"""

from __future__ import annotations

import hashlib
import json
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import duckdb

from expectations.catalogue import SEED_FORM, Catalogue, form_codes
from expectations.compile import Setup, make_setup
from expectations.models import Stage
from ingest.code import code_fingerprint
from ingest.decisions import Decisions, load_decisions
from ingest.deliveries import Delivery
from ingest.knowledge import load_knowledge
from ingest.mappings import Mappings, read_mappings
from ingest.runs import RunContext


@dataclass(frozen=True)
class Given:
    """What a check of a run begins with, besides its deliveries, and the key of it."""

    decisions: Decisions
    setup: Setup
    made_with: str


def _digest(parts: Iterable[object]) -> str:
    digest = hashlib.sha256()
    for part in parts:
        text = f"{part}".encode()
        digest.update(b"%d:" % len(text))  # so that no two lists of parts look the same
        digest.update(text)
    return digest.hexdigest()


def _decided(mappings: Mappings) -> str:
    words = sorted((place, sorted(meant.items())) for place, meant in mappings.words.items())
    lists = (mappings.aliases, words, mappings.schools, mappings.people, sorted(mappings.decided))
    return json.dumps(lists, default=str)


def given_of(run: RunContext) -> Given:
    """Decisions, rules and order of a run; the key says code, date, secret and decided names."""
    decisions = load_decisions(run.settings, run.known_at)
    mappings = read_mappings(decisions, run.reference)
    key = _digest(
        [
            code_fingerprint(("expectations", "ingest")),
            duckdb.__version__,
            load_knowledge().fingerprint,
            run.run_id,
            run.reference.order_id,
            hashlib.sha256(run.settings.secret()).hexdigest(),
            _decided(mappings),
        ]
    )
    return Given(decisions, make_setup(run.reference, run.as_of, mappings), key)


def _read_by(catalogue: Catalogue, code: str) -> Mapping[Stage, frozenset[str]]:
    """Other forms whose accepted rows a form's SQL reads, by stage."""
    rules = catalogue.forms[code]
    # Findings are worded when all forms were looked at, so what only words read is read then.
    worded = [rules.territory, *(rule.value or "" for rule in rules.rules)]
    texts: dict[Stage, list[str]] = {stage: [] for stage in Stage} | {Stage.CROSS: worded}
    for rule in rules.rules:
        texts[rule.stage].append(rule.sql())
    for derived in rules.derive:
        texts[derived.stage].append(derived.sql)
    return {stage: form_codes(found) - {code, SEED_FORM} for stage, found in texts.items()}


def _parts(delivery: Delivery) -> Iterable[Any]:
    yield delivery.model_dump_json(exclude={"parsed_path"})
    if delivery.parsed_path is not None:
        # Rows of a withdrawn child are taken out of the file, and the record stays as it was.
        found = delivery.parsed_path.stat()
        yield from (found.st_size, found.st_mtime_ns)


def form_keys(catalogue: Catalogue, visible: Iterable[Delivery]) -> dict[str, str]:
    """The key of every source form: its deliveries, and those of the forms that its rules read.

    Args:
        catalogue: all rules; its order puts forms whose rows decide about others before them.
        visible: everything that the run sees, in its order.
    """
    sent: dict[str, list[Any]] = defaultdict(list)
    for item in visible:
        sent[item.form_code or ""] += _parts(item)
    codes = [code for code in catalogue.order if code != SEED_FORM]
    read = {code: _read_by(catalogue, code) for code in codes}
    rows: dict[str, str] = {}  # which rows of a form are accepted
    for code in codes:
        rows[code] = _digest(
            [code, *sent[code], *(rows[n] for n in sorted(read[code][Stage.FORM]))]
        )
    return {
        code: _digest([rows[code], *(rows[n] for n in sorted(read[code][Stage.CROSS]))])
        for code in codes
    }
