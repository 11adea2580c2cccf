"""The sheet «Данные» of a blank: titles, hints above them, checks below, rows known beforehand.

What enters: a sheet and a blank. What leaves: a sheet that is ready for typing and for pasting.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING, Any

from xlsxwriter.utility import xl_col_to_name

from desk.blank_checks import date_bounds, validation
from desk.blank_words import Kind, blank_words
from ingest.forms import Column, ColumnType
from reports.workbook_styles import FONT, HEAD, LINE_COLOUR, MUTE, PLAIN, TITLE, Sheet, lines_of

if TYPE_CHECKING:
    from desk.blank_lists import BlankLists
    from desk.blanks import Blank

HEADER_ROW = 3
FIRST_ROW = HEADER_ROW + 1
_REQUIRED = replace(HEAD, fill="#1F4E79", ink="#FFFFFF")
_HINT = replace(MUTE, size=8, align="center", border=False)
_FORMATS = {ColumnType.DATE: "dd.mm.yyyy", ColumnType.INT: "0"}
_SAMPLE = 200  # rows that decide a column's width


def kind_of(column: Column) -> Kind:
    """What a column holds, in a few words."""
    words = blank_words()
    return words.suggested if column.suggest else words.kinds[column.type.value]


def listed_words(column: Column) -> list[str]:
    """Words of a column, each with those that mean the same."""
    also = blank_words().lists.also
    found = []
    for code, word in column.choices.items():
        others = ", ".join(other for other in column.values[code] if other != word)
        found.append(also.format(word=word, others=others) if others else word)
    return found


def _first_rows(blank: Blank) -> list[dict[str, Any]]:
    """Rows that the blank comes with."""
    if blank.listed is not None:
        key, words = blank.listed
        return [{key.name: word} for word in words]
    return list(blank.known.rows)


def _width(column: Column, rows: list[dict[str, Any]]) -> float:
    longest = max(len(word) for word in column.title.split()) + 3
    texts = [
        f"{row[column.name]}" for row in rows[:_SAMPLE] if isinstance(row.get(column.name), str)
    ]
    texts += list(column.choices.values())
    needed = max((len(text) + 2 for text in texts), default=0)
    return min(blank_words().widest, max(kind_of(column).width, longest, needed))


def _hint(column: Column) -> str:
    words = blank_words().data
    required = words.required if column.required else ""
    personal = words.personal if column.pii not in {None, "note"} else ""
    return ", ".join(part for part in (required, kind_of(column).hint, personal) if part)


def _note(column: Column) -> str:
    """What the comment of a title says: everything that is expected of the column."""
    words, guide = blank_words().data, blank_words().guide
    kind = kind_of(column)
    lines = [_hint(column)]
    if column.values:
        lines.append(";\n".join(listed_words(column)))
    if kind.example:
        lines.append(f"{words.example}: {kind.example}")
    if column.pii:
        lines.append(guide.personal[column.pii])
    return "\n".join(lines)


def _write_header(sheet: Sheet, columns: tuple[Column, ...]) -> None:
    heights = {HEADER_ROW - 1: 1, HEADER_ROW: 1}
    for number, column in enumerate(columns):
        width = sheet.span(number, number)
        look = _REQUIRED if column.required else HEAD
        sheet.put(HEADER_ROW - 1, number, _hint(column), _HINT)
        sheet.put(HEADER_ROW, number, column.title, look)
        comment = {"x_scale": 2, "font_size": 9, "author": ""}
        sheet.raw.write_comment(HEADER_ROW, number, _note(column), comment)
        for row, text, shown in ((HEADER_ROW - 1, _hint(column), _HINT),
                                 (HEADER_ROW, column.title, look)):  # fmt: skip
            heights[row] = max(heights[row], lines_of(text, width, shown))
    for row, lines in heights.items():
        sheet.height(row, lines, 9)


def _formats(book: Any, columns: tuple[Column, ...], **border: Any) -> list[Any]:
    """Text stays text, so «10-2» never becomes a date and an ИНН keeps its zeros."""
    look = {"font_name": FONT, "font_size": 10, "valign": "top", **border}
    return [
        book.add_format(look | {"num_format": _FORMATS.get(column.type, "@")}) for column in columns
    ]


def _write_rows(
    sheet: Sheet, rows: list[dict[str, Any]], columns: tuple[Column, ...], formats: list[Any]
) -> None:
    for number, row in enumerate(rows, FIRST_ROW):
        for place, column in enumerate(columns):
            value = row.get(column.name)
            if isinstance(value, date):
                sheet.raw.write_datetime(number, place, value, formats[place])
            elif isinstance(value, int):
                sheet.raw.write_number(number, place, value, formats[place])
            elif value is not None:
                sheet.raw.write_string(number, place, f"{value}", formats[place])
            else:
                sheet.raw.write_blank(number, place, None, formats[place])


def _mark_mistakes(sheet: Sheet, blank: Blank, last: int, book: Any) -> None:
    """Colours for what is missing and what is there twice; they also see what was pasted."""
    columns = blank.version.columns
    letters = {c.name: xl_col_to_name(n) for n, c in enumerate(columns)}
    end, top = letters[columns[-1].name], FIRST_ROW + 1
    given = f"-COUNTA(${letters[blank.listed[0].name]}{top})" if blank.listed else ""
    started = f"COUNTA($A{top}:${end}{top}){given}>0"
    missing = book.add_format({"bg_color": "#FFE9A8"})
    for number, column in enumerate(columns):
        if column.required:
            letter = letters[column.name]
            sheet.raw.conditional_format(FIRST_ROW, number, last, number, {
                "type": "formula", "format": missing,
                "criteria": f"=AND(TRIM({letter}{top})=\"\",{started})"})  # fmt: skip
    pairs = ",".join(
        f'${letter}${top}:${letter}${last + 1},${letter}{top}&""'
        for letter in (letters[c.name] for c in blank.version.keys)
    )
    first_key = letters[blank.version.keys[0].name]
    sheet.raw.conditional_format(FIRST_ROW, 0, last, len(columns) - 1, {
        "type": "formula", "format": book.add_format({"bg_color": "#FBD5D0"}),
        "criteria": f'=AND(${first_key}{top}<>"",COUNTIFS({pairs})>1)'})  # fmt: skip


def write_data(sheet: Sheet, blank: Blank, lists: BlankLists, book: Any) -> None:
    """Write the sheet: titles, checks and the rows that are known."""
    words, columns, rows = blank_words(), blank.version.columns, _first_rows(blank)
    last = FIRST_ROW + len(rows) + words.data.free_rows - 1
    sheet.widths([_width(column, rows) for column in columns])
    for number, style in enumerate(_formats(book, columns)):
        sheet.raw.set_column(number, number, sheet.span(number, number), style)
    facts = {"code": blank.form.code, "title": blank.form.title}
    title = f"{words.title.format_map(facts)} · {blank.sender} · {blank.shown_when}"
    sheet.put(0, 0, title, TITLE)
    sheet.put(1, 0, words.data.legend, replace(PLAIN, size=9))
    _write_header(sheet, columns)
    lined = _formats(book, columns, border=1, border_color=LINE_COLOUR)
    _write_rows(sheet, rows, columns, lined)
    bounds = date_bounds(blank.form, blank.reference, blank.as_of)
    for number, column in enumerate(columns):
        cell = f"{xl_col_to_name(number)}{FIRST_ROW + 1}"
        days = bounds.get(column.name)
        check = validation(column, cell, lists.source(column), days, blank.reference)
        if check:
            sheet.raw.data_validation(FIRST_ROW, number, last, number, check)
    _mark_mistakes(sheet, blank, last, book)
    sheet.raw.freeze_panes(FIRST_ROW, 0)
    sheet.raw.repeat_rows(HEADER_ROW - 1, HEADER_ROW)
