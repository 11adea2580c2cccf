"""Files of the region: the same bytes every time, all of them readable, routed and on time."""

from __future__ import annotations

import hashlib
from datetime import date
from pathlib import Path

import openpyxl
import pytest

from ingest.forms import Column, ColumnType, Sender, load_forms
from ingest.reference import load_reference
from ingest.schedule import MONTH_END, duties
from ingest.settings import MOSCOW
from synthetic.config import RegionError, load_yaml
from synthetic.region import generate
from synthetic.texts import text_table
from tests.synthetic.conftest import AS_OF, Region, write


def _fingerprint(root: Path) -> dict[str, tuple[str, int]]:
    return {
        path.relative_to(root).as_posix(): (
            hashlib.sha256(path.read_bytes()).hexdigest(),
            int(path.stat().st_mtime),
        )
        for path in root.rglob("*")
        if path.is_file()
    }


@pytest.mark.parametrize("defects", [False, True])
def test_same_arguments_same_bytes_and_times(
    defects: bool, september: Region, spoilt: Region, tmp_path: Path
) -> None:
    first = spoilt if defects else september
    write(tmp_path, defects=defects)
    assert _fingerprint(tmp_path) == _fingerprint(first.root)


def test_another_seed_is_another_region(september: Region, tmp_path: Path) -> None:
    generate(tmp_path, as_of=date(2024, 9, 30), scale=0.02, seed=8)
    same = "platform/P03_pupils__2024-09-30__v1.xlsx"
    assert _fingerprint(tmp_path)[same] != _fingerprint(september.root)[same]


def test_every_file_is_read_without_a_finding(september: Region) -> None:
    found = {source: d.file_findings for source, d in september.read.items() if d.file_findings}
    assert found == {}
    assert len(september.read) == len(september.summary.files) > 650


def test_files_of_november_are_read_without_a_finding_too(november: Region) -> None:
    found = {source: d.file_findings for source, d in november.read.items() if d.file_findings}
    assert found == {}


def test_all_forms_are_sent_in_the_course_of_the_year(september: Region, november: Region) -> None:
    sent = {d.form_code for region in (september, november) for d in region.read.values()}
    assert sent == set(load_forms())


def _months_sent(code: str) -> set[str]:
    """Months whose files of a form lie in the folder of 30 September."""
    own = [d for d in duties(load_reference()) if d.form_code == code and d.content_on <= AS_OF]
    asked: dict[str, list[date]] = load_yaml("region.yml")["operator"]["on_request"]
    months = {f"{day:%Y-%m}" for day in asked.get(code, []) if day <= AS_OF}
    is_snapshot = load_forms()[code].sender is Sender.PLATFORM
    now = {"2024-09"} if is_snapshot or any(d.rule == MONTH_END for d in own) else set()
    return now or months | {d.period for d in own}


def test_every_file_is_routed_to_its_form_sender_and_period(september: Region) -> None:
    forms = load_forms()
    for source, delivery in september.read.items():
        folder, name = source.split("/")
        form = forms[name[:3]]
        assert delivery.form_code == form.code
        sender = int(folder[1:]) if form.sender is Sender.TERRITORY else 0
        assert delivery.sender_territory_id == sender
        assert delivery.period in _months_sent(form.code)
        assert delivery.as_of is not None
        assert delivery.form_version == form.version_at(delivery.as_of).version


def test_rows_written_are_rows_read(september: Region) -> None:
    read: dict[str, int] = {}
    for delivery in september.read.values():
        read[delivery.form_code] = read.get(delivery.form_code, 0) + delivery.n_rows
    assert read == september.summary.rows


def test_silent_ones_send_nothing_and_late_ones_are_late(september: Region) -> None:
    named, reference = load_yaml("region.yml")["territories"], load_reference()
    for code, form in load_forms().items():
        own = [d for d in duties(reference) if d.form_code == code and d.content_on <= AS_OF]
        if form.sender is not Sender.TERRITORY or not own:
            continue
        newest = max(d.content_on for d in own)
        due = max(d.due_on for d in own if d.content_on == newest)
        owes = {t.territory_id for t in reference.territories if any(d.is_owed_by(t) for d in own)}
        sent = {d.sender_territory_id: d for d in september.read.values() if d.form_code == code}
        late = {t for t, d in sent.items() if d.received_at.astimezone(MOSCOW).date() > due}
        assert late == set(named["late"][code])
        assert owes - set(sent) == set(named["silent"][code])


