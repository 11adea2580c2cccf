"""Frozen marts of an invented region for the report tests.

What enters: the seeds' real territories and targets and a date. What leaves: Parquet files in the
shape of the marts' contract, with the awkward cases: nothing reported, rejected, target 0, 99,96 %.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from ingest.reference import load_reference, read_seed
from tests.reports import region_causes, region_duties, region_sections
from tests.reports.region_sections import (
    HOSTILE,
    HOSTILE_NAME,
    ORDER,
    Row,
    percent,
    territories,
)

__all__ = ["HOSTILE", "HOSTILE_NAME", "ORDER", "write_marts"]

AS_OF = date(2024, 9, 30)
FINAL_ON = date(2024, 12, 12)
LOAD = "2024-09-30__20241003T235959"
SILENT = 7  # no file with navigators
REFUSED = 33  # its only file was rejected
ALMOST = 1  # 3306 of 3307: 99,97 %
WINDOWED = ("I-5", "I-6")


def _targets(row: dict[str, str]) -> dict[int, int]:
    reference = load_reference(ORDER)
    codes = {"I-7": ("c6", "c7"), "I-8": ("c9", "c10")}.get(
        row["indicator_id"], (row["column_code"],)
    )
    return {
        t.territory_id: sum(reference.targets[t.territory_id, code] for code in codes)
        for t in reference.territories
    }


def _fact(rng: random.Random, indicator: str, territory: int, target: int) -> int | None:
    if indicator in ("I-1", "I-2", "I-7") and territory in (SILENT, REFUSED):
        return None
    if indicator == "I-3" and territory == ALMOST:
        return target - 1
    if indicator in ("I-5", "I-6"):
        return int(target * rng.choice([0, 0.2, 0.5, 0.8, 1.05]))
    return int(target * rng.uniform(0.55, 1.15))


def _progress_row(seed: dict[str, str], place: tuple[int, str, str], target: int) -> Row:
    return {
        "territory_id": place[0],
        "indicator_id": seed["indicator_id"],
        "territory_name": place[1],
        "territory_kind": place[2],
        "indicator_name": seed["name_ru"],
        "target": target,
        "target_declared": None,
        "fact_sum_of_territories": None,
    }


def _measured(row: Row, fact: int | None, seed: dict[str, str], as_of: date) -> Row:
    target, deadline = row["target"], date.fromisoformat(seed["deadline"])
    known = fact is not None
    gap = max(0, target - fact) if fact is not None else None
    days = load_reference(ORDER).calendar.working_days_between(as_of, deadline)
    status = "rejected" if row["territory_id"] == REFUSED else "not_reported"
    exact = Decimal(fact) * 100 / target if fact is not None and target else None
    return row | {
        "fact": fact,
        "fact_confirmed": int(fact * 0.9) if fact is not None else None,
        "value_status": "reported" if known else status,
        "pct": exact.quantize(Decimal("0.0001")) if exact is not None else None,
        "pct_display": percent(fact, target) if fact is not None else None,
        "gap": gap,
        "needed_per_working_day": Decimal(gap or 0) / days if gap and days else None,
        "deadline": deadline,
        "is_met": fact >= target if fact is not None and target else None,
        "n_expected": 1,
        "n_reported": int(known),
    }


def _paced(row: Row, as_of: date) -> Row:
    """Plan by now, traffic light, forecast and window of a measured row."""
    target, fact, deadline = row["target"], row["fact"], row["deadline"]
    planned = target * 9 // 10 if as_of < deadline else target
    if row["value_status"] != "reported":
        pace = row["value_status"]
    elif not target:
        pace = "no_target"
    elif fact >= target:
        pace = "met"
    elif as_of > deadline:
        pace = "overdue"
    else:
        near = "amber" if fact * 10 >= planned * 9 else "red"
        pace = "green" if fact >= planned else near
    in_window = row["indicator_id"] in WINDOWED and fact is not None
    return row | {
        "planned_by_now": planned,
        "pace_status": pace,
        "forecast_at_deadline": None if fact is None else fact + fact // 8,
        "forecast_met_on": date(as_of.year, 12, 2) if pace in ("amber", "red") else None,
        "fact_frozen": fact if in_window else None,
        "fact_after_window": 2 if in_window else None,
        "fact_year": fact + 2 if in_window else None,
    }


def _progress(as_of: date) -> Iterator[Row]:
    rng = random.Random(423)
    declared = {
        row["column_code"]: int(row["declared_total"])
        for row in read_seed("target_columns")
        if row["order_id"] == ORDER
    }
    sums = {"I-7": ("c6", "c7"), "I-8": ("c9", "c10")}
    for seed in read_seed("indicators"):
        targets = _targets(seed)
        total = 0
        for place in territories():
            target = targets[place[0]]
            fact = _fact(rng, seed["indicator_id"], place[0], target)
            total += fact or 0
            yield _paced(_measured(_progress_row(seed, place, target), fact, seed, as_of), as_of)
        region = _progress_row(seed, (0, "Московская область", "region"), sum(targets.values()))
        codes = sums.get(seed["indicator_id"], (seed["column_code"],))
        row = _paced(_measured(region, total - total // 400, seed, as_of), as_of)
        yield row | {
            "target_declared": sum(declared[code] for code in codes),
            "fact_sum_of_territories": total,
            "n_expected": 66,
            "n_reported": 64 if seed["indicator_id"] in ("I-1", "I-2", "I-7") else 66,
        }


def _tables(as_of: date) -> dict[str, list[Row]]:
    progress, duties = list(_progress(as_of)), region_duties.roadmap(as_of)
    return {
        "dim_run": region_causes.run(as_of),
        "fct_delivery": region_causes.files(),
        "fct_finding": region_causes.places(),
        "mart_attachment_plan": region_duties.attachment_plan(),
        "mart_consent_school": region_duties.consent_school(),
        "mart_consents": region_sections.consents(),
        "mart_deliveries": region_sections.deliveries(),
        "mart_diagnostics": region_sections.diagnostics(),
        "mart_event_month": region_duties.event_month(),
        "mart_event_publication": region_sections.publication(),
        "mart_findings": region_sections.findings(),
        "mart_indicator_change": region_causes.change(progress, as_of),
        "mart_indicator_progress": progress,
        "mart_indicator_secondary": region_causes.secondary(),
        "mart_load_shortage": region_duties.load_shortage(),
        "mart_navigator_ladder": region_causes.ladder(),
        "mart_navigator_load": region_sections.loads(),
        "mart_partner_event": region_duties.partner_event(),
        "mart_partner_territory": region_duties.partner_territory(),
        "mart_region_bridge": region_causes.bridge(progress),
        "mart_roadmap": duties,
        "mart_roadmap_region": region_duties.roadmap_region(duties),
    }


def write_marts(folder: Path, as_of: date = AS_OF, load_id: str = LOAD) -> Path:
    """Write all marts of the invented region into `folder` and return it."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, rows in _tables(as_of).items():
        for row in rows:
            row |= {"order_id": ORDER, "as_of": as_of, "load_id": load_id}
            if row.get("needed_per_working_day") is not None:
                row["needed_per_working_day"] = row["needed_per_working_day"].quantize(
                    Decimal("0.01")
                )
        pq.write_table(pa.Table.from_pylist(rows), folder / f"{name}.parquet")
    return folder
