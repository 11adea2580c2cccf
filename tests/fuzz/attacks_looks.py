"""Workbooks made to exhaust what looks at more than values: formulas, styles, notes, relations."""

from __future__ import annotations

from tests.fuzz.made import (
    GOOD,
    HEAD,
    HEADER,
    LOOKED_AT,
    MAIN,
    PARTS,
    ROW,
    SHEET_RELATIONS,
    as_xlsx,
    book,
    line,
    relations,
)
from tests.fuzz.seeds import Sent


def formulas_in_circles() -> Sent:
    rows = (line(n, ROW[:4], f'<c r="E{n}"><f>SUM(E2:E100000)</f></c>') for n in range(2, 10_000))
    return as_xlsx(book(HEADER + "".join(rows), size="A1:G10000"))


def formulas_that_double() -> Sent:
    """Each sums everything above it: as many cells as rows squared."""
    cells = '<c r="E{0}"><f>SUM(F2:G99999)</f></c><c r="F{0}"><f>COUNTA(A1:D20000)</f></c>'
    rows = (line(n, ROW[:4], cells.format(n)) for n in range(2, 20_000))
    return as_xlsx(book(HEADER + "".join(rows), size="A1:G20000"))


def formulas_in_a_chain() -> Sent:
    rows = (line(n, ROW[:4], f'<c r="E{n}"><f>E{n + 1}</f></c>') for n in range(2, 20_000))
    return as_xlsx(book(HEADER + "".join(rows), size="A1:G20000"))


def formulas_far_to_the_right() -> Sent:
    rows = (line(n, ROW, f'<c r="ZZZ{n}"><f>A1</f></c>') for n in range(2, 10_000))
    return as_xlsx(book(HEADER + "".join(rows), size="A1:G10000"))


def errors_everywhere() -> Sent:
    rows = (line(n, ROW[:4], f'<c r="F{n}" t="e"><v>#N/A</v></c>') for n in range(2, 30_000))
    return as_xlsx(book(HEADER + "".join(rows), size="A1:G30000"))


def styles_without_end() -> Sent:
    fill = '<fill><patternFill patternType="solid"><fgColor rgb="{:08X}"/></patternFill></fill>'
    fills = "".join(map(fill.format, range(40_000)))
    xfs = "".join(map('<xf fillId="{}"/>'.format, range(40_000)))
    styles = f"<fills>{fills}</fills><cellXfs>{xfs}</cellXfs>"
    rows = "".join(line(n, ROW, f'<c r="H{n}" s="0{n}"><v>1</v></c>') for n in range(2, 20_000))
    return as_xlsx(book(HEADER + rows, size="A1:H20000", styles=styles))


def style_below_zero() -> Sent:
    styles = '<fills><fill/></fills><cellXfs><xf fillId="-7"/><xf fillId="0"/></cellXfs>'
    row = '<row r="8" hidden="1"><c r="A8" s="-9"><v>1</v></c></row>'
    return as_xlsx(book(GOOD + row, styles=styles))


def remarks_between_cells() -> Sent:
    """Comments and instructions of XML where only elements are expected."""
    rows = GOOD + '<row r="8" hidden="1"><!-- x --><?y z?><c r="A8"><!-- x --><v>1</v></c></row>'
    return as_xlsx(book(rows, parts=[(SHEET_RELATIONS, relations(before="<!-- x -->"))]))


def remark_between_relations() -> Sent:
    links = relations(*PARTS, before="<!-- x -->")
    return as_xlsx(book(LOOKED_AT, parts=[("xl/_rels/workbook.xml.rels", links)]))


def leading_out() -> Sent:
    """Relations that point to files of the machine and to servers."""
    path = "etc/passwd"
    targets = (f"../../../../../{path}", f"/{path}", f"file:///{path}", "http://127.0.0.1:9/")
    links = relations(*(("comments", t) for t in targets), mode=' TargetMode="External"')
    return as_xlsx(book(LOOKED_AT, parts=[(SHEET_RELATIONS, links)]))


def columns_hidden_without_end() -> Sent:
    cols = '<col min="1" max="99999999" hidden="1"/>' * 20_000
    return as_xlsx(book(before=f"<cols>{cols}</cols>"))


def heavy_styles() -> Sent:
    """Styles whose tree would take ten times what they weigh."""
    return as_xlsx(book(LOOKED_AT, styles="<x/>" * (40 << 18)))


def rows_of_nothing() -> Sent:
    return as_xlsx(book(LOOKED_AT + "<row/>" * 2_400_000))


def notes_without_end() -> Sent:
    notes = '<comment ref="A2"/>' * 5_000_000
    comments = f'{HEAD}<comments xmlns="{MAIN}"><commentList>{notes}</commentList></comments>'
    links = relations(("comments", "../comments1.xml"))
    parts = [(SHEET_RELATIONS, links), ("xl/comments1.xml", comments)]
    return as_xlsx(book(LOOKED_AT, parts=parts))


def deep_xml() -> Sent:
    return as_xlsx(book(GOOD + '<row r="8" hidden="1">' + "<c>" * 200_000))


def property_begun_again_and_again() -> Sent:
    text = 'name="bvb_blank"' * 5000
    return as_xlsx(book(parts=[("docProps/custom.xml", text)]))


def merged_everywhere() -> Sent:
    areas = '<mergeCell ref="A1:XFD1048576"/>' * 10_000
    return as_xlsx(book(after=f"<mergeCells>{areas}</mergeCells>"))


def merged_downwards_everywhere() -> Sent:
    areas = '<mergeCell ref="A2:A1048576"/>' * 10_000
    return as_xlsx(book(after=f"<mergeCells>{areas}</mergeCells>"))
