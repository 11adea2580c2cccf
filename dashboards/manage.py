"""Superset's dashboards from the files of `assets/`: set up, put in, compare, serve.

What enters: `assets/` and the environment (secrets as in `superset_config.py`). What leaves: a
Superset that holds what the files say. Runs in Superset's own environment; reading and writing the
files is done by Superset's own import and export.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import yaml

HERE = Path(__file__).resolve().parent
ASSETS = HERE / "assets"
DATABASE = "databases/bvb.yaml"
# Whoever only reads: what Superset's role Gamma may, and the one database; no SQL Lab.
READER = "bvb_reader"
ADMIN = "admin"
# What Superset adds to a file when it writes it, with the value that means «nothing said».
SAID_NOTHING: dict[str, Any] = {
    "is_active": True, "groupby": True, "filterable": True, "filter_select_enabled": True,
    "is_dttm": False, "is_managed_externally": False, "normalize_columns": False,
    "always_filter_main_dttm": False, "offset": 0, "impersonate_user": False,
    "configuration_method": "sqlalchemy_form", "folders": None, "force_ctas_schema": None,
}  # fmt: skip
# Numbers that each Superset gives anew; files know things by their uuid.
NUMBERS = {"chartId", "datasource", "datasetId", "slice_id", "timestamp", "id_of_database"}


class DashboardsDiffer(Exception):
    """Superset holds something other than the files."""


def read_assets() -> dict[str, str]:
    """Text of every file by its path below `assets/`."""
    return {
        path.relative_to(ASSETS).as_posix(): path.read_text(encoding="utf-8")
        for path in sorted(ASSETS.rglob("*.yaml"))
    }


def with_address(text: str) -> str:
    """The database's file with the address of this installation, still without a password."""
    from sqlalchemy.engine import make_url

    database = yaml.safe_load(text)
    url = make_url(database["sqlalchemy_uri"]).set(
        host=os.environ.get("BVB_DATABASE_HOST", "postgres"),
        port=int(os.environ.get("BVB_DATABASE_PORT", "5432")),
        database=os.environ.get("BVB_DATABASE_NAME", "bvb"),
    )
    database["sqlalchemy_uri"] = url.render_as_string(hide_password=False)
    return str(yaml.safe_dump(database, allow_unicode=True, sort_keys=False))


@contextmanager
def superset() -> Iterator[Callable[[str], str]]:
    """Superset itself, in this process, as its administrator; gives what reads secrets."""
    from superset.app import create_app

    app = create_app()
    with app.app_context():
        from superset import security_manager
        from superset.utils.core import override_user

        with override_user(security_manager.find_user(username=ADMIN)):
            yield app.config["READ_SECRET"]


def prepare() -> None:
    """Tables, roles and the administrator of Superset; the secret is what the password becomes."""
    command = f"{Path(sys.executable).with_name('superset')}"
    subprocess.run([command, "db", "upgrade"], check=True)
    subprocess.run([command, "init"], check=True)
    with superset() as secret:
        from superset import db, security_manager

        # Not by the command line: what stands there is seen by every process of the machine.
        password = secret("SUPERSET_ADMIN_PASSWORD")
        admin = security_manager.find_user(username=ADMIN)
        if admin:
            security_manager.reset_password(admin.id, password)
        else:
            role = security_manager.find_role("Admin")
            name = ("Администратор", "BI", "admin@localhost")
            security_manager.add_user(ADMIN, *name, role, password=password)
        db.session.commit()


def put_in() -> None:
    """Put the files into Superset; what is there under the same uuid is replaced."""
    contents = read_assets()
    contents[DATABASE] = with_address(contents[DATABASE])
    with superset() as secret:
        from superset.commands.importers.v1.assets import ImportAssetsCommand

        password = secret("BVB_REPORT_PASSWORD")
        ImportAssetsCommand(contents, passwords={DATABASE: password}).run()
        _open_to_readers(str(yaml.safe_load(contents[DATABASE])["uuid"]))
    print(f"Загружено файлов: {len(contents)}.")


