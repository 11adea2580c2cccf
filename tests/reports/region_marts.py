"""Frozen marts of an invented region for the report tests.

What enters: the seeds' real territories and targets and a date. What leaves: Parquet files in the
shape of the marts' contract, with the awkward cases: nothing reported, rejected, target 0, 99,96 %.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from ingest.reference import load_reference, read_seed

ORDER = "r-423-2024"
AS_OF = date(2024, 9, 30)
LOAD = "2024-09-30__20241003T235959"
SILENT = 7  # no file with navigators
REFUSED = 33  # its only file was rejected
ALMOST = 1  # 3306 of 3307: 99,97 %
HOSTILE = 5  # a name that a spreadsheet or a page could take for code
HOSTILE_NAME = "=HYPERLINK(1) </script><b>&"
FORMS = {
    "M03": "Список педагогов-навигаторов",
    "M04": "Реестр оригиналов согласий",
    "M11": "Сводные показатели",
}
PLATFORM = {
    "P01": "Образовательные организации (выгрузка платформы)",
    "P03": "Обучающиеся (выгрузка платформы)",
    "P05": "Участия в мероприятиях (выгрузка платформы)",
}
RULES = [
    ("V-04", "Дата стоит в пределах года распоряжения", "error"),
    ("V-26", "У обучающегося младше 14 лет есть согласие", "warning"),
    ("V-33", "Участие относится к известному мероприятию", "reject"),
]
Row = dict[str, Any]


def _tenth(value: Decimal) -> Decimal:
    return value.quantize(Decimal("0.1"), rounding=ROUND_HALF_UP)


def _pct(part: int, whole: int) -> Decimal | None:
    if not whole:
        return None
    shown = _tenth(Decimal(part) * 100 / whole)
    return min(shown, Decimal("99.9")) if part < whole else shown


def _territories() -> list[tuple[int, str, str]]:
    found = [(t.territory_id, t.name, t.kind) for t in load_reference(ORDER).territories]
    return [(i, HOSTILE_NAME if i == HOSTILE else name, kind) for i, name, kind in found]


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
        "pct_display": _pct(fact, target) if fact is not None else None,
        "gap": gap,
        "needed_per_working_day": Decimal(gap or 0) / days if gap and days else None,
        "deadline": deadline,
        "is_met": fact >= target if fact is not None and target else None,
        "n_expected": 1,
        "n_reported": int(known),
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
        for place in _territories():
            target = targets[place[0]]
            fact = _fact(rng, seed["indicator_id"], place[0], target)
            total += fact or 0
            yield _measured(_progress_row(seed, place, target), fact, seed, as_of)
        region = _progress_row(seed, (0, "Московская область", "region"), sum(targets.values()))
        codes = sums.get(seed["indicator_id"], (seed["column_code"],))
        yield _measured(region, total - total // 400, seed, as_of) | {
            "target_declared": sum(declared[code] for code in codes),
            "fact_sum_of_territories": total,
            "n_expected": 66,
            "n_reported": 64 if seed["indicator_id"] in ("I-1", "I-2", "I-7") else 66,
        }


def _with_region(rows: list[Row], keys: set[str]) -> list[Row]:
    """Add the region's row: counts are summed, the rest is left to the caller."""
    total: Row = {"territory_id": 0, "territory_name": "Московская область"}
    for name in rows[0]:
        if name in keys or name in total:
            total.setdefault(name, rows[0][name])
        else:
            total[name] = sum(row[name] for row in rows)
    return [*rows, total]


def _loads() -> list[Row]:
    rng = random.Random(70)
    rows = []
    for territory, name, _ in _territories():
        navigators = rng.randint(1, 90)
        over = rng.choice([0, 0, 0, 1, 3])
        rows.append(
            {
                "territory_id": territory,
                "territory_name": name,
                "n_navigators": navigators,
                "n_pupils_attached": navigators * rng.randint(30, 68),
                "n_over_limit": min(over, navigators),
                "n_pupils_without_navigator": rng.choice([0, 0, 12, 140]),
                "load_limit": 70,
            }
        )
    for row in (rows := _with_region(rows, {"load_limit"})):
        row["avg_load"] = _tenth(Decimal(row["n_pupils_attached"]) / row["n_navigators"])
        row["max_load"] = 71 + row["n_over_limit"] if row["n_over_limit"] else 69
    return rows


def _consents() -> list[Row]:
    rng = random.Random(14)
    rows = []
    for territory, name, _ in _territories():
        active = rng.randint(40, 4000)
        need = active // 2 if territory != 64 else 0
        attached = max(0, need - rng.choice([0, 1, 40]))
        rows.append(
            {
                "territory_id": territory,
                "territory_name": name,
                "n_pupils_active": active,
                "n_consent_required": need,
                "n_scan_attached": attached,
                "n_scan_missing": need - attached,
                "n_original_required": need + 20,
                "n_original_received": need // 3,
                "n_navigators": 20,
                "n_navigator_consents": rng.randint(10, 20),
            }
        )
    for row in (rows := _with_region(rows, set())):
        row["pct_scan"] = _pct(row["n_scan_attached"], row["n_consent_required"])
        row["scan_due"] = date(2024, 9, 30)
        row["pct_original"] = _pct(row["n_original_received"], row["n_original_required"])
        row["original_due"] = date(2024, 12, 1)
    return rows


