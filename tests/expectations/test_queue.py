"""The mapping queue: what nobody knew is asked with suggestions, and never decided by itself."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any, TypeVar

import openpyxl
import pytest

from expectations.checks import run_checks
from expectations.compile import Setup, make_setup
from expectations.database import Connection, open_database
from expectations.queue import (
    Waiting,
    choice_of,
    queue_words,
    suggest,
    waiting_questions,
    write_queue,
)
from expectations.selection import Candidates
from ingest.decisions import load_decisions
from ingest.mappings import Kind, Mappings, read_mappings
from ingest.settings import MOSCOW, Settings
from tests.expectations.deliveries import AS_OF, make_delivery
from tests.expectations.world import letters

T = TypeVar("T")
Rows = list[dict[str, Any]]
Tables = dict[str, Rows]
KNOWN_AT = datetime(2024, 10, 3, 23, 59, 59, tzinfo=MOSCOW)
# So many families use these names that they are names, not typing errors.
NAMES = ("Мария", "Марина", "Иван", "Илья", "Анна")
CROWD = [
    {"pupil_id": f"Т-{n}-{name}", "last_name": f"Семья{'абв'[n]}", "first_name": name,
     "birth_date": f"0{n + 1}.0{m + 1}.2010"}
    for n in range(3) for m, name in enumerate(NAMES)
]  # fmt: skip


class Checks:
    """Checks of a few forms with what was decided."""

    def __init__(self, setup: Setup, folder: Path) -> None:
        self.setup = setup
        self.folder = folder

    def decide(self, *lines: str) -> Mappings:
        head = "Что;Где;Написано;Решение;Кто решил;Решено\n"
        path = self.folder / "decisions" / "mappings.csv"
        path.parent.mkdir(exist_ok=True)
        text = head + "".join(f"{line};Орлова;01.10.2024\n" for line in lines)
        path.write_text(text, encoding="utf-8")
        decisions = load_decisions(Settings(self.folder), KNOWN_AT)
        return read_mappings(decisions, self.setup.reference)

    def run(self, tables: Tables, ask: Callable[[Connection, list[Waiting]], T], *lines: str) -> T:
        mappings = self.decide(*lines)
        assert mappings.bad == ()
        setup = make_setup(self.setup.reference, AS_OF, mappings)
        given = {
            code: Candidates(
                [make_delivery(self.folder, code, rows, sender=1 if code[0] == "M" else None)]
            )
            for code, rows in tables.items()
        }
        con = open_database(None, self.folder / "spill")
        try:
            checked = run_checks(con, setup, given, require_references=False)
            return ask(con, waiting_questions(con, checked))
        finally:
            con.close()

    def waiting(self, tables: Tables, *lines: str) -> list[Waiting]:
        return self.run(tables, lambda _, waiting: waiting, *lines)

    def broken(self, tables: Tables, rule_id: str, *lines: str) -> int:
        def count(con: Connection, _: list[Waiting]) -> int:
            query = "select count(*) from findings_detail where rule_id = ?"
            rows = con.execute(query, [rule_id]).fetchone()
            return int(rows[0]) if rows else 0

        return self.run(tables, count, *lines)


@pytest.fixture
def checks(setup: Setup, tmp_path: Path) -> Checks:
    return Checks(setup, tmp_path)


def of(waiting: list[Waiting], kind: Kind) -> list[Waiting]:
    return [item for item in waiting if item.question.kind is kind]


def test_a_name_that_is_only_near_is_asked_and_stays_unresolved(checks: Checks) -> None:
    near = ["Королев лицей", "Одинцовский десятый", "Балашыха", "Химкинский лицей"]
    rows = [
        {"school_id": f"Ш-{n}", "municipality": text} for n, text in enumerate([*near, near[0]])
    ]

    def look(con: Connection, waiting: list[Waiting]) -> tuple[list[Waiting], int]:
        known = con.execute("select count(municipality_territory_id) from P01__all").fetchone()
        return waiting, int(known[0]) if known else -1

    waiting, resolved = checks.run({"P01": rows}, look)
    asked = of(waiting, Kind.TERRITORY)
    assert resolved == 0
    assert {item.text: item.n_rows for item in asked} == dict.fromkeys(near, 1) | {near[0]: 2}
    assert asked[0].text == near[0]  # what stands in most rows comes first
    assert "лист «Данные», строка 2" in asked[0].example
    assert all(len(item.choices) == queue_words()["choices"] for item in asked)


def test_a_decided_territory_is_known_to_the_next_run(checks: Checks) -> None:
    tables: Tables = {"P01": [{"municipality": "Балашыха"}]}
    (item,) = of(checks.waiting(tables), Kind.TERRITORY)
    decision = choice_of(item.choices[0]).split(" ")[0]

    def look(con: Connection, waiting: list[Waiting]) -> tuple[int, Any]:
        found = con.execute("select municipality_territory_id from P01__all").fetchone()
        return len(of(waiting, Kind.TERRITORY)), found and found[0]

    assert checks.run(tables, look, f"территория;;балашыха;{decision}") == (0, int(decision))
    # A name that means nothing is not asked again, and still means nothing.
    assert checks.run(tables, look, "территория;;Балашыха;не сопоставлять") == (0, None)


def test_an_unknown_word_is_asked_and_a_decided_one_is_converted(checks: Checks) -> None:
    tables: Tables = {"P04": [{"event_type": "Квест"}, {"event_id": "Е-2", "event_type": "квест"}]}
    (item,) = of(checks.waiting(tables), Kind.WORD)
    assert (item.question.place, item.n_rows) == ("P04.event_type", 2)
    assert checks.broken(tables, "V-33") == 2
    decision = "слово;P04.event_type;Квест;экскурсия"
    assert checks.broken(tables, "V-33", decision) == 0
    assert of(checks.waiting(tables, decision), Kind.WORD) == []


def test_a_school_out_of_the_list_is_asked_within_its_territory(checks: Checks) -> None:
    tables: Tables = {
        "P01": [{"school_id": "Ш-9", "inn": "5001000099"}],
        "M02": [
            {"school_name": "МБОУ «Школа № 1»"},
            {"school_name": "Гимназия", "inn": "5001000034"},
        ],
        "M05": [{"school_name": "СОШ 1 имени Пушкина"}],
    }
    (item,) = of(checks.waiting(tables), Kind.SCHOOL)
    assert (item.question.place, item.text) == ("1", "СОШ 1 имени Пушкина")
    # Another number is another school, however near the names are.
    assert [choice_of(choice) for choice in item.choices] == ["МБОУ «Школа № 1»"]
    assert checks.broken(tables, "V-46g") == 1
    decision = "школа;1;СОШ 1 имени Пушкина;МБОУ «Школа № 1»"
    assert checks.broken(tables, "V-46g", decision) == 0
    elsewhere = "школа;2;СОШ 1 имени Пушкина;МБОУ «Школа № 1»"
    assert checks.broken(tables, "V-46g", elsewhere) == 1


def pupil(number: object, last: str, first: str, born: str, **more: Any) -> dict[str, Any]:
    name = {"last_name": last, "first_name": first, "middle_name": "Петровна"}
    return {"pupil_id": f"О-{number}", "birth_date": born, **name, **more}


PAIRS = [
    (("Орлова", "Мария", "10.03.2010"), ("Орлова", "Мария", "10.03.2010"), True),
    (("Орлова", "Мария", "10.03.2010"), ("Арлова", "Мария", "10.03.2010"), True),
    (("Орлова", "Мария", "10.03.2010"), ("Орлова", "Мраия", "10.03.2010"), True),
    (("Орлова", "Мария", "10.03.2010"), ("Орлова", "Мария", "10.08.2010"), True),
    (("Орлова", "Алёна", "10.03.2010"), ("ОРЛОВА", "Алена", "10.03.2010"), True),
    # Twins: one surname and day, names that other families use, however near.
    (("Орлова", "Мария", "10.03.2010"), ("Орлова", "Марина", "10.03.2010"), False),
    (("Орлова", "Иван", "10.03.2010"), ("Орлова", "Илья", "10.03.2010"), False),
    (("Орлова", "Мария", "10.03.2010"), ("Орлова", "Анна", "10.03.2010"), False),
    # Namesakes of other days, strangers of one day, two typing errors at once.
    (("Орлова", "Мария", "10.03.2010"), ("Орлова", "Мария", "21.08.2011"), False),
    (("Орлова", "Мария", "10.03.2010"), ("Седова", "Мария", "10.03.2010"), False),
    (("Орлова", "Мария", "10.03.2010"), ("Арлова", "Мария", "10.08.2010"), False),
]  # fmt: skip


def test_twins_and_namesakes_are_no_duplicates(checks: Checks) -> None:
    """Each pair in a territory of its own, so that no two cases meet."""
    places = [t.name for t in checks.setup.reference.territories if t.kind == "municipality"]
    rows, expected = [*CROWD], []
    for number, (one, other, is_asked) in enumerate(PAIRS):
        ending = letters(number)
        for half, (last, first, born) in enumerate((one, other)):
            name = pupil(f"{number}-{half}", last + ending, first, born)
            rows.append(name | {"municipality": places[number]})
        expected += [f"О-{number}-0 + О-{number}-1"] * is_asked
    asked = [item.text for item in of(checks.waiting({"P03": rows}), Kind.PERSON)]
    assert sorted(asked) == sorted(expected)


def test_near_names_of_two_territories_are_not_asked(checks: Checks) -> None:
    pair = [
        pupil(1, "Орлова", "Мария", "10.03.2010", school_id="Ш-1"),
        pupil(2, "Арлова", "Мария", "10.03.2010", school_id="Ш-2", municipality="Химки"),
    ]
    assert of(checks.waiting({"P03": pair}), Kind.PERSON) == []


def test_names_stand_in_a_file_of_their_own(checks: Checks) -> None:
    same = [pupil(n, "Орлова", "Мария", "10.03.2010") for n in (1, 2)]
    write_queue(checks.folder, checks.waiting({"P03": same}), KNOWN_AT)
    queue, people = (
        [
            cell
            for row in openpyxl.load_workbook(checks.folder / name).worksheets[0].values
            for cell in row
        ]
        for name in (queue_words()["file_name"], queue_words()["people_file_name"])
    )
    assert "О-1 + О-2" in queue
    assert not any("орлова" in f"{cell}".lower() for cell in queue)
    assert people.count("Орлова Мария Петровна") == 2 and "10.03.2010" in people


def test_what_was_decided_of_two_accounts_is_what_the_rule_says(checks: Checks) -> None:
    same = [pupil(n, "Орлова", "Мария", "10.03.2010") for n in (1, 2)]
    near = [pupil(1, "Орлова", "Мария", "10.03.2010"), pupil(2, "Орлова", "Мария", "10.08.2010")]
    assert checks.broken({"P03": same}, "V-07") == 2
    assert checks.broken({"P03": same}, "V-07", "человек;;О-2 + О-1;разные люди") == 0
    assert checks.broken({"P03": same}, "V-07", "человек;;О-1 + О-2;один человек") == 2
    assert checks.broken({"P03": near}, "V-07") == 0
    assert checks.broken({"P03": near}, "V-07", "человек;;О-1 + О-2;один человек") == 2
    # A third account is not excused by a decision about two.
    third = [*same, pupil(3, "Орлова", "Мария", "10.03.2010")]
    assert checks.broken({"P03": third}, "V-07", "человек;;О-1 + О-2;разные люди") == 3
    decided = checks.waiting({"P03": same}, "человек;;О-1 + О-2;разные люди")
    assert of(decided, Kind.PERSON) == []


def test_the_queue_filled_in_is_read_as_decisions(checks: Checks) -> None:
    tables: Tables = {"P01": [{"municipality": "Балашыха"}], "P04": [{"event_type": "=квест"}]}
    waiting = checks.waiting(tables)
    write_queue(checks.folder, waiting, KNOWN_AT)
    path = checks.folder / queue_words()["file_name"]
    again = path.read_bytes()
    write_queue(checks.folder, waiting, KNOWN_AT)
    assert path.read_bytes() == again
    book = openpyxl.load_workbook(path)
    sheet = book.worksheets[0]
    titles = [cell.value for cell in sheet[1]]
    for row in sheet.iter_rows(min_row=2):
        cells = dict(zip(titles, row, strict=True))
        if cells["Что"].value == "слово":
            assert (cells["Написано"].value, cells["Написано"].data_type) == ("=квест", "s")
            cells["Решение"].value, cells["Кто решил"].value = "экскурсия", "Орлова"
            cells["Решено"].value = "02.10.2024"
    checks.decide()
    book.save(checks.folder / "decisions" / "mappings_october.xlsx")
    decisions = load_decisions(Settings(checks.folder), KNOWN_AT)
    assert decisions.bad == ()
    found = read_mappings(decisions, checks.setup.reference)
    assert dict(found.words) == {("P04", "event_type"): {"=квест": "excursion"}}


def test_suggestions_are_ordered_and_each_meaning_stands_once() -> None:
    choices = {"не явился": "не явился", "неявка": "не явился", "участвовал": "участвовал"}
    shown = [choice_of(choice) for choice in suggest("не явилась", choices)]
    assert shown == ["не явился", "участвовал"]