def _open_to_readers(uuid: str) -> None:
    """Make the readers' role: it sees the database behind the dashboards."""
    from superset import db, security_manager
    from superset.models.core import Database

    database = db.session.query(Database).filter_by(uuid=uuid).one()
    role = security_manager.add_role(READER)
    view = security_manager.add_permission_view_menu("database_access", database.perm)
    role.permissions = [*security_manager.find_role("Gamma").permissions, view]
    db.session.commit()


def plain(value: Any) -> Any:
    """A file's content without numbers of the installation and without what says nothing."""
    if isinstance(value, Mapping):
        kept = {
            key: plain(item)
            for key, item in value.items()
            if key not in NUMBERS and not (key in SAID_NOTHING and item == SAID_NOTHING[key])
        }
        return {key: item for key, item in kept.items() if item not in (None, "", [], {})}
    if isinstance(value, list):
        return [plain(item) for item in value]
    return value.strip() if isinstance(value, str) else value


def by_uuid(contents: Mapping[str, str]) -> dict[str, Any]:
    """What each file says, by its uuid: names of files are a matter of taste."""
    read = [yaml.safe_load(text) for text in contents.values()]
    things = {str(thing["uuid"]): plain(thing) for thing in read if "uuid" in thing}
    for thing in things.values():
        # Where the database is belongs to the installation.
        thing.pop("sqlalchemy_uri", None)
        # Superset writes the columns of a dataset in any order.
        for listed, name in (("columns", "column_name"), ("metrics", "metric_name")):
            if listed in thing:
                thing[listed] = {item[name]: item for item in thing[listed]}
    return things


def differences(ours: Any, theirs: Any, place: str) -> Iterator[str]:
    """Places where two contents differ, with both values."""
    if isinstance(ours, dict) and isinstance(theirs, dict):
        for key in sorted({*ours, *theirs}, key=str):
            yield from differences(ours.get(key), theirs.get(key), f"{place} / {key}")
    elif isinstance(ours, list) and isinstance(theirs, list) and len(ours) == len(theirs):
        for number, (left, right) in enumerate(zip(ours, theirs, strict=True)):
            yield from differences(left, right, f"{place} / {number}")
    elif ours != theirs:
        yield f"{place}: в файлах {ours!r}, в Superset {theirs!r}"


def compare() -> None:
    """Say where Superset holds something other than the files.

    Raises:
        DashboardsDiffer: there is a difference; the message lists all.
    """
    with superset():
        from superset.commands.export.assets import ExportAssetsCommand

        exported = {name: content() for name, content in ExportAssetsCommand().run()}
    found = list(differences(by_uuid(read_assets()), by_uuid(exported), "assets"))
    if found:
        raise DashboardsDiffer(
            "В Superset не то, что в dashboards/assets:\n  " + "\n  ".join(found)
            + "\nПеренесите нужное в файлы или загрузите файлы заново: manage.py import."
        )  # fmt: skip
    print("В Superset то же, что в файлах.")


def serve() -> None:
    """Superset's web server on `SUPERSET_BIND` (127.0.0.1:8088), until it is stopped."""
    bind = os.environ.get("SUPERSET_BIND", "127.0.0.1:8088")
    # One process with threads: officers are few, and every further process takes 300 MB.
    options = ["-w", "1", "-k", "gthread", "--threads", "8", "--timeout", "120", "-b", bind]
    os.execv(
        sys.executable, [sys.executable, "-m", "gunicorn", *options, "superset.app:create_app()"]
    )


COMMANDS = {"prepare": prepare, "import": put_in, "compare": compare, "serve": serve}


def main() -> None:
    """`python dashboards/manage.py COMMAND…`: the commands one after another."""
    parser = argparse.ArgumentParser(description="Дашборды Superset из файлов dashboards/assets")
    parser.add_argument("commands", nargs="+", choices=COMMANDS, metavar="|".join(COMMANDS))
    os.environ.setdefault("SUPERSET_CONFIG_PATH", str(HERE / "superset_config.py"))
    os.environ.setdefault("FLASK_APP", "superset")
    os.environ.setdefault("SCARF_ANALYTICS", "false")
    for command in parser.parse_args().commands:
        COMMANDS[command]()


if __name__ == "__main__":
    main()
