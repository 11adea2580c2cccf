"""Ways to spoil a file: its rows, its layout, its container.

What enters: a sheet as it should be. What leaves: the sheet or the bytes as somebody sends them.
"""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime, timedelta
from functools import partial
from pathlib import Path

import pyarrow as pa

from ingest.forms import ColumnType, FormVersion
from synthetic.sheet import Tab, csv_parts, write_xlsx
from synthetic.texts import changed

_EPOCH = date(1899, 12, 30)
_LOOKALIKE = str.maketrans("асеорх", "aceopx")
_MONTHS = (
    *("января", "февраля", "марта", "апреля", "мая", "июня", "июля"),
    *("августа", "сентября", "октября", "ноября", "декабря"),
)
_YES = {"да": ("да", "Да", "+", "есть", "V"), "нет": ("нет", "Нет", "-", "0")}
Layout = Callable[[Tab, FormVersion], list[Tab]]
Rows = Callable[[pa.Table, FormVersion], pa.Table]


def _each(
    table: pa.Table, names: list[str], change: Callable[[int, str | None], str | None]
) -> pa.Table:
    for name in names:
        table = changed(table, name, change)
    return table


def _of(layout: FormVersion, kind: ColumnType) -> list[str]:
    return [c.name for c in layout.columns if c.type is kind]


def _spelled(number: int, serial: str | None) -> str | None:
    if serial is None or not serial.isdigit():
        return serial
    day = _EPOCH + timedelta(days=int(serial))
    ways = (
        f"{day:%d.%m.%Y}",
        f"{day.day}.{day.month}.{day:%y}",
        f"{day:%d/%m/%Y}",
        f"{day.day} {_MONTHS[day.month - 1]} {day.year} г.",
        f"{day:%Y-%m-%d}",
        f"{day:%d.%m.%Y} г.",
    )
    return ways[number % len(ways)]


def text_dates(table: pa.Table, layout: FormVersion) -> pa.Table:
    """Dates typed as text in many ways (D-24)."""
    return _each(table, _of(layout, ColumnType.DATE), _spelled)


