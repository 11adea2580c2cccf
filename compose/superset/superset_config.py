"""Superset in a container: its database and secrets come from files that compose mounts."""

from pathlib import Path


def secret(name: str) -> str:
    """A secret's text."""
    return Path("/run/secrets", name).read_text(encoding="utf-8").strip()


SECRET_KEY = secret("superset_secret_key")
SQLALCHEMY_DATABASE_URI = (
    f"postgresql+psycopg2://superset:{secret('superset_db_password')}@metadata-db:5432/superset"
)
BABEL_DEFAULT_LOCALE = "ru"
LANGUAGES = {"ru": {"flag": "ru", "name": "Русский"}, "en": {"flag": "us", "name": "English"}}
# Figures and dates as people here write them.
D3_FORMAT = {"decimal": ",", "thousands": "\u00a0", "grouping": [3], "currency": ["", " ₽"]}
SUPERSET_WEBSERVER_TIMEOUT = 120
TALISMAN_ENABLED = True
