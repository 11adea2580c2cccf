"""Every number walks back to the cells that it was counted from."""

from __future__ import annotations

import hashlib
import hmac
from typing import TYPE_CHECKING

import duckdb
import pytest
import python_calamine
from click.testing import CliRunner

from bvb.commands.explain import command
from ingest.reference import load_reference
from ingest.settings import Settings, load_settings
from warehouse.errors import NothingToExplain
from warehouse.explain import Explanation, SourceRow, explain

if TYPE_CHECKING:
    from tests.conftest import Region

ORDER = load_reference().order_id


@pytest.fixture(scope="module")
def settings(region: Region) -> Settings:
    return load_settings(region.data_dir)


def _explain(region: Region, indicator: str, territory: int) -> Explanation:
    return explain(load_settings(region.data_dir), ORDER, region.as_of, indicator, territory)


def test_the_rows_of_every_value_hold_as_many_persons(region: Region) -> None:
    rows = duckdb.sql(
        f"""with facts as (
                select territory_id, indicator_id, fact
                from '{region.marts}/mart_indicator_progress.parquet'
            ),
            walked as (
                select r.territory_id, i.indicator_id,
                    count(distinct r.indicator_id || r.person_key) as n
                from '{region.marts}/fct_indicator_source_row.parquet' r
                join '{region.marts}/dim_indicator.parquet' i
                    on list_contains(string_split(i.components, '+'), r.indicator_id)
                where r.territory_id is not null
                group by grouping sets ((r.territory_id, i.indicator_id), (i.indicator_id))
            )
            select f.territory_id, f.indicator_id, f.fact, coalesce(w.n, 0)
            from facts f
            left join walked w
                on coalesce(w.territory_id, 0) = f.territory_id
                and w.indicator_id = f.indicator_id"""
    ).fetchall()
    assert len(rows) == 67 * 8
    assert [row for row in rows if row[2] is not None and row[2] != row[3]] == []


@pytest.mark.parametrize("indicator", ["I-1", "I-3", "I-5", "I-8"])
def test_the_region_explains_its_own_number(region: Region, indicator: str) -> None:
    found = _explain(region, indicator, 0)
    assert found.fact is not None
    assert found.n_persons == found.fact > 0


def _cells(region: Region, row: SourceRow) -> dict[str, object]:
    book = python_calamine.load_workbook(region.incoming / "platform" / row.file_name)
    grid = book.get_sheet_by_name(row.sheet).to_python(skip_empty_area=False)
    head = next(line for line in grid if any(str(cell).startswith("ID ") for cell in line))
    return dict(zip(map(str, head), grid[row.row - 1], strict=False))


@pytest.mark.parametrize(
    ("indicator", "title"),
    [("I-2", "ID педагога"), ("I-4", "ID обучающегося"), ("I-6", "ID обучающегося")],
)
def test_the_address_leads_to_the_persons_cell(
    region: Region, settings: Settings, indicator: str, title: str
) -> None:
    row = _explain(region, indicator, 0).rows[0]
    platform_id = str(_cells(region, row)[title])
    key = hmac.new(settings.secret(), platform_id.encode(), hashlib.sha256).hexdigest()
    assert key.startswith(row.person_key)


@pytest.mark.parametrize(("indicator", "territory"), [("I-9", 1), ("I-1", 67), ("x'; --", 1)])
def test_what_is_not_published_is_said(region: Region, indicator: str, territory: int) -> None:
    with pytest.raises(NothingToExplain, match="I-1 to I-8"):
        _explain(region, indicator, territory)


def test_the_command_lists_addresses_and_all_rows_as_csv(region: Region) -> None:
    asked = ["--as-of", f"{region.as_of}", "--territory", "0", "--indicator", "I-4"]
    where = ["--data", f"{region.data_dir}"]
    shown = CliRunner().invoke(command, [*asked, *where])
    assert shown.exit_code == 0
    assert "строка" in shown.output
    listed = CliRunner().invoke(command, [*asked, *where, "--csv"])
    assert len(listed.output.splitlines()) == 1 + len(_explain(region, "I-4", 0).rows)
