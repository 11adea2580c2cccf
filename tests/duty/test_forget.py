"""After a withdrawal neither name nor birth date of the child is found in any file."""

from __future__ import annotations

import html
import io
import json
import zipfile
from collections.abc import Callable, Iterator
from datetime import date, datetime, timedelta
from pathlib import Path

import duckdb
import openpyxl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from bvb.steps import read
from duty.backup import back_up
from duty.errors import PersonUnknown
from duty.forget import forget
from duty.persons import Veil, day_of, key_of, load_spec, rounded
from duty.snapshots import finished
from duty.vault import open_vault
from ingest.decisions import add_line
from ingest.deliveries import load_delivery
from ingest.landing import all_landed, land_folder, object_path
from ingest.settings import MOSCOW, Settings
from tests.conftest import Region
from tests.duty.conftest import NOW

OCTOBER = datetime(2024, 10, 10, 9, tzinfo=MOSCOW)
Few = Callable[..., Settings]
LAST, FIRST, BORN = "Канарейкина", "Журавля", date(2011, 10, 17)
HEAD = (
    "ID обучающегося;Фамилия;Имя;Отчество;Дата рождения;Класс;ID ОО;Наименование ОО;"
    "Муниципальное образование;ID педагога-навигатора;Дата регистрации;Год первого участия;"
    "Статус участия 2024;Дата статуса;ОО перевода;Авторизован;Дата авторизации;Верифицирован;"
    "Дата верификации;Согласие законного представителя;Дата прикрепления согласия\n"
)
REST = (
    "7А;S1;Школа № 1;Лобня;N1;01.09.2024;2024;новый;01.09.2024;;да;02.09.2024;да;03.09.2024;{};\n"
)
HERS = f"U-77;{LAST};{FIRST};Ивановна;17.10.2011;" + REST.format("прикреплено")
NAMESAKE = f"U-78;{LAST};{FIRST};Петровна;05.02.2012;" + REST.format("прикреплено")
ORIGINALS = (
    "Вид согласия;ФИО субъекта (обучающегося/педагога);Дата рождения;ID на платформе;ОО;Класс;"
    "ФИО представителя;Степень (родитель/опекун/организация);Дата подписания;Оригинал получен;"
    "Дата получения;Место хранения (папка);Отозвано\n"
)
ORIGINAL = (
    "законный представитель;{};17.10.2011;;Школа № 1;7А;{};родитель;01.09.2024;да;02.09.2024;"
    "Папка 9;\n"
)
MOTHER = "Канарейкина-Соловьёва Пава Игоревна"


def texts_of(path: Path) -> Iterator[str]:
    """Every text of a file, by a reader of its own for each kind."""
    data = path.read_bytes()
    if path.suffix == ".parquet":
        yield from ("|".join(map(str, row.values())) for row in pq.read_table(path).to_pylist())
    elif path.suffix == ".duckdb":
        with duckdb.connect(f"{path}", read_only=True) as con:
            for (table,) in con.execute(
                "select table_schema || '.' || table_name from information_schema.tables"
                " where table_type = 'BASE TABLE'"
            ).fetchall():
                yield from ("|".join(map(str, r)) for r in con.execute(f"from {table}").fetchall())
    elif data.startswith(b"PK"):
        yield from texts_in(data)
    else:
        yield from (data.decode(code, "ignore") for code in ("utf-8", "cp1251", "utf-16"))
        yield path.name


def texts_in(data: bytes) -> Iterator[str]:
    """Every text of a workbook or an archive, of archives in it, too."""
    with zipfile.ZipFile(io.BytesIO(data)) as file:
        for name in file.namelist():
            part = file.read(name)
            if part.startswith(b"PK"):
                yield from texts_in(part)
            yield html.unescape(part.decode("utf-8", "ignore"))
            yield from (part.decode("cp1251", "ignore"), name)