def _publication() -> list[Row]:
    rng = random.Random(3)
    rows: list[Row] = []
    for month in ["2024-04", "2024-05", "2024-09", "total"]:
        block = []
        for territory, name, _ in _territories():
            events = rng.choice([0, 4, 31]) if month != "total" else 60
            late = min(events, rng.choice([0, 0, 2, 5]))
            block.append(
                {
                    "territory_id": territory,
                    "territory_name": name,
                    "event_month": month,
                    "n_events": events,
                    "n_published_in_time": events - late,
                    "n_late": late,
                }
            )
        rows += _with_region(block, {"event_month"})
    for row in rows:
        row["pct_in_time"] = _pct(row["n_published_in_time"], row["n_events"])
        row["median_lag_wd"] = Decimal("1.5") if row["n_events"] else None
    return rows


def _diagnostics() -> list[Row]:
    rng = random.Random(24)
    rows: list[Row] = []
    names = {"D1": "Профессиональные интересы", "D2": "Личностные особенности", "D3": "Ценности"}
    for code, title in names.items():
        block = []
        for territory, name, _ in _territories():
            active = 100 + territory * 20
            started = rng.randint(active // 3, active)
            block.append(
                {
                    "territory_id": territory,
                    "territory_name": name,
                    "methodology_code": code,
                    "methodology_name": title,
                    "n_pupils_active": active,
                    "n_started": started,
                    "n_finished": rng.randint(started // 2, started),
                }
            )
        rows += _with_region(block, {"methodology_code", "methodology_name"})
    for row in rows:
        row["pct_finished"] = _pct(row["n_finished"], row["n_pupils_active"])
    return rows


def _deliveries() -> list[Row]:
    rng = random.Random(11)
    rows = []
    senders = [(code, title, 0, "Платформа bvbinfo.ru") for code, title in PLATFORM.items()]
    for code, title in FORMS.items():
        senders += [(code, title, place, name) for place, name, _ in _territories()]
    for code, title, place, name in senders:
        status = rng.choices(
            ["accepted", "accepted_with_remarks", "partially_accepted", "rejected", "not_received"],
            [6, 3, 2, 1, 1],
        )[0]
        if place == 0:
            status = "accepted_with_remarks"
        received = datetime.combine(date(2024, 10, 1), time(9, 30)) + timedelta(minutes=place * 47)
        absent = status == "not_received"
        n = rng.randint(10, 90)
        lost = {"rejected": n, "partially_accepted": 3}.get(status, 0)
        rows.append(
            {
                "form_code": code,
                "territory_id": place,
                "territory_name": name,
                "form_title": title,
                "period": "2024-09",
                "is_expected": True,
                "due_on": date(2024, 10, 3),
                "delivery_id": None if absent else f"{code}-{place}",
                "received_at": None if absent else received,
                "is_on_time": None if absent else received.date() < date(2024, 10, 4),
                "status": status,
                "n_received": None if absent else n,
                "n_accepted": None if absent else n - lost,
                "n_rejected": None if absent else lost,
                "n_errors": None if absent else lost,
                "n_warnings": None if absent else rng.randint(0, 5),
                "n_versions": int(not absent),
            }
        )
    return rows


def _findings() -> list[Row]:
    rng = random.Random(50)
    return [
        {
            "rule_id": rule,
            "form_code": "P03",
            "territory_id": place,
            "rule_title": title,
            "severity": severity,
            "stage": "S",
            "territory_name": name,
            "n_findings": (count := rng.randint(1, 40)),
            "n_rows_checked": 1000,
            "share": Decimal(count) / 1000,
        }
        for rule, title, severity in RULES
        for place, name, _ in _territories()
        if rng.random() < 0.4
    ]


def write_marts(folder: Path, as_of: date = AS_OF, load_id: str = LOAD) -> Path:
    """Write all marts of the invented region into `folder` and return it."""
    tables = {
        "mart_indicator_progress": list(_progress(as_of)),
        "mart_navigator_load": _loads(),
        "mart_consents": _consents(),
        "mart_event_publication": _publication(),
        "mart_diagnostics": _diagnostics(),
        "mart_deliveries": _deliveries(),
        "mart_findings": _findings(),
    }
    folder.mkdir(parents=True, exist_ok=True)
    for name, rows in tables.items():
        for row in rows:
            row |= {"order_id": ORDER, "as_of": as_of, "load_id": load_id}
            if row.get("needed_per_working_day") is not None:
                row["needed_per_working_day"] = row["needed_per_working_day"].quantize(
                    Decimal("0.01")
                )
        pq.write_table(pa.Table.from_pylist(rows), folder / f"{name}.parquet")
    return folder
