"""The script an office would write: pandas + openpyxl, eight indicators of 66 territories.

What enters: the platform's files of a date. What leaves: (territory, indicator) → fact, a sheet.
It shares no code with the pipeline: the tests compare the marts with it.
"""

from __future__ import annotations

import re
import sys
from datetime import date
from pathlib import Path

import pandas as pd

NOISE = re.compile(r"городской округ|администрация|муниципальный округ|зато|г\.о\.|го\b|\bмо\b")
TYPES = {"профурок", "диагностика", "профпроба", "экскурсия", "мастер-класс", "иное"}
YES = {"да", "true", "1", "истина"}


def simple(text: object) -> str:
    """A name without the words that say what kind of territory it is."""
    plain = NOISE.sub(" ", str(text).lower().replace("ё", "е"))
    return " ".join(re.sub(r"[«»\"]", " ", plain).split())


def read(incoming: Path, code: str, as_of: date, engine: str) -> pd.DataFrame:
    """One form's file of the date, all cells as text."""
    path = sorted((incoming / "platform").glob(f"{code}_*__{as_of}__*"))[-1]
    if path.suffix == ".csv":
        return pd.read_csv(path, sep=";", dtype=str, encoding="utf-8-sig")
    book = pd.read_excel(path, sheet_name=None, header=None, dtype=str, engine=engine)
    frame = next(frame for name, frame in book.items() if name != "Паспорт")
    marked = frame.apply(lambda row: row.astype(str).str.startswith("ID ").any(), axis=1)
    start = int(marked.idxmax())
    table = frame.iloc[start + 1 :].copy()
    table.columns = pd.Index([str(title).strip() for title in frame.iloc[start]])
    return table.reset_index(drop=True)


def day(column: pd.Series) -> pd.Series:
    """Dates written as ISO or as dd.mm.yyyy."""
    iso = pd.to_datetime(column, format="ISO8601", errors="coerce")
    return iso.fillna(pd.to_datetime(column, format="%d.%m.%Y", errors="coerce"))


def yes(column: pd.Series) -> pd.Series:
    """A yes/no column."""
    return column.astype(str).str.strip().str.lower().isin(YES)


def territories(schools: pd.DataFrame, seeds: Path) -> pd.Series:
    """School id → territory: state schools by their own name, others by their municipality."""
    own = pd.read_csv(seeds / "territories.csv")
    other = pd.read_csv(seeds / "territory_aliases.csv").rename(columns={"alias": "name"})
    names = pd.concat([own, other])
    names["state"] = names["kind"] == "state_school"
    index = {
        (bool(row.state), simple(row.name_)): int(row.territory_id)
        for row in names.rename(columns={"name": "name_"}).itertuples()
    }
    found = {}
    for row in schools.to_dict("records"):
        state = not str(row["Тип подчинения"]).lower().startswith("муниц")
        name = row["Полное наименование"] if state else row["Муниципальное образование"]
        found.setdefault(row["ID ОО"], index.get((state, simple(name))))
    return pd.Series(found, dtype="float")


def _navigators(frame: pd.DataFrame, of_school: pd.Series, year: int) -> dict[str, pd.DataFrame]:
    frame = frame.drop_duplicates("ID педагога")
    frame = frame.assign(
        territory=frame["ID ОО"].map(of_school), cohort=frame["Год первого участия"].astype(int)
    )
    active = frame[frame["Статус"].isin(["активен", "активна"])]
    complete = (
        yes(active["Профиль заполнен"])
        & yes(active["Заявление на ПК прикреплено"])
        & yes(active["Согласие ОПД прикреплено"])
    )
    active = active.rename(columns={"ID педагога": "person"})
    return {
        "I-1": active[complete & active["cohort"].between(2021, 2023)],
        "I-2": active[active["cohort"] == year],
    }