def test_zero_reports_say_so_and_only_they_hold_nothing(september: Region) -> None:
    named = load_yaml("region.yml")["territories"]["zero_report"]
    read = september.read.values()
    said = {(d.form_code, d.sender_territory_id) for d in read if d.is_zero_report}
    assert said >= {(code, t) for code, own in named.items() for t in own}
    assert said == {(d.form_code, d.sender_territory_id) for d in read if d.n_rows == 0}


def test_platform_files_are_what_spreadsheet_programs_open(september: Region) -> None:
    path = september.root / "platform" / "P01_schools__2024-09-30__v1.xlsx"
    sheet = openpyxl.load_workbook(path, read_only=True).worksheets[0]
    rows = list(sheet.iter_rows(values_only=True))
    titles = [column.title for column in load_forms()["P01"].latest.columns]
    assert list(rows[0]) == titles
    assert len(rows) == 926


def test_long_exports_are_csv(
    tmp_path: Path, september: Region, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(load_yaml("region.yml")["files"], "xlsx_rows", 2000)
    write(tmp_path)
    names = {p.name for p in (tmp_path / "platform").iterdir()}
    assert "P05_participations__2024-09-30__v1.csv" in names
    assert "P01_schools__2024-09-30__v1.xlsx" in names
    text = (tmp_path / "platform" / "P05_participations__2024-09-30__v1.csv").read_bytes()
    assert text.startswith(b"\xef\xbb\xbfID ")
    assert text.count(b"\r\n") == september.summary.rows["P05"] + 1


def test_before_their_first_day_forms_are_not_sent(tmp_path: Path) -> None:
    write(tmp_path, date(2024, 5, 6))
    codes = {p.name[:3] for p in tmp_path.rglob("*.xlsx")}
    platform = {"P01", "P02", "P03", "P04", "P05", "P06", "P10", "P11"}
    assert codes == platform | {"M01", "M02", "K03"}


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ((date(2025, 1, 31), 0.02), "expected a date of 2024"),
        ((date(2024, 9, 30), 0), "expected a scale above 0"),
    ],
)
def test_impossible_arguments_are_refused(
    arguments: tuple[date, float], said: str, tmp_path: Path
) -> None:
    as_of, scale = arguments
    with pytest.raises(RegionError, match=said):
        generate(tmp_path, as_of=as_of, scale=scale, seed=1, reference=load_reference())
    assert not list(tmp_path.iterdir())


def test_a_column_that_the_region_does_not_know_stops_it() -> None:
    """Forms and files cannot drift apart: either side names what the other lacks."""
    form = load_forms()["M11"]
    extra = Column(name="extra", title="Лишний столбец", type=ColumnType.STR)
    layout = form.latest.model_copy(update={"columns": (*form.latest.columns, extra)})
    data = {column.name: ["1"] for column in form.latest.columns if column.name != "indicator_id"}
    data["indicator_id"] = ["I-1"]
    assert text_table(form, form.latest, data).num_rows == 1
    with pytest.raises(RegionError, match=r"does not know \['extra'\].*M11\.yml"):
        text_table(form, layout, data)
    with pytest.raises(RegionError, match=r"form does not know \['extra'\]"):
        text_table(form, form.latest, data | {"extra": ["1"]})
    with pytest.raises(RegionError, match=r"codes \['I-9'\] are not in the form"):
        text_table(form, form.latest, data | {"indicator_id": ["I-9"]})


def test_sheets_look_as_office_programs_write_them(september: Region) -> None:
    path = september.root / "T14" / "M04_consent_originals__T14__2024-09__v1.xlsx"
    book = openpyxl.load_workbook(path)
    face, data = book["Паспорт"], book["Данные"]
    assert face["A2"].value == "Код формы" and face["B2"].value == "M04"
    assert len(str(face["B8"].value).split()) >= 2  # a person answers for the file
    assert data.freeze_panes == "A2" and data["A1"].font.bold
    assert data["C4"].is_date and "yyyy" in data["C4"].number_format
    assert data.calculate_dimension() == f"A1:M{data.max_row}"
    assert data.column_dimensions["G"].width > 20
