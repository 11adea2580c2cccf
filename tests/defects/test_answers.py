"""Each of the 62 defects gets the reaction that spec 05 asks for, and exactly the golden answer."""

from __future__ import annotations

import re

import pytest

from ingest.deliveries import Status, file_finding_catalogue
from tests.defects.corpus import AUTO, ERROR, MAP, QUAR, REJ, WARN, corpus
from tests.defects.golden import answer, judged, load

# Told by a run, which knows more than one file: tests/defects/test_run.py.
OF_RUNS = {57, 58, 60, 61}
STATUSES = {
    AUTO: Status.ACCEPTED,
    WARN: Status.ACCEPTED_WITH_REMARKS,
    ERROR: Status.ACCEPTED_WITH_REMARKS,
    QUAR: Status.PARTIALLY_ACCEPTED,
    REJ: Status.REJECTED,
}
# Their pairs wait for the operator in the queue of possible doubles: nothing is said to a sender.
IN_THE_QUEUE = {"D-44", "D-45"}


def test_every_defect_of_the_specification_has_a_fixture() -> None:
    numbers = {int(re.sub(r"\D", "", defect)) for defect in corpus()}
    assert numbers | OF_RUNS == set(range(1, 63))
    assert set(load()) == set(corpus())


@pytest.mark.parametrize("defect", corpus())
def test_the_answer_is_the_golden_one(defect: str) -> None:
    assert answer(corpus()[defect]) == load()[defect]


@pytest.mark.parametrize("defect", corpus())
def test_the_reaction_is_the_one_asked_for(defect: str) -> None:
    fixture, verdict = corpus()[defect], judged(defect)[0]
    severities = {finding.severity for finding in verdict.findings}
    if fixture.reaction == MAP:
        assert defect in IN_THE_QUEUE or "warning" in severities
        return
    assert verdict.status == STATUSES[fixture.reaction]
    assert ("error" in severities) == (fixture.reaction == ERROR)
    if fixture.reaction == AUTO:
        assert severities <= {"info"}


def test_every_message_about_files_is_said_to_somebody() -> None:
    """A message that no fixture leads to may be a promise that the reader does not keep."""
    said = {f.rule_id for defect in corpus() for v in judged(defect) for f in v.findings}
    elsewhere = {  # tests/ingest/test_bad_input.py and test_layout.py, tests/desk/test_blanks.py
        *("F-TOO-LARGE", "F-OPEN-QUOTE", "F-NO-FORM", "F-NO-TERRITORY", "F-NO-PERIOD", "F-FUTURE"),
        *("F-OTHER-YEAR", "F-NO-HEADER", "F-DUPLICATE-HEADER", "F-NO-ROWS", "F-UNPACKED"),
        *("F-OLD-BLANK", "F-UNTOUCHED", "F-OVER-LIMIT"),
    }
    assert set(file_finding_catalogue()) - said == elsewhere


@pytest.mark.parametrize("defect", corpus())
def test_every_remark_says_what_to_do(defect: str) -> None:
    for verdict in judged(defect):
        for finding in verdict.findings:
            assert finding.message
            assert finding.how_to_fix
            assert not re.search(r"[{}]|None|nan|Traceback", finding.message + finding.how_to_fix)
