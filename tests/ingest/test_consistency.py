"""Seeds that contradict one another are named with file and line."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from ingest.consistency import SeedsDisagree, require_consistent
from ingest.reference import SEEDS_DIR, read_seed

ORDER = "r-423-2024"


@pytest.fixture
def seeds(tmp_path: Path) -> Path:
    folder = tmp_path / "seeds"
    shutil.copytree(SEEDS_DIR, folder)
    return folder


def test_the_seeds_of_the_order_agree() -> None:
    for row in read_seed("orders"):
        require_consistent(row["order_id"])


@pytest.mark.parametrize(
    ("seed", "old", "new", "said"),
    [
        ("control_points", "7-1,7,1,single_date,2024-05-15,,,true,2024-05-15",
         "7-1,7,1,single_date,2024-05-16,,,true,2024-05-16",
         "control_points.csv, line 10: 2024-05-16 is no date of item 7"),
        ("control_points", "19-1,19,1,single_date,2024-12-01,,,false,2024-12-02",
         "19-1,19,1,single_date,2024-12-01,,,true,2024-12-02", "due_is_working is true"),
        ("control_points", "19-1,19,1,single_date,2024-12-01,,,false,2024-12-02",
         "19-1,19,1,single_date,2024-12-01,,,false,2024-12-03", "next_working_day 2024-12-03"),
        ("control_points", "8-1,8,1,", "8-1,88,1,", "item '88' is not in roadmap_items.csv"),
        ("control_points", "8-1,8,1,", "8-1,88,1,", "item 8 has no control point"),
        ("form_schedule", "r-423-2024,M03,", "r-423-2024,M33,",
         "form 'M33' is not in ingest/forms"),
        ("form_schedule", ",7-1,0,", ",7-9,0,", "control point '7-9' is not in control_points.csv"),
        ("targets", "r-423-2024,1,c3,", "r-423-2024,1,c33,",
         "targets.csv, line 2: column 'c33' is not in target_columns.csv"),
        ("targets", "r-423-2024,66,c3,", "r-423-2024,67,c3,", "territory 67 is not in territories"),
        ("indicators", ",c12,", ",c13,", "column 'c13' is not in target_columns.csv"),
        ("territories", "state_school,2024-01-01,,1", "state_school,2024-01-01,,99",
         "parent territory 99"),
    ],
)  # fmt: skip
def test_a_contradiction_is_named(seeds: Path, seed: str, old: str, new: str, said: str) -> None:
    path = seeds / f"{seed}.csv"
    text = path.read_text("utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), "utf-8")
    with pytest.raises(SeedsDisagree) as raised:
        require_consistent(ORDER, seeds)
    assert any(said in found for found in raised.value.found)
