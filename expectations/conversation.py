"""What was said before about the findings of a run: keys, answers, and the version before.

What enters: a checked database and the deliveries that the run received. What leaves: identified
and answered `findings_detail`, `findings_before_detail`, what became of decisions and versions.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from expectations.checks import Checked
from expectations.database import Connection
from expectations.decided import (
    Outcome,
    apply_decisions,
    known_names,
    mapping_outcomes,
    with_replies,
)
from expectations.difference import add_difference, version_rows
from expectations.identity import identify
from expectations.outcomes import add_file_findings
from expectations.verdicts import Received, verdicts
from expectations.versions import DETAIL, check_unseen, versions_of
from ingest.decisions import Decisions


@dataclass(frozen=True)
class Conversation:
    """What became of each line of the decisions, and the rows of `versions`."""

    answered: list[Outcome]
    versions: list[dict[str, Any]]


def converse(
    con: Connection, checked: Checked, received: Received, decisions: Decisions, today: date
) -> Conversation:
    """Give findings their keys and answers, and compare each file with the version before it.

    Args:
        con: the checked database with the macros of `expectations.keys`.
        checked: what the checks know.
        received: the deliveries of the run.
        decisions: what was decided by the run's moment.
        today: the day of that moment.
    """
    outcomes = checked.selection.outcomes
    looked_at = [o.delivery for o in outcomes if o.counts is not None]
    add_file_findings(con, outcomes, [*looked_at, *received.unreadable])
    identify(con)
    decisions = with_replies(decisions, [*received.older_replies, *received.replies])
    answered = apply_decisions(con, decisions, today, known_names(checked))
    answered += mapping_outcomes(decisions, checked.setup.mappings)
    versions = versions_of(verdicts(received, outcomes, {}))
    check_unseen(con, checked, versions.unseen)
    identify(con, DETAIL)
    readable = frozenset(item.delivery_id for item in looked_at)
    differences = add_difference(con, versions, readable)
    return Conversation(answered, version_rows(versions, readable, differences))
