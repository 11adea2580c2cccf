"""Entities that swell, name files of the machine or servers: in every part and page."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from tests.fuzz.attacks_texts import as_xml
from tests.fuzz.inside import LAUGHS, OUTSIDE, REMOTE
from tests.fuzz.made import (
    GOOD,
    HEAD,
    LINKS,
    LOOKED_AT,
    MAIN,
    PACKAGE,
    SHEET_RELATIONS,
    as_xlsx,
    book,
    line,
)
from tests.fuzz.seeds import Sent

_HA = line(8, ["x"]).replace("x<", "&h;<").replace('r="8"', 'r="8" hidden="1"')


def in_a_sheet(declared: bytes) -> Sent:
    """A sheet with a document type, its entity used in a cell of a hidden row."""
    return as_xlsx(book(GOOD + _HA, doctype=declared.decode()))


def bombed(part: str, declared: bytes) -> Sent:
    """A part of a book with a document type, its entity used in an attribute-free place."""
    sheets = '<sheets><sheet name="Данные" sheetId="1" r:id="rId1"/></sheets>'
    root = {
        "xl/workbook.xml": f'<workbook xmlns="{MAIN}" xmlns:r="{LINKS}">&h;{sheets}</workbook>',
        "xl/styles.xml": f'<styleSheet xmlns="{MAIN}">&h;</styleSheet>',
        "xl/sharedStrings.xml": f'<sst xmlns="{MAIN}"><si><t>&h;</t></si></sst>',
        SHEET_RELATIONS: f'<Relationships xmlns="{PACKAGE}/relationships">&h;</Relationships>',
        "docProps/custom.xml": "<p>&h;</p>",
    }[part]  # fmt: skip
    text = HEAD + declared.decode() + root
    return as_xlsx(book(LOOKED_AT, parts=[(part, text)]))


def entity_attacks() -> dict[str, Callable[[], Sent]]:
    kinds = {"laughs": LAUGHS, "outside": OUTSIDE, "remote": REMOTE}
    places = ("xl/workbook.xml", "xl/styles.xml", "xl/sharedStrings.xml", "docProps/custom.xml",
              SHEET_RELATIONS)  # fmt: skip
    found: dict[str, Callable[[], Sent]] = {}
    for name, declared in kinds.items():
        for part in places:
            found[f"entity_{name}_in_{part}"] = partial(bombed, part, declared)
        found[f"entity_{name}_in_a_sheet"] = partial(in_a_sheet, declared)
        row = "<Row><Cell><Data>&h;</Data></Cell></Row>"
        sheet = f'<Worksheet ss:Name="x"><Table>{row}</Table></Worksheet>'
        found[f"entity_{name}_in_xml_2003"] = partial(as_xml, sheet, declared.decode())
    return found
