"""Letters through a real server on this machine: what arrives, and what a bad server does to it."""

from __future__ import annotations

import json
import smtplib
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import date
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path

import pytest

from desk.letters import send as sending
from desk.letters.errors import MailServerUnavailable
from desk.letters.message import build_message
from desk.letters.plan import Asked, make_plan
from desk.letters.send import Pass, deliver
from tests.letters.conftest import Post
from tests.letters.world import World, at

DAY = date(2024, 11, 6)
NOW = at("2024-11-06", 7)
CHILD = "Канареечкина Аграфена"
CODES = (14, 15, 16)


class PlainMailbox:
    """A mailbox on `smtplib` alone."""

    sender = "bvb@mo.example"

    def __init__(self, port: int) -> None:
        self.port = port
        self.reconnect()

    def send(self, message: EmailMessage, addresses: tuple[str, ...]) -> sending.Refusals:
        return self.client.send_message(message, self.sender, addresses)

    def reconnect(self) -> None:
        self.client = smtplib.SMTP("127.0.0.1", self.port, timeout=10)


@pytest.fixture
def busy(world: World) -> World:
    """Three territories with a file each, an answer each and a deadline today."""
    findings = []
    for code in CODES:
        came = world.file("M11", code, "2024-09", at("2024-11-01"), name=f"Сводка {code}.xlsx")
        world.verdict(came, "M11", code, "partially_accepted", n_received=3, n_accepted=2,
                      n_rejected=1)  # fmt: skip
        findings.append({"delivery_id": came, "form_code": "M11", "rule_id": "V-1",
                         "severity": "reject", "message": CHILD, "value": CHILD})  # fmt: skip
        world.address(f"T{code}", "coordinator", f"k{code}@mo.example")
        world.address(f"T{code}", "head", f"h{code}@mo.example")
    world.file("M08", 14, "2024-09", at("2024-11-02"), blocked="Файл защищён паролем",
               name=f"{CHILD}.xlsx")  # fmt: skip
    world.address("operator", "coordinator", "kuro@mo.example")
    world.address("ministry", "coordinator", "min@mo.example")
    world.address("desk", "reply_to", "files@mo.example")
    world.run(date(2024, 10, 31), at("2024-11-04"), findings)
    return world


def _deliver(world: World, post: Post, day: date = DAY) -> Pass:
    return deliver(world.settings, Asked(day), NOW, PlainMailbox(post.port))


def _entries(world: World) -> list[dict[str, str]]:
    paths = (world.settings.outcomes / "letters" / "sent").rglob("*.json")
    return [json.loads(path.read_text(encoding="utf-8")) for path in paths]


def _outcome(world: World) -> list[dict[str, str]]:
    path = world.settings.outcomes / "letters" / f"{DAY}.json"
    rows: list[dict[str, str]] = json.loads(path.read_text(encoding="utf-8"))["letters"]
    return rows


def test_what_a_dry_run_shows_is_what_arrives(busy: World, post: Post) -> None:
    plan = make_plan(busy.settings, Asked(DAY))
    shown = [(", ".join(p.addresses), p.letter.subject, p.letter.text) for p in plan.letters]
    assert {p.letter.kind for p in plan.letters} == {
        "reminder", "answer", "receipt", "escalation", "digest"
    }  # fmt: skip
    done = _deliver(busy, post)
    assert post.texts() == shown
    assert done.counts()["sent"] == len(shown)
    assert make_plan(busy.settings, Asked(DAY)).letters == ()


def test_a_message_says_what_programs_need(busy: World, post: Post) -> None:
    _deliver(busy, post)
    message = next(m for m in post.got if "ответ на файлы" in m["Subject"])
    assert message["From"] == "bvb@mo.example"
    assert message["Reply-To"] == "files@mo.example"
    assert message["Auto-Submitted"] == "auto-generated"
    assert message["Date"] == "Wed, 06 Nov 2024 07:00:00 +0300"
    assert message["Message-ID"].endswith("@mo.example>")
    (attachment,) = message.iter_attachments()
    assert attachment.get_filename() == "Ответ__T14__2024-10-31.xlsx"
    assert attachment.get_content() == b"answer of T14"


