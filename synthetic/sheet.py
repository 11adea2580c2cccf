"""Writing tables as workbooks and csv: quick at a million rows, the same bytes every time.

What enters: tables of texts with titles. What leaves: a file. The sheet's XML is joined column-wise
in batches, because cell by cell half a million rows take minutes.
"""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from xml.sax.saxutils import escape

import pyarrow as pa
import pyarrow.compute as pc

BATCH = 50_000
_SAMPLE = 500
_NARROWEST, _WIDEST, _DATE = 8, 42, 11  # widths of columns, in letters
_LEVEL = 1  # of compression: higher ones cost seconds and save little
_XML = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_DOC = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
_TYPES = "application/vnd.openxmlformats-officedocument.spreadsheetml"
_FONT = '<sz val="11"/><name val="Calibri"/>'
_XF = '<xf numFmtId="{0}" fontId="{1}" fillId="0" borderId="0" {2}/>'
# Styles of cells by number: 0 plain, 1 a date as Russian offices write it, 2 bold.
_STYLES = (
    f'{_XML}<styleSheet xmlns="{_MAIN}"><numFmts count="1"><numFmt numFmtId="164" '
    f'formatCode="dd\\.mm\\.yyyy"/></numFmts><fonts count="2"><font>{_FONT}</font>'
    f'<font><b/>{_FONT}</font></fonts><fills count="2"><fill><patternFill patternType="none"/>'
    '</fill><fill><patternFill patternType="gray125"/></fill></fills><borders count="1"><border/>'
    f'</borders><cellStyleXfs count="1">{_XF.format(0, 0, "")}</cellStyleXfs><cellXfs count="3">'
    + _XF.format(0, 0, 'xfId="0"')
    + _XF.format(164, 0, 'xfId="0" applyNumberFormat="1"')
    + _XF.format(0, 1, 'xfId="0" applyFont="1"')
    + '</cellXfs><cellStyles count="1"><cellStyle name="Normal" xfId="0" builtinId="0"/>'
    "</cellStyles></styleSheet>"
)
_TEXT = ('<c t="inlineStr"><is><t xml:space="preserve">', "</t></is></c>")
_PLAIN = ('<c t="inlineStr"><is><t>', "</t></is></c>")
_HIDDEN = ' state="hidden"'
_BOLD = ('<c s="2" t="inlineStr"><is><t>', "</t></is></c>")


@dataclass(frozen=True)
class Tab:
    """One sheet: rows above the header as they are, titles, and a table of texts.

    Columns in `dates` hold Excel's day numbers, columns in `numbers` whole numbers; a text that is
    no number stays text, as in a hand-filled sheet.
    """

    name: str
    titles: tuple[str, ...]
    table: pa.Table
    dates: frozenset[str] = frozenset()
    numbers: frozenset[str] = frozenset()
    above: tuple[tuple[str, ...], ...] = ()
    is_hidden: bool = False
    below: tuple[tuple[str, ...], ...] = ()


def _escaped(texts: pa.Array) -> pa.Array:
    if not pc.any(pc.match_substring_regex(texts, "[&<>]")).as_py():
        return texts
    for mark, entity in (("&", "&amp;"), ("<", "&lt;"), (">", "&gt;")):
        texts = pc.replace_substring(texts, mark, entity)
    return texts


def _cells(texts: pa.Array, style: str | None) -> pa.Array:
    """One column as cell elements; NULL is an empty cell."""
    inline = pc.binary_join_element_wise(_PLAIN[0], _escaped(texts), _PLAIN[1], "")
    if style is not None:
        mark = f' s="{style}"' if style else ""
        number = pc.binary_join_element_wise(f"<c{mark}><v>", texts, "</v></c>", "")
        # Day numbers of this century have five digits; a «3» in a date column is a plain 3.
        pattern = r"^\d{5}$" if style else r"^\d+$"
        inline = pc.if_else(pc.match_substring_regex(texts, pattern), number, inline)
    return pc.fill_null(inline, "<c/>")


def _row(texts: tuple[str, ...], frame: tuple[str, str]) -> str:
    return "<row>" + "".join(frame[0] + escape(t) + frame[1] for t in texts) + "</row>"


def _letters(column: int) -> str:
    """Name of a column counted from 1."""
    before, last = divmod(column - 1, 26)
    return (_letters(before) if before else "") + chr(ord("A") + last)


def _dimension(tab: Tab) -> str:
    """The rectangle of the sheet, as office programs declare it: readers trust it."""
    height = len(tab.above) + 1 + tab.table.num_rows + len(tab.below)
    width = max(map(len, (tab.titles, *tab.above, *tab.below)))
    return f'<dimension ref="A1:{_letters(width)}{height}"/>'


def _columns(tab: Tab) -> str:
    """Widths that show the titles and what the first rows hold."""
    widths = [max(_NARROWEST, len(title) + 2) for title in tab.titles]
    sample = tab.table.slice(0, _SAMPLE)
    for place, name in enumerate(sample.column_names if sample.num_rows else ()):
        longest = pc.max(pc.utf8_length(pc.cast(sample.column(name), pa.string()))).as_py() or 0
        widths[place] = max(widths[place], _DATE if name in tab.dates else longest + 2)
    for row in tab.below:
        widths = [max(width, len(text) + 1) for width, text in zip(widths, row, strict=True)]
    return "".join(
        f'<col min="{n}" max="{n}" width="{min(width, _WIDEST)}" customWidth="1"/>'
        for n, width in enumerate(widths, 1)
    )


