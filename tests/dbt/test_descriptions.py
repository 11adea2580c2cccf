"""Every published table and column is told in Russian and in English, each meaning once."""

from __future__ import annotations

import re
from collections import Counter
from typing import Any

from tests.dbt.test_house import published
from warehouse.descriptions import GLOSSARY, load_descriptions, read_yaml

RUSSIAN = re.compile("[А-Яа-яЁё]{2}")


def _metas() -> list[tuple[str, dict[str, Any]]]:
    """(column, its own notes) of every published column."""
    return [
        (column["name"], column.get("config", {}).get("meta", {}))
        for model in published()
        for column in model.columns
    ]


def test_every_published_text_stands_in_both_languages() -> None:
    known = load_descriptions()
    assert set(known) == {model.name for model in published()}
    texts = {name: table.text for name, table in known.items()}
    for name, table in known.items():
        texts |= {f"{name}.{column.name}": column.text for column in table.columns.values()}
    assert len(texts) > 700
    assert [n for n, t in texts.items() if not RUSSIAN.search(t.ru) or not t.ru.endswith(".")] == []
    assert [n for n, t in texts.items() if not t.en or RUSSIAN.search(t.en)] == []


def test_russian_says_the_grain_first_and_of_each_table_its_own() -> None:
    texts = [table.text.ru for table in load_descriptions().values()]
    assert [text for text in texts if not text.startswith("Одна строка — ")] == []
    assert len(set(texts)) == len(texts)


def test_no_column_repeats_the_glossary_and_no_two_repeat_each_other() -> None:
    glossary = read_yaml(GLOSSARY)
    own = [(name, meta["ru"]) for name, meta in _metas() if "ru" in meta]
    assert [(name, text) for name, text in own if glossary.get(name) == text] == []
    repeated = [pair for pair, count in Counter(own).items() if count > 1]
    assert repeated == [], "put the sentence into glossary.yml and refer to it by meta.term"


def test_every_entry_of_the_glossary_is_used_more_than_once() -> None:
    used = Counter(meta.get("term", name) for name, meta in _metas() if "ru" not in meta)
    assert {name: used[name] for name in read_yaml(GLOSSARY) if used[name] < 2} == {}


def test_columns_carry_nothing_but_known_notes() -> None:
    assert {key for _, meta in _metas() for key in meta} == {"ru", "term"}