def test_texts_of_any_length_keep_their_spaces(busy: World, tmp_path: Path) -> None:
    """Python 3.11 loses some where it folds a long Russian header."""
    planned = make_plan(busy.settings, Asked(DAY)).letters[0]
    for length in range(5, 200, 3):
        text = ("Жуковский — ответ на файлы до " * 8)[:length].strip()
        path = tmp_path / f"{text[:100]}.xlsx"
        path.write_bytes(b"rows")
        letter = replace(planned.letter, subject=text, attachments=(path,))
        made = bytes(build_message(replace(planned, letter=letter), "a@mo.example", NOW))
        read = message_from_bytes(made, policy=policy.default)
        assert read["Subject"] == text
        assert [part.get_filename() for part in read.iter_attachments()] == [path.name]
        assert max(map(len, made.split(b"\r\n"))) < 100


def test_the_same_letter_is_the_same_bytes(busy: World) -> None:
    def made() -> list[bytes]:
        plan = make_plan(busy.settings, Asked(DAY))
        return [bytes(build_message(p, "a@mo.example", NOW, ())) for p in plan.letters]

    assert made() == made()


def test_no_letter_names_a_child(busy: World, post: Post) -> None:
    """Only the sender reads the name that she gave her own file."""
    _deliver(busy, post)
    named = [to for to, subject, text in post.texts() if CHILD in subject + text]
    assert named == ["k14@mo.example"]
    (to_her,) = (text for to, _, text in post.texts() if CHILD in text)
    assert to_her.count(CHILD) == to_her.count(f"{CHILD}.xlsx")
    outcome = (busy.settings.outcomes / "letters" / f"{DAY}.json").read_text(encoding="utf-8")
    assert CHILD not in outcome


def test_a_refused_address_is_told_and_not_tried_again_until_it_is_mended(
    busy: World, post: Post
) -> None:
    post.replies["k14@mo.example"] = "550 5.1.1 No such user"
    done = _deliver(busy, post)
    assert {p.letter.to.code for p, _ in done.refused} == {"T14"}
    assert {detail for _, detail in done.refused} == {"550 5.1.1 No such user"}
    assert [m["To"] for m in post.got if m["To"].startswith("k15")]  # nobody else waits for her
    held = [item for item in make_plan(busy.settings, Asked(DAY)).held if item.reason == "refused"]
    assert {item.words for item in held} == {
        "почтовый сервер отказал этому адресу: 550 5.1.1 No such user"
    }
    busy.addresses = [line for line in busy.addresses if line[2] != "k14@mo.example"]
    busy.address("T14", "coordinator", "new14@mo.example")
    assert {p.addresses for p in make_plan(busy.settings, Asked(DAY)).letters} == {
        ("new14@mo.example",)
    }


def test_a_server_that_asks_to_come_again_gets_the_letter_on_the_next_pass(
    busy: World, post: Post
) -> None:
    post.replies["k15@mo.example"] = "450 4.2.0 Greylisted"
    done = _deliver(busy, post)
    assert {p.letter.to.code for p, _ in done.later} == {"T15"}
    waiting = len(done.later)
    post.replies.clear()
    post.got.clear()
    assert _deliver(busy, post).counts()["sent"] == waiting == len(post.got)
    assert {m["To"] for m in post.got} == {"k15@mo.example"}


def test_one_address_of_two_may_be_wrong(busy: World, post: Post) -> None:
    busy.address("T16", "coordinator", "second16@mo.example")
    post.replies["second16@mo.example"] = "550 No such user"
    done = _deliver(busy, post)
    assert done.refused == []
    entries = _entries(busy)
    details = {e["detail"] for e in entries if (e["code"], e["role"]) == ("T16", "coordinator")}
    assert details == {"second16@mo.example: 550 No such user"}


def test_a_connection_that_breaks_once_costs_nothing(busy: World, post: Post) -> None:
    expected = len(make_plan(busy.settings, Asked(DAY)).letters)
    post.drops = 1
    assert _deliver(busy, post).counts()["sent"] == expected == len(post.got)


def test_a_server_that_is_gone_ends_the_pass_and_the_next_one_finishes_it(
    busy: World, post: Post
) -> None:
    expected = len(make_plan(busy.settings, Asked(DAY)).letters)
    mailbox = PlainMailbox(post.port)
    hand_over = mailbox.send

    def send_two(message: EmailMessage, addresses: tuple[str, ...]) -> sending.Refusals:
        if len(post.got) == 2:
            post.drops = 2
        return hand_over(message, addresses)

    mailbox.send = send_two  # type: ignore[method-assign]
    with pytest.raises(MailServerUnavailable, match=f"take {expected - 2} more letters"):
        deliver(busy.settings, Asked(DAY), NOW, mailbox)
    states = [row["state"] for row in _outcome(busy)]
    assert (states.count("sent"), states.count("waiting")) == (2, expected - 2)
    _deliver(busy, post)
    assert len({m["Message-ID"] for m in post.got}) == len(post.got) == expected


