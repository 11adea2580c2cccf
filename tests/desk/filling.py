"""Filling a blank in as a person would: open it, type rows, save it under some name."""

from __future__ import annotations

import io
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

import openpyxl

from desk.blank_book import blank_bytes
from desk.blanks import Blanks
from ingest.settings import MOSCOW, Settings

NAME = "Отчёт финал (2).xlsx"
FIRST_ROW = 5
NOW = datetime(2024, 12, 20, 12, tzinfo=MOSCOW)


def opened(data: bytes) -> openpyxl.Workbook:
    return openpyxl.load_workbook(io.BytesIO(data))


def fill(data: bytes, rows: Sequence[Sequence[Any]], path: Path) -> Path:
    """Type rows below the titles and save the book."""
    book = opened(data)
    sheet = book["Данные"]
    for number, row in enumerate(rows, FIRST_ROW):
        for column, value in enumerate(row, 1):
            sheet.cell(number, column).value = value
    path.parent.mkdir(parents=True, exist_ok=True)
    book.save(path)
    return path


def blank_of(settings: Settings, code: str, territory_id: int, as_of: Any) -> bytes:
    return blank_bytes(Blanks(settings, as_of).one(code, territory_id))