def files(settings: Settings, text: str) -> list[str]:
    """Files in which a text is found."""
    return [
        path.relative_to(settings.data_dir).as_posix()
        for path in sorted(settings.data_dir.rglob("*"))
        if path.is_file() and any(text in found for found in texts_of(path))
    ]


def where(settings: Settings, text: str) -> set[str]:
    """Layers in whose files a text is found."""
    return {name.split("/")[0] for name in files(settings, text)}


def xlsx(text: str, *, comment: str = "") -> bytes:
    book, stream = openpyxl.Workbook(), io.BytesIO()
    sheet = book.active
    assert sheet is not None
    for line in text.splitlines():
        sheet.append(line.split(";"))
    if comment:
        sheet.cell(2, 2).comment = openpyxl.comments.Comment(comment, "КУРО")
    book.save(stream)
    return stream.getvalue()


def archive(name: str, data: bytes) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as file:
        file.writestr(name, data)
    return stream.getvalue()


def land(settings: Settings, name: str, data: bytes, at: datetime = OCTOBER) -> None:
    import os

    path = settings.incoming / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
    os.utime(path, (at.timestamp(), at.timestamp()))
    land_folder(settings, settings.incoming, at + timedelta(minutes=5), pause=lambda _: None)
    for item in all_landed(settings):
        if load_delivery(settings, item.delivery_id) is None:
            read(item.delivery_id, settings)


def withdraw(settings: Settings, platform_id: str, at: datetime) -> str:
    key = key_of(settings.secret(), platform_id)
    line = {"person_key": key, "author": "Орлова", "reason": "Заявление № 5"}
    add_line(settings, "withdrawals", line, at)
    return key


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """One child in files of every kind, her namesake, and the layers that a run would make."""
    settings = Settings(tmp_path / "data")
    pupils = HEAD + HERS + NAMESAKE
    land(settings, "platform/P03_pupils__2024-09-30__v1.csv", pupils.encode("cp1251"))
    land(settings, "platform/P03_pupils__2024-09-30__v2.xlsx", xlsx(pupils, comment=LAST))
    originals = ORIGINALS + ORIGINAL.format(f"{LAST} {FIRST} Ивановна", MOTHER)
    name = "M04_consent_originals__T26__2024-09__v1.xlsx"
    land(settings, f"T26/{LAST} {FIRST} {name}", xlsx(originals))
    land(settings, "T26/всё сразу.zip", archive(name.replace("v1", "v2"), xlsx(originals)))
    land(settings, "T26/неизвестная форма.csv", f"Имя;Когда\n{LAST} {FIRST};17.10.2011\n".encode())
    key, run = key_of(settings.secret(), "U-77"), "2024-09-30__20241003T235959"
    item = next(x for x in all_landed(settings) if x.file_name.endswith("v1.csv"))
    rows = {"row_id": [f"{item.delivery_id}:csv:2", "x:csv:3"], "pupil_key": [key, "other"],
            "last_name": [LAST, LAST], "first_name": [FIRST, FIRST],
            "birth_date": [BORN, date(2012, 2, 5)]}  # fmt: skip
    write(settings.accepted / run / "restricted" / "P03.parquet", rows)
    detail = {
        "delivery_id": [item.delivery_id],
        "row": [2],
        "value": [LAST],
        "message": [f"«{LAST}»"],
    }
    write(settings.quarantine / run / "findings_detail.parquet", detail)
    for path in (settings.quarantine / run / "mapping_people.xlsx",
                 settings.returned / run / "T26" / "личные данные" / "Проверено.xlsx"):  # fmt: skip
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(xlsx(originals))
    with duckdb.connect(f"{made(settings.warehouse / 'build.duckdb')}") as con:
        con.execute(f"create table p as select '{LAST}' as last_name, date '{BORN}' as birth_date")
    note = {"kind": "человек", "text": "1", "decision": "разные люди", "author": "Орлова"}
    add_line(settings, "mappings", {**note, "note": f"{LAST} {FIRST}, не сестра"}, OCTOBER)
    return settings