def _impossible_dates(table: pa.Table, layout: FormVersion) -> pa.Table:
    name = next(c.name for c in layout.columns if c.type is ColumnType.DATE and c.required)
    wrong = ("30.02.00", "31.09.00", "00.00.0000")
    return changed(table, name, lambda n, v: wrong[n // 2 % 3] if n % 2 == 0 else v)


def _yes_in_many_words(table: pa.Table, layout: FormVersion) -> pa.Table:
    return _each(
        table,
        _of(layout, ColumnType.BOOL),
        lambda n, v: _YES[v][n % len(_YES[v])] if v in _YES else v,
    )


def _odd_spaces(table: pa.Table, layout: FormVersion) -> pa.Table:
    names = ["school_name", "position"]
    return _each(table, names, lambda n, v: v and "\u00a0" + v.replace(" ", " \n", 1) + "\u200b ")


def _latin_rows(table: pa.Table, layout: FormVersion) -> pa.Table:
    return changed(table, "municipality", lambda n, v: v and v.translate(_LOOKALIKE))


def _empty_required(table: pa.Table, layout: FormVersion) -> pa.Table:
    name = next(c.name for c in reversed(layout.columns) if c.required)
    return changed(table, name, lambda n, v: None if n % 2 == 0 else v)


def _foreign_rows(table: pa.Table, layout: FormVersion) -> pa.Table:
    return changed(table, "municipality", lambda n, v: "Дубна" if n % 3 == 0 else v)


ROWS: dict[str, Rows] = {
    "as_they_are": lambda table, layout: table,
    "serial_dates": lambda table, layout: table,
    "none": lambda table, layout: table.slice(0, 0),
    "text_dates": text_dates,
    "impossible_dates": _impossible_dates,
    "yes_in_many_words": _yes_in_many_words,
    "odd_spaces": _odd_spaces,
    "latin_letters": _latin_rows,
    "empty_required": _empty_required,
    "foreign_rows": _foreign_rows,
}


def _with_row(tab: Tab, cells: list[str | None], *, last: bool) -> Tab:
    row = pa.table([pa.array([c], pa.string()) for c in cells], names=tab.table.column_names)
    parts = [tab.table, row] if last else [row, tab.table]
    return replace(tab, table=pa.concat_tables(parts).combine_chunks())


def _printed_form(tab: Tab, layout: FormVersion) -> list[Tab]:
    numbering: list[str | None] = [f"{n}" for n in range(1, len(tab.titles) + 1)]
    above = (("Приложение к письму",), ("Форма утверждена",), ("за сентябрь",), (" ",))
    return [replace(_with_row(tab, numbering, last=False), above=above)]


def _totals_row(tab: Tab, layout: FormVersion) -> list[Tab]:
    cells: list[str | None] = ["Итого:", *([None] * (len(tab.titles) - 2)), f"{tab.table.num_rows}"]
    return [_with_row(tab, cells, last=True)]


def _hidden_sheet(tab: Tab, layout: FormVersion) -> list[Tab]:
    old = replace(tab, name="август", is_hidden=True, table=tab.table.slice(0, 2))
    return [tab, old]


def _with_column(tab: Tab, title: str) -> Tab:
    column = pa.array(["см. письмо"] * tab.table.num_rows, pa.string())
    return replace(
        tab, titles=(*tab.titles, title), table=tab.table.append_column("own_column", column)
    )


def _missing_column(tab: Tab, layout: FormVersion) -> list[Tab]:
    place = next(n for n, c in enumerate(layout.columns) if c.required)
    titles = (*tab.titles[:place], *tab.titles[place + 1 :])
    return [replace(tab, titles=titles, table=tab.table.remove_column(place))]


def _reordered(tab: Tab, layout: FormVersion) -> list[Tab]:
    names = list(reversed(tab.table.column_names))
    return [replace(tab, titles=tuple(reversed(tab.titles)), table=tab.table.select(names))]


def _retitled(tab: Tab, titles: list[str]) -> list[Tab]:
    return [replace(tab, titles=tuple(titles))]


LAYOUTS: dict[str, Layout] = {
    "as_it_is": lambda tab, layout: [tab],
    "printed_form": _printed_form,
    "totals_row": _totals_row,
    "other_sheet_name": lambda tab, layout: [replace(tab, name="Лист1")],
    "hidden_sheet": _hidden_sheet,
    "synonyms": lambda tab, layout: _retitled(tab, [c.titles[-1] for c in layout.columns]),
    "unknown_column": lambda tab, layout: [_with_column(tab, "Кто проверил")],
    "doubled_column": lambda tab, layout: [_with_column(tab, tab.titles[0])],
    "missing_column": _missing_column,
    "reordered": _reordered,
    "foreign_titles": lambda tab, layout: _retitled(
        tab, [f"Графа {chr(ord('А') + n)}" for n in range(len(tab.titles))]
    ),
    "latin_letters": lambda tab, layout: _retitled(
        tab, [t.translate(_LOOKALIKE) for t in tab.titles]
    ),
}


def _xlsx(tabs: list[Tab], moment: datetime) -> bytes:
    stream = io.BytesIO()
    write_xlsx(stream, tabs, moment)
    return stream.getvalue()


def _truncated(tabs: list[Tab], moment: datetime) -> bytes:
    data = _xlsx(tabs, moment)
    return data[: len(data) * 3 // 5]


def _zip(tabs: list[Tab], moment: datetime) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        archive.writestr(zipfile.ZipInfo("scan.jpg", moment.timetuple()[:6]), b"\xff\xd8\xff\xe0")
    return stream.getvalue()


def _csv(tabs: list[Tab], moment: datetime, encoding: str, delimiter: str) -> bytes:
    text = b"".join(csv_parts(tabs[-1], delimiter)).decode()
    return text.encode(encoding, errors="replace")


def _csv_broken(tabs: list[Tab], moment: datetime) -> bytes:
    lines = b"".join(csv_parts(tabs[-1])).split(b"\r\n")
    lines[1] += b';"";\xd0\xbb\xd0\xb8\xd1\x88\xd0\xbd\xd0\xb5\xd0\xb5'
    return b"\r\n".join(lines)


def _html(tabs: list[Tab], moment: datetime) -> bytes:
    page = tabs[-1].table.to_pandas().fillna("").set_axis(tabs[-1].titles, axis=1)
    text: str = page.to_html(index=False)
    return text.encode("cp1251", "replace")


def _encrypted(tabs: list[Tab], moment: datetime) -> bytes:
    # Kept as bytes: encrypting anew would draw other chance each time.
    return (Path(__file__).parent / "assets" / "encrypted.xlsx").read_bytes()


Container = Callable[[list[Tab], datetime], bytes]
CONTAINERS: dict[str, Container] = {
    "xlsx": _xlsx,
    "truncated": _truncated,
    "empty": lambda tabs, moment: b"",
    "encrypted": _encrypted,
    "html": _html,
    "pdf": lambda tabs, moment: b"%PDF-1.4\n%\xe2\xe3\xcf\xd3\n1 0 obj\n<<>>\nendobj\n%%EOF\n",
    "zip": _zip,
    "csv_utf8": partial(_csv, encoding="utf-8-sig", delimiter=";"),
    "csv_cp1251": partial(_csv, encoding="cp1251", delimiter=";"),
    "csv_utf16": partial(_csv, encoding="utf-16", delimiter=";"),
    "csv_tab": partial(_csv, encoding="utf-8-sig", delimiter="\t"),
    "csv_broken": _csv_broken,
}
