"""The marts of the hand-made region hold the figures that were counted by hand."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import yaml

from tests.dbt.conftest import PROJECT, Warehouse, failed_nodes
from tests.dbt.golden import BALASHIKHA, KHIMKI, LOBNYA, LYCEUM

REGION = 0

# (territory, indicator) → (fact, confirmed); whoever is not here has 0 and 0.
FACTS = {
    (KHIMKI, "I-1"): (1, 1),
    (LYCEUM, "I-1"): (1, 0),
    (REGION, "I-1"): (2, 1),
    (KHIMKI, "I-2"): (1, 0),
    (REGION, "I-2"): (1, 0),
    (LOBNYA, "I-3"): (1, 1),
    (LYCEUM, "I-3"): (1, 1),
    (BALASHIKHA, "I-3"): (2, 0),
    (REGION, "I-3"): (4, 2),
    (KHIMKI, "I-4"): (1, 0),
    (REGION, "I-4"): (1, 0),
    # The mover: one trial in each territory, one person in the region.
    (KHIMKI, "I-5"): (1, 1),
    (LOBNYA, "I-5"): (1, 1),
    (BALASHIKHA, "I-5"): (1, 1),
    (REGION, "I-5"): (2, 2),
    (KHIMKI, "I-6"): (1, 0),
    (LYCEUM, "I-6"): (1, 1),
    (REGION, "I-6"): (2, 1),
    (KHIMKI, "I-7"): (2, 1),
    (LYCEUM, "I-7"): (1, 0),
    (REGION, "I-7"): (3, 1),
    (LOBNYA, "I-8"): (1, 1),
    (LYCEUM, "I-8"): (1, 1),
    (BALASHIKHA, "I-8"): (2, 0),
    (KHIMKI, "I-8"): (1, 0),
    (REGION, "I-8"): (5, 2),
}


def test_every_indicator_of_every_territory(golden: Warehouse) -> None:
    rows = golden.rows(
        "select territory_id, indicator_id, fact, fact_confirmed from marts.mart_indicator_progress"
    )
    found = {(row[0], row[1]): (row[2], row[3]) for row in rows}
    grid = {(t, f"I-{i}") for t in range(67) for i in range(1, 9)}
    assert found == {place: FACTS.get(place, (0, 0)) for place in grid}


def test_region_shows_three_totals_apart(golden: Warehouse) -> None:
    rows = golden.rows(
        "select indicator_id, fact, fact_sum_of_territories, target, target_declared,"
        " n_expected, n_reported"
        " from marts.mart_indicator_progress where territory_id = 0 order by indicator_id"
    )
    assert rows == [
        ("I-1", 2, 2, 835, 827, 66, 66),
        ("I-2", 1, 1, 828, 828, 66, 66),
        ("I-3", 4, 4, 46945, 46927, 66, 66),
        ("I-4", 1, 1, 33170, 33170, 66, 66),
        ("I-5", 2, 3, 14980, 14980, 66, 66),
        ("I-6", 2, 2, 14980, 14980, 66, 66),
        ("I-7", 3, 3, 1663, 1655, 66, 66),
        ("I-8", 5, 5, 80115, 80097, 66, 66),
    ]


def test_percentages_gaps_and_pace(golden: Warehouse) -> None:
    rows = golden.rows(
        "select indicator_id, target, pct, pct_display, gap, needed_per_working_day, is_met"
        " from marts.mart_indicator_progress"
        f" where territory_id = {LYCEUM} and indicator_id in ('I-1', 'I-2', 'I-6') order by 1"
    )
    # 20 working days in December before the 31st, of which 28 is one and 30 and 31 are none.
    december = Decimal(3) / 21
    assert rows == [
        ("I-1", 3, Decimal("33.3333"), Decimal("33.3"), 2, None, False),
        ("I-2", 3, Decimal("0.0000"), Decimal("0.0"), 3, round(december, 2), False),
        ("I-6", 50, Decimal("2.0000"), Decimal("2.0"), 49, None, False),
    ]


def test_no_target_means_no_percentage_and_no_verdict(golden: Warehouse) -> None:
    rows = golden.rows(
        "select distinct pct, pct_display, is_met, gap, value_status"
        " from marts.mart_indicator_progress where target = 0"
    )
    assert rows == [(None, None, None, 0, "reported")]


def test_loads(golden: Warehouse) -> None:
    rows = golden.rows(
        "select territory_id, n_navigators, n_pupils_attached, avg_load, max_load, n_over_limit,"
        " n_pupils_without_navigator from marts.mart_navigator_load"
        f" where territory_id in (0, {BALASHIKHA}, {KHIMKI}) order by 1"
    )
    assert rows == [
        (REGION, 4, 5, Decimal("1.3"), 5, 0, 1),
        (BALASHIKHA, 0, 0, None, None, 0, 1),
        (KHIMKI, 2, 5, Decimal("2.5"), 5, 0, 0),
    ]


def test_consents(golden: Warehouse) -> None:
    rows = golden.rows(
        "select territory_id, n_pupils_active, n_consent_required, n_scan_attached, pct_scan,"
        " n_original_required, n_original_received, pct_original, scan_due, original_due"
        f" from marts.mart_consents where territory_id in (0, {LOBNYA}, {KHIMKI}) order by 1"
    )
    dues = (date(2024, 9, 30), date(2024, 12, 1))
    assert rows == [
        (REGION, 6, 2, 1, Decimal("50.0"), 6, 1, Decimal("16.7"), *dues),
        (LOBNYA, 1, 0, 0, None, 1, None, None, *dues),
        (KHIMKI, 2, 2, 1, Decimal("50.0"), 4, 1, Decimal("25.0"), *dues),
    ]


def test_publication(golden: Warehouse) -> None:
    rows = golden.rows(
        "select territory_id, event_month, n_events, n_published_in_time, pct_in_time,"
        " median_lag_wd, n_late from marts.mart_event_publication"
        f" where territory_id in (0, {LOBNYA}, {KHIMKI}) and event_month in ('total', '2024-11')"
        " order by 1, 2"
    )
    assert rows == [
        (REGION, "2024-11", 3, 2, Decimal("66.7"), Decimal("3.0"), 1),
        (REGION, "total", 7, 6, Decimal("85.7"), Decimal("3.0"), 1),
        (LOBNYA, "2024-11", 2, 1, Decimal("50.0"), Decimal("2.0"), 1),
        (LOBNYA, "total", 2, 1, Decimal("50.0"), Decimal("2.0"), 1),
        (KHIMKI, "2024-11", 0, 0, None, None, 0),
        (KHIMKI, "total", 3, 3, Decimal("100.0"), Decimal("0.0"), 0),
    ]


def test_deliveries(golden: Warehouse) -> None:
    rows = golden.rows(
        "select territory_id, territory_name, status, is_on_time, n_versions"
        " from marts.mart_deliveries where form_code = 'M04' order by 1"
    )
    assert rows == [
        (LOBNYA, "Лобня", "not_received", None, 0),
        (KHIMKI, "Химки", "accepted", True, 1),
    ]


def test_every_published_row_names_its_run(golden: Warehouse) -> None:
    tables = golden.rows(
        "select table_schema || '.' || table_name from information_schema.tables"
        " where table_schema in ('facts', 'marts')"
    )
    assert len(tables) >= 25
    for (table,) in tables:
        runs = golden.rows(f"select distinct order_id, as_of, load_id from {table}")
        assert set(runs) <= {("r-423-2024", date(2024, 11, 30), "hand-made")}, table


def test_silence_is_never_zero(silent: Warehouse) -> None:
    rows = silent.rows(
        "select indicator_id, value_status, fact, fact_confirmed, pct, gap, is_met,"
        " n_expected, n_reported"
        " from marts.mart_indicator_progress"
        " where territory_id = 0 and indicator_id in ('I-1', 'I-3', 'I-5') order by 1"
    )
    assert rows == [
        # I-1 is confirmed by pupils or events: without the events nobody can say.
        ("I-1", "reported", 2, None, Decimal("0.2395"), 833, False, 66, 66),
        ("I-3", "reported", 4, 2, Decimal("0.0085"), 46941, False, 66, 66),
        # Nothing is planned for two of the 66: of them nobody expects a value.
        ("I-5", "rejected", None, None, None, None, None, 64, 0),
    ]
    assert silent.rows("select count(*) from marts.mart_event_publication") == [(0,)]


def test_unit_tests_of_the_models(golden: Warehouse) -> None:
    files = (PROJECT / "models").rglob("*.yml")
    written = [
        test["name"]
        for path in files
        for test in yaml.safe_load(path.read_text(encoding="utf-8")).get("unit_tests", [])
    ]
    result = golden.dbt("test", "--select", "test_type:unit")
    assert failed_nodes(result) == []
    assert sorted(item.node.name for item in result.result) == sorted(written)
    assert len(written) >= 45