def _head(tab: Tab) -> str:
    """What stands before the rows: the size, the header that stays in sight, the widths."""
    shown = len(tab.above) + 1
    view = (
        f'<sheetViews><sheetView workbookViewId="0"><pane ySplit="{shown}" '
        f'topLeftCell="A{shown + 1}" activePane="bottomLeft" state="frozen"/></sheetView>'
        "</sheetViews>"
    )
    cols = f"<cols>{_columns(tab)}</cols>"
    return f'<worksheet xmlns="{_MAIN}">{_dimension(tab)}{view}{cols}<sheetData>'


def _sheet_parts(tab: Tab) -> Iterator[bytes]:
    yield f"{_XML}{_head(tab)}".encode()
    yield "".join(_row(row, _TEXT) for row in tab.above).encode()
    yield _row(tab.titles, _BOLD).encode()
    for batch in tab.table.to_batches(max_chunksize=BATCH):
        styles = {
            n: "1" if n in tab.dates else "" if n in tab.numbers else None
            for n in tab.table.column_names
        }
        cells = [_cells(batch.column(n), styles[n]) for n in tab.table.column_names]
        rows = pc.binary_join_element_wise("<row>", *cells, "</row>", "")
        yield rows.buffers()[2] if rows.offset == 0 else "".join(rows.to_pylist()).encode()
    yield "".join(_row(row, _TEXT) for row in tab.below).encode()
    yield b"</sheetData></worksheet>"


def _static_parts(tabs: list[Tab]) -> dict[str, str]:
    numbers = range(1, len(tabs) + 1)
    sheets = "".join(
        f'<sheet name="{escape(t.name)}" sheetId="{n}"{_HIDDEN * t.is_hidden} r:id="rId{n}"/>'
        for n, t in zip(numbers, tabs, strict=True)
    )
    parts = "".join(
        f'<Override PartName="/xl/worksheets/sheet{n}.xml" ContentType="{_TYPES}.worksheet+xml"/>'
        for n in numbers
    )
    links = "".join(
        f'<Relationship Id="rId{n}" Type="{_DOC}/worksheet" Target="worksheets/sheet{n}.xml"/>'
        for n in numbers
    )
    return {
        "[Content_Types].xml": f'{_XML}<Types xmlns="{_PACKAGE}/content-types"><Default '
        'Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        f'<Override PartName="/xl/workbook.xml" ContentType="{_TYPES}.sheet.main+xml"/>'
        f'<Override PartName="/xl/styles.xml" ContentType="{_TYPES}.styles+xml"/>{parts}</Types>',
        "_rels/.rels": f'{_XML}<Relationships xmlns="{_PACKAGE}/relationships"><Relationship '
        f'Id="rId1" Type="{_DOC}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
        "xl/workbook.xml": f'{_XML}<workbook xmlns="{_MAIN}" xmlns:r="{_DOC}"><bookViews>'
        f"<workbookView/></bookViews><sheets>{sheets}"
        "</sheets></workbook>",
        "xl/_rels/workbook.xml.rels": f'{_XML}<Relationships xmlns="{_PACKAGE}/relationships">'
        f'{links}<Relationship Id="rId{len(tabs) + 1}" Type="{_DOC}/styles" Target="styles.xml"/>'
        "</Relationships>",
        "xl/styles.xml": _STYLES,
    }


def _entry(name: str, moment: datetime) -> zipfile.ZipInfo:
    info = zipfile.ZipInfo(name, moment.timetuple()[:6])
    info.compress_type = zipfile.ZIP_DEFLATED
    info.create_system = 0  # the same bytes on every system
    return info


def write_xlsx(target: Path | io.BytesIO, tabs: list[Tab], moment: datetime) -> None:
    """Write sheets as a workbook; `moment` goes into the archive instead of the clock."""
    with zipfile.ZipFile(target, "w", compresslevel=_LEVEL) as archive:
        for name, text in _static_parts(tabs).items():
            archive.writestr(_entry(name, moment), text.encode(), compresslevel=_LEVEL)
        for number, tab in enumerate(tabs, 1):
            info = _entry(f"xl/worksheets/sheet{number}.xml", moment)
            info._compresslevel = _LEVEL  # type: ignore[attr-defined] # public from 3.13 on
            with archive.open(info, "w", force_zip64=True) as stream:
                for part in _sheet_parts(tab):
                    stream.write(part)


def _quoted(texts: pa.Array) -> pa.Array:
    """Quote the fields that need it, as spreadsheet programs do."""
    needs = pc.match_substring_regex(texts, '[;"\n\r\t]')
    if pc.any(needs).as_py():
        doubled = pc.replace_substring(texts, '"', '""')
        texts = pc.if_else(needs, pc.binary_join_element_wise('"', doubled, '"', ""), texts)
    return pc.fill_null(texts, "")


def csv_parts(tab: Tab, delimiter: str = ";") -> Iterator[bytes]:
    """The table as csv lines in UTF-8, without a byte-order mark."""
    header = _quoted(pa.array(tab.titles, pa.string())).to_pylist()
    yield (delimiter.join(header) + "\r\n").encode()
    for batch in tab.table.to_batches(max_chunksize=BATCH):
        lines = pc.binary_join_element_wise(*(_quoted(c) for c in batch.columns), delimiter)
        ended = pc.binary_join_element_wise(lines, "\r\n", "")
        yield ended.buffers()[2] if ended.offset == 0 else "".join(ended.to_pylist()).encode()


def write_csv(path: Path, tab: Tab) -> None:
    """Write a table as the platform exports it: UTF-8 with a byte-order mark, semicolons."""
    with path.open("wb") as stream:
        stream.write(b"\xef\xbb\xbf")
        for part in csv_parts(tab):
            stream.write(part)
