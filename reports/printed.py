"""Documents for paper: the final report and the passports as PDF, by WeasyPrint.

What enters: a `MartSet`. What leaves: PDF bytes, the same for the same marts. Every figure of the
page carries its address, and is compared with the mart before the page is set.
"""

from __future__ import annotations

from html.parser import HTMLParser

from jinja2 import Environment

from reports.check import figure_rows
from reports.config import ROOM, words
from reports.errors import FigureMismatch, ReportSkipped
from reports.formats import day, figure_text
from reports.html import html_environment
from reports.marts import MartSet, integer
from reports.pack import build_pack, percent
from reports.territory import territory_cards

STYLE = "document.css"
PANGO = (
    "нет системной библиотеки Pango, PDF не сделан; установите её "
    "(apt-get install libpango-1.0-0 libpangoft2-1.0-0) и повторите bvb report"
)


def _environment() -> Environment:
    environment = html_environment()
    environment.globals |= {"shown": figure_text, "percent": percent}
    return environment


class _Figures(HTMLParser):
    """Texts of all cells that carry an address."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[tuple[str, str]] = []
        self._address: str | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._address = dict(attrs).get("data-figure")

    def handle_data(self, data: str) -> None:
        if self._address is not None:
            self.found.append((self._address, data.strip()))
            self._address = None


def check_figures(html: str, name: str, marts: MartSet) -> int:
    """Compare every figure of a document with the mart; how many there were.

    Raises:
        FigureMismatch: a figure is another one, or the document has none.
    """
    rows, parser = figure_rows(marts), _Figures()
    parser.feed(html)
    if not parser.found:
        raise FigureMismatch(name, "document", "figures", "none")
    for address, shown in parser.found:
        territory, indicator, column = address.split("|")
        expected = figure_text(integer(rows[int(territory), indicator][column]))
        if shown != expected:
            raise FigureMismatch(name, address, expected, shown)
    return len(parser.found)


def final_html(marts: MartSet) -> str:
    """The final report as the page that is printed."""
    return _environment().get_template("final_report.html.j2").render(pack=build_pack(marts))


def passports_html(marts: MartSet) -> str:
    """A page a territory."""
    card = marts.card
    return (
        _environment()
        .get_template("passports.html.j2")
        .render(
            cards=territory_cards(marts),
            order=f"распоряжение от {day(card.signed_on)} № {card.order_no}",
            as_of=day(marts.as_of),
            load_id=marts.load_id,
        )
    )


def _pdf(html: str, name: str, marts: MartSet) -> bytes:
    check_figures(html, name, marts)
    try:
        from weasyprint import CSS, HTML
    except OSError as error:
        raise ReportSkipped(name, PANGO) from error
    # The fills are those of the workbook and the page.
    fills = (f".{name} {{ background: {tone.fill}; }}" for name, tone in words().tones.items())
    styles = [CSS(string="".join(fills)), CSS(filename=str(ROOM / "templates" / STYLE))]
    written: bytes = HTML(string=html, base_url=str(ROOM)).write_pdf(stylesheets=styles)
    return written


def final_pdf(marts: MartSet) -> bytes:
    """The final report for paper.

    Raises:
        ReportSkipped: the machine lacks what sets the page.
        FigureMismatch: a figure differs from its mart.
    """
    return _pdf(final_html(marts), "final_report", marts)


def passports_pdf(marts: MartSet) -> bytes:
    """One page a territory, for a telephone call.

    Raises:
        ReportSkipped: the machine lacks what sets the page.
        FigureMismatch: a figure differs from its mart.
    """
    return _pdf(passports_html(marts), "passports", marts)


def check_pdf(content: bytes, file_name: str, marts: MartSet) -> None:
    """A whole PDF lies on the disk; its figures were compared before it was set.

    Raises:
        FigureMismatch: the file is no PDF.
    """
    if not content.startswith(b"%PDF-") or b"%%EOF" not in content[-32:]:
        raise FigureMismatch(file_name, marts.load_id, "a whole PDF", content[:8])
