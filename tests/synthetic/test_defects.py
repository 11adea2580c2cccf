"""The manifest of planted defects against what the reader finds."""

from __future__ import annotations

from ingest.deliveries import Delivery
from ingest.forms import load_forms
from synthetic.defects import entries
from tests.synthetic.conftest import Region


def test_the_reader_finds_what_was_planted_and_nothing_else(spoilt: Region) -> None:
    expected = {p.path: sorted(p.findings) for p in spoilt.summary.planted}
    found = {
        source: sorted({f.code for f in delivery.file_findings})
        for source, delivery in spoilt.read.items()
    }
    assert {path: found[path] for path in expected} == expected
    assert {s: codes for s, codes in found.items() if codes and s not in expected} == {}


def test_every_line_of_the_list_is_planted(spoilt: Region) -> None:
    assert [p.defect for p in spoilt.summary.planted] == [e.defect for e in entries()]
    assert len({e.defect for e in entries()}) == len(entries()) >= 40


def _of(region: Region, defect: str) -> Delivery:
    path = next(p.path for p in region.summary.planted if p.defect == defect)
    return region.read[path]


def test_a_resend_is_a_later_version_of_a_good_file(spoilt: Region) -> None:
    resent = _of(spoilt, "D-57")
    first = spoilt.read["T39/M04_consent_originals__T39__2024-09__v1.xlsx"]
    assert (first.version, resent.version) == (1, 2)
    assert resent.received_at > first.received_at
    assert first.is_readable and resent.is_readable


def test_a_broken_resend_leaves_the_good_file_readable(spoilt: Region) -> None:
    assert not _of(spoilt, "D-57b").is_readable
    assert spoilt.read["T40/M04_consent_originals__T40__2024-09__v1.xlsx"].is_readable


def test_the_same_bytes_lie_there_twice(spoilt: Region) -> None:
    first = spoilt.read["T44/M04_consent_originals__T44__2024-09__v1.xlsx"]
    again = _of(spoilt, "D-60")
    assert again.sha256 == first.sha256
    assert again.delivery_id != first.delivery_id


def test_files_with_curable_defects_keep_their_rows(spoilt: Region, september: Region) -> None:
    curable = [p for p in spoilt.summary.planted if set(p.findings) <= {"F-TOTALS", "F-DISGUISED"}]
    forms = load_forms()
    for planted in curable:
        if planted.territory == 0 or planted.defect == "D-60":
            continue
        delivery = spoilt.read[planted.path]
        assert delivery.sender_territory_id == planted.territory, planted.defect
        entity = forms[planted.form_code].entity
        stem = f"{planted.form_code}_{entity}__T{planted.territory:02d}__{delivery.period}__v1.xlsx"
        good = september.read[f"T{planted.territory:02d}/{stem}"]
        assert delivery.n_rows == good.n_rows, planted.defect
