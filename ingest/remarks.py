"""What is to be said of a table that was read: hidden rows, colours, sums that differ, formulas.

What enters: headers and what was counted below them. What leaves: (message code, header, facts),
in the order in which a sender is told.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator
from datetime import date
from typing import Any

from ingest.body import Place, RowCount
from ingest.forms import Form
from ingest.header import Header
from ingest.look import Look
from ingest.orders import order_at, orders
from ingest.routing import Route
from ingest.sniff import Kind

Remark = tuple[str, Header | None, dict[str, Any]]
LISTED = 12  # titles or rows named in one message
LONGEST = 120  # letters of one of them
# Of stripes and coloured columns nothing is asked: only what stands out may mean something.
_OUTSTANDING = 0.3
# Which kinds read worse than a workbook, whatever they are called; csv under its own name is usual.
_POOR = {Kind.HTML, Kind.ODS, Kind.XLSB}


def listed(words: list[str]) -> str:
    """The first dozen of some names in quotes, and how many more there are."""
    more = f" и ещё {len(words) - LISTED}" if len(words) > LISTED else ""
    shown = (word if len(word) <= LONGEST else f"{word[:LONGEST]}…" for word in words[:LISTED])
    return ", ".join(f"«{word}»" for word in shown) + more


def rows_in_words(rows: list[int]) -> str:
    """Row numbers with neighbours drawn together: «3–7, 12 и ещё 4»."""
    spans: list[list[int]] = []
    for row in sorted(rows):
        if spans and row == spans[-1][1] + 1:
            spans[-1][1] = row
        else:
            spans.append([row, row])
    shown = [f"{a}" if a == b else f"{a}–{b}" for a, b in spans[:LISTED]]
    rest = sum(b - a + 1 for a, b in spans[LISTED:])
    return ", ".join(shown) + (f" и ещё {rest}" if rest else "")


def named_rows(rows: list[int]) -> str:
    """«строка 8», «строки 3–7, 12»."""
    return f"{'строка' if len(rows) == 1 else 'строки'} {rows_in_words(rows)}"


def places_in_words(places: list[Place], *, is_one_sheet: bool) -> str:
    """«строки 2, 5», or «лист «Январь», строка 8; лист «Март», строки 3–5»."""
    by_sheet: dict[str, list[int]] = defaultdict(list)
    for sheet, row in places:
        by_sheet[sheet].append(row)
    if is_one_sheet:
        return named_rows([row for rows in by_sheet.values() for row in rows])
    said = [f"лист «{name}», {named_rows(rows)}" for name, rows in by_sheet.items()]
    more = f"; и ещё листов: {len(said) - LISTED}" if len(said) > LISTED else ""
    return "; ".join(said[:LISTED]) + more


def disguise(kind: Kind, name_fits: bool) -> str | None:
    """Message code for a file that is not what its name says, or not what is asked for."""
    if kind in _POOR or (kind is Kind.TEXT and not name_fits):
        return "F-NOT-EXCEL"
    return None if name_fits else "F-DISGUISED"


def _hidden(look: Look, header: Header) -> str | None:
    rows = sorted(row for row in look.hidden_rows if row > header.row)
    columns = look.hidden_positions & header.positions.keys()
    words = [named_rows(rows)] if rows else []
    words += [f"столбцы формы: {len(columns)}"] if columns else []
    return " и ".join(words) or None


def _outstanding(look: Look, header: Header) -> list[int]:
    """Rows that are filled unlike most others or carry a note."""
    fills = {row: frozenset(f) for row, f in look.fills.items() if row > header.row}
    usual = Counter(fills.values()).most_common(1)
    odd = {row for row, fill in fills.items() if usual and fill != usual[0][0]}
    odd = odd if len(odd) <= _OUTSTANDING * len(fills) else set()
    return sorted(odd | {row for row in look.notes if row > header.row})


def of_route(route: Route, form: Form, received: date) -> Iterator[Remark]:
    """What is wrong with the version and the date that a file says.

    A blank may be of an older layout than its date asks for, but of one that was declared; a
    snapshot cannot be newer than its receipt; a month may be reported before it ends.
    """
    said, known = route.form_version, [f"{version.version}" for version in form.versions]
    if said and said.removesuffix(".0") not in known:
        facts = {"found": said, "form": form.code, "expected": ", ".join(known)}
        yield "F-NO-VERSION", None, facts
    as_of = route.as_of
    if as_of is None:
        return
    months = (as_of.year, as_of.month) > (received.year, received.month)
    if as_of > received if form.kind == "snapshot" else months:
        yield "F-FUTURE", None, {"found": f"{as_of:%d.%m.%Y}"}
    elif order_at(as_of) is None:
        expected = "; ".join(order.shown for order in orders())
        yield "F-OTHER-YEAR", None, {"found": f"{as_of:%d.%m.%Y}", "expected": expected}


def of_sheets(headers: list[Header]) -> Iterator[Remark]:
    """What the sheets show besides values."""
    for header in headers:
        look = header.sheet.look()
        if hidden := _hidden(look, header):
            yield "F-HIDDEN", header, {"found": hidden}
        if rows := _outstanding(look, header):
            yield "F-MARKED", header, {"found": rows_in_words(rows)}
        if header.full_name_at is not None:
            yield "F-FULL-NAME", header, {}
        for code in header.sheet.remarks:
            yield code, header, {}


def of_rows(count: RowCount, headers: list[Header]) -> Iterator[Remark]:
    """What was left out, put in or does not add up."""
    first, is_one_sheet = headers[0], len({header.label for header in headers}) == 1
    for code, places in (
        ("F-TOTALS", count.totals),
        ("F-SECTIONS", count.sections),
        ("F-SECOND-HEADER", count.headers),
        ("F-NOTES", count.notes),
        ("F-UNTOUCHED", count.untouched),
    ):
        if places:
            yield code, first, {"found": places_in_words(places, is_one_sheet=is_one_sheet)}
    if count.computed_formulas:
        yield "F-COMPUTED", first, {"found": f"{count.computed_formulas}"}


def of_cells(count: RowCount) -> Iterator[tuple[str, Header, int, str | None, dict[str, Any]]]:
    """What is told of single rows and cells: message code, header, row, title, facts."""
    for header, row, title in count.unknown_formulas:
        yield "F-FORMULA", header, row, title, {}
    for header, row, found in count.broken:
        yield "F-BROKEN-ROWS", header, row, None, {"found": found, "expected": header.range[1]}
    for header, row, title, error in count.errors:
        yield "F-ERROR-CELL", header, row, title, {"found": error}
    for header, row, title, said, total in count.wrong_totals:
        yield "F-TOTALS-DIFFER", header, row, title, {"found": said, "expected": total}
