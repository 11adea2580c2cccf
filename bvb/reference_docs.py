"""The reference pages of `docs/reference/`, written from the data that the machinery runs on.

What enters: forms, rules, seeds, descriptions of tables. What leaves: Markdown by page name;
nothing is written here.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable

from ingest.forms import Column, Form, load_forms
from ingest.reference import load_reference, read_seed
from ingest.yaml_files import read_yaml
from warehouse.descriptions import Described, load_descriptions

MADE = "<!-- Made by `bvb docs` from the project's data: change the data, not this page. -->\n"
MARK = re.compile(r"\{([a-z_]+)\}")
KINDS = {
    "snapshot": "полная выгрузка на дату",
    "register": "полный действующий список",
    "period": "отчёт за месяц",
}
SEVERITIES = {
    "block": "останавливает", "reject": "строка в карантин", "error": "замечание, не подтверждено",
    "warning": "замечание", "info": "к сведению",
}  # fmt: skip
DATA = {"Витрины": "mart_", "Факты": "fct_", "Справочники": "dim_"}


def _table(head: Iterable[str], rows: Iterable[Iterable[object]]) -> str:
    def line(cells: Iterable[object]) -> str:
        texts = (f"{cell if cell is not None else ''}".replace("|", "\\|") for cell in cells)
        return "| " + " | ".join(" ".join(text.split()) for text in texts) + " |"

    names = list(head)
    return "\n".join([line(names), line("---" for _ in names), *(line(row) for row in rows)]) + "\n"


def _column(column: Column) -> tuple[object, ...]:
    marks = [word for is_set, word in ((column.key, "ключ"), (column.required, "обязателен"),
                                       (bool(column.pii), "личное")) if is_set]  # fmt: skip
    values = "; ".join(words[0] for words in column.values.values() if words)
    return (
        column.title,
        f"`{column.name}`",
        column.type.value,
        ", ".join(marks),
        values,
        "; ".join(column.synonyms),
    )


def _due(row: dict[str, str]) -> str:
    """When a line of the order's schedule asks for the form."""
    lag = f", рабочий день {row['due_wd']}" if int(row["due_wd"] or 0) else ""
    words = {
        "month_end": f"за месяц{lag}",
        "weekly": f"еженедельно с {row['first']} по {row['last']}{lag}",
        "control_point": f"контрольная точка {row['control_id']}{lag}",
        "date": f"на {row['first']}{lag}",
        "on_request": "по запросу",
    }
    return words[row["rule"]]


def _form(form: Form) -> str:
    head = ("столбец", "имя", "тип", "", "значения", "другие заголовки")
    rows = [row for row in load_reference().schedule if row["form_code"] == form.code]
    due = "; ".join(sorted({_due(row) for row in rows})) or "не назначен"
    parts = [
        f"\n## {form.code} {form.title}\n\nПрисылает: {form.sender}; "
        f"{KINDS[form.kind]}; срок: {due}.\n"
    ]
    for version in form.versions:
        parts.append(f"\nВерсия {version.version}, действует с {version.valid_from:%d.%m.%Y}\n\n")
        parts.append(_table(head, map(_column, version.columns)))
    return "".join(parts)


def forms_page() -> str:
    """All forms with their columns."""
    return "# Формы\n" + "".join(_form(form) for form in load_forms().values())


def _implied() -> str:
    """What every form's contract implies: a line a letter, in the words of `_generated.yml`."""
    from expectations.catalogue import RULES_DIR

    texts = read_yaml(RULES_DIR / "_generated.yml")
    named = {
        "T-…": ("convertible", "столбца с датой, числом, словом из списка"),
        "N-…": ("required", "обязательного столбца"),
        "K-key": ("key", "строки"),
        "K-person": ("person", "строки с ID и именем человека"),
        "H-drop": ("drop", "файла целиком (кроме месячных отчётов)"),
    }
    rows = [(f"`{code}`", of, _plain(texts[name]["title"])) for code, (name, of) in named.items()]
    kinds = {
        "person_name": "столбца с именем",
        "full_name": "столбца с ФИО",
        "grade": "столбца с классом",
        "inn": "столбца с ИНН",
    }
    rows += [(f"`{t['id']}-…`", kinds[t["of"]], _plain(t["title"])) for t in texts["traits"]]
    intro = (
        "Правила форм перечислены ниже. Ещё каждая форма получает правила из своего описания; "
        "`S-`, `W-`, `Y-`, `L-`, `G-` и `Z-` — о том, как люди заполняют таблицы, поэтому их нет у "
        "выгрузок платформы. Правила `F-…` — о файле целиком, `D-…` — о доле непринятых строк.\n\n"
    )
    return intro + _table(("правило", "для чего", "что должно быть"), rows)


