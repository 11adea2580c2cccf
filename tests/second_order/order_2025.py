"""What the second order prints otherwise: names, thresholds, one more target, two more items."""

from __future__ import annotations

from tests.second_order.project import NEW, Row

# Municipalities that became municipal districts on 1 January 2025: same borders, another name.
RENAMED = (
    "Волоколамский", "Дмитровский", "Егорьевск", "Зарайск", "Истра", "Лотошино", "Луховицы",
    "Можайский", "Раменский", "Рузский", "Серебряные Пруды", "Чехов", "Шатура", "Шаховская",
)  # fmt: skip
SUFFIX = "муниципальный округ"
THRESHOLDS = {
    "load_limit": "50",
    "publication_lag_wd": "5",
    "consent_age": "15",
    "cohort_first_year": "2022",
    "cohort_last_year": "2024",
    "k_anonymity": "10",
}
COLUMN, INDICATOR = "c13", "I-9"
ITEMS = ("39", "40")


def renamed(rows: list[Row]) -> list[Row]:
    return [
        row | {"name": f"{row['name']} {SUFFIX}"} if row["name"] in RENAMED else row for row in rows
    ]


def thresholds(rows: list[Row]) -> list[Row]:
    return [row | {"value": THRESHOLDS.get(row["name"], row["value"])} for row in rows]


def orders(rows: list[Row]) -> list[Row]:
    return [row | {"order_no": "Р-500", "national_project": "Молодёжь и дети"} for row in rows]


def columns(rows: list[Row]) -> list[Row]:
    last = rows[-1]
    extra = {
        "column_code": COLUMN,
        "position": "13",
        "label_ru": "Минимальное количество обучающихся, завершивших онлайн-диагностику",
        "indicator_id": INDICATOR,
    }
    return [*rows, last | extra]


def targets(rows: list[Row]) -> list[Row]:
    twin = [row | {"column_code": COLUMN} for row in rows if row["column_code"] == "c12"]
    return sorted([*rows, *twin], key=lambda row: int(row["territory_id"]))


def indicators(rows: list[Row]) -> list[Row]:
    extra = {
        "order_id": NEW,
        "indicator_id": INDICATOR,
        "position": "9",
        "name_ru": "Обучающиеся, завершившие онлайн-диагностику",
        "short_name_ru": "Завершившие диагностику",
        "unit_ru": "чел.",
        "column_code": COLUMN,
        "formula_id": "pupils_diagnosed",
        "components": "",
        "deadline_source": "п. 39 дорожной карты",
    }
    return [*rows, rows[-1] | extra]


def indicator_forms(rows: list[Row]) -> list[Row]:
    needed = ("P01", "P03", "P06")
    extra = [
        {"order_id": NEW, "indicator_id": INDICATOR, "form_code": code, "variant": "literal"}
        for code in needed
    ]
    return [*rows, *extra]


def _like(rows: list[Row], key: str, value: str) -> Row:
    return next(row for row in rows if row[key] == value)


def roadmap_items(rows: list[Row]) -> list[Row]:
    model = _like(rows, "id", "31")
    added = [
        model | {"id": ITEMS[0], "key_en": "diagnosed", "title_ru": "Завершение диагностик"},
        model | {"id": ITEMS[1], "key_en": "visits", "title_ru": "Выезды на площадки"},
    ]
    return [*rows, *added]


def control_points(rows: list[Row]) -> list[Row]:
    model = _like(rows, "control_id", "31-1")
    return [*rows, *(model | {"control_id": f"{item}-1", "item": item} for item in ITEMS)]


def control_criteria(rows: list[Row]) -> list[Row]:
    reached = _like(rows, "control_id", "31-1")
    visited = next(row for row in rows if row["criterion"] == "venue_visited")
    return [
        *rows,
        reached | {"control_id": "39-1", "argument": INDICATOR, "form_codes": "P01;P03;P06"},
        visited | {"control_id": "40-1", "scope": "region"},
    ]


CHANGES = {
    "orders": orders,
    "territories": renamed,
    "parameters": thresholds,
    "target_columns": columns,
    "targets": targets,
    "indicators": indicators,
    "indicator_forms": indicator_forms,
    "roadmap_items": roadmap_items,
    "control_points": control_points,
    "control_criteria": control_criteria,
}
