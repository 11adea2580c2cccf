"""Frozen marts of the invented region besides the progress: loads, consents, files, findings.

What enters: the seeds' real territories. What leaves: plain rows, the region's own row among them.
"""

from __future__ import annotations

import random
from datetime import date, datetime, time, timedelta
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from ingest.reference import load_reference

ORDER = "r-423-2024"
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


def percent(part: int, whole: int) -> Decimal | None:
    if not whole:
        return None
    shown = _tenth(Decimal(part) * 100 / whole)
    return min(shown, Decimal("99.9")) if part < whole else shown


def territories() -> list[tuple[int, str, str]]:
    found = [(t.territory_id, t.name, t.kind) for t in load_reference(ORDER).territories]
    return [(i, HOSTILE_NAME if i == HOSTILE else name, kind) for i, name, kind in found]


def _with_region(rows: list[Row], keys: set[str]) -> list[Row]:
    """Add the region's row: counts are summed, the rest is left to the caller."""
    total: Row = {"territory_id": 0, "territory_name": "Московская область"}
    for name in rows[0]:
        if name in keys or name in total:
            total.setdefault(name, rows[0][name])
        else:
            total[name] = sum(row[name] for row in rows)
    return [*rows, total]


def loads() -> list[Row]:
    rng = random.Random(70)
    rows = []
    for territory, name, _ in territories():
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


def consents() -> list[Row]:
    rng = random.Random(14)
    rows = []
    for territory, name, _ in territories():
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
        row["pct_scan"] = percent(row["n_scan_attached"], row["n_consent_required"])
        row["scan_due"] = date(2024, 9, 30)
        row["pct_original"] = percent(row["n_original_received"], row["n_original_required"])
        row["original_due"] = date(2024, 12, 1)
    return rows


def publication() -> list[Row]:
    rng = random.Random(3)
    rows: list[Row] = []
    for month in ["2024-04", "2024-05", "2024-09", "total"]:
        block = []
        for territory, name, _ in territories():
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
        row["pct_in_time"] = percent(row["n_published_in_time"], row["n_events"])
        row["median_lag_wd"] = Decimal("1.5") if row["n_events"] else None
    return rows


def diagnostics() -> list[Row]:
    rng = random.Random(24)
    rows: list[Row] = []
    names = {"D1": "Профессиональные интересы", "D2": "Личностные особенности", "D3": "Ценности"}
    for code, title in names.items():
        block = []
        for territory, name, _ in territories():
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
        row["pct_finished"] = percent(row["n_finished"], row["n_pupils_active"])
    return rows


def deliveries() -> list[Row]:
    rng = random.Random(11)
    rows = []
    senders = [(code, title, 0, "Платформа bvbinfo.ru") for code, title in PLATFORM.items()]
    for code, title in FORMS.items():
        senders += [(code, title, place, name) for place, name, _ in territories()]
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
                "days_late": 2 if status in ("not_received", "rejected") else 0,
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


def findings() -> list[Row]:
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
        for place, name, _ in territories()
        if rng.random() < 0.4
    ]
