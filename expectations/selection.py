"""Which delivery serves: the newest whose rows pass; a rejected resend removes nothing.

What enters: candidates of a form, newest first. What leaves: checked rows in the database and one
`Outcome` for every delivery that was looked at or passed over.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace

from expectations.catalogue import DeliveryRule
from expectations.compile import CompiledForm, Setup
from expectations.database import Connection
from expectations.models import Stage
from expectations.scan import (
    RowCounts,
    check_form,
    create_result_tables,
    select_deliveries,
)
from expectations.tables import Source, load_rows
from ingest.deliveries import PLATFORM_OR_OPERATOR, Delivery
from ingest.forms import load_forms
from ingest.runs import line_of


@dataclass(frozen=True)
class DeliveryFinding:
    """Why a whole delivery was refused although its file could be read."""

    rule: DeliveryRule
    facts: dict[str, object]

    def text(self, template: str) -> str:
        """A text of the rule with the facts filled in."""
        return template.format_map(self.facts)


@dataclass(frozen=True)
class Outcome:
    """What became of one candidate; `counts` is None when an older one was not looked at."""

    delivery: Delivery
    counts: RowCounts | None
    finding: DeliveryFinding | None = None
    is_selected: bool = False


@dataclass(frozen=True)
class Candidates:
    """Deliveries of one form: those that may serve, newest first, and those of other dates.

    The latter are checked, because their senders wait for an answer, but never selected.
    """

    may_serve: Sequence[Delivery] = ()
    other_dates: Sequence[Delivery] = ()


@dataclass
class Selection:
    """Outcomes of a run so far; `available` holds the forms with accepted deliveries."""

    outcomes: list[Outcome] = field(default_factory=list)
    available: frozenset[str] = frozenset()
    looked_at: dict[str, list[int]] = field(default_factory=dict)
    numbers: dict[str, int] = field(default_factory=dict)
    last_no: dict[str, int] = field(default_factory=dict)
    require_references: bool = True

    def number(self, delivery: Delivery) -> int:
        """The delivery's number inside the run's database.

        Each form counts for itself: one more delivery of a form changes no number of another.
        """
        if delivery.delivery_id not in self.numbers:
            code = delivery.form_code or ""
            self.last_no[code] = self.last_no.get(code, _first_number(code)) + 1
            self.numbers[delivery.delivery_id] = self.last_no[code]
        return self.numbers[delivery.delivery_id]


def _first_number(form_code: str) -> int:
    """Where the numbers of a form begin: «M03» is 1303, with room for 100,000 deliveries."""
    return ((ord(form_code[0]) - ord("@")) * 100 + int(form_code[1:])) * 100_000


def sender_of(delivery: Delivery) -> int:
    """Who sent it; the platform and the operator are 0."""
    return delivery.sender_territory_id or PLATFORM_OR_OPERATOR


def source_of(delivery: Delivery, selection: Selection) -> Source:
    """The rows of a delivery that was read, under its number in this run."""
    if delivery.as_of is None or delivery.form_version is None or delivery.parsed_path is None:
        raise ValueError(f"delivery {delivery.delivery_id} is no candidate: it was not read")
    return Source(
        delivery_no=selection.number(delivery),
        delivery_id=delivery.delivery_id,
        sender_territory_id=sender_of(delivery),
        as_of=delivery.as_of,
        form_version=delivery.form_version,
        path=str(delivery.parsed_path),
    )


def missing_reference(compiled: CompiledForm, available: frozenset[str]) -> frozenset[str]:
    """Forms without which every row would be rejected as an orphan."""
    own = compiled.rules_of_form.form
    return frozenset(
        form
        for rule in compiled.rules
        if rule.rule.stage is Stage.FORM and rule.severity.rejects and rule.rule.references
        for form in rule.needs - available - {own}
    )


def refusal(
    setup: Setup, counts: RowCounts, missing: frozenset[str] = frozenset()
) -> DeliveryFinding | None:
    """Why nothing is taken of a delivery with these counts, if so."""
    rules = setup.catalogue.delivery_rules
    if counts.received == 0:
        return None
    if missing:
        titles = ", ".join(load_forms()[code].title for code in sorted(missing))
        return DeliveryFinding(rules["reference_missing"], {"needed": titles})
    facts: dict[str, object] = {"received": counts.received, "rejected": counts.rejected}
    if counts.accepted == 0:
        return DeliveryFinding(rules["nothing_accepted"], facts)
    share = rules["too_many_rejected"].tolerance
    if share is not None and counts.rejected > share.share * counts.received:
        return DeliveryFinding(rules["too_many_rejected"], facts | {"share": f"{share.share:.0%}"})
    return None


def _reject_all(con: Connection, form_code: str, numbers: Iterable[int]) -> None:
    listed = ", ".join(map(str, numbers)) or "-1"
    con.execute(
        f"insert into {form_code}__rejected select ord from {form_code}__all"
        f" where delivery_no in ({listed})"
        f" and ord not in (select ord from {form_code}__rejected)"
    )


def _outcome(delivery: Delivery, counts: RowCounts, finding: DeliveryFinding | None) -> Outcome:
    if finding is None:
        return Outcome(delivery, counts, is_selected=True)
    # Nothing is taken of a refused delivery, so its sound rows count as rejected too.
    return Outcome(delivery, RowCounts(counts.received, 0, counts.received), finding)


def _check_round(
    con: Connection,
    setup: Setup,
    compiled: CompiledForm,
    deliveries: Sequence[Delivery],
    selection: Selection,
) -> list[Outcome]:
    """Load and check one delivery a sender and month, all in one scan."""
    form_code = compiled.rules_of_form.form
    sources = [source_of(delivery, selection) for delivery in deliveries]
    load_rows(con, setup, form_code, sources)
    numbers = [source.delivery_no for source in sources]
    missing: frozenset[str] = frozenset()
    if selection.require_references:
        missing = missing_reference(compiled, selection.available)
    if missing:
        # One answer for the file instead of the same one for each of its rows.
        counts = {
            no: RowCounts(d.n_rows, 0, d.n_rows) for no, d in zip(numbers, deliveries, strict=True)
        }
    else:
        counts = check_form(con, compiled, selection.available, numbers)
        selection.looked_at[form_code] += numbers
    outcomes = []
    for number, delivery in zip(numbers, deliveries, strict=True):
        count = counts[number].with_unread(delivery.n_broken)
        finding = refusal(setup, count, missing)
        outcomes.append(_outcome(delivery, count, finding))
    refused = [n for n, o in zip(numbers, outcomes, strict=True) if not o.is_selected]
    _reject_all(con, form_code, refused)
    return outcomes


def select_form(
    con: Connection,
    setup: Setup,
    compiled: CompiledForm,
    candidates: Candidates,
    selection: Selection,
) -> None:
    """Check a form's candidates round by round until each sender, and month, has one that serves.

    Args:
        con: the run's database; gets the form's tables and its view of accepted rows.
        setup: rules, order and date.
        compiled: rules of the form.
        candidates: deliveries of any senders.
        selection: grows by the outcomes of this form.
    """
    form_code = compiled.rules_of_form.form
    load_rows(con, setup, form_code, [])
    create_result_tables(con, form_code)
    selection.looked_at[form_code] = []
    queues: dict[tuple[int, str], list[Delivery]] = defaultdict(list)
    for delivery in candidates.may_serve:
        queues[line_of(delivery)].append(delivery)
    chosen: list[int] = []
    while queues:
        deliveries = [queues[line].pop(0) for line in sorted(queues)]
        for outcome in _check_round(con, setup, compiled, deliveries, selection):
            selection.outcomes.append(outcome)
            line = line_of(outcome.delivery)
            if outcome.is_selected:
                chosen.append(selection.number(outcome.delivery))
                selection.outcomes += [Outcome(older, None) for older in queues[line]]
                queues[line] = []
        queues = defaultdict(list, {s: q for s, q in queues.items() if q})
    if candidates.other_dates:
        outcomes = _check_round(con, setup, compiled, candidates.other_dates, selection)
        selection.outcomes += [replace(outcome, is_selected=False) for outcome in outcomes]
    select_deliveries(con, form_code, chosen)
    if chosen:
        selection.available |= {form_code}
