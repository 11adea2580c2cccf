"""The workbook of a blank: «Паспорт», «Данные», «Инструкция», «Справочник».

What enters: a `Blank`. What leaves: the bytes of an .xlsx that the reader knows by its passport and
its stamp; texts stay texts, so nothing that was filled in can become a formula or a link.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, time
from io import BytesIO
from typing import Any

import xlsxwriter

from desk.blank_checks import not_listed
from desk.blank_data import write_data
from desk.blank_guide import write_guide
from desk.blank_lists import YES_AND_NO, BlankLists
from desk.blank_words import blank_words
from desk.blanks import Blank
from ingest.routing import printed_labels
from ingest.stamp import PROPERTY
from reports.formats import day as shown_day
from reports.workbook import workbook_options
from reports.workbook_print import A4, MARGINS
from reports.workbook_styles import (
    FONT,
    HEAD,
    LINE_COLOUR,
    MUTE,
    PLAIN,
    TEXT,
    TITLE,
    Sheet,
    Styles,
    lines_of,
)

FILL_IN = "#FFF8DC"
_LABEL = replace(HEAD, align="left", size=10)


def set_up(sheet: Sheet, blank: Blank, *, landscape: bool = True) -> None:
    """A4, one page wide, with what names the template at the foot."""
    words, raw = blank_words(), sheet.raw
    if landscape:
        raw.set_landscape()
    raw.set_paper(A4)
    raw.fit_to_pages(1, 0)
    raw.set_margins(**MARGINS)
    facts = {"code": blank.form.code, "sender": blank.sender, "when": blank.shown_when}
    foot = words.footer.format(**facts, stamp=blank.stamp).replace("&", "&&")
    # A space ends the size: «&8 2024» would else be read as size 82024.
    raw.set_footer(f"&L&8 {foot}&R&8 {words.page.format(page='&P', pages='&N')}")


def _passport_values(blank: Blank) -> dict[str, str]:
    is_period = blank.form.kind == "period"
    place = {
        "territory_code": f"T{blank.territory_id:02d}",
        "territory_name": blank.sender,
    }
    return {
        "form_code": blank.form.code,
        "form_version": f"{blank.version.version}",
        **(place if blank.territory_id else {}),
        "period" if is_period else "as_of": blank.when,
        **dict.fromkeys(blank_words().passport.to_fill, ""),
        "is_zero_report": YES_AND_NO[1],
        "blank": f"{blank.stamp}",
    }


def _passport_check(name: str, lists: BlankLists) -> dict[str, Any]:
    """What a field of the passport takes; empty when any text goes."""
    said = blank_words().checks
    if name == "is_zero_report":
        text = not_listed(YES_AND_NO)
        return {"validate": "list", "source": lists.yes_or_no, "error_message": text}
    if name == "filled_on":
        first, last = date(lists.year, 1, 1), date(lists.year + 1, 12, 31)
        text = said["date"].format(first=shown_day(first), last=shown_day(last))
        days = {"criteria": "between", "minimum": first, "maximum": last}
        return {"validate": "date", **days, "error_message": text}
    return {}


def _write_passport(sheet: Sheet, blank: Blank, lists: BlankLists, book: Any) -> None:
    words = blank_words().passport
    sheet.widths(words.widths)
    set_up(sheet, blank, landscape=False)
    sheet.put(0, 0, f"{words.title}. {blank.form.code}. {blank.form.title}", TITLE)
    row = _notes(sheet, 1, words.lines)
    look = {"font_name": FONT, "font_size": 10, "border": 1, "border_color": LINE_COLOUR,
            "valign": "vcenter", "indent": 1, "text_wrap": True}  # fmt: skip
    given = book.add_format(look | {"num_format": "@"})
    empty = book.add_format(look | {"num_format": "@", "bg_color": FILL_IN})
    day = book.add_format(look | {"num_format": "dd.mm.yyyy", "bg_color": FILL_IN, "align": "left"})
    values = _passport_values(blank)
    for name, label in printed_labels().items():
        if name not in values:
            continue
        style = given if name not in words.to_fill else day if name == "filled_on" else empty
        sheet.put(row, 0, label, _LABEL)
        if values[name]:
            sheet.raw.write_string(row, 1, values[name], style)
        else:
            sheet.raw.write_blank(row, 1, None, style)
        sheet.height(row, 1, 13)
        if check := _passport_check(name, lists):
            sheet.raw.data_validation(row, 1, row, 1, check | {"error_title": label})
        row += 1
    _notes(sheet, row + 1, (words.after,))


def _notes(sheet: Sheet, row: int, lines: tuple[str, ...]) -> int:
    """Lines over both columns; the first row after them, one left empty."""
    for line in lines:
        sheet.merge((row, 0, row, 1), line, replace(PLAIN, wrap=True, valign="top"))
        sheet.height(row, lines_of(line, sheet.span(0, 1)))
        row += 1
    return row + 1


def _write_lists(sheet: Sheet, blank: Blank, lists: BlankLists) -> None:
    words = blank_words().lists
    set_up(sheet, blank)
    sheet.widths([words.width] * len(lists.columns))
    sheet.put(0, 0, words.title, replace(MUTE, border=False, wrap=False))
    for number, (title, texts) in enumerate(lists.columns.values()):
        sheet.put(lists.first_row - 1, number, title, HEAD)
        for row, text in enumerate(texts, lists.first_row):
            sheet.put(row, number, text, TEXT)
    sheet.raw.freeze_panes(lists.first_row, 0)


def blank_bytes(blank: Blank) -> bytes:
    """The workbook as the bytes of its file."""
    words, target = blank_words(), BytesIO()
    book = xlsxwriter.Workbook(target, workbook_options())
    styles, lists = Styles(book), BlankLists(blank)
    facts = {"code": blank.form.code, "title": blank.form.title}
    # The blank's own date, not the moment of making: the same inputs give the same bytes.
    created = datetime.combine(blank.as_of, time())
    book.set_properties({"title": words.title.format_map(facts), "created": created})
    book.set_custom_property(PROPERTY, f"{blank.stamp}", "text")
    sheets = {name: Sheet(book, styles, title) for name, title in words.sheets.model_dump().items()}
    _write_passport(sheets["passport"], blank, lists, book)
    set_up(sheets["data"], blank)
    write_data(sheets["data"], blank, lists, book)
    set_up(sheets["guide"], blank)
    write_guide(sheets["guide"], blank)
    _write_lists(sheets["lists"], blank, lists)
    book.close()
    return target.getvalue()
