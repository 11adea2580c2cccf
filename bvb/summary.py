"""What a run ended with, for the terminal: from the published marts only.

What enters: a run. What leaves: rich tables and the paths where everything lies.
"""

from __future__ import annotations

from typing import Any

from rich.console import Console
from rich.table import Table

from ingest.runs import RunContext

FINDINGS_SHOWN = 12
Rows = list[tuple[Any, ...]]


def _rows(run: RunContext, sql: str) -> Rows:
    from warehouse.query import select

    return list(select(run.settings, sql).rows)


def _word(dictionary: str, code: str) -> str:
    """The reports' word for a code, so that terminal and workbook say the same."""
    from reports.config import words

    return words().word(dictionary, code).label


def _where(run: RunContext) -> str:
    return f"order_id = '{run.reference.order_id}' and as_of = date '{run.as_of}'"


def _table(title: str, *columns: str) -> Table:
    table = Table(title=title, title_justify="left", title_style="bold")
    for number, column in enumerate(columns):
        table.add_column(column, justify="left" if number == 0 else "right")
    return table


def _shown(value: Any, suffix: str = "") -> str:
    if value is None:
        return "—"
    text = f"{value:,}".replace(",", "\u202f") if isinstance(value, int) else f"{value}"
    return text.replace(".", ",") + suffix if suffix else text


def _deliveries(run: RunContext) -> Table:
    table = _table("Файлы по состоянию", "состояние", "файлов", "строк", "из них в карантине")
    found = _rows(
        run,
        "select status, count(*), sum(n_received), sum(n_rejected) from history.mart_deliveries"
        f" where {_where(run)} and (is_expected or delivery_id is not null)"
        " group by status order by count(*) desc, status",
    )
    for status, files, received, rejected in found:
        cells = (int(files), int(received or 0), int(rejected or 0))
        table.add_row(_word("delivery_status", status), *(_shown(cell) for cell in cells))
    return table


def _findings(run: RunContext) -> Table:
    table = _table("Замечания по правилам", "правило", "вид", "форма", "строк")
    found = _rows(
        run,
        "select rule_id, any_value(rule_title), any_value(severity), form_code, sum(n_findings)"
        f" from history.mart_findings where {_where(run)} and n_findings > 0"
        " group by rule_id, form_code order by sum(n_findings) desc, rule_id, form_code",
    )
    for rule, title, severity, form, count in found[:FINDINGS_SHOWN]:
        table.add_row(f"{rule} {title}", _word("severity", severity), form, _shown(int(count)))
    if len(found) > FINDINGS_SHOWN:
        table.caption = f"и ещё {len(found) - FINDINGS_SHOWN} правил: bvb sql, mart_findings"
    return table


def _indicators(run: RunContext) -> Table:
    table = _table("Показатели области", "показатель", "план", "факт", "%", "осталось", "срок")
    for row in _rows(
        run,
        "select indicator_id, indicator_name, target, fact, pct_display, gap, deadline"
        f" from history.mart_indicator_progress where {_where(run)} and territory_id = 0"
        " order by indicator_id",
    ):
        name, target, fact, pct, gap, deadline = row[1:]
        table.add_row(
            f"{row[0]} {name}", _shown(target), _shown(fact), _shown(pct, " "), _shown(gap),
            f"{deadline:%d.%m.%Y}",
        )  # fmt: skip
    return table


def _behind(run: RunContext) -> Table:
    from reports.laggards import laggards
    from reports.marts import load_marts
    from reports.progress import load_progress

    marts = load_marts(run.settings.marts, run.as_of, run.reference.order_id)
    table = _table(
        "Дальше всех от плана", "территория", "средний %", "выполнено целей", "хуже всего"
    )
    for item in laggards(load_progress(marts))[:3]:
        met = f"{item.met} из {item.targeted}"
        table.add_row(item.name, _shown(item.mean, " "), met, item.worst.indicator.indicator_id)
    return table


def show(run: RunContext, console: Console, late: int) -> None:
    """Print the summary of a finished run."""
    for table in (_deliveries(run), _findings(run), _indicators(run), _behind(run)):
        console.print(table)
    if late:
        console.print(
            f"[yellow]Файлов, пришедших после {run.known_at:%d.%m.%Y %H:%M}: {late}. "
            "В эту дату они не вошли; взять всё, что пришло: --known-at latest[/yellow]"
        )
    show_paths(run, console)


def show_paths(run: RunContext, console: Console) -> None:
    """Print where the results lie."""
    settings = run.settings
    reports = sorted((settings.reports / f"{run.as_of}").glob("*.*"))
    lines = [("отчёт", path) for path in reports if path.suffix in (".xlsx", ".html")]
    docs = sorted(run.outcomes_dir.rglob("index.html"))[:1]
    lines += [("проверки", path) for path in docs]
    lines += [("ответы отправителям", run.returned_dir)]
    lines += [("хранилище", settings.warehouse / "catalog.duckdb")]
    for name, path in lines:
        console.print(f"{name:>20}  {path}", soft_wrap=True, highlight=False)