def test_a_letter_whose_answer_was_lost_is_repeated_under_its_own_id(
    busy: World, post: Post
) -> None:
    expected = len(make_plan(busy.settings, Asked(DAY)).letters)
    post.losses = 1
    assert _deliver(busy, post).counts()["sent"] == expected
    assert len(post.got) == expected + 1
    assert len({m["Message-ID"] for m in post.got}) == expected


def test_two_passes_at_once_send_every_letter_once(busy: World, post: Post) -> None:
    expected = len(make_plan(busy.settings, Asked(DAY)).letters)
    with ThreadPoolExecutor(2) as pool:
        done = list(pool.map(lambda _: _deliver(busy, post).counts()["sent"], range(2)))
    assert sorted(done) == [0, expected]
    assert len(post.got) == expected


class Killed(BaseException):
    """What a killed process looks like from inside."""


def test_killed_after_the_server_took_a_letter_at_most_that_one_is_repeated(
    busy: World, post: Post, monkeypatch: pytest.MonkeyPatch
) -> None:
    expected = len(make_plan(busy.settings, Asked(DAY)).letters)
    write = sending.record

    def die_at_the_third(*arguments: object) -> None:
        if len(post.got) == 3:
            raise Killed
        write(*arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(sending, "record", die_at_the_third)
    with pytest.raises(Killed):
        _deliver(busy, post)
    monkeypatch.undo()
    _deliver(busy, post)
    ids = [m["Message-ID"] for m in post.got]
    assert len(ids) == expected + 1
    assert ids[2] == ids[3]
    assert len(set(ids)) == expected


def test_by_airflows_connection(
    busy: World, post: Post, connect: Callable[[], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    from bvb.letter_steps import ABOUT_FILES, send_or_lay_out

    monkeypatch.setenv("BVB_DATA_DIR", f"{busy.settings.data_dir}")
    laid_out = send_or_lay_out(DAY, ABOUT_FILES)
    plan = make_plan(busy.settings, Asked(DAY))
    assert (laid_out["is_connected"], laid_out["laid_out"]) == (False, len(plan.letters))
    texts = {p.name: p.read_text("utf-8") for p in (busy.settings.returned / "outbox").iterdir()}
    assert plan.letters[0].letter.text in texts["T14__coordinator__reminder.txt"]
    assert {row["state"] for row in _outcome(busy)} == {"waiting", "held"}
    assert post.got == []
    connect()
    assert send_or_lay_out(DAY, ABOUT_FILES) == {
        "is_connected": True, "sent": 4, "refused": 0, "later": 0
    }  # fmt: skip
    assert {m["From"] for m in post.got} == {"bvb@mo.example"}
    assert send_or_lay_out(DAY, ABOUT_FILES)["sent"] == 0


def test_a_server_that_does_not_answer_is_our_own_sentence(
    busy: World, post: Post, connect: Callable[[], None]
) -> None:
    from bvb.letter_steps import send

    post.port = 9  # nobody listens there
    connect()
    with pytest.raises(MailServerUnavailable, match=r"mail server to answer.*check the connection"):
        send(Asked(DAY), busy.settings)


def test_the_daily_watch_sends_by_the_connection(
    busy: World, post: Post, connect: Callable[[], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    from airflow.dag_processing.dagbag import DagBag

    from bvb.airflow import prepare

    prepare()
    monkeypatch.setenv("BVB_DATA_DIR", f"{busy.settings.data_dir}")
    connect()
    dags = Path(__file__).resolve().parents[2] / "dags"
    run = DagBag(str(dags)).dags["deadline_watch"].test(run_conf={"day": f"{DAY}"})
    states = {task.task_id: f"{task.state}" for task in run.get_task_instances()}
    assert states["send_letters"] == "success"
    assert {"reminder", "answer", "digest"} <= {entry["kind"] for entry in _entries(busy)}
    assert len(post.got) == len({m["Message-ID"] for m in post.got}) > 0
