"""From text to types, once, by the form's contract (decision 2 of the architecture).

What enters: a form version and a DuckDB connection. What leaves: a SQL select list that gives for
each column the typed value and, beside it, the text as read (`<name>__raw`). A text that cannot be
converted becomes NULL here and a finding in the rules, never a silent NULL.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

import duckdb

from ingest.forms import DEFAULT_BOOL_VALUES, Column, ColumnType, FormVersion
from ingest.sql import sql_text
from ingest.text import clean

# Both sides of every comparison of code words go through this pair of alphabets, so Latin
# look-alikes («B» for «В») and ё never make two words different (D-31, D-40).
_FOLD_FROM = "AaBCcEeHKkMOoPpTXxyYЁё‐‑–—−"
_FOLD_TO = "АаВСсЕеНКкМОоРрТХхуУЕе-----"
_LATIN = re.compile("[A-Za-z]")
_FOLD_TABLE = str.maketrans(_FOLD_FROM, _FOLD_TO)
_FOLD_DROP = str.maketrans("", "", "«»„“”\"'`")

_MONTHS = (
    ["янв", "фев", "мар", "апр", "ма[йя]", "июн", "июл", "авг", "сен", "окт", "ноя", "дек"],
    range(1, 13),
)
_ROMAN = {"i": 1, "ii": 2, "iii": 3, "iv": 4, "v": 5, "vi": 6, "vii": 7, "viii": 8, "ix": 9}
_ROMAN |= {"x": 10, "xi": 11, "xii": 12}
_WORDS = [
    *("первый", "второй", "третий", "четвертый", "пятый", "шестой", "седьмой", "восьмой"),
    *("девятый", "десятый", "одиннадцатый", "двенадцатый"),
]

# Dates outside are placeholders or slips of a digit (D-26).
FIRST_YEAR, LAST_YEAR = 1920, 2100

_DAY_FIRST = r"^\d{1,2}[./-]\d{1,2}[./-]\d{4}( ?г\.?)?$"
_DAY_FIRST_SHORT = r"^\d{1,2}[./-]\d{1,2}[./-]\d{2}( ?г\.?)?$"
_DAY_FIRST_TIME = r"^\d{1,2}\.\d{1,2}\.\d{4},? \d{1,2}:\d{2}(:\d{2})?$"
_ISO = r"^\d{4}-\d{2}-\d{2}([ T]\d{2}:\d{2}(:\d{2}(\.\d+)?)?)?$"
_ISO_ZONE = r"^\d{4}-\d{2}-\d{2}[ T]\d{2}:\d{2}(:\d{2}(\.\d+)?)?(Z|[+-]\d{2}:?\d{2})$"
_SERIAL = r"^[345]\d{4}(\.\d+)?$"  # 1982 to 2064: birth dates are among them
_WORD_DATE = r"^(\d{1,2}) ?([а-я]{3})[а-я]*\.? (\d{4}) ?(г\.?|года)?$"


def fold_code(text: str) -> str:
    """How a code word is compared; equals the SQL macro `bvb_fold`."""
    return clean(text).translate(_FOLD_TABLE).translate(_FOLD_DROP).lower().strip(" .")


def _month_case(expression: str) -> str:
    whens = " ".join(
        f"when regexp_matches({expression}, '^{stem}') then {number}"
        for stem, number in zip(*_MONTHS, strict=True)
    )
    return f"case {whens} end"


def _date_macros() -> list[str]:
    part = "regexp_extract({0}, '{1}', {2})"
    word_day, word_month, word_year = (part.format("lower(t)", _WORD_DATE, n) for n in (1, 2, 3))
    dotted = "regexp_replace(regexp_replace(t, ' ?г\\.?$', ''), '[/-]', '.', 'g')"
    return [
        f"""bvb_day(t) as case
            when t is null then null
            when regexp_matches(t, '{_ISO}') then try_cast(left(t, 10) as date)
            when regexp_matches(t, '{_DAY_FIRST}')
                then cast(try_strptime({dotted}, '%d.%m.%Y') as date)
            when regexp_matches(t, '{_DAY_FIRST_SHORT}')
                then cast(try_strptime({dotted}, '%d.%m.%y') as date)
            when regexp_matches(t, '{_DAY_FIRST_TIME}')
                then cast(try_strptime(split_part(replace(t, ',', ''), ' ', 1), '%d.%m.%Y') as date)
            when regexp_matches(t, '{_SERIAL}')
                then date '1899-12-30' + cast(trunc(cast(t as double)) as integer)
            when regexp_matches(lower(t), '{_WORD_DATE}') then try_cast(
                {word_year} || '-' || lpad(cast({_month_case(word_month)} as varchar), 2, '0')
                || '-' || lpad({word_day}, 2, '0') as date)
            end""",
        f"""bvb_date(t) as case
            when year(bvb_day(t)) between {FIRST_YEAR} and {LAST_YEAR} then bvb_day(t) end""",
        f"""bvb_moment(t) as case
            when t is null then null
            when regexp_matches(t, '{_ISO_ZONE}')
                then try_cast(t as timestamptz) at time zone 'Europe/Moscow'
            when regexp_matches(t, '{_ISO}') then try_cast(t as timestamp)
            when regexp_matches(t, '{_DAY_FIRST_TIME}') then try_strptime(
                replace(t, ',', ''), ['%d.%m.%Y %H:%M', '%d.%m.%Y %H:%M:%S'])
            when regexp_matches(t, '{_SERIAL}') then timestamp '1899-12-30 00:00:00'
                + to_seconds(cast(round(cast(t as double) * 86400) as bigint))
            else cast(bvb_date(t) as timestamp) end""",
        f"""bvb_ts(t) as case
            when year(bvb_moment(t)) between {FIRST_YEAR} and {LAST_YEAR}
                then bvb_moment(t) end""",
    ]


def _part_macro() -> str:
    """`bvb_day_parts`: year, month and day as numbers, of days that do not exist, too."""

    def parts(text: str, pattern: str, year: str, order: tuple[int, int, int]) -> str:
        y, m, d = (f"try_cast(regexp_extract({text}, '{pattern}', {n}) as integer)" for n in order)
        return f"{{'y': {year.format(y)}, 'm': {m}, 'd': {d}}}"

    iso, day_first = r"^(\d{4})-(\d{1,2})-(\d{1,2})", r"^(\d{1,2})[./-](\d{1,2})[./-](\d{4,})"
    short = r"^(\d{1,2})[./-](\d{1,2})[./-](\d{2})([^\d]|$)"
    century = "{0} + case when {0} < 69 then 2000 else 1900 end"  # as `%y` takes it
    month = _month_case(f"regexp_extract(lower(t), '{_WORD_DATE}', 2)")
    words = parts("lower(t)", _WORD_DATE, "{}", (3, 2, 1))
    return f"""bvb_day_parts(t) as case
        when regexp_matches(t, '{iso}') then {parts("t", iso, "{}", (1, 2, 3))}
        when regexp_matches(t, '{day_first}') then {parts("t", day_first, "{}", (3, 2, 1))}
        when regexp_matches(t, '{short}') then {parts("t", short, century, (3, 2, 1))}
        when regexp_matches(lower(t), '{_WORD_DATE}') and {month} is not null
            then struct_update({words}, m := {month}) end"""


def _grade_macros() -> list[str]:
    roman = " ".join(f"when '{k}' then {v}" for k, v in _ROMAN.items())
    words = " ".join(f"when '{w}' then {n}" for n, w in enumerate(_WORDS, 1))
    return [
        rf"""bvb_grade(t) as case
            when regexp_matches(t, '^\d{{4}}-\d{{2}}-\d{{2}}')
                then try_cast(substr(t, 9, 2) as bigint)
            when regexp_matches(lower(t), '^\d{{1,2}}($|[^\d])')
                and not regexp_matches(t, '^\d+[.,]\d{{2,}}|[;/+&].*\d|[^\d],.*\d|, .*\d')
                then try_cast(regexp_extract(t, '^\d{{1,2}}') as bigint)
            else case lower(regexp_extract(trim(t), '^[IVXivx]+')) {roman}
                else case regexp_extract(bvb_fold(t), '^[а-я]+') {words} end end end""",
        # Most classes are written «7А»: only the others need the long way.
        rf"""bvb_letter(t) as case when regexp_matches(t, '^\d{{1,2}}[А-Яа-я]$')
            then upper(right(t, 1)) else nullif(upper(translate(regexp_extract(
            regexp_replace(
                case when regexp_matches(t, '^\d{{4}}-\d{{2}}-\d{{2}}')
                    then '0-' || cast(try_cast(substr(t, 6, 2) as integer) as varchar)
                    else t end, '(класс|кл\.?|корр\.?)', '', 'gi'),
            '^([0-9]{{1,2}}|[IVXivx]{{1,4}})[ .,\-]*["«“'']?([А-Яа-яЁёA-Za-z]|[0-9]{{1,2}})?', 2),
            '{_FOLD_FROM}', '{_FOLD_TO}')), '') end""",
    ]


def _number_macros() -> list[str]:
    return [
        r"""bvb_int(t) as case
            when regexp_matches(t, '^-?\d+$') then try_cast(t as bigint)
            when regexp_matches(lower(t), '^-?\d{1,3}( ?\d{3})*([.,]0{1,2})?( ?(чел|шт|ед)\.?)?$')
                then try_cast(regexp_replace(
                    regexp_replace(lower(t), '([.,]0{1,2})?( ?(чел|шт|ед)\.?)?$', ''),
                    ' ', '', 'g') as bigint)
            end""",
        """bvb_inn_digit(t, w) as list_sum(list_transform(range(1, len(w) + 1),
            lambda i: w[i] * cast(substr(t, i, 1) as integer))) % 11 % 10""",
        """bvb_inn_valid(t) as case len(t)
            when 10 then bvb_inn_digit(t, [2,4,10,3,5,9,4,6,8]) = cast(substr(t, 10, 1) as integer)
            when 12 then
                bvb_inn_digit(t, [7,2,4,10,3,5,9,4,6,8]) = cast(substr(t, 11, 1) as integer)
                and bvb_inn_digit(t, [3,7,2,4,10,3,5,9,4,6,8]) = cast(substr(t, 12, 1) as integer)
            else false end""",
        r"""bvb_inn(t) as case when regexp_matches(t, '^\d{9,12}$') and t not like '00%' then case
            when bvb_inn_valid(t) then t
            when len(t) in (9, 11) and bvb_inn_valid('0' || t) then '0' || t end end""",
    ]


def _macros() -> list[str]:
    folding = f"""bvb_fold(t) as trim(lower(regexp_replace(
            translate(t, '{_FOLD_FROM}', '{_FOLD_TO}'), '[«»„“”"''`]', '', 'g')), ' .')"""
    return [folding, *_date_macros(), _part_macro(), *_number_macros(), *_grade_macros()]


def install_macros(con: duckdb.DuckDBPyConnection) -> None:
    """Create the conversion macros on a connection; calling it twice changes nothing."""
    for macro in _macros():
        con.execute(f"create or replace temp macro {macro}")


def _quoted(words: Iterable[str]) -> str:
    return ", ".join(map(sql_text, words))


def _lookup(codes: dict[str, str], text: str) -> str:
    return f"map([{_quoted(codes)}], [{_quoted(codes.values())}])[{text}]"


def _code_of(values: dict[str, tuple[str, ...]], raw: str) -> str:
    """SQL that finds the code of a word: as printed, else by its Latin letters, else folded.

    Nearly every cell holds a word as printed, and only the others are worth folding: `coalesce`
    goes on with those alone, which a list of conditions on the folded text would not.
    """
    pairs = [(word, code) for code, words in values.items() for word in words]
    printed: dict[str, str] = {}  # the first code that claims a word keeps it
    latin: dict[str, str] = {}
    folded: dict[str, str] = {}
    for word, code in pairs:
        printed.setdefault(word, code)
        folded.setdefault(fold_code(word), code)
        if _LATIN.search(word):
            # Words with Latin letters as they are, too: folded, «38B» would meet «38в».
            latin.setdefault(word.lower(), code)
    steps = [_lookup(printed, raw)]
    steps += [_lookup(latin, f"lower({raw})")] if latin else []
    return f"coalesce({', '.join(steps)}, {_lookup(folded, f'bvb_fold({raw})')})"


def _bool(raw: str) -> str:
    return f"cast({_code_of(DEFAULT_BOOL_VALUES, raw)} as boolean)"


def cast_expression(column: Column, raw: str) -> str:
    """SQL that converts the text expression `raw` to the column's type, NULL if it cannot."""
    match column.type:
        case ColumnType.ENUM:
            return _code_of(column.values, raw)
        case ColumnType.BOOL:
            return _bool(raw)
        case ColumnType.DATE | ColumnType.TS | ColumnType.INT | ColumnType.GRADE | ColumnType.INN:
            return f"bvb_{column.type}({raw})"
        case ColumnType.URL:
            return f"case when regexp_matches({raw}, '^https?://[^ ]+$') then {raw} end"
        case ColumnType.EMAIL:
            pattern = "^[^@ ]+@[^@ ]+\\.[^@ .]+$"
            return f"case when regexp_matches({raw}, '{pattern}') then lower({raw}) end"
        case _:
            return raw


def typed_select(version: FormVersion) -> str:
    """Select list over a parsed table: `<name>` typed, `<name>__raw` text, `<name>_letter`."""
    parts: list[str] = []
    for column in version.columns:
        raw = f'"{column.name}"'
        parts.append(f"{cast_expression(column, raw)} as {raw}")
        if column.type is ColumnType.GRADE:
            parts.append(f'bvb_letter({raw}) as "{column.name}_letter"')
        parts.append(f'{raw} as "{column.name}__raw"')
    return ",\n    ".join(parts)
