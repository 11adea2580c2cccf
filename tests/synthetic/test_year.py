"""The whole year in one go: every scheduled file once, as a run of its day alone would get it."""

from __future__ import annotations

from collections import Counter
from datetime import date, datetime
from pathlib import Path

import pytest

from ingest.forms import Sender, load_forms
from ingest.reference import load_reference
from ingest.schedule import Duty, duties, run_dates
from ingest.settings import MOSCOW
from synthetic.config import RegionError, load_yaml
from synthetic.region import Summary, generate, generate_year
from tests.synthetic.conftest import SCALE, SEED, Region

SPAN = (date(2024, 5, 1), date(2024, 12, 31))
REFERENCE = load_reference()


@pytest.fixture(scope="module")
def year(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Summary]:
    root = tmp_path_factory.mktemp("year")
    return root, generate_year(root, SPAN, scale=SCALE, seed=SEED)


def _senders(duty: Duty) -> list[int]:
    """Who sends a form for a date: those who owe it and are not silent."""
    form = load_forms()[duty.form_code]
    if form.sender is not Sender.TERRITORY:
        return [0]
    silent = load_yaml("region.yml")["territories"]["silent"].get(form.code, [])
    owing = [t.territory_id for t in REFERENCE.territories if duty.is_owed_by(t)]
    return [number for number in owing if number not in silent]


def _stem(code: str, sender: int, day: date) -> str:
    where = f"T{sender:02d}__{day:%Y-%m}" if sender else f"{day}"
    return f"{code}_{load_forms()[code].entity}__{where}__v1"


def _expected() -> Counter[str]:
    scheduled = {
        _stem(duty.form_code, sender, duty.content_on)
        for duty in duties(REFERENCE)
        for sender in _senders(duty)
    }
    asked: dict[str, list[date]] = load_yaml("region.yml")["operator"]["on_request"]
    return Counter([*scheduled, *(_stem(code, 0, day) for code in asked for day in asked[code])])


def test_every_scheduled_file_is_written_once(year: tuple[Path, Summary]) -> None:
    root, summary = year
    written = Counter(path.stem for path in root.rglob("*") if path.is_file())
    assert written == _expected()
    assert len(summary.files) == len(set(summary.files)) == sum(written.values())


def test_the_year_has_the_size_of_the_order(year: tuple[Path, Summary]) -> None:
    root, _ = year
    of_territories = [p for p in root.rglob("*.xlsx") if p.parent.name.startswith("T")]
    assert 2_400 < len(of_territories) < 2_700
    assert {p.parent.name for p in of_territories} == {f"T{n:02d}" for n in range(1, 67)}
    weekly = sorted(p.name for p in (root / "platform").glob("P05_*"))
    assert len(weekly) >= 20 and "P05_participations__2024-09-09__v1.xlsx" in weekly


def test_every_date_of_a_run_has_its_exports(year: tuple[Path, Summary]) -> None:
    root, _ = year
    exported = {p.stem.split("__")[1] for p in (root / "platform").iterdir()}
    assert {f"{day}" for day in run_dates(REFERENCE) if day.year == SPAN[0].year} - exported <= {
        # Lists of municipalities only: nothing of the platform is asked for on these days.
        "2024-05-15",
    }


def test_files_come_when_they_are_owed_and_late_ones_later(year: tuple[Path, Summary]) -> None:
    root, _ = year
    named = load_yaml("region.yml")["territories"]["late"]
    late: set[tuple[str, int]] = set()
    for duty in duties(REFERENCE):
        for sender in _senders(duty):
            folder = f"T{sender:02d}" if sender else str(load_forms()[duty.form_code].sender)
            path = root / folder / f"{_stem(duty.form_code, sender, duty.content_on)}.xlsx"
            received = datetime.fromtimestamp(path.stat().st_mtime, MOSCOW)
            assert received.year <= SPAN[1].year + 1
            if received.date() > duty.due_on and sender:
                late.add((duty.form_code, sender))
    assert late == {(code, territory) for code, own in named.items() for territory in own}


def test_a_date_alone_gives_the_files_that_the_year_gives(
    year: tuple[Path, Summary], september: Region, november: Region
) -> None:
    root, _ = year
    for region in (september, november):
        names = {p.relative_to(region.root) for p in region.root.rglob("*.xlsx")}
        assert len(names) > 600
        for name in sorted(names):
            if not (root / name).exists():
                # A run of a date that no schedule names: only the platform can give that.
                assert name.parts[0] == "platform", name
                continue
            assert (root / name).read_bytes() == (region.root / name).read_bytes(), name
            assert (root / name).stat().st_mtime == (region.root / name).stat().st_mtime, name


def test_a_part_of_the_year_is_a_part_of_its_files(
    year: tuple[Path, Summary], tmp_path: Path
) -> None:
    root, _ = year
    span = (date(2024, 5, 31), date(2024, 6, 30))
    summary = generate_year(tmp_path, span, scale=SCALE, seed=SEED)
    assert {p.name[:3] for p in summary.files} >= {"P01", "P08", "M06", "M09", "K01"}
    for path in summary.files:
        same = root / path.relative_to(tmp_path)
        assert path.read_bytes() == same.read_bytes(), path.name


@pytest.mark.parametrize(
    ("span", "said"),
    [
        ((date(2024, 6, 30), date(2024, 5, 31)), "from the earlier to the later"),
        ((date(2023, 12, 31), date(2024, 5, 31)), "expected a date of 2024"),
    ],
)
def test_impossible_spans_are_refused(span: tuple[date, date], said: str, tmp_path: Path) -> None:
    with pytest.raises(RegionError, match=said):
        generate_year(tmp_path, span, scale=SCALE, seed=SEED)
    assert not list(tmp_path.iterdir())


def test_a_form_without_a_maker_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from synthetic import jobs

    monkeypatch.delitem(jobs.PLATFORM, "P10")
    with pytest.raises(RegionError, match=r"form P10: .* synthetic/jobs\.py"):
        generate(tmp_path, as_of=SPAN[0], scale=SCALE, seed=SEED)