def made(path: Path) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    return path


def write(path: Path, columns: dict[str, list[object]]) -> None:
    pq.write_table(pa.table(columns), made(path))


def test_the_child_is_in_every_layer_before_and_in_none_after(settings: Settings) -> None:
    everywhere = {"incoming", "landing", "parsed", "accepted", "quarantine", "returned",
                  "warehouse", "decisions"}  # fmt: skip
    assert where(settings, FIRST) == everywhere - {"warehouse"}
    assert where(settings, LAST) == everywhere
    key = withdraw(settings, "U-77", NOW)
    proof = forget(settings, NOW)[0]

    for text in ("Ивановна", "17.10.2011", "2011-10-17", MOTHER):
        assert where(settings, text) == set(), text
    # Her namesake keeps her name, her birth date and her place.
    assert where(settings, "Петровна") == {"landing", "parsed"}
    rows = pq.read_table(next(settings.accepted.rglob("P03.parquet"))).to_pylist()
    assert rows[1] == {"row_id": "x:csv:3", "pupil_key": "other", "last_name": LAST,
                       "first_name": FIRST, "birth_date": date(2012, 2, 5)}  # fmt: skip
    assert rows[0]["pupil_key"] == key
    assert (rows[0]["last_name"], rows[0]["birth_date"]) == ("Отозвано", date(2011, 10, 1))
    assert LAST not in json.dumps(proof, ensure_ascii=False)
    assert (proof["rows"], len(proof["objects"])) == (4, 6)
    assert forget(settings, NOW) == []


def test_files_without_her_say_the_same_as_before(settings: Settings) -> None:
    before = {x.delivery_id: load_delivery(settings, x.delivery_id) for x in all_landed(settings)}
    withdraw(settings, "U-77", NOW)
    forget(settings, NOW)
    after = {x.delivery_id: load_delivery(settings, x.delivery_id) for x in all_landed(settings)}
    assert set(after) == set(before)
    for name, old in before.items():
        new = after[name]
        assert old and new
        hidden = {"content": None, "file_name": "", "file_findings": ()}
        assert new.model_copy(update=hidden) == old.model_copy(update=hidden)
        assert [f.code for f in new.file_findings] == [f.code for f in old.file_findings]


def test_other_lines_of_a_text_keep_their_bytes(settings: Settings) -> None:
    item = next(x for x in all_landed(settings) if x.file_name.endswith("v1.csv"))
    old = object_path(settings, item.sha256).read_bytes().split(b"\n")
    withdraw(settings, "U-77", NOW)
    forget(settings, NOW)
    new = object_path(settings, item.sha256).read_bytes().split(b"\n")
    assert (new[0], new[2:]) == (old[0], old[2:])
    assert new[1].startswith("U-77;Отозвано;".encode("cp1251"))


def test_what_comes_later_is_freed_at_once_and_marked(settings: Settings) -> None:
    withdraw(settings, "U-77", NOW)
    forget(settings, NOW)
    later = NOW + timedelta(days=20)
    pupils = (HEAD + HERS.replace("U-77", "U-99") + NAMESAKE).encode()  # a new account of hers
    land(settings, "platform/P03_pupils__2024-11-30__v1.csv", pupils, later)
    archived = archive("P03_pupils__2024-12-31__v1.csv", HEAD.encode() + HERS.encode())
    land(settings, "platform/ещё.zip", archived, later)
    for text in ("Ивановна", "17.10.2011", "2011-10-17"):
        assert files(settings, text) == []
    item = next(x for x in all_landed(settings) if "2024-11-30" in x.file_name)
    delivery = load_delivery(settings, item.delivery_id)
    assert delivery and delivery.parsed_path
    hers, other = pq.read_table(delivery.parsed_path).to_pylist()
    # Rule V-18 takes her out of the confirmed indicators from this file on.
    assert (hers["consent_status"], other["consent_status"]) == ("отозвано", "прикреплено")
    proof = next((settings.outcomes / "withdrawals").glob("*.json"))
    assert len(json.loads(proof.read_text(encoding="utf-8"))["later"]) == 2


