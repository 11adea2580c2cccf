"""The figures of 66 territories as JSON for the page's filters, chart and territory card.

What enters: a `MartSet`. What leaves: text that is safe inside a `<script>` element.
"""

from __future__ import annotations

import json
from decimal import Decimal

from reports.config import words
from reports.formats import counted, day, number
from reports.laggards import Laggard
from reports.marts import MartSet, Value, integer, text
from reports.progress import Figure, Progress


def _plain(value: int | Decimal | None) -> int | float | None:
    return float(value) if isinstance(value, Decimal) else value


def _figure(figure: Figure) -> list[int | float | str | None]:
    return [
        figure.target,
        figure.fact,
        figure.fact_confirmed,
        _plain(figure.pct),
        figure.gap,
        _plain(figure.needed),
        figure.status,
    ]


def _by_territory(marts: MartSet, mart: str, column: str) -> dict[int, int | None]:
    return {
        integer(row["territory_id"]) or 0: integer(row[column])
        for row in marts.rows(mart)
        if row["territory_id"]
    }


def _phone_line(marts: MartSet, row: tuple[Figure, ...], laggard: Laggard | None) -> str:
    """One line that can be read out on the telephone."""
    key = row[0].territory_id
    parts = []
    if laggard:
        worst = laggard.worst
        parts.append(f"выполнено {laggard.met} из {laggard.targeted} целей распоряжения")
        if worst.gap:
            name, pct = worst.indicator.short_name, number(worst.pct or 0, 1)
            parts.append(f"слабее всего «{name}»: {pct}\u00a0%, осталось {number(worst.gap)}")
    over = _by_territory(marts, "mart_navigator_load", "n_over_limit").get(key)
    if over:
        limit = marts.card.parameters["load_limit"]
        parts.append(f"{counted(over, 'navigators')} с нагрузкой свыше {limit}")
    missing = _by_territory(marts, "mart_consents", "n_scan_missing").get(key)
    if missing:
        parts.append(f"без скан-копии согласия {counted(missing, 'pupils')}")
    line = "; ".join(parts) + "." if parts else "Данных нет."
    return line[0].upper() + line[1:]


def _kind(code: Value) -> str:
    return words().word("territory_kind", text(code)).label


def page_json(marts: MartSet, progress: Progress, ranked: list[Laggard]) -> str:
    """Figures, names and statuses; `<` never appears, so no text can close the script.

    Returns:
        JSON with sorted structure, the same bytes for the same marts.
    """
    by_id = {item.territory_id: item for item in ranked}
    content = {
        "indicators": [
            {"id": i.indicator_id, "short": i.short_name, "name": i.name, "due": day(i.deadline)}
            for i in marts.card.indicators
        ],
        "statuses": {key: word.model_dump() for key, word in words().statuses.items()},
        "territories": [
            {
                "id": row[0].territory_id,
                "name": row[0].territory_name,
                "kind": row[0].territory_kind,
                "kindName": _kind(row[0].territory_kind),
                "mean": _plain(by_id[key].mean) if (key := row[0].territory_id) in by_id else None,
                "met": by_id[key].met if key in by_id else None,
                "of": by_id[key].targeted if key in by_id else None,
                "line": _phone_line(marts, row, by_id.get(key)),
                "figures": [_figure(item) for item in row],
            }
            for row in progress.territories
        ],
    }
    plain = json.dumps(content, ensure_ascii=False, separators=(",", ":"))
    # U+2028/2029 end a line for old script parsers.
    return plain.replace("<", "\\u003c").replace("\u2028", "\\u2028").replace("\u2029", "\\u2029")
