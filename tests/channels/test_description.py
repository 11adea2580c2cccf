"""`channels.yml` and `senders.csv`: what is understood, and what is said about mistakes."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from channels.pull import words
from channels.senders import Placing, SendersNotUnderstood, load_senders
from channels.spec import ChannelsNotUnderstood, load_specs
from ingest.settings import Settings

ROOT = Path(__file__).resolve().parents[2]


def test_no_file_means_no_channel(tmp_path: Path) -> None:
    assert load_specs(Settings(tmp_path)) == {}
    (tmp_path / "channels.yml").write_text("# nothing yet\n", encoding="utf-8")
    assert load_specs(Settings(tmp_path)) == {}
    assert load_senders(Settings(tmp_path)).of_addresses(["a@b"]) is None


def test_the_example_of_the_documentation_is_understood(settings: Settings) -> None:
    text = (ROOT / "docs" / "channels.md").read_text("utf-8")
    example = text.split("```yaml", 1)[1].split("```", 1)[0]
    settings.channels_file.write_text(example, encoding="utf-8")
    specs = load_specs(settings)
    assert {spec.kind for spec in specs.values()} == {"folder", "sftp", "imap", "s3", "web"}


def test_a_line_that_is_no_yaml_is_numbered_and_not_quoted(settings: Settings) -> None:
    settings.channels_file.write_text("channels:\n  x: {a: b\n  password: hunter2: y\n")
    with pytest.raises(ChannelsNotUnderstood, match="line 3") as caught:
        load_specs(settings)
    assert "hunter2" not in f"{caught.value}"


@pytest.mark.parametrize(
    ("said", "found"),
    [
        ({"x": {"kind": "ftp", "connection": "c"}}, "'ftp'|ftp"),
        ({"x": {"kind": "sftp"}}, "connection"),
        ({"x": {"kind": "sftp", "connection": "c", "password": "hunter2"}}, "password"),
        ({"x": {"kind": "s3", "connection": "c"}}, "bucket"),
        ({"X Y": {"kind": "sftp", "connection": "c"}}, "X Y"),
        ({"folder": {"kind": "folder", "connection": "c"}}, "call the channel otherwise"),
        ({"x": {"kind": "sftp", "connection": "c", "max_mb": 0}}, "max_mb"),
        ({"x": {"kind": "sftp", "connection": "c", "sender_from": "("}}, "missing|unterminated"),
        ({"x": {"kind": "sftp", "connection": "c", "sender_from": "a"}}, "group"),
    ],
)
def test_a_mistake_is_named_and_never_quoted(
    said: dict[str, object], found: str, settings: Settings
) -> None:
    settings.channels_file.write_text(yaml.safe_dump({"channels": said}), encoding="utf-8")
    with pytest.raises(ChannelsNotUnderstood, match=found) as caught:
        load_specs(settings)
    assert "hunter2" not in f"{caught.value}"


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("address,territory\na@b,T14\n", "columns"),
        ("sender,folder\na@b,\n", "line 2"),
        ("sender,folder\na@b,T14\nA@B,T15\n", "line 3"),
        ("sender,folder\na@b\n", "line 2"),
    ],
)
def test_an_address_book_with_a_mistake_is_not_used(
    text: str, found: str, settings: Settings
) -> None:
    settings.senders_file.write_text(text, encoding="utf-8")
    with pytest.raises(SendersNotUnderstood, match=found):
        load_senders(settings)


def test_an_address_book_of_excel_is_read(settings: Settings) -> None:
    settings.senders_file.write_text("sender,folder\r\na@b,T14\r\n", encoding="utf-8-sig")
    assert load_senders(settings).of_addresses(["A@B"]) == "T14"


@pytest.mark.parametrize(
    ("path", "source"),
    [
        ("../../T14/a.csv", "T14/a.csv"),
        ("/T14//./a.csv", "T14/a.csv"),
        ("T14/a\n.csv", "T14/a_.csv"),
        ("login-16/../a.csv", "T16/a.csv"),
        ("a.csv", "a.csv"),
    ],
)
def test_paths_that_climb_lead_down_only(path: str, source: str, settings: Settings) -> None:
    assert Placing(load_senders(settings)).source(path) == source


def test_every_reason_has_words_and_every_word_a_reason() -> None:
    code = "".join(p.read_text("utf-8") for p in (ROOT / "channels").glob("*.py"))
    assert {why for why in words() if f'"{why}"' in code} == set(words())


def test_who_is_written_to_is_known_as_a_sender(tmp_path: Path) -> None:
    settings = Settings(tmp_path)
    (tmp_path / "addresses.csv").write_text(
        "code,role,address\nT14,coordinator,obr@example.org\nT15,coordinator,both@example.org\n"
        "T16,head,both@example.org\n",
        encoding="utf-8",
    )
    senders = load_senders(settings)
    assert senders.of_addresses(["Obr@Example.org"]) == "T14"
    assert senders.of_addresses(["both@example.org"]) is None
    settings.senders_file.write_text("sender,folder\nobr@example.org,T40\n", encoding="utf-8")
    assert load_senders(settings).of_addresses(["obr@example.org"]) == "T40"
