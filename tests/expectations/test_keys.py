"""Person keys are HMAC-SHA256, and the secret is in no SQL text."""

from __future__ import annotations

import hashlib
import hmac
from typing import Any

import duckdb
import pytest

from expectations.keys import KEY_LENGTH, forget_keys, install_keys
from ingest.casts import install_macros

SECRET = b"canary-secret-of-the-tests"
IDS = ["1", "О-00042", "ёж", "", "x" * 500]


class Recorder:
    """A connection that remembers every SQL text given to it."""

    def __init__(self) -> None:
        self.con = duckdb.connect()
        self.texts: list[str] = []

    def execute(self, text: str, *arguments: Any) -> Any:
        self.texts.append(text)
        return self.con.execute(text, *arguments)


def _installed(secret: bytes) -> Recorder:
    recorder = Recorder()
    install_macros(recorder.con)
    install_keys(recorder, secret)  # type: ignore[arg-type]
    return recorder


def _key(recorder: Recorder, text: str, macro: str = "bvb_key") -> Any:
    row = recorder.con.execute(f"select {macro}(?)", [text]).fetchone()
    return row[0] if row else None


@pytest.mark.parametrize("secret", [b"s" * 16, SECRET, b"k" * 64, b"k" * 65, bytes(range(256))])
def test_keys_equal_those_of_the_standard_library(secret: bytes) -> None:
    recorder = _installed(secret)
    for text in IDS:
        expected = hmac.new(secret, text.encode(), hashlib.sha256).hexdigest()[:KEY_LENGTH]
        assert _key(recorder, text) == expected


def test_a_key_of_nothing_is_nothing() -> None:
    row = _installed(SECRET).con.execute("select bvb_key(null)").fetchone()
    assert row == (None,)


def test_another_secret_gives_other_keys() -> None:
    assert _key(_installed(SECRET), "1") != _key(_installed(SECRET + b"2"), "1")


def test_join_keys_do_not_see_case_and_look_alikes() -> None:
    recorder = _installed(SECRET)
    assert _key(recorder, "Анна@school.ru", "bvb_join_key") == _key(
        recorder, " aннa@school.ru", "bvb_join_key"
    )


def test_the_secret_is_in_no_sql_text_and_no_macro() -> None:
    recorder = _installed(SECRET)
    definitions = recorder.con.execute(
        "select coalesce(macro_definition, '') from duckdb_functions()"
        " where function_name like 'bvb%key'"
    ).fetchall()
    assert len(definitions) == 2
    texts = "\n".join([*recorder.texts, *(row[0] for row in definitions)]).lower()
    padded = SECRET.ljust(64, b"\0")
    for pad in (0, 0x36, 0x5C):
        secret = bytes(byte ^ pad for byte in padded)[: len(SECRET)]
        assert secret.hex() not in texts
        assert secret.decode("latin-1").lower() not in texts
        assert "".join(f"\\x{byte:02x}" for byte in secret) not in texts


def test_pads_lie_in_no_table_and_are_gone_when_forgotten() -> None:
    recorder = _installed(SECRET)
    assert recorder.con.execute("select table_name from duckdb_tables()").fetchall() == []
    assert _key(recorder, "1") is not None
    forget_keys(recorder)  # type: ignore[arg-type]
    assert _key(recorder, "1") is None
