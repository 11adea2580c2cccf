"""The plainest calamine + DuckDB script: eight indicators of 66 territories, no checks, no answers.

What enters: the platform's files of a date. What leaves: (territory, indicator) → fact.
It shares no code with the pipeline, so that its time and its numbers are independent.
"""

from __future__ import annotations

import csv
import re
import sys
from datetime import date, datetime
from pathlib import Path

import duckdb
import pyarrow as pa
import python_calamine

FILES = {"schools": "P01", "navigators": "P02", "pupils": "P03", "events": "P04", "parts": "P05"}
NOISE = re.compile(r"городской округ|администрация|муниципальный округ|зато|г\.о\.|го\b|\bмо\b")

SQL = """
create temp table school_territory as
select distinct on (s."ID ОО") s."ID ОО" as school_id, coalesce(n.id, a.id) as territory_id
from schools s
left join names n on s."Тип подчинения" not like 'муниц%' and n.kind = 'state_school'
    and n.key = simple(s."Полное наименование")
left join names a on s."Тип подчинения" like 'муниц%' and a.kind = 'municipality'
    and a.key = simple(s."Муниципальное образование");
create temp table navigator as
select t.territory_id, "ID педагога" as id, try_cast("Год первого участия" as int) as cohort
from navigators left join school_territory t on t.school_id = "ID ОО"
where "Статус" in ('активен', 'активна')
  and (try_cast("Год первого участия" as int) = {year}
       or ("Профиль заполнен" = 'да' and "Заявление на ПК прикреплено" = 'да'
           and "Согласие ОПД прикреплено" = 'да'));
create temp table pupil as
select distinct on ("ID обучающегося") "ID обучающегося" as id, t.territory_id,
    "Статус участия 2024" as status, try_cast("Год первого участия" as int) as cohort,
    coalesce(try_cast(regexp_extract("Класс", '\\d+') as int),
        case lower("Класс") when 'седьмой' then 7 end) as grade
from pupils left join school_territory t on t.school_id = "ID ОО"
order by "ID обучающегося", day("Дата статуса") desc nulls last;
-- A class that does not exist and an event of no known type are not taken (V-01, V-33).
delete from pupil where grade not between 1 and 11;
create temp table counted_event as
select *, "Место: тип" as place from events
where "Статус" = 'проведено' and "Формат" = 'очно'
  and lower("Тип мероприятия") in ('профурок', 'диагностика', 'профпроба', 'экскурсия',
    'мастер-класс', 'иное')
  and day("Дата проведения") between date '{year}-01-01'
      and least(date '{year}-11-18', date '{as_of}');
create temp table attended as
select coalesce(t.territory_id, u.territory_id) as territory_id, p."ID обучающегося" as id,
    e.place = 'площадка партнёра' as at_partner,
    e."Тип мероприятия" = 'профпроба'
        and (e.place = 'площадка профпроб'
             or (e.place = 'площадка партнёра' and e."ID программы" is not null)) as is_trial
from parts p join counted_event e on e."ID мероприятия" = p."ID мероприятия"
left join school_territory t on t.school_id = p."ID ОО на дату"
join pupil u on u.id = p."ID обучающегося"
where p."Статус" like 'участвовал%';
create temp table fact as
select territory_id, 'I-1' as indicator, id from navigator where cohort between 2021 and 2023
union all select territory_id, 'I-2', id from navigator where cohort = {year}
union all select territory_id, 'I-3', id from pupil
    where cohort between 2021 and 2023 and status = 'продолжает' and grade between 6 and 11
union all select territory_id, 'I-4', id from pupil
    where cohort = {year} and status not like 'удал%' and grade between 6 and 11
union all select territory_id, 'I-5', id from attended where is_trial
union all select territory_id, 'I-6', id from attended where at_partner;
select territory_id, indicator, count(distinct id) from fact
where territory_id is not null group by all
union all
select territory_id, case when indicator < 'I-3' then 'I-7' else 'I-8' end,
    count(distinct indicator || id)
from fact where indicator < 'I-5' and territory_id is not null group by all
"""


def simple(text: str) -> str:
    """A name without the words that say what kind of territory it is."""
    plain = NOISE.sub(" ", text.lower().replace("ё", "е"))
    return " ".join(plain.replace("«", " ").replace("»", " ").replace('"', " ").split())


def cell_text(value: object) -> str | None:
    """A cell as text."""
    if isinstance(value, datetime):
        return value.isoformat(sep=" ")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    text = str(value).strip()
    return text or None


def read(path: Path) -> pa.Table:
    """The data sheet of a workbook, or a CSV, as columns of text."""
    if path.suffix == ".csv":
        with path.open(encoding="utf-8-sig", newline="") as stream:
            rows = [[cell or None for cell in row] for row in csv.reader(stream, delimiter=";")]
    else:
        book = python_calamine.load_workbook(path)
        name = next(n for n in book.sheet_names if n != "Паспорт")
        grid = book.get_sheet_by_name(name).to_python()
        rows = [[cell_text(value) for value in row] for row in grid]
    start = next(i for i, row in enumerate(rows) if any((c or "").startswith("ID ") for c in row))
    columns = list(zip(*rows[start + 1 :], strict=True))
    arrays = [pa.array(column, pa.string()) for column in columns]
    return pa.table(arrays, names=[f"{title}" for title in rows[start]])


def newest(incoming: Path, code: str, as_of: date) -> Path:
    """The file of a form for the date."""
    found = sorted((incoming / "platform").glob(f"{code}_*__{as_of}__*"))
    return found[-1]


def compute(incoming: Path, seeds: Path, as_of: date) -> dict[tuple[int, str], int]:
    """All facts of the date."""
    con = duckdb.connect()
    con.create_function("simple", simple, ["varchar"], "varchar")
    con.execute(
        "create macro day(t) as coalesce(try_cast(t as date), try_strptime(t, '%d.%m.%Y')::date)"
    )
    for table, code in FILES.items():
        # One file at a time: the text of a table is let go before the next one is read.
        con.register("arrow", read(newest(incoming, code, as_of)))
        con.execute(f"create temp table {table} as select * from arrow")
        con.unregister("arrow")
    con.execute(
        "create temp table names as select distinct territory_id as id, kind, simple(name) as key"
        f" from (select territory_id, kind, name from '{seeds}/territories.csv' union all"
        "  select territory_id, case kind when 'city' then 'municipality' else kind end, alias"
        f" from '{seeds}/territory_aliases.csv')"
    )
    rows = con.execute(SQL.format(year=as_of.year, as_of=as_of)).fetchall()
    return {(int(territory), str(indicator)): int(count) for territory, indicator, count in rows}


if __name__ == "__main__":
    facts = compute(Path(sys.argv[1]), Path(sys.argv[2]), date.fromisoformat(sys.argv[3]))
    with Path(sys.argv[4]).open("w", encoding="utf-8", newline="") as out:
        csv.writer(out).writerows((*key, value) for key, value in sorted(facts.items()))
