"""What people decided is read by its moment, and a line that nobody understands is answered."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import pytest
import xlsxwriter

from bvb.steps import inputs_fingerprint
from bvb.which_run import open_run
from ingest.decisions import add_mapping, decisions_fingerprint, load_decisions
from ingest.mappings import Kind, Mappings, question_of, read_mappings, with_aliases
from ingest.reference import load_reference
from ingest.settings import MOSCOW, Settings
from ingest.territories import TerritoryResolver

HEAD = "Правило;Форма;Территория;Код замечания;Кто разрешил;Причина;С;По;Решено\n"
GOOD = "V-31;P04;;;Орлова;Письмо;;31.12.2024;03.10.2024 12:00\n"
NOON = datetime(2024, 10, 3, 12, tzinfo=MOSCOW)
MAPPINGS = "Что;Где;Написано;Решение;Кто решил;Решено;Примечание\n"


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    (tmp_path / "decisions").mkdir()
    return Settings(tmp_path)


def put(settings: Settings, name: str, data: str, encoding: str = "utf-8") -> None:
    (settings.data_dir / "decisions" / name).write_bytes(data.encode(encoding))


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1251"])
@pytest.mark.parametrize("mark", [";", ",", "\t"])
def test_a_file_is_read_as_a_spreadsheet_saves_it(
    settings: Settings, encoding: str, mark: str
) -> None:
    put(settings, "waivers.csv", (HEAD + GOOD).replace(";", mark), encoding)
    (line,) = load_decisions(settings).of("waivers")
    assert (line["rule_id"], line["author"], line["territory_id"]) == ("V-31", "Орлова", None)
    assert (line.decided_at, f"{line['valid_until']}") == (NOON, "2024-12-31")


def test_a_workbook_is_read_with_its_dates(settings: Settings) -> None:
    path = settings.data_dir / "decisions" / "confirmations_2024.xlsx"
    with xlsxwriter.Workbook(f"{path}", {"default_date_format": "dd.mm.yyyy"}) as book:
        sheet = book.add_worksheet()
        sheet.write_row(0, 0, ["Код замечания", "Кто подтвердил", "Причина", "Когда"])
        sheet.write_row(1, 0, ["BCDFGHKL-MNPR", "Петрова", "Так и было"])
        sheet.write_datetime(1, 3, NOON.replace(tzinfo=None))
    (line,) = load_decisions(settings).of("confirmations")
    assert (line["finding_code"], line.decided_at) == ("BCDFGHKL-MNPR", NOON)


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("V-31;P04;;;;Письмо;;31.12.2024;03.10.2024", "Не заполнено: Кто разрешил"),
        ("V-31;P04;;;Орлова;Письмо;;31.12.2024;", "Не заполнено: Решено"),
        (
            "V-31;P04;;;Орлова;Письмо;;до зимы;03.10.2024",
            "«По»: ожидается дата вида 31.12.2024, написано «до зимы»",
        ),
        (
            "V-31;P04;первая;;Орлова;Письмо;;31.12.2024;03.10.2024",
            "«Территория»: ожидается целое число, написано «первая»",
        ),
    ],
)
def test_a_bad_line_is_told_with_its_place(settings: Settings, line: str, message: str) -> None:
    put(settings, "waivers.csv", f"{HEAD}{GOOD}{line}\n")
    found = load_decisions(settings)
    assert len(found.lines) == 1
    (bad,) = found.bad
    assert (bad.file, bad.number, bad.message) == ("waivers.csv", 3, message)


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"", "Файл не прочитан"),
        (b"PK\x03\x04broken", "Файл не прочитан"),
        ("Правило;Форма\nV-31;P04\n".encode(), "В файле нет столбцов: Кто разрешил, Причина"),
    ],
)
def test_a_file_that_is_no_table_is_told_as_a_whole(
    settings: Settings, data: bytes, message: str
) -> None:
    (settings.data_dir / "decisions" / "waivers.csv").write_bytes(data)
    (bad,) = load_decisions(settings).bad
    assert bad.number == 0
    assert bad.message.startswith(message)


def test_a_later_decision_is_neither_seen_nor_part_of_the_inputs(settings: Settings) -> None:
    before = decisions_fingerprint(settings, NOON)
    put(settings, "waivers.csv", HEAD + GOOD.replace("12:00", "12:01"))
    assert load_decisions(settings, NOON).lines == ()
    assert decisions_fingerprint(settings, NOON) == before
    put(settings, "waivers.csv", HEAD + GOOD)
    assert decisions_fingerprint(settings, NOON) != before
    put(settings, "waivers.csv", HEAD + GOOD.replace("Письмо", "Другое письмо"))
    assert decisions_fingerprint(settings, NOON) != before


def test_a_decision_makes_a_new_run_and_latest_sees_it(settings: Settings) -> None:
    run = open_run(NOON.date().replace(month=9, day=30), None, settings)
    before = inputs_fingerprint(run)
    put(settings, "waivers.csv", HEAD + GOOD)
    assert inputs_fingerprint(run) != before
    assert open_run(run.as_of, "latest", settings).known_at == NOON


def test_a_decision_of_the_command_goes_below_those_of_people(settings: Settings) -> None:
    put(settings, "mappings.csv", "Написано,Что,Решение,Кто решил,Решено\nкс,слово,а,Б,01.10.2024")
    values = {"kind": "территория", "place": "", "text": "=Город", "decision": "1 Балашиха"}
    add_mapping(settings, values | {"author": "Орлова"}, NOON)
    old, new = load_decisions(settings).of("mappings")
    assert (old["text"], new["text"], new["decision"]) == ("кс", "=Город", "1 Балашиха")
    assert (new["author"], new.decided_at) == ("Орлова", NOON)
    text = (settings.data_dir / "decisions" / "mappings.csv").read_text(encoding="utf-8-sig")
    assert text.splitlines()[-1] == "'=Город,территория,1 Балашиха,Орлова,03.10.2024 12:00:00"


def test_an_unfilled_line_of_the_queue_is_no_decision(settings: Settings) -> None:
    put(settings, "mappings.csv", MAPPINGS + "территория;;Город;;;;\n")
    found = load_decisions(settings)
    assert (found.lines, found.bad) == ((), ())


def mapped(settings: Settings, *lines: str) -> tuple[Mappings, list[str]]:
    put(
        settings,
        "mappings.csv",
        MAPPINGS + "".join(f"{line};Орлова;01.10.2024;\n" for line in lines),
    )
    found = read_mappings(load_decisions(settings), load_reference())
    return found, [bad.message for bad in found.bad]


def test_a_decided_name_is_an_alias_and_nothing_near_it_is(settings: Settings) -> None:
    found, bad = mapped(settings, "территория;;Королёвск;г.о. Королёв")
    reference = load_reference()
    resolver = TerritoryResolver(with_aliases(reference, found.aliases))
    number = TerritoryResolver(reference).resolve("Королёв")
    assert bad == []
    assert resolver.resolve("КОРОЛЕВСК") == number is not None
    for near in ("Королевски", "Королёвск лицей", "Королевский лицей"):
        assert resolver.resolve(near) is None


@pytest.mark.parametrize(
    ("line", "message"),
    [
        (
            "город;;Королёвск;1",
            "«Что»: ожидается территория, слово, школа, человек, написано «город»",
        ),
        ("территория;;Королёвск;67", "«Решение»: ожидается номер или название территории"),
        ("территория;;Королёвск;Нигде", "«Решение»: ожидается номер или название территории"),
        ("территория;;Химки;1", "Название «Химки» уже закреплено за другой территорией"),
        ("слово;P04.event_type;квест;поход", "«Решение»: ожидается "),
        ("слово;P04.event_id;квест;экскурсия", "«Где»: ожидается форма и столбец"),
        ("слово;;квест;экскурсия", "«Где»: ожидается форма и столбец"),
        ("школа;;СОШ 1;Школа № 1", "«Где»: ожидается номер или название территории"),
        ("человек;;А-1;один человек", "«Решение»: ожидается «один человек», «разные люди»"),
        ("человек;;А-1 + А-2;может быть", "«Решение»: ожидается «один человек», «разные люди»"),
    ],
)
def test_a_mapping_that_cannot_be_applied_says_why(
    settings: Settings, line: str, message: str
) -> None:
    found, bad = mapped(settings, line)
    assert len(bad) == 1 and bad[0].startswith(message)
    assert found.decided == frozenset()


def test_words_schools_and_people_are_kept_and_the_last_word_holds(settings: Settings) -> None:
    found, bad = mapped(
        settings,
        "слово;P04.event_type;квест;экскурсия",
        "школа;T14;СОШ один;Школа № 1",
        "человек;;А-2 + А-1;один человек",
        "человек;;А-1+А-2;разные люди",
        "территория;;Нигдейск;не сопоставлять",
    )
    assert bad == []
    column = found.form("P04").latest.column("event_type")
    assert any("квест" in words for words in column.values.values())
    assert found.schools == ((14, "СОШ один", "Школа № 1"),)
    assert found.people == (("А-1", "А-2", False),)
    assert found.aliases == ()
    assert question_of(Kind.TERRITORY, "", "НИГДЕЙСК") in found.decided
