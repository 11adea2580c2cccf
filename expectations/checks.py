"""All checks of a set of deliveries, once, for the pipeline and for `bvb check` alike.

What enters: a database, the rules of a date, candidate deliveries. What leaves: checked tables, the
selection of deliveries that serve, and `findings_detail` with what is to be said about rows.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from expectations.compile import CompiledForm, Setup
from expectations.database import Connection
from expectations.details import add_details, create_details
from expectations.history import load_history
from expectations.reuse import Reuse
from expectations.scan import check_across, compile_all
from expectations.selection import Candidates, Selection, select_form
from expectations.tables import create_reference_tables


@dataclass(frozen=True)
class Checked:
    """What the checks know at their end."""

    setup: Setup
    compiled: dict[str, CompiledForm]
    selection: Selection
    reuse: Reuse = field(default_factory=Reuse)


def run_checks(
    con: Connection,
    setup: Setup,
    candidates: Mapping[str, Candidates],
    *,
    require_references: bool = True,
    reuse: Reuse | None = None,
) -> Checked:
    """Check all forms in their order and say what is wrong with each row.

    Args:
        con: an empty database, or what `reuse` left in it; gets the tables of all forms and
            `findings_detail`.
        setup: rules, order and date.
        candidates: form code → deliveries; forms that are not named get no rows.
        require_references: refuse a delivery whose rows refer to a form nobody sent. A check of
            single files leaves such rules out instead.
        reuse: forms that were checked before and did not change.
    """
    create_reference_tables(con, setup)
    create_details(con)
    compiled = compile_all(setup)
    selection = Selection(require_references=require_references)
    reuse = reuse or Reuse()
    for code, rules in compiled.items():
        if code in reuse.same:
            reuse.restore(selection, code, setup)
            continue
        given = candidates.get(code, Candidates())
        select_form(con, setup, rules, given, selection)
        load_history(con, setup, rules, given, selection)
    changed = [rules for code, rules in compiled.items() if code not in reuse.same]
    for rules in changed:
        check_across(con, setup, rules, selection.available)
    for rules in changed:
        add_details(con, setup, rules)
    reuse.keep_findings(con, "findings_detail")
    return Checked(setup, compiled, selection, reuse)
