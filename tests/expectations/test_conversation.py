"""What was said before: keys of findings, the version before, waivers and confirmations."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from expectations.checks import run_checks
from expectations.compile import Setup
from expectations.conversation import Conversation, converse
from expectations.database import open_database
from expectations.identity import ALPHABET, code_of, typed_code
from expectations.keys import install_keys
from expectations.outcomes import remark_counts
from expectations.selection import Candidates
from expectations.verdicts import Received
from ingest.decisions import load_decisions
from ingest.deliveries import Delivery, Reply, file_finding
from ingest.settings import MOSCOW, Settings
from tests.expectations.deliveries import AS_OF, make_delivery

SECRET = b"a secret of these tests"
FIRST = datetime(2024, 10, 1, 10, tzinfo=MOSCOW)
KNOWN_AT = datetime(2024, 10, 3, 23, 59, 59, tzinfo=MOSCOW)
SOUND: dict[str, Any] = {"school_name": "Школа № 1"}
NEGATIVE = {"school_name": "Школа № 2", "n_pupils": "-5"}  # V-46a, an error
EARLY = {"school_name": "Школа № 3", "held_from": "02.08.2024"}  # V-46b, a warning
WORDS = {"school_name": "Школа № 4", "n_events": "три"}  # T-n_events, an error
NAMELESS = {**SOUND, "school_name": None}  # N-school_name, the row is rejected
Rows = Sequence[dict[str, Any]]


@dataclass(frozen=True)
class Said:
    """Findings of a checked run."""

    talk: Conversation
    findings: list[dict[str, Any]]
    before: list[dict[str, Any]]
    remarks: dict[str, tuple[int, int]]
    accepted: int

    def of(self, rule_id: str, delivery_id: str | None = None) -> dict[str, Any]:
        """The only finding of a rule."""
        (found,) = [
            f
            for f in self.findings
            if f["rule_id"] == rule_id and delivery_id in (None, f["delivery_id"])
        ]
        return found

    def code(self, rule_id: str) -> str:
        found = self.of(rule_id)
        return code_of(found["finding_key"], found["value_key"])

    def version(self, delivery_id: str) -> dict[str, Any]:
        (row,) = [v for v in self.talk.versions if v["delivery_id"] == delivery_id]
        return row

    def counts(self, delivery_id: str) -> tuple[int, int, int]:
        row = self.version(delivery_id)
        return row["n_fixed"], row["n_left"], row["n_new"]


@dataclass(frozen=True)
class Desk:
    """A data directory in which files of one territory are checked."""

    setup: Setup
    folder: Path

    def write(self, name: str, text: str) -> None:
        path = self.folder / "decisions" / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, encoding="utf-8")

    def sent(self, name: str, rows: Rows, form: str = "M05") -> Delivery:
        """A version of a file; versions come a day after one another by their names."""
        day = timedelta(days=int(name.removeprefix("v")) - 1)
        item = make_delivery(self.folder, form, rows, name=name, sender=1)
        return item.model_copy(
            update={"delivery_id": name, "received_at": FIRST + day, "period": "2024-09"}
        )

    def check(
        self,
        *sent: Delivery,
        unreadable: Sequence[Delivery] = (),
        replies: Sequence[Delivery] = (),
        secret: bytes = SECRET,
        known_at: datetime = KNOWN_AT,
    ) -> Said:
        decisions = load_decisions(Settings(self.folder), known_at)
        newest_first = sorted(sent, key=lambda item: item.received_at, reverse=True)
        form = (*sent, *unreadable)[0].form_code or ""
        received = Received({form: Candidates(newest_first)}, tuple(unreadable), (), tuple(replies))
        con = open_database(None, self.folder / "spill")
        try:
            checked = run_checks(con, self.setup, received.to_check, require_references=False)
            install_keys(con, secret)
            talk = converse(con, checked, received, decisions, known_at.date())
            found, before = (
                con.execute(f"select * from {table} order by all").to_arrow_table().to_pylist()
                for table in ("findings_detail", "findings_before_detail")
            )
            for code in checked.compiled:
                rows = con.execute(f"select count(*) from {code}__found").fetchone()
                assert rows is not None
                assert rows[0] == sum(f["form_code"] == code and f["stage"] != "F" for f in found)
            (accepted,) = con.execute("select count(*) from M05").fetchall()[0]
            return Said(talk, found, before, remark_counts(con), accepted)
        finally:
            con.close()


@pytest.fixture
def desk(setup: Setup, tmp_path: Path) -> Desk:
    # The forms that this one reads, and no others: a check of all takes its time.
    catalogue = replace(setup.catalogue, order=("P01", "M02", "M05"))
    return Desk(replace(setup, catalogue=catalogue), tmp_path)


def test_the_same_defect_of_the_next_version_is_the_same_finding(desk: Desk) -> None:
    first = desk.check(desk.sent("v1", [NEGATIVE, EARLY]))
    moved = {**NEGATIVE, "n_pupils": "-6", "_sheet": "Лист 2"}
    second = desk.check(desk.sent("v2", [SOUND, EARLY, moved]))
    for rule in ("V-46a", "V-46b"):
        assert first.of(rule)["finding_key"] == second.of(rule)["finding_key"]
    # Another value is the same finding, and the code says so.
    assert first.code("V-46a")[:8] == second.code("V-46a")[:8]
    assert first.code("V-46a")[8:] != second.code("V-46a")[8:]
    assert first.code("V-46b") == second.code("V-46b")


@pytest.mark.parametrize(
    ("rows", "changed"),
    [
        ([{**NEGATIVE, "school_name": "Школа № 9"}], {}),
        ([NEGATIVE], {"sender_territory_id": 2}),
        ([NEGATIVE], {"period": "2024-08", "as_of": AS_OF.replace(month=8)}),
    ],
    ids=["another row", "another sender", "another month"],
)
def test_other_places_are_other_findings(desk: Desk, rows: Rows, changed: dict[str, Any]) -> None:
    known = desk.check(desk.sent("v1", [NEGATIVE])).of("V-46a")["finding_key"]
    other = desk.check(desk.sent("v1", rows).model_copy(update=changed))
    assert other.of("V-46a")["finding_key"] != known


def test_a_key_is_the_same_in_every_run_and_another_with_another_secret(desk: Desk) -> None:
    sent = desk.sent("v1", [NEGATIVE])
    known = desk.check(sent).of("V-46a")["finding_key"]
    assert desk.check(sent).of("V-46a")["finding_key"] == known
    assert desk.check(sent, secret=b"another secret of tests").of("V-46a")["finding_key"] != known
    assert set(known) <= set(ALPHABET)


def test_rows_of_one_name_are_told_apart_by_their_order(desk: Desk) -> None:
    said = desk.check(desk.sent("v1", [NEGATIVE, NEGATIVE, NEGATIVE]))
    keys = [f["finding_key"] for f in said.findings if f["rule_id"] == "V-46a"]
    assert len(set(keys)) == 3
    fewer = desk.check(desk.sent("v2", [NEGATIVE, NEGATIVE]))
    assert {f["finding_key"] for f in fewer.findings if f["rule_id"] == "V-46a"} < set(keys)


def test_a_row_without_its_key_is_known_by_all_that_stands_in_it(desk: Desk) -> None:
    nameless = [{**NAMELESS, "n_pupils": n} for n in ("7", "8")]
    said = desk.check(desk.sent("v1", nameless))
    keys = {f["finding_key"] for f in said.findings if f["rule_id"] == "N-school_name"}
    one = desk.check(desk.sent("v2", nameless[1:])).of("N-school_name")["finding_key"]
    assert len(keys) == 2 and one in keys


def test_a_new_version_is_compared_with_the_one_before_it(desk: Desk) -> None:
    first = [NEGATIVE, EARLY, WORDS, SOUND]
    second = [{**NEGATIVE, "n_pupils": "5"}, EARLY, {**SOUND, "held_to": "01.11.2024"}, WORDS]
    said = desk.check(desk.sent("v1", first), desk.sent("v2", second))
    assert said.counts("v2") == (1, 2, 1)
    assert said.version("v2")["previous_delivery_id"] == "v1"
    assert {(f["rule_id"], f["since_last"]) for f in said.before} == {
        ("V-46a", "fixed"),
        ("V-46b", "left"),
        ("T-n_events", "left"),
    }
    now = {(f["rule_id"], f["since_last"]) for f in said.findings if f["since_last"]}
    assert now == {("V-46b", "left"), ("V-46b", "new"), ("T-n_events", "left")}
    current = {v["delivery_id"]: v["is_current"] for v in said.talk.versions}
    assert current == {"v1": False, "v2": True}


def test_each_version_of_three_is_compared_with_its_own_predecessor(desk: Desk) -> None:
    said = desk.check(
        desk.sent("v1", [NEGATIVE]), desk.sent("v2", [EARLY]), desk.sent("v3", [EARLY, SOUND])
    )
    assert said.counts("v3") == (0, 1, 0)
    assert {f["delivery_id"] for f in said.before} == {"v1", "v2"}


def test_a_refused_version_leaves_the_findings_of_the_one_that_serves(desk: Desk) -> None:
    said = desk.check(desk.sent("v1", [NEGATIVE, SOUND]), desk.sent("v2", [NAMELESS]))
    assert said.version("v1")["is_current"] and said.version("v2")["is_current"]
    assert said.before == []
    fixed, _, new = said.counts("v2")
    assert fixed == 1  # the negative number is gone from the new version
    assert new == 2  # the row, and the file of which nothing was left


def test_of_an_unreadable_version_nothing_is_said_to_be_mended(desk: Desk) -> None:
    broken = desk.sent("v2", []).model_copy(
        update={"parsed_path": None, "file_findings": (file_finding("F-TRUNCATED", {"file": "x"}),)}
    )
    said = desk.check(desk.sent("v1", [NEGATIVE]), unreadable=[broken])
    assert said.version("v2")["n_fixed"] is None
    assert not said.version("v2")["is_readable"]


def test_a_readable_version_mends_an_unreadable_one(desk: Desk) -> None:
    broken = desk.sent("v1", []).model_copy(
        update={"parsed_path": None, "file_findings": (file_finding("F-TRUNCATED", {"file": "x"}),)}
    )
    said = desk.check(desk.sent("v2", [EARLY]), unreadable=[broken])
    assert said.counts("v2") == (1, 0, 1)
    assert not said.version("v1")["is_current"]


WAIVERS = "Правило;Форма;Территория;Код замечания;Кто разрешил;Причина;С;По;Решено\n"
CONFIRMATIONS = "Код замечания;Кто подтвердил;Причина;Когда\n"


def waived(desk: Desk, line: str, *sent: Delivery, **more: Any) -> Said:
    desk.write("waivers.csv", WAIVERS + line + "\n")
    return desk.check(*(sent or (desk.sent("v1", [NEGATIVE, EARLY]),)), **more)


def fate(said: Said) -> str:
    (outcome,) = said.talk.answered
    return f"{outcome.fate}"


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("V-46a;M05;1;;Орлова;Акт;01.10.2024;31.12.2024;02.10.2024", "applied"),
        ("V-46a;M05;;;Орлова;Акт;;31.12.2024;02.10.2024 15:00", "applied"),
        ("V-46a;M05;1;;Орлова;Акт;;03.10.2024;02.10.2024", "applied"),
        ("V-46a;M05;1;;Орлова;Акт;;02.10.2024;02.10.2024", "lapsed"),
        ("V-46a;M05;1;;Орлова;Акт;04.10.2024;31.12.2024;02.10.2024", "waiting"),
        ("V-46a;M05;2;;Орлова;Акт;;31.12.2024;02.10.2024", "idle"),
        ("V-46a;M05;67;;Орлова;Акт;;31.12.2024;02.10.2024", "refused"),
        ("V-99;M05;1;;Орлова;Акт;;31.12.2024;02.10.2024", "refused"),
        ("V-46a;;1;;Орлова;Акт;;31.12.2024;02.10.2024", "refused"),
        (";;;;Орлова;Акт;;31.12.2024;02.10.2024", "refused"),
        ("V-46a;M05;1;;Орлова;;;31.12.2024;02.10.2024", "refused"),
        ("V-46a;M05;1;;Орлова;Акт;;навсегда;02.10.2024", "refused"),
        ("V-46a;M05;1;;Орлова;Акт;05.10.2024;04.10.2024;02.10.2024", "refused"),
    ],
)
def test_a_waiver_holds_from_its_first_to_its_last_day(
    desk: Desk, line: str, expected: str
) -> None:
    said = waived(desk, line)
    assert fate(said) == expected
    finding = said.of("V-46a")
    assert (finding["answered"] == "waived") == (expected == "applied")
    assert said.remarks["v1"] == ((0, 1) if expected == "applied" else (1, 1))


def test_a_waiver_names_its_author_and_a_refused_line_says_why(desk: Desk) -> None:
    finding = waived(desk, "V-46a;M05;1;;Орлова;Акт;;31.12.2024;02.10.2024").of("V-46a")
    assert (finding["answered_by"], finding["answered_why"]) == ("Орлова", "Акт")
    assert f"{finding['answered_until']}" == "2024-12-31"
    (outcome,) = waived(desk, "V-99;M05;1;;Орлова;Акт;;31.12.2024;02.10.2024").talk.answered
    assert outcome.message == "Правила «V-99» у формы «M05» нет"
    assert (outcome.file, outcome.number) == ("waivers.csv", 2)


def test_a_waiver_by_code_outlives_the_value_and_spares_its_neighbours(desk: Desk) -> None:
    rows = [NEGATIVE, {**NEGATIVE, "school_name": "Школа № 8"}]
    both = desk.check(desk.sent("v1", rows)).findings
    code = code_of(both[0]["finding_key"], both[0]["value_key"])
    changed = desk.sent("v1", [{**row, "n_pupils": "-1"} for row in rows])
    said = waived(desk, f";;;{code.lower()};Орлова;Акт;;31.12.2024;02.10.2024", changed)
    answered = [f["finding_key"] for f in said.findings if f["answered"]]
    assert answered == [both[0]["finding_key"]]


def test_a_decision_made_later_is_not_seen(desk: Desk) -> None:
    line = "V-46a;M05;1;;Орлова;Акт;01.10.2024;31.12.2024;04.10.2024 09:00"
    assert waived(desk, line).talk.answered == []
    later = KNOWN_AT + timedelta(hours=10)
    assert fate(waived(desk, line, known_at=later)) == "applied"


def test_a_waiver_brings_no_rejected_row_back(desk: Desk) -> None:
    sent = desk.sent("v1", [NAMELESS, SOUND, SOUND | {"school_name": "Школа № 6"}])
    said = waived(desk, "N-school_name;M05;1;;Орлова;Акт;;31.12.2024;02.10.2024", sent)
    assert said.of("N-school_name")["answered"] == "waived"
    assert said.accepted == 2


def confirmed(desk: Desk, code: str, *sent: Delivery) -> Said:
    desk.write("confirmations.csv", f"{CONFIRMATIONS}{code};Петрова;Так и было;02.10.2024\n")
    return desk.check(*sent)


def test_a_sender_confirms_a_warning_until_its_value_changes(desk: Desk) -> None:
    sent = desk.sent("v1", [EARLY])
    code = desk.check(sent).code("V-46b")
    said = confirmed(desk, code, sent)
    assert fate(said) == "applied"
    assert said.of("V-46b")["answered"] == "confirmed"
    assert said.remarks.get("v1", (0, 0)) == (0, 0)
    # The same value in the next version is still confirmed, written otherwise or not.
    assert confirmed(desk, code, desk.sent("v2", [SOUND, EARLY])).of("V-46b")["answered"]
    changed = confirmed(desk, code, desk.sent("v2", [{**EARLY, "held_from": "03.08.2024"}]))
    assert changed.of("V-46b")["answered"] is None
    (outcome,) = changed.talk.answered
    assert (outcome.fate, outcome.message) == (
        "lapsed",
        "Подтверждение больше не действует: значение в файле изменилось",
    )


def reply(desk: Desk, code: str, text: str, sender: int | None = 1) -> Delivery:
    item = desk.sent("v3", [])
    said = (Reply(row=6, code=code, text=text),)
    return item.model_copy(
        update={"form_code": None, "sender_territory_id": sender, "as_of": None, "replies": said}
    )


@pytest.mark.parametrize(
    ("text", "sender", "expected", "message"),
    [
        ("верно, родители просили раньше", 1, "applied", ""),
        ("Верно", 1, "refused", "Подтверждение не учтено: напишите"),
        ("верно, подтверждаю", 1, "refused", "Подтверждение не учтено: напишите"),
        ("верно, так и было", 2, "idle", ""),  # another's finding
        ("верно, так и было", None, "refused", "Подтверждение не учтено: не понятно"),
    ],
)
def test_an_answer_that_came_back_confirms_its_senders_own(
    desk: Desk, text: str, sender: int | None, expected: str, message: str
) -> None:
    sent = desk.sent("v1", [EARLY])
    said = desk.check(sent, replies=[reply(desk, desk.check(sent).code("V-46b"), text, sender)])
    (outcome,) = said.talk.answered
    assert outcome.fate == expected and outcome.message.startswith(message)
    assert (outcome.file, outcome.number) == ("v3", 6)
    assert (said.of("V-46b")["answered"] == "confirmed") == (expected == "applied")
    assert [v["delivery_id"] for v in said.talk.versions] == ["v1"]


def test_an_error_cannot_be_confirmed(desk: Desk) -> None:
    sent = desk.sent("v1", [NEGATIVE])
    said = confirmed(desk, desk.check(sent).code("V-46a"), sent)
    assert fate(said) == "refused"
    assert said.of("V-46a")["answered"] is None


def test_a_confirmation_of_what_is_gone_disturbs_nobody(desk: Desk) -> None:
    code = desk.check(desk.sent("v1", [EARLY])).code("V-46b")
    said = confirmed(desk, code, desk.sent("v2", [SOUND]))
    assert fate(said) == "idle"
    assert said.talk.answered[0].message == ""


def test_a_code_is_read_as_people_type_it() -> None:
    assert typed_code(" bcdf ghkl-mnpr ") == "BCDFGHKLMNPR"
    assert typed_code("ВСDFGНКL-МNРR") == "BCDFGHKLMNPR"  # Cyrillic В, С, Н, К, М, Р


def test_equal_inputs_give_equal_conversations(desk: Desk) -> None:
    desk.write("waivers.csv", WAIVERS + "V-46a;M05;1;;Орлова;Акт;;31.12.2024;02.10.2024\n")
    sent = [desk.sent("v1", [NEGATIVE, EARLY, WORDS]), desk.sent("v2", [NEGATIVE, WORDS, SOUND])]
    check = partial(desk.check, *sent)
    one, two = check(), check()
    assert (one.findings, one.before, one.talk) == (two.findings, two.before, two.talk)
