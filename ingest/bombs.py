"""What no honest table is: archives that blow up and sheets that would take all memory.

What enters: the bytes of a workbook. What leaves: a verdict, before a reader asks for the memory.
"""

from __future__ import annotations

import copy
import io
import lzma
import re
import subprocess
import sys
import zipfile
import zlib
from collections.abc import Iterable, Iterator
from string import ascii_uppercase, digits

import pyarrow as pa
import pyarrow.compute as pc

from ingest.limits import most

# Everything that `zipfile` raises on hostile bytes; RuntimeError: passwords and odd methods.
ZIP_FAULTS = (
    zipfile.BadZipFile, zlib.error, lzma.LZMAError, EOFError, OSError, RuntimeError, ValueError,
    LookupError,
)  # fmt: skip
# Office programs know no other methods, and those of `zipfile` may ask for gigabytes.
_METHODS = {zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED}
# The compiled reader aborts the whole process when it asks for too much memory; then it is better
# that the process is not ours. It reads as we do, so texts that repeat themselves are counted.
_TRIAL = """
import io, sys, python_calamine
memory, seconds, letters = map(int, sys.argv[1:])
try:
    import resource
    resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
except (ImportError, ValueError):
    pass
book = python_calamine.CalamineWorkbook.from_filelike(io.BytesIO(sys.stdin.buffer.read()))
for name in book.sheet_names:
    total = 0
    for number, row in enumerate(book.get_sheet_by_name(name).iter_rows()):
        total = total if number % 50_000 else 0
        total += sum(len(cell) for cell in row if type(cell) is str)
        if total > letters:
            sys.exit(3)
"""
_RAISED = 1  # exit code of an ordinary exception: our own process may meet it, too
_CELL_BYTES = 32  # of the reader's rectangle, filled or not
_CHUNK = 1 << 20
_LONGEST_TAG = 1 << 16
# Elements of a sheet that begin as a cell or a row does; others are only tried needlessly.
_NO_CELLS = (b"<col", b"<con", b"<cf", b"<cu", b"<cell")
_PREFIXED = r"<[\w.-]+:(?:c|row)[\s/>]"
_ADDRESS = rf"\sr\s*=|{_PREFIXED}"
_ODD_CELL = r'[^A-Z]|[A-Z]{1,3}(?:[^1-9A-Z]|[0-9]+[^0-9"])|[A-Z]{4}'
_ODD_ROW = r'[^1-9]|[0-9]+[^0-9"]'
_ANY_CELL = r"<c[\s/>]"
_CLAIM = re.compile(rb"uniqueCount\s*+=\s*+[\"'](\d{1,30})")
_DIMENSION = re.compile(rb'<dimension ref="(?:[A-Z]+\d+:)?([A-Z]{1,3})(\d{1,7})"')


class Bomb(Exception):
    """A member unpacks to more than the directory of its archive says."""


def is_bomb(members: Iterable[zipfile.ZipInfo]) -> bool:
    """Whether the members of an archive unpack to far more than they weigh."""
    sizes = [(member.file_size, member.compress_size) for member in members]
    unpacked, packed = sum(s[0] for s in sizes), sum(s[1] for s in sizes)
    return unpacked > most("bomb_bytes") and unpacked > most("bomb_ratio") * max(packed, 1)


def is_oddly_packed(members: Iterable[zipfile.ZipInfo]) -> bool:
    """Whether some member is packed as no office program does."""
    return any(member.compress_type not in _METHODS for member in members)


def _allowance(data: bytes) -> int:
    """Bytes of memory that reading a file may take."""
    return max(most("reader_bytes"), most("reader_ratio") * len(data))


def kills_reader(data: bytes) -> bool:
    """Whether opening a workbook ends or exhausts the process that opens it.

    Costs a tenth of a second and what the reading itself costs.
    """
    seconds = most("reader_seconds") + (len(data) >> 20)
    limits = [f"{n}" for n in (_allowance(data), seconds, most("batch_letters"))]
    trial = subprocess.run(  # noqa: S603 - our own interpreter and our own text
        [sys.executable, "-I", "-c", _TRIAL, *limits], input=data, capture_output=True, check=False
    )
    return trial.returncode not in {0, _RAISED}


def _pieces(archive: zipfile.ZipFile, info: zipfile.ZipInfo) -> Iterator[bytes]:
    """A member in pieces that are cut between tags.

    Raises:
        Bomb: it is longer than it says, or has a tag without end.
    """
    honest = copy.copy(info)
    honest.file_size += 1  # else the library stops where the directory says
    tail, size = b"", 0
    with archive.open(honest) as stream:
        while chunk := stream.read(_CHUNK):
            size += len(chunk)
            whole, mark, rest = (tail + chunk).rpartition(b"<")
            tail = mark + rest
            if len(tail) > _LONGEST_TAG:
                if mark and b">" not in rest:
                    raise Bomb("a tag without end")
                whole, tail = whole + tail, b""
            yield whole
    if size > info.file_size:
        raise Bomb("longer than it says")
    yield tail


def _column(letters: bytes) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + letter - 64
    return number


def _greater(text: str, signs: str) -> Iterator[str]:
    """Expressions for the texts as long as `text` that come after it."""
    for place, sign in enumerate(text):
        if rest := signs[signs.index(sign) + 1 :]:
            yield f"{text[:place]}[{rest}][{signs}]{{{len(text) - place - 1}}}"


