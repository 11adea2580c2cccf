"""What can go wrong between frozen marts and a report; every message says what to do."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from pathlib import Path


class ReportError(Exception):
    """Base of everything this room raises on purpose."""


class MartMissing(ReportError):
    """A frozen mart that a report needs is not in the folder."""

    def __init__(self, mart: str, folder: Path, found: Iterable[str]) -> None:
        super().__init__(
            f"expected {mart}.parquet in {folder.name}, found {sorted(found) or 'nothing'}; "
            "build and publish the marts first (bvb run --as-of …)"
        )


class DateMissing(ReportError):
    """The marts hold no rows of the asked order and date."""

    def __init__(self, as_of: date, order_id: str, found: Iterable[str]) -> None:
        super().__init__(
            f"expected marts of order {order_id} as of {as_of.isoformat()}, found "
            f"{sorted(set(found)) or 'nothing'}; run that date (bvb run --as-of {as_of}) "
            "or ask for one that exists"
        )


class MartColumnMissing(ReportError):
    """A mart has no column that a sheet shows."""

    def __init__(self, mart: str, missing: Iterable[str], found: Iterable[str]) -> None:
        super().__init__(
            f"{mart}: expected columns {sorted(missing)}, found {sorted(found)}; "
            "change reports/sheets.yml together with the mart's contract"
        )


class MixedLoads(ReportError):
    """Marts of one date come from different loads: a half-published folder."""

    def __init__(self, loads: dict[str, list[str]]) -> None:
        super().__init__(
            f"expected one load_id in all marts, found {loads}; publish the date again"
        )


class IncompleteProgress(ReportError):
    """The progress mart lacks a territory × indicator row: a report with a hole is not sent."""

    def __init__(self, missing: list[tuple[int, str]], expected: int) -> None:
        super().__init__(
            f"mart_indicator_progress: expected {expected} rows, missing {len(missing)}, first "
            f"{missing[:5]} (territory, indicator); rebuild the mart"
        )


class UnknownCode(ReportError):
    """A mart holds a code for which the reports know no Russian word."""

    def __init__(self, dictionary: str, code: str, known: Iterable[str]) -> None:
        super().__init__(
            f"expected one of {sorted(known)} in {dictionary}, found {code!r}; "
            "add the word to reports/words.yml"
        )


class FigureMismatch(ReportError):
    """A written report shows another number than its mart."""

    def __init__(self, file_name: str, place: str, expected: object, found: object) -> None:
        super().__init__(
            f"{file_name}, {place}: expected {expected!r} as in the mart, found {found!r}; "
            "the file was not handed over, the last good one stays"
        )


class ReportNotWritten(ReportError):
    """The disk refused a report."""

    def __init__(self, path: Path, reason: str) -> None:
        super().__init__(
            f"could not write {path.name}: {reason}; free space or rights in the reports folder "
            "and run again, the last good report stays"
        )


class BadReportConfig(ReportError):
    """A YAML of this room says something that cannot be."""

    def __init__(self, file_name: str, place: str, problem: str) -> None:
        super().__init__(f"reports/{file_name}, {place}: {problem}")


class ReportSkipped(ReportError):
    """A report cannot be made on this machine; the others can."""

    def __init__(self, report: str, reason: str) -> None:
        self.reason = reason
        super().__init__(f"{report}: {reason}")
