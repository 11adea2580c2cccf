"""The ministry workbook: «Сводка», «Показатели», a sheet a table of `sheets.yml`, «Методика».

What enters: a `MartSet`. What leaves: the bytes of an .xlsx; the same bytes for the same marts.
"""

from __future__ import annotations

from datetime import datetime, time
from io import BytesIO
from typing import Any

import xlsxwriter

from reports.config import sheets
from reports.formats import day
from reports.marts import MartSet
from reports.notes import known_text, order_line
from reports.progress import load_progress
from reports.tables import resolve
from reports.workbook_methodology import write_methodology
from reports.workbook_progress import write_progress
from reports.workbook_styles import FONT, SIZE, Sheet, Styles
from reports.workbook_summary import write_summary
from reports.workbook_tables import write_table


def workbook_options() -> dict[str, Any]:
    """How every book is written: texts stay texts."""
    # Made anew for every book: XlsxWriter changes what it is given.
    return {
        "in_memory": True,
        "strings_to_formulas": False,
        "strings_to_urls": False,
        "strings_to_numbers": False,
        "default_format_properties": {"font_name": FONT, "font_size": SIZE},
    }


def set_properties(book: Any, marts: MartSet, title: str, order: str) -> None:
    """Title, author and date of a book."""
    # The date of the data, not of the making: the same marts give the same bytes.
    book.set_properties(
        {
            "title": title,
            "subject": f"{order}, {day(marts.as_of)}",
            "author": marts.card.operator_name,
            "comments": marts.load_id,
            "created": datetime.combine(marts.as_of, time()),
        }
    )


def workbook_bytes(marts: MartSet) -> bytes:
    """The workbook as the bytes of its file.

    Raises:
        MartColumnMissing: a mart lacks a column that a sheet shows.
        IncompleteProgress: a territory lacks an indicator.
        UnknownCode: a mart holds a code without a Russian word.
    """
    texts, card = sheets(), marts.card
    progress = load_progress(marts)
    title = texts.summary.title.format(programme_name=card.programme_name)
    order = order_line(card)
    known = known_text(marts, progress)
    state = f"{texts.summary.state.format(as_of=day(marts.as_of))} · {known}"
    target = BytesIO()
    book = xlsxwriter.Workbook(target, workbook_options())
    styles = Styles(book)
    set_properties(book, marts, title, order)
    summary = Sheet(book, styles, texts.summary.sheet)
    write_summary(summary, marts, progress, [title, order, state])
    write_progress(Sheet(book, styles, texts.progress.sheet), marts, progress, [order, state])
    for spec in texts.tables_on("workbook"):
        write_table(Sheet(book, styles, spec.sheet), marts, resolve(spec, marts), [order, state])
    write_methodology(Sheet(book, styles, texts.methodology.sheet), marts, order, known)
    book.close()
    return target.getvalue()
