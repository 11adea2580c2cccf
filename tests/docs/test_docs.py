"""The documents say what is there: links lead somewhere, commands exist, no foreign addresses."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest
from click.testing import CliRunner

from bvb.cli import cli

ROOT = Path(__file__).resolve().parents[2]
DOCUMENTS = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md")])
LINK = re.compile(r"\]\((?!https?:|#)([^)#]+)")


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda p: p.name)
def test_links_lead_somewhere(path: Path) -> None:
    for target in LINK.findall(path.read_text(encoding="utf-8")):
        assert (path.parent / target).exists(), target


def test_the_readme_names_only_targets_of_the_makefile() -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    named = set(
        re.findall(r"`?\bmake ([a-z][a-z-]*)", (ROOT / "README.md").read_text(encoding="utf-8"))
    )
    assert named
    assert {name for name in named if not re.search(rf"^{name}:", makefile, re.M)} == set()


def test_ci_calls_the_readmes_test_command() -> None:
    assert "make test" in (ROOT / ".ci" / "run").read_text(encoding="utf-8")
    assert "make test" in (ROOT / "README.md").read_text(encoding="utf-8")


def test_every_command_explains_itself() -> None:
    names = cli.list_commands(None)  # type: ignore[arg-type]
    assert {"run", "synth", "check", "status", "report", "sql", "airflow"} <= set(names)
    for name in names:
        result = CliRunner().invoke(cli, [name, "--help"])
        assert result.exit_code == 0
        assert re.search("[а-я]{4}", result.output)


def test_locks_have_hashes_and_no_addresses() -> None:
    for path in ROOT.glob("requirements*.lock"):
        text = path.read_text(encoding="utf-8")
        assert "--hash=sha256:" in text
        assert "://" not in text


def test_no_file_names_a_home_directory() -> None:
    listed = subprocess.run(
        ["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True
    )
    names = [name for name in listed.stdout.split("\0") if name]
    mark = re.compile(rb"/(?:home|Users|root)/[a-z]")
    found = [n for n in names if (ROOT / n).is_file() and mark.search((ROOT / n).read_bytes())]
    assert found == []


def test_reference_pages_are_up_to_date() -> None:
    from bvb.reference_docs import pages

    for name, text in pages().items():
        path = ROOT / "docs" / "reference" / name
        assert path.read_text(encoding="utf-8") == text, f"run: bvb docs ({name})"


def test_exposures_are_up_to_date() -> None:
    from bvb.exposures import PATH, exposures_text

    assert PATH.read_text(encoding="utf-8") == exposures_text(), "run: bvb docs"