def _pupils(frame: pd.DataFrame, of_school: pd.Series) -> pd.DataFrame:
    frame = frame.assign(
        territory=frame["ID ОО"].map(of_school),
        cohort=frame["Год первого участия"].astype(int),
        grade=frame["Класс"]
        .replace({"седьмой": "7"})
        .str.extract(r"(\d+)", expand=False)
        .astype(float),
        on=day(frame["Дата статуса"]),
    )
    # A class that does not exist is not taken, nor is what its pupil did (V-01, V-35).
    frame = frame[frame["grade"].isna() | frame["grade"].between(1, 11)]
    frame = frame.sort_values("on", ascending=False, na_position="last", kind="stable")
    return frame.drop_duplicates("ID обучающегося").rename(columns={"ID обучающегося": "person"})


def _attended(
    parts: pd.DataFrame,
    events: pd.DataFrame,
    pupils: pd.DataFrame,
    of_school: pd.Series,
    as_of: date,
) -> dict[str, pd.DataFrame]:
    on = day(events["Дата проведения"])
    last = min(pd.Timestamp(as_of), pd.Timestamp(as_of.year, 11, 18))
    counted = events[
        on.between(pd.Timestamp(as_of.year, 1, 1), last)
        & (events["Статус"] == "проведено")
        & (events["Формат"] == "очно")
        & events["Тип мероприятия"].str.lower().isin(TYPES)
    ].drop_duplicates("ID мероприятия")
    came = parts[parts["Статус"].str.startswith("участвовал")].rename(
        columns={"ID обучающегося": "person"}
    )
    columns = ["ID мероприятия", "Тип мероприятия", "Место: тип", "ID программы"]
    joined = came.merge(counted[columns], on="ID мероприятия")
    joined = joined.merge(pupils[["person", "territory"]], on="person")
    at_event = joined["ID ОО на дату"].map(of_school)
    joined["territory"] = at_event.fillna(joined["territory"])
    partner = joined["Место: тип"] == "площадка партнёра"
    place = (joined["Место: тип"] == "площадка профпроб") | (
        partner & joined["ID программы"].notna()
    )
    trial = joined["Тип мероприятия"] == "профпроба"
    return {"I-5": joined[trial & place], "I-6": joined[partner]}


def compute(
    incoming: Path, seeds: Path, as_of: date, engine: str = "openpyxl"
) -> dict[tuple[int, str], int]:
    """All facts of the date; territory 0 is the region's distinct persons."""
    of_school = territories(read(incoming, "P01", as_of, engine), seeds)
    people = _navigators(read(incoming, "P02", as_of, engine), of_school, as_of.year)
    pupils = _pupils(read(incoming, "P03", as_of, engine), of_school)
    in_grades = pupils["grade"].between(6, 11)
    people["I-3"] = pupils[
        in_grades
        & pupils["cohort"].between(2021, 2023)
        & (pupils["Статус участия 2024"] == "продолжает")
    ]
    new = pupils["cohort"] == as_of.year
    gone = pupils["Статус участия 2024"].str.startswith("удал")
    people["I-4"] = pupils[in_grades & new & ~gone]
    events, parts = (read(incoming, code, as_of, engine) for code in ("P04", "P05"))
    people |= _attended(parts, events, pupils, of_school, as_of)
    facts: dict[tuple[int, str], int] = {}
    for indicator, frame in people.items():
        known = frame.dropna(subset="territory")
        counts = known.groupby("territory")["person"].nunique()
        facts |= {(int(str(t).split(".")[0]), indicator): int(n) for t, n in counts.items()}
        facts[0, indicator] = int(known["person"].nunique())
    for total, parts_of in {"I-7": ("I-1", "I-2"), "I-8": ("I-3", "I-4")}.items():
        for territory in range(67):
            found = [facts.get((territory, part), 0) for part in parts_of]
            facts[territory, total] = sum(found)
    return facts


if __name__ == "__main__":
    result = compute(Path(sys.argv[1]), Path(sys.argv[2]), date.fromisoformat(sys.argv[3]))
    table = pd.Series(result).unstack().fillna(0).astype(int)
    table.to_excel(sys.argv[4], engine="openpyxl")
