"""Older deliveries that rules compare with: at most one a sender and need, whatever the year holds.

What enters: the chosen deliveries of a form and everything the run sees of it. What leaves: tables
`<FORM>__<name>` as the form's `history:` asks for (empty when nothing older came), and the sizes of
deliveries before.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from expectations.catalogue import BEFORE
from expectations.compile import CompiledForm, Setup, with_columns
from expectations.database import Connection, insert_rows
from expectations.models import Beside, Derived, History, Stage
from expectations.selection import Candidates, Selection, sender_of, source_of
from expectations.tables import Source, add_inputs, files_of
from expectations.typed import typed_rows
from ingest.deliveries import Delivery
from ingest.forms import Form, FormVersion

_PAIRS = "pairs_of_history"


@dataclass(frozen=True)
class Compared:
    """A form and the table that its rules ask for."""

    form_code: str
    history: History

    @property
    def table(self) -> str:
        """Name of the table."""
        return f"{self.form_code}__{self.history.name}"


@dataclass(frozen=True)
class Pair:
    """A chosen delivery by its number, and the older one it is compared with."""

    delivery_no: int
    older: Source


def _by_sender(candidates: Candidates) -> dict[int, list[Delivery]]:
    """What each sender sent, newest first, as far as there are rows in it."""
    found: dict[int, list[Delivery]] = defaultdict(list)
    for item in candidates.may_serve:
        if item.n_rows:
            found[sender_of(item)].append(item)
    return found


def _compared(
    chosen: Iterable[Delivery], sent: Mapping[int, Sequence[Delivery]], day: date | None
) -> Iterator[tuple[Delivery, Delivery]]:
    """Deliveries, each with the newest one of its sender whose content is of before `day`.

    Whether that one was accepted in its time is not asked: it would have to be checked again.
    `day` None: before each delivery's own date; else only deliveries of that day or later.
    """
    for delivery in chosen:
        own = delivery.as_of or date.min
        limit = day or own
        items = sent.get(sender_of(delivery), ()) if own >= limit else ()
        older = next((item for item in items if (item.as_of or limit) < limit), None)
        if older is not None:
            yield delivery, older


def _wanted(form: Form, history: History, derived: tuple[Derived, ...]) -> set[str]:
    texts = " ".join(d.sql for d in derived)
    named = set(history.columns) | set(re.findall(r"\bt\.([a-z_0-9]+)", texts))
    columns = form.latest.columns
    # A column that names a territory is also read as the territory it was resolved to.
    return {c.name for c in columns if {c.name, f"{c.name}_territory_id"} & named}


def _reduced(version: FormVersion, wanted: set[str]) -> FormVersion:
    columns = tuple(c for c in version.columns if c.name in wanted)
    return version.model_copy(update={"columns": columns})


def create_history(
    con: Connection,
    setup: Setup,
    compared: Compared,
    pairs: Sequence[Pair],
    given: str | None = None,
) -> None:
    """Create `<FORM>__<name>`: the asked columns of the older deliveries, with `before_on`.

    Args:
        con: the run's database with its reference tables.
        setup: rules, order and date.
        compared: the form and what its rules ask for.
        pairs: which delivery is compared with which.
        given: SQL of text rows with a column `_path`, instead of the parquet files.
    """
    history, form = compared.history, setup.mappings.form(compared.form_code)
    rules = setup.catalogue.forms[compared.form_code]
    derived = tuple(d for d in rules.derived(Stage.FORM) if d.name in history.columns)
    wanted = _wanted(form, history, derived)
    versions = tuple(_reduced(version, wanted) for version in form.versions)
    reduced = form.model_copy(update={"versions": versions})
    con.execute(f"create or replace temp table {_PAIRS} (delivery_no integer, older_no integer)")
    insert_rows(con, _PAIRS, [[pair.delivery_no, pair.older.delivery_no] for pair in pairs])
    names = ", ".join(f't."{name}"' for name in history.columns)

    def joined(rows: str) -> str:
        full = with_columns(f"({rows})", derived, setup)
        return (
            f"select p.delivery_no, t.sender_territory_id, t.delivery_as_of as before_on, {names}"
            f" from ({full}) t inner join {_PAIRS} p on p.older_no = t.delivery_no"
        )

    nothing = typed_rows(con, setup, reduced, versions[-1], None)
    con.execute(f"create table {compared.table} as {joined(nothing)}")
    add_inputs(con, form, [pair.older for pair in pairs])
    for version in versions:
        sources = [p.older for p in pairs if p.older.form_version == version.version]
        if sources:
            rows = typed_rows(con, setup, reduced, version, given or files_of(con, sources))
            con.execute(f"insert into {compared.table} {joined(rows)}")


def remember_sizes(
    con: Connection, form_code: str, sizes: Sequence[tuple[int, int, date | None]]
) -> None:
    """Say how many rows the deliveries before these had: number, rows, date of the older one."""
    insert_rows(con, "sizes_before", [[form_code, *size] for size in sizes])


def load_history(
    con: Connection,
    setup: Setup,
    compiled: CompiledForm,
    candidates: Candidates,
    selection: Selection,
) -> None:
    """Load what the rules of a form compare with; `selection.available` grows by what there is."""
    form_code = compiled.rules_of_form.form
    chosen = [o.delivery for o in selection.outcomes if o.is_selected]
    chosen = [delivery for delivery in chosen if delivery.form_code == form_code]
    if len({delivery.as_of for delivery in chosen}) > 1:
        selection.available |= {f"{form_code}__{Beside.EARLIER}"}
    if len({sender_of(delivery) for delivery in chosen}) > 1:
        selection.available |= {f"{form_code}__{Beside.OTHERS}"}
    sent = _by_sender(candidates)
    sizes = [
        (selection.number(delivery), older.n_rows, older.as_of)
        for delivery, older in _compared(chosen, sent, None)
    ]
    remember_sizes(con, form_code, sizes)
    if sizes:
        selection.available |= {f"{form_code}__{BEFORE}"}
    for history in compiled.rules_of_form.history:
        day = None if history.before == "delivery" else setup.reference.day(history.before)
        pairs = [
            Pair(selection.number(delivery), source_of(older, selection))
            for delivery, older in _compared(chosen, sent, day)
        ]
        compared = Compared(form_code, history)
        create_history(con, setup, compared, pairs)
        if pairs:
            selection.available |= {compared.table}
