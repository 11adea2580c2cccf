"""Data Docs that open without a network: no foreign address, own style, an index in Russian.

What enters: the site that Great Expectations wrote. What leaves: the same pages, readable from a
folder or a mail.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

from ingest.forms import load_forms
from ingest.runs import RunContext

if TYPE_CHECKING:
    from expectations.suite import TableSuite

TEMPLATES = Path(__file__).parent / "templates"
# GX loads styles, scripts and pictures from servers that an office cannot reach.
_FOREIGN = re.compile(
    r"<script[^>]*\bsrc=[\"']https?://[^>]*>\s*</script>"
    r"|<link[^>]*\bhref=[\"']https?://[^>]*>"
    r"|<img[^>]*\bsrc=[\"']https?://[^>]*>"
    r"|url\([\"']?https?://[^)]*\)",
    re.IGNORECASE,
)
# Links outside, and to the pages of suites that are not built.
_DEAD_LINK = re.compile(
    r"<a [^>]*\bhref=[\"'](?:https?://|[./]*expectations/)[^>]*>(.*?)</a>", re.DOTALL
)
_SEED_TITLE = "Таблица целевых показателей распоряжения"
_PARTS = {
    "across": "{title}: сверка с другими формами",
    "deliveries": "{title}: файл целиком",
    "territories": "{title}: по территориям",
}


def _title(name: str) -> str:
    code, _, part = name.partition("-")
    form = load_forms().get(code)
    title = form.title if form else _SEED_TITLE
    return _PARTS.get(part, "{title}").format(title=title)


def _offline(page: str, css: str) -> str:
    page = _DEAD_LINK.sub(r"\1", _FOREIGN.sub("", page))
    return page.replace("</head>", f"<style>{css}</style>\n</head>", 1)


def _lines(docs: Path, suites: list[TableSuite]) -> list[dict[str, object]]:
    lines = []
    for suite in suites:
        failed = [suite.failed.get(rule.number, 0) for rule in suite.rules]
        page = next((docs / "validations" / suite.name).rglob("*.html"))
        lines.append(
            {
                "form": suite.name,
                "title": _title(suite.name),
                "href": page.relative_to(docs).as_posix(),
                "rows": suite.n_rows,
                "rules": suite.n_expectations,
                "broken": sum(1 for count in failed if count),
                "failed": sum(failed),
            }
        )
    return lines


def make_offline(docs: Path, suites: list[TableSuite], run: RunContext) -> None:
    """Rewrite the pages of `docs` in place and replace the index."""
    import jinja2

    css = (TEMPLATES / "data_docs.css").read_text(encoding="utf-8")
    for page in docs.rglob("*.html"):
        page.write_text(_offline(page.read_text(encoding="utf-8"), css), encoding="utf-8")
    loader = jinja2.FileSystemLoader(TEMPLATES)
    environment = jinja2.Environment(loader=loader, autoescape=True)
    text = environment.get_template("data_docs_index.html.j2").render(
        css=css,
        as_of=f"{run.as_of:%d.%m.%Y}",
        known_at=f"{run.known_at:%d.%m.%Y %H:%M}",
        lines=_lines(docs, suites),
    )
    (docs / "index.html").write_text(text, encoding="utf-8")
