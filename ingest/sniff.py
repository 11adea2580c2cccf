"""What a file really is, by its content; its extension is only what somebody hoped.

What enters: bytes. What leaves: a `Kind`, and how to say it in Russian.
"""

from __future__ import annotations

import io
import zipfile
from enum import StrEnum

import msoffcrypto

from ingest.bombs import ZIP_FAULTS, is_bomb, is_oddly_packed

_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_ZIP = b"PK\x03\x04"
_OLE_TABLES = {"xls97"}
_SAMPLE = 65536
_BLANK = b"\0 \t\r\n\xef\xbb\xbf"
_MAX_CONTROL_SHARE = 0.02


class Kind(StrEnum):
    """Kinds of content that reading tells apart."""

    XLSX = "xlsx"
    XLSB = "xlsb"
    XLS = "xls"
    ODS = "ods"
    TEXT = "text"
    EMPTY = "empty"
    ENCRYPTED = "encrypted"
    BROKEN = "broken"
    HTML = "html"
    PDF = "pdf"
    IMAGE = "image"
    DOCUMENT = "document"
    ARCHIVE = "archive"
    BOMB = "bomb"
    UNKNOWN = "unknown"


WORDS = {
    Kind.XLSX: "книга Excel (xlsx)",
    Kind.XLSB: "двоичная книга Excel (xlsb)",
    Kind.XLS: "книга Excel 97–2003 (xls)",
    Kind.ODS: "таблица OpenDocument (ods)",
    Kind.TEXT: "текст с разделителями (csv)",
    Kind.HTML: "веб-страница (html) или XML",
    Kind.PDF: "документ PDF",
    Kind.IMAGE: "изображение",
    Kind.DOCUMENT: "текстовый документ",
    Kind.ARCHIVE: "архив",
    Kind.UNKNOWN: "файл неизвестного вида",
}
READABLE = frozenset({Kind.XLSX, Kind.XLSB, Kind.XLS, Kind.ODS, Kind.TEXT, Kind.HTML})
EXTENSIONS = {
    Kind.XLSX: {"xlsx", "xlsm"},
    Kind.XLSB: {"xlsb"},
    Kind.XLS: {"xls"},
    Kind.ODS: {"ods"},
    Kind.TEXT: {"csv", "txt", "tsv"},
    Kind.HTML: {"html", "htm", "xml"},
}
_IMAGES = (b"\xff\xd8\xff", b"\x89PNG", b"GIF8", b"II*\0", b"MM\0*")
_ARCHIVES = (b"Rar!", b"7z\xbc\xaf", b"\x1f\x8b", b"PK\x05\x06")


def sniff(data: bytes) -> Kind:
    """The kind of `data`, never raising for any bytes."""
    if not data.strip(_BLANK):
        return Kind.EMPTY
    if data.startswith(_OLE):
        return _ole(data)
    if data.startswith(_ZIP):
        return _zip(data)
    if data.startswith(b"%PDF"):
        return Kind.PDF
    if data.startswith(_IMAGES):
        return Kind.IMAGE
    if data.startswith(_ARCHIVES):
        return Kind.ARCHIVE
    return _text(data[:_SAMPLE])


def _ole(data: bytes) -> Kind:
    try:
        office = msoffcrypto.OfficeFile(io.BytesIO(data))
        if office.is_encrypted():
            return Kind.ENCRYPTED
        return Kind.XLS if office.format in _OLE_TABLES else Kind.DOCUMENT
    except Exception:  # noqa: BLE001 - a foreign parser on hostile bytes raises anything
        # Perhaps a book older than Excel 97, which only the reader knows.
        return Kind.XLS


def _zip(data: bytes) -> Kind:
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            names = set(archive.namelist())
            if is_bomb(archive.infolist()):
                return Kind.BOMB
            if is_oddly_packed(archive.infolist()):
                return Kind.ARCHIVE
            mime = archive.read("mimetype") if "mimetype" in names else b""
    except ZIP_FAULTS:
        return Kind.BROKEN
    if "xl/workbook.bin" in names:
        return Kind.XLSB
    if any(name.startswith("xl/") for name in names):
        return Kind.XLSX
    if b"opendocument.spreadsheet" in mime:
        return Kind.ODS
    if mime or any(name.startswith("word/") for name in names):
        return Kind.DOCUMENT
    return Kind.ARCHIVE


def _text(sample: bytes) -> Kind:
    if sample.startswith((b"\xff\xfe", b"\xfe\xff")):
        return Kind.TEXT
    head = sample[:2048].lstrip(_BLANK)
    if head.startswith(b"<"):
        return Kind.HTML
    if head.startswith(b"{\\rtf"):
        return Kind.DOCUMENT
    control = sum(byte < 32 and byte not in b"\t\r\n\f" for byte in sample)
    return Kind.TEXT if control <= len(sample) * _MAX_CONTROL_SHARE else Kind.UNKNOWN