def _plain(title: str) -> str:
    """A title for every column."""
    return re.sub("<<[a-z]+>>", "…", title.replace("<<kind>>", "значение, которое можно понять"))


def rules_page() -> str:
    """All written rules; the generated ones are one line each of explanation."""
    from expectations.catalogue import load_catalogue
    from expectations.wording import russian

    parameters = load_reference().parameters

    def filled(text: str) -> str:
        # A mark that is no parameter stands for a cell of the row in hand.
        return MARK.sub(
            lambda mark: russian(parameters[mark[1]]) if mark[1] in parameters else "…", text
        )

    parts = [f"# Правила\n\n{_implied()}"]
    head = ("правило", "что должно быть", "последствие", "как исправить", "основание")
    for code, form in load_catalogue().forms.items():
        rows = [
            (rule.id, rule.title, SEVERITIES[rule.severity.value], filled(rule.fix), rule.clause)
            for rule in form.rules
            if rule.file != "_generated.yml"
        ]
        if rows:
            parts.append(f"\n## {code}\n\n" + _table(head, rows))
    return "".join(parts)


def _seed_page(title: str, seed: str, columns: dict[str, str]) -> str:
    rows = ([row[name] for name in columns] for row in read_seed(seed))
    return f"# {title}\n\n" + _table(columns.values(), rows)


def indicators_page() -> str:
    """The eight indicators."""
    columns = {
        "indicator_id": "показатель", "name_ru": "название", "column_code": "графа",
        "components": "сумма", "deadline": "срок", "deadline_source": "основание срока",
    }  # fmt: skip
    return _seed_page("Показатели", "indicators", columns)


def parameters_page() -> str:
    """Thresholds and decisions."""
    columns = {
        "name": "параметр", "value": "значение", "decision_id": "решение",
        "description_ru": "смысл",
    }  # fmt: skip
    return _seed_page("Параметры распоряжения и решения", "parameters", columns)


def _about_table(described: Described) -> str:
    rows = ((f"`{c.name}`", c.kind, c.text.ru) for c in described.columns.values())
    key = ", ".join(f"`{name}`" for name in described.key) or "нет: строки могут повторяться"
    head = f"\n### {described.name}\n\n{described.text.ru}\n\nКлюч: {key}.\n\n"
    return head + _table(("столбец", "тип", "что это"), rows)


def data_page() -> str:
    """Published tables with their columns."""
    known = load_descriptions().values()
    parts = [
        "# Таблицы хранилища\n\nВсё, что опубликовано. В каталоге DuckDB эти таблицы лежат в схеме "
        "`main`, на сервере PostgreSQL — в `marts` (витрины) и `facts` (факты и справочники); "
        "`history` — они же за все опубликованные даты (на сервере только витрины). Пусто (NULL) "
        "значит «неизвестно» или «нет», но никогда не ноль. Примеры запросов — "
        "[queries.md](../queries.md).\n"
    ]
    for title, prefix in DATA.items():
        parts.append(f"\n## {title}\n")
        parts += [_about_table(table) for table in known if table.name.startswith(prefix)]
    return "".join(parts)


PAGES: dict[str, Callable[[], str]] = {
    "forms.md": forms_page,
    "rules.md": rules_page,
    "indicators.md": indicators_page,
    "parameters.md": parameters_page,
    "data.md": data_page,
}


def pages() -> dict[str, str]:
    """Text of every reference page by file name."""
    return {name: MADE + make() for name, make in PAGES.items()}
