"""Letters to the duty engineer and to the ministry, by a real mail server."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from bvb import approval_steps
from bvb.duty_steps import tell
from desk.letters.errors import MailServerUnavailable
from duty.health import Signal
from duty.notices import unwell
from ingest.runs import RunContext, make_run
from ingest.settings import MOSCOW, load_settings
from tests.dbt.golden import AS_OF, KNOWN_AT
from tests.letters.conftest import Post

NOTICE = unwell(Signal("server_behind", "v2", "на сервере v1, опубликовано v2, и так уже два часа"))
BOOK = ("operator,duty,duty@kuro.example", "ministry,coordinator,department@ministry.example")


@pytest.fixture
def data(tmp_path: Path) -> Path:
    (tmp_path / "addresses.csv").write_text("\n".join(("code,role,address", *BOOK)))
    return tmp_path


def test_a_notice_waits_for_a_mail_server_that_is_away_and_goes_once(
    data: Path, post: Post, connect: Callable[[], None]
) -> None:
    settings, port = load_settings(data), post.port
    post.port = 9  # nobody listens there
    connect()
    with pytest.raises(MailServerUnavailable):
        tell(settings, [NOTICE])
    kept = data / "outcomes" / "notices" / NOTICE.file_name
    assert NOTICE.subject in kept.read_text(encoding="utf-8")
    post.port = port
    connect()
    assert tell(settings, [NOTICE])["sent"] == 1
    assert tell(settings, [NOTICE]) == {"new": 0, "sent": 0}
    ((to, subject, text),) = post.texts()
    assert (to, subject) == ("duty@kuro.example", "Сервер PostgreSQL отстаёт от витрин")
    assert text.strip() == NOTICE.text


@pytest.fixture
def run(data: Path) -> RunContext:
    made = make_run(load_settings(data), AS_OF, KNOWN_AT.replace(tzinfo=MOSCOW))
    made.accepted_dir.mkdir(parents=True)
    row = {"order_id": "r-423-2024", "as_of": AS_OF, "load_id": "one"}
    pq.write_table(pa.Table.from_pylist([row]), made.accepted_dir / "run.parquet")
    names = ["reports/ministry_workbook__x.xlsx", "reports/progress_page__x.html", "reports/no.csv"]
    for name in names:
        path = data / name
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(name.encode())
    (made.outcomes_dir / "steps").mkdir(parents=True)
    (made.outcomes_dir / "steps" / "report.json").write_text(json.dumps({"files": names}))
    return made


def test_an_approved_report_goes_to_the_ministry_once_with_book_and_page(
    run: RunContext, post: Post, connect: Callable[[], None]
) -> None:
    connect()
    answer = {
        "chosen_options": [approval_steps.SEND],
        "responded_by_user": {"id": "1", "name": "officer"},
        "responded_at": "2024-12-05 06:00:00+00:00",
        "params_input": {"why": "сверено"},
    }
    approval_steps.remember(run, answer)
    assert approval_steps.send(run) == {"sent": True, "to": 1}
    assert not approval_steps.send(run)["sent"]
    assert approval_steps.remember(run, answer).sent_at
    (message,) = post.got
    assert message["To"] == "department@ministry.example"
    assert message["Subject"] == "«Билет в будущее»: отчёт на 30.11.2024"
    attached = {part.get_filename(): part.get_content_type() for part in message.iter_attachments()}
    assert {name.partition("__")[0] for name in attached} == {"ministry_workbook", "progress_page"}
    assert attached["progress_page__x.html"] == "text/html"
