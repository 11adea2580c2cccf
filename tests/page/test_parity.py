"""The page, the command line and the check of a run say the same of every file of the corpus."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from bvb.commands import check as check_command
from desk.page.verdict_view import as_json, worst
from expectations.check import FileVerdict, Given, check_given
from tests.defects.corpus import Fixture, corpus
from tests.defects.golden import NOW, judged
from tests.page.site import Site

EXIT = {"accepted": 0, "accepted_with_remarks": 1, "partially_accepted": 1, "rejected": 2}
SAMPLE = list(corpus())[::6]  # the command line opens each of them once more


def sender(fixture: Fixture) -> str:
    folder = fixture.source.split("/")[0]
    return "operator" if folder == "platform" else folder


def verdicts_of(fixture: Fixture) -> list[FileVerdict]:
    """What a check says of the fixture's own file, by itself."""
    if not fixture.beside and sender(fixture) != "operator":
        return list(judged(fixture.defect))
    return check_given([Given(Path(sender(fixture)) / fixture.name, fixture.data)], NOW)


def shown(html: str) -> Counter[tuple[str, str]]:
    """Severity and rule of each group on screen, with how many findings stand behind it."""
    found: Counter[tuple[str, str]] = Counter()
    for section in html.split('data-severity="')[1:]:
        severity = section.split('"', 1)[0]
        for rule, count in re.findall(r'data-rule="([^"]+)" data-count="(\d+)"', section):
            found[severity, rule] += int(count)
    return found


@pytest.mark.slow
@pytest.mark.parametrize("defect", corpus())
def test_the_page_says_what_a_check_says(site: Site, defect: str) -> None:
    fixture = corpus()[defect]
    expected = verdicts_of(fixture)
    visitor = site.signed_in(sender(fixture))
    answer: dict[str, Any] = visitor.verdict(fixture.name, fixture.data)
    assert answer["files"] == [as_json(verdict) for verdict in expected]
    assert answer["status"] == worst(expected)
    html = visitor.http.get(answer["address"]).text
    statuses = re.findall(r'data-status="(\w+)"', html)
    assert statuses[0] == worst(expected)
    assert statuses[1:] == ([str(v.status) for v in expected] if len(expected) > 1 else [])
    assert shown(html) == Counter((f.severity, f.rule_id) for v in expected for f in v.findings)


@pytest.mark.slow
@pytest.mark.parametrize("defect", SAMPLE)
def test_the_command_line_says_it_too(
    site: Site, defect: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fixture = corpus()[defect]
    path = tmp_path / sender(fixture) / fixture.name
    path.parent.mkdir()
    path.write_bytes(fixture.data)
    monkeypatch.setattr(check_command, "moscow_now", lambda: NOW)
    done = CliRunner().invoke(check_command.command, [str(path)])
    answer = site.signed_in(sender(fixture)).verdict(fixture.name, fixture.data)
    assert done.exit_code == EXIT[answer["status"]], done.output
