"""Which delivery serves: the newest that passes, and an answer for each that does not."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from expectations.compile import Setup, compile_form
from expectations.scan import RowCounts
from expectations.selection import (
    Candidates,
    Outcome,
    Selection,
    select_form,
    sender_of,
)
from ingest.deliveries import Delivery
from tests.expectations.conftest import MakeDelivery, Select
from tests.expectations.deliveries import Connection

GOOD = {"attempt_id": "Д-1"}
NO_KEY = {"attempt_id": None}


def _by_id(selection: Selection) -> dict[str, Outcome]:
    return {outcome.delivery.delivery_id: outcome for outcome in selection.outcomes}


def _schools(*ids: str | None) -> list[dict[str, str | None]]:
    return [{"school_id": i} for i in ids]


def _accepted(con: Connection, form: str, column: str) -> list[str]:
    rows = con.execute(f"select {column} from {form} order by 1").fetchall()
    return [row[0] for row in rows]


@pytest.fixture
def choose(select: Select, setup: Setup, con: Connection) -> Select:
    """Select among deliveries of P01 and give what became of each."""

    def run(candidates: Sequence[Delivery]) -> Selection:
        return select(compile_form(setup, "P01"), candidates)

    return run


def test_the_newest_accepted_version_wins(
    choose: Select, delivery: MakeDelivery, con: Connection
) -> None:
    newest = delivery("P01", _schools("Ш-2", "Ш-3"), name="new")
    selection = choose([newest, delivery("P01", _schools("Ш-1"), name="old")])
    outcomes = _by_id(selection)
    assert outcomes["P01-new"].is_selected
    assert outcomes["P01-new"].counts == RowCounts(2, 2, 0)
    assert not outcomes["P01-old"].is_selected
    assert outcomes["P01-old"].counts is None, "an older one is not even looked at"
    assert _accepted(con, "P01", "school_id") == ["Ш-2", "Ш-3"]
    assert selection.available == {"P01"}


def test_a_rejected_resend_removes_nothing(
    choose: Select, delivery: MakeDelivery, con: Connection
) -> None:
    resend = delivery("P01", _schools(None, None), name="new")
    outcomes = _by_id(choose([resend, delivery("P01", _schools("Ш-1"), name="old")]))
    finding = outcomes["P01-new"].finding
    assert finding is not None
    assert finding.rule.id == "D-EMPTY"
    assert finding.text(finding.rule.message) == "Ни одна из 2 строк не принята"
    assert not outcomes["P01-new"].is_selected
    assert outcomes["P01-new"].counts == RowCounts(2, 0, 2)
    assert outcomes["P01-old"].is_selected
    assert _accepted(con, "P01", "school_id") == ["Ш-1"]


def test_when_nothing_serves_the_form_is_not_available(
    choose: Select, delivery: MakeDelivery, con: Connection
) -> None:
    selection = choose([delivery("P01", _schools(None))])
    assert selection.available == frozenset()
    assert _accepted(con, "P01", "school_id") == []


def test_half_of_the_rows_may_be_rejected_and_not_one_more(
    choose: Select, delivery: MakeDelivery, con: Connection
) -> None:
    outcome = _by_id(choose([delivery("P01", _schools("Ш-1", "Ш-2", None, None))]))["P01-a"]
    assert outcome.is_selected
    assert outcome.counts == RowCounts(4, 2, 2)


def test_more_than_half_rejected_returns_the_whole_file(
    choose: Select, delivery: MakeDelivery, con: Connection
) -> None:
    outcome = _by_id(choose([delivery("P01", _schools("Ш-1", "Ш-2", None, None, None))]))["P01-a"]
    assert outcome.finding is not None
    assert outcome.finding.rule.id == "D-SHARE"
    message = outcome.finding.text(outcome.finding.rule.message)
    assert message == "Отклонено 3 строк из 5: это больше допустимых 50%"
    assert outcome.counts == RowCounts(5, 0, 5), "its sound rows are not taken either"
    assert _accepted(con, "P01", "school_id") == []


def test_a_zero_report_is_accepted_and_replaces(
    choose: Select, delivery: MakeDelivery, con: Connection
) -> None:
    zero = delivery("P01", [], name="zero")
    outcomes = _by_id(choose([zero, delivery("P01", _schools("Ш-1"), name="old")]))
    assert outcomes["P01-zero"].is_selected
    assert outcomes["P01-zero"].counts == RowCounts(0, 0, 0)
    assert _accepted(con, "P01", "school_id") == []


def test_senders_do_not_stand_in_each_others_way(
    select: Select, setup: Setup, delivery: MakeDelivery, con: Connection
) -> None:
    plain = {"subject_id": "О-1"}
    candidates = [
        delivery("M04", [plain | {"subject_name": None}], name="bad1", sender=1),
        delivery("M04", [plain], name="good2", sender=2),
        delivery("M04", [plain, plain | {"subject_id": "О-2"}], name="old1", sender=1),
        delivery("M04", [plain], name="old2", sender=2),
    ]
    outcomes = _by_id(select(compile_form(setup, "M04"), candidates))
    assert {i for i, o in outcomes.items() if o.is_selected} == {"M04-old1", "M04-good2"}
    assert outcomes["M04-old2"].counts is None
    rows = con.execute("select sender_territory_id, count(*) from M04 group by 1 order by 1")
    assert rows.fetchall() == [(1, 2), (2, 1)]


def test_without_the_referenced_form_the_file_gets_one_answer(
    select: Select, setup: Setup, delivery: MakeDelivery, con: Connection
) -> None:
    outcomes = _by_id(select(compile_form(setup, "P06"), [delivery("P06", [{}, {}])]))
    finding = outcomes["P06-a"].finding
    assert finding is not None
    assert finding.rule.id == "D-REFERENCE"
    message = finding.text(finding.rule.message)
    assert (
        message == "Строки не с чем сверить: не приняты сведения «Обучающиеся (выгрузка платформы)»"
    )
    assert outcomes["P06-a"].counts == RowCounts(2, 0, 2)
    assert con.execute("select count(*) from P06__found").fetchone() == (0,)


def test_with_the_referenced_form_only_orphans_are_rejected(
    select: Select, setup: Setup, delivery: MakeDelivery, con: Connection
) -> None:
    before = select(compile_form(setup, "P03"), [delivery("P03", [{"pupil_id": "О-1"}])])
    rows = [{"attempt_id": "Д-1", "pupil_id": "О-1"}, {"attempt_id": "Д-2", "pupil_id": "О-2"}]
    outcomes = _by_id(select(compile_form(setup, "P06"), [delivery("P06", rows)], before))
    assert outcomes["P06-a"].is_selected
    assert outcomes["P06-a"].counts == RowCounts(2, 1, 1)
    assert _accepted(con, "P06", "attempt_id") == ["Д-1"]


def test_the_platform_and_the_operator_are_sender_nought(delivery: MakeDelivery) -> None:
    assert sender_of(delivery("P01", [])) == 0
    assert sender_of(delivery("M04", [], sender=58)) == 58


def test_a_delivery_of_another_date_is_checked_and_never_selected(
    setup: Setup, delivery: MakeDelivery, con: Connection
) -> None:
    today, earlier = (delivery("P01", _schools(i), name=i) for i in ("Ш-1", "Ш-2"))
    selection = Selection()
    candidates = Candidates([today], [earlier])
    select_form(con, setup, compile_form(setup, "P01"), candidates, selection)
    outcomes = _by_id(selection)
    assert outcomes["P01-Ш-2"].counts == RowCounts(1, 1, 0)
    assert not outcomes["P01-Ш-2"].is_selected
    assert _accepted(con, "P01", "school_id") == ["Ш-1"]
