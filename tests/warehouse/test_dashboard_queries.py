"""What the charts ask is answered, by the server to the reports' role as by the catalogue."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Any

from dashboards.look import recorded
from tests.warehouse.conftest import Ask
from tests.warehouse.server import Region

# The hand-made region has no findings.
EMPTY = {"Замечания по правилам", "Замечания к каждой публикации"}
LIMIT = re.compile(r"\bLIMIT \d+;?$")


def rows(found: list[tuple[Any, ...]]) -> list[str]:
    """Rows in any order, numbers without their kind: a sum is of another type in each engine."""
    return sorted(
        str([Decimal(cell) if isinstance(cell, int) else cell for cell in row]) for row in found
    )


def test_the_server_answers_the_reports_role_as_the_catalogue_does(
    served: Region, ask: Ask
) -> None:
    empty = set()
    for chart, question in recorded().items():
        asked = LIMIT.sub("", question.strip())
        theirs = served.ask(asked, "bvb_report")
        assert rows(theirs) == rows(ask(re.sub(r"\bmarts\.", "main.", asked))), chart
        if not theirs:
            empty.add(chart)
    assert empty == EMPTY
