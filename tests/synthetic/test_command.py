"""`bvb synth`: one date or a span of dates, and nothing in between."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner

from bvb.commands.synth import command


def test_a_span_of_dates_gives_its_scheduled_files(tmp_path: Path) -> None:
    span = ["--from", "2024-09-02", "--to", "2024-09-15"]
    done = CliRunner().invoke(command, [*span, "--scale", "0.02", "--out", str(tmp_path)])
    assert (done.exit_code, done.exception) == (0, None)
    names = {path.name for path in tmp_path.rglob("*.xlsx")}
    assert names == {
        f"{form}__2024-09-{day}__v1.xlsx"
        for form in ("P04_events", "P05_participations")
        for day in ("02", "09")
    }
    assert "Записано файлов: 4" in done.output


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ([], "укажите либо --as-of, либо --from и --to"),
        (["--from", "2024-05-01"], "укажите либо --as-of, либо --from и --to"),
        (["--as-of", "2024-05-31", "--from", "2024-05-01", "--to", "2024-05-31"], "укажите либо"),
        (["--as-of", "2024-05-31", "--to", "2024-05-31"], "укажите либо"),
        (["--from", "2024-05-01", "--to", "2024-05-31", "--defects"], "укажите --as-of"),
    ],
)
def test_options_that_do_not_go_together_are_refused(
    options: list[str], said: str, tmp_path: Path
) -> None:
    done = CliRunner().invoke(command, [*options, "--out", str(tmp_path)])
    assert done.exit_code == 2 and said in done.output
    assert not list(tmp_path.iterdir())