def test_a_killed_withdrawal_is_finished_by_the_next(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    from duty import landed

    calls, real = [], landed.read_again

    def dying(*given: object) -> None:
        calls.append(given)
        if len(calls) == 2:
            raise KeyboardInterrupt
        real(*given)  # type: ignore[arg-type]

    withdraw(settings, "U-77", NOW)
    with monkeypatch.context() as killed, pytest.raises(KeyboardInterrupt):
        killed.setattr(landed, "read_again", dying)
        forget(settings, NOW)
    assert len(forget(settings, NOW)) == 1
    for item in all_landed(settings):
        read(item.delivery_id, settings)
    assert where(settings, "17.10.2011") | where(settings, "Ивановна") == set()


def test_older_backups_go_with_the_next_one(settings: Settings, tmp_path: Path) -> None:
    vault = open_vault(tmp_path / "copy", None, make=True)
    back_up(settings, vault, NOW)
    withdraw(settings, "U-77", NOW + timedelta(hours=1))
    forget(settings, NOW + timedelta(hours=1))
    done = back_up(settings, vault, NOW + timedelta(hours=2))
    assert len(done.dropped) == 1
    assert len(finished(vault)) == 1
    copy = Settings(vault.folder)
    assert where(copy, "17.10.2011") | where(copy, "Ивановна") == set()


def test_a_key_of_nobody_changes_nothing(settings: Settings) -> None:
    withdraw(settings, "U-000", NOW)
    with pytest.raises(PersonUnknown):
        forget(settings, NOW)
    assert "landing" in where(settings, "17.10.2011")


def test_a_child_of_the_region_is_gone_from_what_a_run_made(few: Few, region: Region) -> None:
    settings = few("P03_", "M04_consent_originals__T1", "M09_media__T1")
    restricted = next(region.data_dir.glob("accepted/*/restricted/M04.parquet"))
    key, name, born = duckdb.sql(
        f"""select subject_key, subject_name, birth_date from '{restricted}'
            where split_part(row_id, ':', 1) in (select unnest(?)) order by 1 limit 1""",
        params=[[x.delivery_id for x in all_landed(settings)]],
    ).fetchall()[0]
    last = name.split()[0]

    def named() -> set[str]:
        veil = Veil(key, last={last}, first={name.split()[1]}, born={born})
        return {
            path.relative_to(settings.data_dir).parts[0]
            for path in settings.data_dir.rglob("*.parquet")
            if any(veil.surely(text) for text in texts_of(path))
        }

    assert named() == {"accepted", "parsed"}
    line = {"person_key": key, "author": "Орлова", "reason": "Заявление № 6"}
    add_line(settings, "withdrawals", line, NOW)
    assert forget(settings, NOW)[0]["changed"]["accepted"] == 2
    assert named() == set()


@pytest.mark.parametrize(
    "text", ["17.10.2011", "2011-10-17", "2011-10-17 00:00:00", "17/10/2011", "17.10.11", "40833"]
)
def test_a_birth_date_is_known_however_it_is_written(text: str) -> None:
    assert day_of(text) == BORN
    veil = Veil("0" * 32, born={BORN})
    assert BORN.isoformat() not in f"{veil.hidden(text)}" and veil.hidden(text) != text


def test_a_rounded_date_keeps_the_age_on_the_days_of_the_order() -> None:
    day = date(2010, 1, 1)
    while day.year == 2010:
        for counted in (date(2024, 9, 1), date(2024, 9, 30), date(2024, 12, 1)):
            one, other = (
                (counted.month, counted.day) >= (x.month, x.day) for x in (day, rounded(day))
            )
            assert one == other, day
        day += timedelta(days=1)
    assert load_spec().parts_of_year[0] == "01-01"
