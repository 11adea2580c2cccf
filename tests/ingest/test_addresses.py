"""The address book as offices save it, and what is said of a line that nobody understands."""

from __future__ import annotations

from pathlib import Path

import pytest

from ingest.addresses import AddressBook, load_addresses
from ingest.settings import Settings

LINES = [
    "code{0}role{0}address",
    "T14{0}coordinator{0}a@mo.example",
    "operator{0}head{0}b@mo.example",
]


def _load(folder: Path, text: str, encoding: str = "utf-8") -> AddressBook:
    (folder / "addresses.csv").write_bytes(text.encode(encoding))
    return load_addresses(Settings(folder))


@pytest.mark.parametrize("delimiter", [",", ";"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1251"])
@pytest.mark.parametrize("newline", ["\n", "\r\n"])
def test_it_is_read_as_excel_saves_it(
    tmp_path: Path, delimiter: str, encoding: str, newline: str
) -> None:
    note = "# адреса отделов{0}{0}"
    book = _load(tmp_path, newline.join([*LINES, note]).format(delimiter), encoding)
    assert book.to("T14", "coordinator") == ("a@mo.example",)
    assert book.to("operator", "head") == ("b@mo.example",)
    assert book.problems == ()


@pytest.mark.parametrize(
    ("line", "code", "address"),
    [
        ("t3,coordinator,A@Mo.Example", "T03", "a@mo.example"),
        ("Т03,Coordinator, a@mo.example ", "T03", "a@mo.example"),  # a Russian «Т»
        ("T3,coordinator,a@почта.рф", "T03", "a@xn--80a1acny.xn--p1ai"),
    ],
)
def test_spellings_of_one_thing(tmp_path: Path, line: str, code: str, address: str) -> None:
    assert _load(tmp_path, f"code,role,address\n{line}").to(code, "coordinator") == (address,)


def test_several_people_may_hold_one_role(tmp_path: Path) -> None:
    text = "code,role,address\nT1,coordinator,a@b.ru\nT1,coordinator,c@d.ru\nT1,coordinator,A@B.ru"
    assert _load(tmp_path, text).to("T01", "coordinator") == ("a@b.ru", "c@d.ru")


@pytest.mark.parametrize(
    "line",
    ["T1,coordinator,", "T1,,a@b.ru", ",head,a@b.ru", "T1,head,a b@c.ru", "T1,head,a@b",
     "T1,head,a@b.ru; c@d.ru", "T1,head,кто@b.ru", "T1"],
)  # fmt: skip
def test_a_line_that_is_not_understood_is_named_and_the_others_are_read(
    tmp_path: Path, line: str
) -> None:
    book = _load(tmp_path, f"code,role,address\n{line}\n\n# note,,\nT2,head,a@b.ru\n")
    assert book.to("T02", "head") == ("a@b.ru",)
    assert len(book.problems) == 1
    assert "строка 2" in book.problems[0]


def test_whose_an_address_is(tmp_path: Path) -> None:
    text = (
        "code,role,address\nT1,head,a@b.ru\nT1,coordinator,a@b.ru\nT2,head,c@d.ru\nT3,head,c@d.ru"
    )
    book = _load(tmp_path, text)
    owners = book.owners()
    assert owners["a@b.ru"] == "T01"
    assert "c@d.ru" not in owners  # of two offices: nobody knows whose


@pytest.mark.parametrize("text", ["", "\n", "a,b\n1,2\n", "\x00\x01"])
def test_no_book_is_an_empty_book(tmp_path: Path, text: str) -> None:
    assert load_addresses(Settings(tmp_path)).to("T01", "head") == ()
    assert _load(tmp_path, text).to("T01", "head") == ()
