"""A workbook whose XML is written by hand, around a good table of form M08."""

from __future__ import annotations

from collections.abc import Iterable
from xml.sax.saxutils import escape

from tests.defects.base import meetings, titles
from tests.fuzz.seeds import Sent, zipped

NAME = "M08_parents_meetings__T14__2024-09"
MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
LINKS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PACKAGE = "http://schemas.openxmlformats.org/package/2006"
HEAD = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>'
LETTERS = "ABCDEFG"  # of the columns of M08; E is a whole number
SPACE = "urn:schemas-microsoft-com:office:spreadsheet"


def text_cell(place: str, text: str) -> str:
    return f'<c r="{place}" t="inlineStr"><is><t>{escape(text)}</t></is></c>'


def line(number: int, texts: Iterable[object], more: str = "") -> str:
    """A row of M08 as XML."""
    pairs = zip(LETTERS, texts, strict=False)
    cells = "".join(text_cell(f"{letter}{number}", f"{text}") for letter, text in pairs)
    return f'<row r="{number}">{cells}{more}</row>'


HEADER = line(1, titles("M08"))
ROW = ["МБОУ СОШ № 1", "2024-09-03", "Встреча", "очно", 20, "7А", "https://example.org/1"]
GOOD = HEADER + "".join(line(n, row) for n, row in enumerate(meetings(), 2))


PARTS = (
    ("worksheet", "worksheets/sheet1.xml"),
    ("sharedStrings", "sharedStrings.xml"),
    ("styles", "styles.xml"),
)
# A hidden row makes the reader look at more than values.
LOOKED_AT = GOOD + '<row r="8" hidden="1"/>'
SHEET_RELATIONS = "xl/worksheets/_rels/sheet1.xml.rels"


def relations(*pairs: tuple[str, str], before: str = "", mode: str = "") -> str:
    """A part of relations: (kind, target) of rId1, rId2 …"""
    links = "".join(
        f'<Relationship Id="rId{n}" Type="{LINKS}/{kind}" Target="{target}"{mode}/>'
        for n, (kind, target) in enumerate(pairs, 1)
    )
    return f'{HEAD}<Relationships xmlns="{PACKAGE}/relationships">{before}{links}</Relationships>'


def book(
    rows: str = GOOD,
    *,
    before: str = "",
    after: str = "",
    size: str = "A1:G7",
    shared: str = "",
    styles: str = "",
    doctype: str = "",
    parts: Iterable[tuple[str, str]] = (),
) -> bytes:
    """A workbook of one sheet, its XML as given."""
    known = {
        "[Content_Types].xml": f'{HEAD}<Types xmlns="{PACKAGE}/content-types"/>',
        "_rels/.rels": relations(("officeDocument", "xl/workbook.xml")),
        "xl/workbook.xml": f'{HEAD}<workbook xmlns="{MAIN}" xmlns:r="{LINKS}"><sheets>'
        '<sheet name="Данные" sheetId="1" r:id="rId1"/></sheets></workbook>',
        "xl/_rels/workbook.xml.rels": relations(*PARTS),
        "xl/sharedStrings.xml": f'{HEAD}<sst xmlns="{MAIN}">{shared}</sst>',
        "xl/styles.xml": f'{HEAD}<styleSheet xmlns="{MAIN}">{styles}</styleSheet>',
        "xl/worksheets/sheet1.xml":
            f'{HEAD}{doctype}<worksheet xmlns="{MAIN}"><dimension ref="{size}"/>{before}'
            f"<sheetData>{rows}</sheetData>{after}</worksheet>",
    } | dict(parts)  # fmt: skip
    return zipped([(name, text.encode()) for name, text in known.items()])


def as_xlsx(data: bytes) -> Sent:
    return Sent(f"{NAME}.xlsx", "T14", data)
