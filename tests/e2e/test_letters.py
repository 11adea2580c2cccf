"""Letters of the small region after a real run: everybody gets her own, and nobody's child."""

from __future__ import annotations

import os
import re
import shutil
from datetime import date

import duckdb
import pytest
from click.testing import CliRunner

from bvb.commands.letters import command
from desk.letters.plan import Asked, Plan, make_plan
from ingest.settings import Settings
from tests.conftest import Region

DAY = date(2024, 10, 4)  # the day after the freeze of September, and after its deadline
ROLES = ("coordinator", "head")


@pytest.fixture(scope="module")
def settings(region: Region, tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """The region with an address book, without changing it for others."""
    data = tmp_path_factory.mktemp("letters") / "data"
    shutil.copytree(region.data_dir, data, symlinks=True, copy_function=os.link)
    lines = [f"T{n},{role},{role}{n}@mo.example" for n in range(1, 67) for role in ROLES]
    lines += [
        f"{code},coordinator,{code}@mo.example" for code in ("operator", "ministry", "platform")
    ]
    (data / "addresses.csv").write_text("\n".join(["code,role,address", *lines]), encoding="utf-8")
    return Settings(data)


@pytest.fixture(scope="module")
def plan(settings: Settings) -> Plan:
    return make_plan(settings, Asked(DAY))


def test_every_sender_gets_one_answer_with_her_own_workbook(plan: Plan) -> None:
    answers = {p.letter.to.code: p.letter for p in plan.letters if p.letter.kind == "answer"}
    assert {f"T{n:02d}" for n in range(1, 67)} <= set(answers)
    for code, letter in answers.items():
        # Her answer, and her files with marks if they hold no personal data.
        assert {path.parent.name for path in letter.attachments} == {code}
        names = {path.name.split("__", 1)[0] for path in letter.attachments}
        assert "Ответ" in names <= {"Ответ", "Проверено"}


def test_every_received_file_has_its_receipt_in_a_letter(settings: Settings, plan: Plan) -> None:
    text = "\n".join(planned.letter.text for planned in plan.letters)
    numbers = set(re.findall(r"Квитанция № ([0-9A-F-]{19})", text))
    query = f"select distinct delivery_id from '{settings.accepted}/*/deliveries.parquet'"
    ids = {row[0] for row in duckdb.sql(query).fetchall()}
    assert {number.replace("-", "").lower() for number in numbers} == ids


def test_no_letter_names_a_pupil(settings: Settings, plan: Plan) -> None:
    query = f"""
        select distinct last_name || ' ' || first_name
        from read_parquet('{settings.accepted}/*/restricted/P03.parquet')
        where last_name is not null and first_name is not null"""
    names = {row[0] for row in duckdb.sql(query).fetchall()}
    assert len(names) > 100
    texts = "\n".join(f"{p.letter.subject}\n{p.letter.text}" for p in plan.letters)
    assert [name for name in names if name in texts] == []
    assert not re.search(r"\d\d\.\d\d\.(199|200|201)\d", texts)  # birth dates


def test_the_ministry_gets_one_digest_and_not_a_letter_a_territory(plan: Plan) -> None:
    kinds = [p.letter.kind for p in plan.letters if p.letter.to.code == "ministry"]
    assert kinds == ["digest"]


def test_the_command_shows_everything_and_sends_nothing(settings: Settings, plan: Plan) -> None:
    arguments = ["--on", f"{DAY}", "--data", f"{settings.data_dir}"]
    shown = CliRunner().invoke(command, arguments).output
    for planned in plan.letters:
        assert planned.letter.text in shown
    assert shown.count("Тема: ") == len(plan.letters)
    assert f"Ушло бы писем: {len(plan.letters)}" in shown
    assert not (settings.outcomes / "letters").exists()
    only = CliRunner().invoke(command, [*arguments, "--to", "T14", "--brief"]).output
    assert set(re.findall(r"\w+@", only)) == {"coordinator14@", "head14@"}


def test_sending_without_a_connection_says_what_to_set_up(settings: Settings) -> None:
    result = CliRunner().invoke(
        command, ["--on", f"{DAY}", "--send", "--data", f"{settings.data_dir}"]
    )
    assert result.exit_code == 1
    assert "соединение bvb_mail" in result.output
