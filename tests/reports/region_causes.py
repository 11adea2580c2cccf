"""Frozen marts of the invented region about the figures themselves: bridge, causes, lists, places.

What enters: the rows of the progress mart. What leaves: plain rows in the shape of the contract.
"""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal

from ingest.reference import read_seed
from tests.reports.region_sections import FORMS, ORDER, RULES, Row, territories

PARTS = (
    "new_facts", "late_facts", "corrections", "moved_in", "moved_out", "left_project",
    "formula_changes", "unknown_facts",
)  # fmt: skip
SAME = 20  # a territory where nothing has changed


def bridge(progress: list[Row]) -> list[Row]:
    """The region's three numbers of every indicator."""
    short = {row["indicator_id"]: row["short_name_ru"] for row in read_seed("indicators")}
    return [
        {
            "indicator_id": row["indicator_id"],
            "short_name": short[row["indicator_id"]],
            "value_status": row["value_status"],
            "fact_distinct": row["fact"],
            "fact_sum_of_territories": row["fact_sum_of_territories"],
            "n_movers": row["fact_sum_of_territories"] - row["fact"],
            "target_sum": row["target"],
            "target_declared": row["target_declared"],
            "target_difference": row["target_declared"] - row["target"],
        }
        for row in progress
        if row["territory_id"] == 0
    ]


def change(progress: list[Row], as_of: date) -> list[Row]:
    """Why each fact differs from the month before; the parts make the difference."""
    rows = []
    for row in progress:
        after = row["fact"]
        if after is None or row["territory_id"] == SAME:
            parts = dict.fromkeys(PARTS, 0)
        else:
            parts = dict.fromkeys(PARTS, 0) | {
                "new_facts": after // 10 + 2,
                "corrections": -1,
                "left_project": -1,
            }
        difference = sum(parts.values())
        rows.append(
            {
                "territory_id": row["territory_id"],
                "indicator_id": row["indicator_id"],
                "previous_as_of": date(as_of.year, as_of.month - 1, 28),
                "previous_load_id": "earlier",
                "fact_before": None if after is None else after - difference,
                "fact_after": after,
                "difference": difference,
                **parts,
                "target_before": row["target"],
                "target_after": row["target"],
                "plan_change": 0,
            }
        )
    return rows


def secondary() -> list[Row]:
    """Every secondary indicator of the region, and one of them by date."""
    rows = []
    for seed in read_seed("secondary_indicators"):
        if seed["order_id"] != ORDER:
            continue
        is_share = seed["kind"] == "share"
        for dimension in ("", "2024-09-30") if seed["indicator_code"] == "S-25" else ("",):
            rows.append(
                {
                    "indicator_code": seed["indicator_code"],
                    "position": int(seed["position"]),
                    "name_ru": seed["name_ru"],
                    "roadmap_item": seed["roadmap_item"],
                    "territory_id": 0,
                    "territory_name": "Московская область",
                    "dimension": dimension,
                    "kind": seed["kind"],
                    "numerator": 41,
                    "denominator": 50 if is_share else None,
                    "value": Decimal("82.0") if is_share else Decimal(41),
                    "unit": seed["unit_ru"],
                    "value_status": "reported",
                }
            )
    return rows


def ladder() -> list[Row]:
    """Navigators on the rungs."""
    return [
        {
            "territory_id": number,
            "level": f"L{rung}",
            "n_continuing": 14 - rung,
            "n_new": 7 - rung,
            "n_navigators": 21 - 2 * rung,
        }
        for number in (0, *(number for number, _, _ in territories()))
        for rung in range(1, 7)
    ]


def files() -> list[Row]:
    """One file a territory, as `fct_delivery` keeps it."""
    form = next(iter(FORMS))
    return [
        {
            "delivery_id": f"{form}-{number}",
            "form_code": form,
            "sender_territory_id": number,
            "file_name": f"{form}_list__T{number:02d}__2024-09__v1.xlsx",
            "received_at": datetime.fromisoformat("2024-10-01T09:30"),
        }
        for number, _, _ in territories()
    ]


def places() -> list[Row]:
    """Three broken rows of one rule in every territory, as `fct_finding` keeps them."""
    form, (rule, _, severity) = next(iter(FORMS)), RULES[0]
    return [
        {
            "delivery_id": f"{form}-{number}",
            "form_code": form,
            "territory_id": number,
            "sender_territory_id": number,
            "rule_id": rule,
            "severity": severity,
            "stage": "S",
            "sheet": "1",
            "source_row": row,
            "column_name": "registered_on",
        }
        for number, _, _ in territories()
        for row in (3, 4, 17)
    ]


def run(as_of: date) -> list[Row]:
    """The versions behind the marts."""
    return [
        {
            "known_at": datetime.fromisoformat("2024-10-03T23:59:59"),
            "known_on": date(2024, 10, 3),
            "rules_version": "rules1",
            "formulas_version": "formulas1",
            "plan_version": "original",
        }
    ]
