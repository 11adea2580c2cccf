"""The catalogue of reports: what is made, for whom, when, from which marts.

What enters: `catalogue.yml`. What leaves: frozen `ReportSpec`s, all or those of a date.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from functools import cache
from typing import Annotated, Literal

from pydantic import BeforeValidator

from reports.config import load_model
from reports.errors import BadReportConfig
from reports.specs import Strict


def _flat(value: object) -> object:
    """A list may take in another one: YAML makes a list in a list of `[*common, one_more]`."""
    if not isinstance(value, list):
        return value
    return [one for item in value for one in (item if isinstance(item, list) else [item])]


class ReportSpec(Strict):
    """One entry of the catalogue.

    `when`: in every run, in those of a month's end, in the one of the final report's day (G-11), or
    on request only; `code`: the output of the reporting duties that it is.
    """

    id: str
    code: str
    title: str
    file: str
    addressee: str
    period: str
    when: Literal["run", "month_end", "final", "request"] = "run"
    marts: Annotated[list[str], BeforeValidator(_flat)]


class Catalogue(Strict):
    """`catalogue.yml`."""

    reports: list[ReportSpec]

    def chosen(self, as_of: date, final_on: date, only: Sequence[str] = ()) -> list[ReportSpec]:
        """The reports of a date, or those asked for by name («all»: every one).

        Args:
            as_of: the date.
            final_on: the day of the order's final report.
            only: names of reports.

        Raises:
            BadReportConfig: a name is not in the catalogue.
        """
        known = {report.id: report for report in self.reports}
        unknown = sorted(set(only) - known.keys() - {"all"})
        if unknown:
            raise BadReportConfig(
                "catalogue.yml", ", ".join(unknown), f"expected some of {sorted(known)}"
            )
        if only:
            return [r for r in self.reports if "all" in only or r.id in only]
        is_month_end = (as_of + timedelta(days=1)).day == 1
        now = {"run": True, "month_end": is_month_end, "final": as_of == final_on}
        return [report for report in self.reports if now.get(report.when, False)]


def marts_of(reports: Iterable[ReportSpec]) -> list[str]:
    """All marts that reports need, without repeats."""
    return sorted({mart for report in reports for mart in report.marts})


@cache
def catalogue() -> Catalogue:
    """List of the reports."""
    return load_model("catalogue.yml", Catalogue)
