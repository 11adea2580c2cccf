"""Sheet «Методика»: where the numbers come from, how they are counted, what the marks mean.

What enters: a `MartSet` and the facts about it. What leaves: one sheet of terms and explanations.
"""

from __future__ import annotations

from dataclasses import replace

from reports.config import Section, sheets, words
from reports.formats import day
from reports.marts import MartSet
from reports.notes import notes
from reports.workbook_print import Extent, put_title, set_print
from reports.workbook_styles import SECTION, TEXT, Sheet, lines_of


def _source(marts: MartSet, order: str, known: str) -> Section:
    texts = sheets().methodology
    return Section(
        title=texts.source,
        rows=[
            (texts.order, order),
            (texts.as_of, day(marts.as_of)),
            (texts.known, known),
            (texts.load_id, marts.load_id),
            (texts.operator, marts.card.operator_name),
        ],
    )


def _put_section(sheet: Sheet, row: int, section: Section) -> int:
    sheet.put(row, 0, section.title, SECTION)
    for term, text in section.rows:
        row += 1
        sheet.put(row, 0, term, replace(TEXT, bold=True, valign="top"))
        sheet.put(row, 1, text, replace(TEXT, valign="top"))
        bold = replace(TEXT, bold=True)
        lines = max(lines_of(term, sheet.span(0, 0), bold), lines_of(text, sheet.span(1, 1)))
        sheet.height(row, lines)
    return row + 2


def _put_legend(sheet: Sheet, row: int) -> int:
    sheet.put(row, 0, sheets().methodology.legend, SECTION)
    for word in words().statuses.values():
        row += 1
        look = replace(TEXT, tone=word.tone)
        sheet.put(row, 0, f"{word.mark}  {word.short}".strip(), look)
        sheet.put(row, 1, word.label, look)
    return row


def write_methodology(sheet: Sheet, marts: MartSet, order: str, known: str) -> None:
    """Fill the sheet.

    Args:
        sheet: an empty sheet.
        marts: the data that is explained.
        order: number and date of the order in words.
        known: what had arrived when the report was made.
    """
    texts = sheets().methodology
    sheet.widths([texts.widths["term"], texts.widths["text"]])
    row = put_title(sheet, [texts.title], 1)
    for section in (_source(marts, order, known), *notes(marts.card)):
        row = _put_section(sheet, row, section)
    last = _put_legend(sheet, row)
    set_print(sheet, marts, Extent(last, 1))
