"""Superset for the dashboards: in Russian, its metadata in PostgreSQL, nothing sent out.

What enters: the environment. A secret comes from the file that `<NAME>_FILE` names (a secret of
compose) or from `<NAME>` itself. What leaves: the settings that Superset reads at its start.
There is no PUBLIC_ROLE_LIKE on purpose: with it the interface takes a signed-in caller for a guest.
"""

from __future__ import annotations

import os
from pathlib import Path


def _secret(name: str) -> str:
    file = os.environ.get(f"{name}_FILE")
    value = Path(file).read_text(encoding="utf-8").strip() if file else os.environ.get(name, "")
    if not value:
        raise SystemExit(f"Superset: нет секрета {name}. Задайте {name}_FILE (файл) или {name}.")
    return value


READ_SECRET = _secret  # for manage.py: the web server does not need the other secrets
SECRET_KEY = _secret("SUPERSET_SECRET_KEY")
# Users, charts and settings of Superset itself; the data are elsewhere, see databases/bvb.yaml.
SQLALCHEMY_DATABASE_URI = _secret("SUPERSET_METADATA_URI")

BABEL_DEFAULT_LOCALE = "ru"
LANGUAGES = {"ru": {"flag": "ru", "name": "Русский"}}
D3_FORMAT = {"decimal": ",", "thousands": "\u00a0", "grouping": [3], "currency": ["", "\u00a0₽"]}
D3_TIME_FORMAT = {
    "dateTime": "%d.%m.%Y %H:%M:%S",
    "date": "%d.%m.%Y",
    "time": "%H:%M:%S",
    "periods": ["", ""],
    "days": ["воскресенье", "понедельник", "вторник", "среда", "четверг", "пятница", "суббота"],
    "shortDays": ["вс", "пн", "вт", "ср", "чт", "пт", "сб"],
    "months": [
        "январь", "февраль", "март", "апрель", "май", "июнь",
        "июль", "август", "сентябрь", "октябрь", "ноябрь", "декабрь",
    ],
    "shortMonths": [
        "янв", "фев", "мар", "апр", "май", "июн", "июл", "авг", "сен", "окт", "ноя", "дек",
    ],
}  # fmt: skip

# A publication replaces tables at once; what was asked before must not be shown after it.
_NO_CACHE = {"CACHE_TYPE": "NullCache"}
CACHE_CONFIG = DATA_CACHE_CONFIG = _NO_CACHE
FEATURE_FLAGS = {"DASHBOARD_RBAC": True, "ALERT_REPORTS": False}

# Behind the stack's own proxy with TLS the cookie is sent over TLS only.
SESSION_COOKIE_SECURE = os.environ.get("SUPERSET_BEHIND_TLS", "") == "1"
ENABLE_PROXY_FIX = SESSION_COOKIE_SECURE
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
WTF_CSRF_ENABLED = True
TALISMAN_ENABLED = True

# The default policy lets every page report to the makers' counter: here nothing leaves the house.
_CONTENT_POLICY = {
    "base-uri": ["'self'"],
    "default-src": ["'self'"],
    "img-src": ["'self'", "blob:", "data:"],
    "worker-src": ["'self'", "blob:"],
    "connect-src": ["'self'"],
    "object-src": "'none'",
    "style-src": ["'self'", "'unsafe-inline'"],
    "script-src": ["'self'", "'strict-dynamic'"],
}
TALISMAN_CONFIG = {
    "content_security_policy": _CONTENT_POLICY,
    "content_security_policy_nonce_in": ["script-src"],
    "force_https": False,  # TLS ends at the stack's proxy
    "session_cookie_secure": SESSION_COOKIE_SECURE,
}
