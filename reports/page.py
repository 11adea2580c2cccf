"""The self-contained page: one HTML file that opens from a disk, without network.

What enters: a `MartSet`. What leaves: the bytes of a file with its own style, scripts, figures and
tables; the same bytes for the same data.
"""

from __future__ import annotations

import base64
import hashlib

from reports.config import ROOM, sheets, words
from reports.formats import day
from reports.html import html_environment
from reports.insights import insights
from reports.laggards import laggards
from reports.marts import MartSet
from reports.notes import known_text, notes
from reports.page_data import page_json
from reports.page_view import cards, heat_row, sections
from reports.progress import load_progress
from reports.tables import resolve

SCRIPTS = ("echarts.min.js", "page_chart.js", "page.js")
STYLE = "page.css"


def _asset(name: str) -> str:
    return (ROOM / "assets" / name).read_text(encoding="utf-8")


def _hash(script: str) -> str:
    return base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()


def _context(marts: MartSet) -> dict[str, object]:
    progress = load_progress(marts)
    ranked = laggards(progress)
    by_id = {item.territory_id: item for item in ranked}
    texts = words()
    rows = [heat_row(row, by_id.get(row[0].territory_id)) for row in progress.territories]
    scripts = [_asset(name) for name in SCRIPTS]
    return {
        "marts": marts,
        "card": marts.card,
        "title": sheets().summary.title.format(programme_name=marts.card.programme_name),
        "as_of": day(marts.as_of),
        "known": known_text(marts, progress),
        "tones": texts.tones,
        "statuses": texts.statuses,
        "kinds": {k: w for k, w in texts.dictionaries["territory_kind"].items() if k != "region"},
        "cards": cards(progress),
        "insights": insights(marts, progress),
        "heat": ([heat_row(progress.region, None)], rows),
        "laggards": ranked[: texts.laggards_in_workbook],
        "sections": sections((resolve(s, marts) for s in sheets().tables_on("page")), progress),
        "methodology": notes(marts.card),
        "methodology_title": sheets().methodology.title,
        "data_json": page_json(marts, progress, ranked),
        "no_rows": texts.no_rows,
        "css": _asset(STYLE),
        "scripts": scripts,
        "script_hashes": [_hash(script) for script in scripts],
    }


def page_bytes(marts: MartSet) -> bytes:
    """The page as the bytes of its file."""
    page = html_environment().get_template("page.html.j2").render(_context(marts))
    return page.encode()
