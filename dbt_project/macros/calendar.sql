{# Working days. Every argument is an alias of `int_calendar`; the same four questions are answered
   by `ingest/calendar.py`, and a test compares both over every day of the calendar. #}

{# Working days in (from, to]; negative when `to` is earlier. #}
{% macro working_days_between(from_day, to_day) -%}
    ({{ to_day }}.working_day_number - {{ from_day }}.working_day_number)
{%- endmacro %}

{# How many working days late something done on `to_day` is, never below 0. A day off counts as the
   working day after it: what was done on the Saturday after the third working day is late (Q-04). #}
{% macro working_days_until(from_day, to_day) -%}
    case
        when {{ to_day }}.date_day <= {{ from_day }}.date_day then 0
        else {{ to_day }}.reached_working_day - {{ from_day }}.working_day_number
    end
{%- endmacro %}

{# Whether `day` is the n-th working day after `from_day`, the day itself not counted. #}
{% macro is_nth_working_day(day, from_day, n) -%}
    ({{ day }}.is_working and {{ day }}.working_day_number = {{ from_day }}.working_day_number + {{ n }})
{%- endmacro %}

{# Whether `day` is the day to which a due date moves: itself, or the next working day (Q-03). #}
{% macro is_grace_day(day, due_day) -%}
    ({{ day }}.is_working and {{ day }}.working_day_number = {{ due_day }}.reached_working_day)
{%- endmacro %}
