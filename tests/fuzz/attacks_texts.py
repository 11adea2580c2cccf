"""Texts and pages made to exhaust the reader."""

from __future__ import annotations

from tests.defects.base import passport, titles
from tests.fuzz.made import NAME, ROW, SPACE
from tests.fuzz.seeds import Sent
from tests.ingest.files import csv_text


def as_csv(text: str) -> Sent:
    return Sent(f"{NAME}.csv", "T14", text.encode())


def as_html(rows: str) -> Sent:
    head = "".join(f"<th>{title}</th>" for title in titles("M08"))
    page = f"<html><meta charset=utf-8><body><table><tr>{head}</tr>{rows}</table>"
    return Sent(f"{NAME}.xls", "T14", page.encode())


def as_xml(sheets: str, doctype: str = "") -> Sent:
    text = f'<?xml version="1.0"?>{doctype}<Workbook xmlns="{SPACE}" xmlns:ss="{SPACE}">'
    return Sent(f"{NAME}.xls", "T14", f"{text}{sheets}</Workbook>".encode())


def totals_again_and_again() -> Sent:
    rows = ((["Итого", "", "", "", 5], ROW)[n % 2] for n in range(2, 50_000))
    return as_csv(csv_text([titles("M08"), *map(list, rows)]))


def numbers_of_5000_digits() -> Sent:
    wide = ["Итого", "", "", "", "9" * 5000]
    return as_csv(csv_text([titles("M08"), ROW, ["x", *ROW[1:4], "1" * 6000, *ROW[5:]], wide]))


def delimiters_without_end() -> Sent:
    return as_csv(csv_text([titles("M08")]) + ";" * 20_000_000)


def delimiters_in_every_line() -> Sent:
    return as_csv(csv_text([titles("M08")]) + (";" * 100_000 + "\r\n") * 300)


def quotes_without_end() -> Sent:
    return as_csv(csv_text([titles("M08")]) + '"' * 3_000_001)


def one_line() -> Sent:
    return as_csv("я" * 20_000_000)


def zeros_between_letters() -> Sent:
    return as_csv(csv_text([titles("M08"), ROW]).replace("о", "\0"))


def page_spans() -> Sent:
    return as_html("<tr><td colspan=200 rowspan=200>x" * 200_000)


def page_deep() -> Sent:
    return as_html("<tr><td>" + "<table><tr><td>" * 200_000)


def page_cells() -> Sent:
    return as_html("<tr>" + "<td>" * 5_000_000)


def page_text_again_and_again() -> Sent:
    """Cells in cells: the text of the innermost belongs to all."""
    return as_html("<tr>" + "<td><b>" * 250 + "x" * 1_000_000)


def xml_rows_of_nothing() -> Sent:
    one = '<Worksheet ss:Name="x"><Table><Row ss:Index="1048576"/></Table></Worksheet>'
    return as_xml(one * 2000)


def xml_cells_of_nothing() -> Sent:
    row = '<Row><Cell ss:Index="200" ss:MergeAcross="200"/></Row>'
    return as_xml(f'<Worksheet ss:Name="x"><Table>{row * 200_000}</Table></Worksheet>')


def passport_of_100_kb() -> Sent:
    face = passport("M08", 14, **{"Наименование территории": "го " * 33_000})
    text = "".join(f"<tr><td>{a}</td><td>{b}</td></tr>" for a, b in face)
    return Sent("x.xls", "T14", f"<table>{text}</table>".encode())