def _beyond(width: str, height: str) -> str:
    """An expression for cells and rows outside of a declared rectangle, or with odd addresses."""
    columns = [f"[A-Z]{{{len(width) + 1},}}", *_greater(width, ascii_uppercase)]
    rows = [f"[0-9]{{{len(height) + 1},}}", *_greater(height, digits)]
    wide, tall = "|".join(columns), "|".join(rows)
    cell = rf'(?:{wide})[0-9]|[A-Z]+(?:{tall})"|{_ODD_CELL}'
    return rf'<c r="(?:{cell})|<row r="(?:(?:{tall})"|{_ODD_ROW})|{_PREFIXED}'


def _has(piece: bytes, pattern: str) -> bool:
    # RE2: linear, whatever the piece is.
    return bool(pc.match_substring_regex(pa.array([piece], pa.binary()), pattern)[0].as_py())


class _Member:
    """What the reader would hold of one member; which of them are sheets is said elsewhere."""

    def __init__(self) -> None:
        self.cells = 0
        self.longest = 0  # bytes of a string that cells may share
        self.is_odd = False  # no office program writes so: only a trial can tell
        self._is_sheet, self._has_strings = False, False
        self._is_addressed: bool | None = None  # whether cells say where they stand
        self._claimed = 0  # strings that there are said to be
        self._area, self._beyond = 0, ""  # what is declared, and what lies outside of it
        self._rows, self._width = 0, 0  # what cells without addresses take
        self._open = 0  # cells of the row that goes on in the next piece
        self._run = 0  # bytes of the string that does

    def add(self, piece: bytes) -> None:
        """Count in a piece, which begins and ends between tags."""
        self.is_odd = self.is_odd or b"<\0" in piece or b"\0<" in piece  # UTF-16
        # Room for so many strings is made before any of them is read.
        self._claimed += sum(map(int, _CLAIM.findall(piece)))
        self._is_sheet = self._is_sheet or b"sheetData" in piece
        if self._is_sheet and not self.is_odd:
            self._count_cells(piece)
        self._count_strings(piece)

    def _count_cells(self, piece: bytes) -> None:
        cells = piece.count(b"<c")
        self.cells += cells
        if self._is_addressed is None:
            self._is_addressed = b'<c r="' in piece
            if self._is_addressed and (said := _DIMENSION.search(piece)):
                self._area = _column(said[1]) * int(said[2])
                self._beyond = _beyond(said[1].decode(), said[2].decode())
        if self._is_addressed:
            self.is_odd = not self._beyond or self._goes_beyond(piece, cells)
        else:
            self.is_odd = _has(piece, _ADDRESS)
            self._count_widths(piece)

    def _goes_beyond(self, piece: bytes, cells: int) -> bool:
        """Whether some cell or row has no address, an odd one, or one that was not declared."""
        if piece.count(b'<c r="') != cells - sum(map(piece.count, _NO_CELLS)):
            return True
        if piece.count(b'<row r="') != piece.count(b"<row") - piece.count(b"<rowB"):
            return True
        return _has(piece, self._beyond)

    def _count_widths(self, piece: bytes) -> None:
        """Cells without addresses follow one another: the widest row tells the rectangle."""
        lines = pa.array(piece.split(b"<row"), pa.binary())
        self._rows += len(lines) - 1
        counts = pc.count_substring_regex(lines, _ANY_CELL)
        first, last = self._open + counts[0].as_py(), counts[-1].as_py()
        self._open = last if len(counts) > 1 else first
        self._width = max(self._width, first, pc.max(counts).as_py())

    def _count_strings(self, piece: bytes) -> None:
        strings = piece.split(b"si>") if b"si>" in piece else [piece]
        self._has_strings = self._has_strings or len(strings) > 1
        self._run += len(strings[0])
        if self._has_strings:
            self.longest = max(self.longest, self._run, *map(len, strings[1:]))
        if len(strings) > 1:
            self._run = len(strings[-1])

    @property
    def memory(self) -> int:
        """Bytes of its rectangle, filled or not, and of the strings that it says it has."""
        return _CELL_BYTES * (max(self._area, self._width * self._rows) + self._claimed)


def is_light(data: bytes) -> bool:
    """Whether an .xlsx may be opened with all its looks: every element becomes an object then."""
    tags = 0
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            for info in archive.infolist():
                for piece in _pieces(archive, info):
                    tags += piece.count(b"<")
                    if tags > most("marked_tags"):
                        return False
    except (Bomb, *ZIP_FAULTS):
        return False
    return True


def outgrows(data: bytes) -> bool:
    """Whether an .xlsx would take more memory than its size allows.

    Most books are cleared by counting cells in their packed text; what is written oddly or could
    grow is opened on trial. Formatting alone may reach XFD1048576 (defect D-09) and does no harm.
    """
    weighed: list[_Member] = []
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        infos = archive.infolist()
        for info in infos:
            weighed.append(_Member())
            try:
                for piece in _pieces(archive, info):
                    weighed[-1].add(piece)
            except Bomb:
                return True
    texts = sum(member.cells for member in weighed) * max((m.longest for m in weighed), default=0)
    memory = sum(info.file_size for info in infos) + sum(m.memory for m in weighed) + texts
    is_odd = any(member.is_odd for member in weighed)
    return (is_odd or memory > _allowance(data) // 2) and kills_reader(data)
