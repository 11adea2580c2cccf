"""Workbooks made to exhaust the reader of values; all are small to send."""

from __future__ import annotations

from tests.defects.base import titles
from tests.fuzz.made import GOOD, HEAD, HEADER, LINKS, MAIN, ROW, as_xlsx, book, line, text_cell
from tests.fuzz.seeds import Sent, good, parts_of, zipped


def far_cell_behind_a_modest_dimension() -> Sent:
    """The end of the world, quoted, spelt and placed as no honest program does."""
    return as_xlsx(book(GOOD + '<row r="1048576"><c r="XFD1048576"><v>1</v></c></row>'))


def far_cell_in_single_quotes() -> Sent:
    return as_xlsx(book(GOOD + "<row r='1048576'><c r='XFD1048576'><v>1</v></c></row>"))


def far_cell_in_small_letters() -> Sent:
    return as_xlsx(book(GOOD + '<row r="1048576"><c r="xfd1048576"><v>1</v></c></row>'))


def far_row_of_cells_without_addresses() -> Sent:
    wide = "<row>" + "<c><v>1</v></c>" * 16_000 + "</row>"
    return as_xlsx(book(GOOD + wide + '<row r="1048576"><c><v>1</v></c></row>'))


def far_cell_with_a_prefix() -> Sent:
    rows = f'<x:row xmlns:x="{MAIN}" r="1048576"><x:c r="XFD1048576"><x:v>1</x:v></x:c></x:row>'
    return as_xlsx(book(GOOD + rows))


def tag_begun_again_and_again() -> Sent:
    """An address that is torn off and begun anew thousands of times before it ends."""
    return as_xlsx(book(GOOD + "<c " * 700_000, size="?"))


def strings_that_are_not_there() -> Sent:
    """The string table says that it holds billions."""
    strings = f'{HEAD}<sst xmlns="{MAIN}" uniqueCount="{1 << 32}"><si><t>x</t></si></sst>'
    return as_xlsx(book(parts=[("xl/sharedStrings.xml", strings)]))


def sheet_in_utf_16() -> Sent:
    """Nothing in it can be counted before the reader reads it."""
    parts = parts_of(good().data) or []
    wide = [(n, d.decode().encode("utf-16-le") if "sheet1" in n else d) for n, d in parts]
    return as_xlsx(zipped(wide))


def string_told_many_times() -> Sent:
    """One long text of the string table in 100 000 cells."""
    cells = "".join(f'<row r="{n}"><c r="A{n}" t="s"><v>0</v></c></row>' for n in range(8, 100_000))
    return as_xlsx(book(GOOD + cells, shared=f"<si><t>{'Ж' * 100_000}</t></si>"))


def string_told_many_times_in_one_row() -> Sent:
    cells = '<c t="s"><v>0</v></c>' * 16_000
    return as_xlsx(
        book(f"{GOOD}<row r='9'>{cells}</row>", shared=f"<si><t>{'Ж' * 200_000}</t></si>")
    )


def cells_of_100_kb() -> Sent:
    odd = ("_" * 100_000, "9" * 100_000, " " * 100_000 + "x", "итого" + " " * 99_999, "A-" * 50_000)
    rows = (line(8 + n, [text] * 7) for n, text in enumerate(odd))
    return as_xlsx(book(GOOD + "".join(rows)))


def passport_sheet_of_100_kb() -> Sent:
    odd = ("го " * 33_000, "T" + "1" * 99_999, "2024-" * 20_000, "9" * 100_000, "(" * 100_000)
    labels = ("Наименование территории", "Код территории", "Отчётный период", "Версия формы")
    pairs = zip((*labels, "Код формы"), odd, strict=True)
    rows = "".join(line(n, pair) for n, pair in enumerate(pairs, 1))
    return as_xlsx(_renamed(book(rows), "Паспорт"))


def _renamed(data: bytes, sheet: str) -> bytes:

    parts = parts_of(data) or []
    old, new = "Данные".encode(), sheet.encode()
    return zipped([(n, d.replace(old, new) if n.endswith("workbook.xml") else d) for n, d in parts])


def wide_and_different() -> Sent:
    """Thirty rows of 16 000 different texts: is any of them a title?"""
    rows = "".join(
        f'<row r="{r}">' + "".join(
            f'<c t="inlineStr"><is><t>слово {r} {c}</t></is></c>' for c in range(16_000)
        ) + "</row>"
        for r in range(1, 31)
    )  # fmt: skip
    return Sent("Отчёт.xlsx", "T14", book(rows, size="A1:WQJ30"))


def wide_under_the_header() -> Sent:
    titles_twice = text_cell("H1", titles("M08")[0]) + "".join(
        f'<c t="inlineStr"><is><t>{n}</t></is></c>' for n in range(16_000)
    )
    return as_xlsx(book(line(1, titles("M08"), titles_twice) + GOOD[len(HEADER) :], size="A1:WQJ7"))


def header_again_and_again() -> Sent:
    """Two headers in turns, so that every row begins another table."""
    first, second = titles("M08"), [*reversed(titles("M08"))]
    rows = (line(n, (second, first, ROW)[n % 3]) for n in range(2, 60_000))
    return as_xlsx(book(HEADER + "".join(rows), size="A1:G60000"))


def the_same_header_again_and_again() -> Sent:
    rows = (line(n, (titles("M08"), ROW)[n % 2]) for n in range(2, 100_000))
    return as_xlsx(book(HEADER + "".join(rows), size="A1:G100000"))


def section_again_and_again() -> Sent:
    rows = (line(n, ["МБОУ СОШ № 1"]) for n in range(2, 100_000))
    return as_xlsx(book(HEADER + "".join(rows), size="A1:G100000"))


def sheets_without_end() -> Sent:
    listed = "".join(f'<sheet name="Лист{n}" sheetId="{n}" r:id="rId1"/>' for n in range(2, 5_000))
    text = f'{HEAD}<workbook xmlns="{MAIN}" xmlns:r="{LINKS}"><sheets>{listed}</sheets></workbook>'
    hidden = GOOD + '<row r="8" hidden="1"/>'
    return as_xlsx(book(hidden, parts=[("xl/workbook.xml", text)]))


def _sized(data: bytes, grow: int) -> bytes:
    """The last member's directory entry tells `grow` bytes less than there are."""
    at = data.rfind(b"PK\x01\x02") + 24
    size = int.from_bytes(data[at : at + 4], "little")
    return data[:at] + (size - grow).to_bytes(4, "little") + data[at + 4 :]


def size_that_lies() -> Sent:
    """A sheet of 400 MB that says it has one."""
    rows = GOOD + "<row/>" * 60_000_000
    return as_xlsx(_sized(book(rows), 360_000_000))


def moment_beyond_time() -> Sent:
    """A cell looks like a moment and holds a number that no calendar reaches."""
    styles = '<cellXfs><xf numFmtId="0"/><xf numFmtId="22" applyNumberFormat="1"/></cellXfs>'
    far = '<row r="8"><c r="B8" s="1"><v>-1e308</v></c></row>'
    return as_xlsx(book(GOOD + far, size="A1:G8", styles=styles))
