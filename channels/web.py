"""Exports of a site behind a form of login as a channel, as a written contract describes it.

What enters: a requests session, an address, a login, `platform.yml`. What leaves: exported files.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any
from urllib.parse import quote, urljoin, urlsplit

import requests
import yaml
from pydantic import BaseModel, ConfigDict, ValidationError

from channels.base import ChannelRefused, ChannelUnreachable, Found, Item, ItemUnavailable
from channels.senders import Placing
from ingest.landing import CHUNK
from ingest.settings import MOSCOW
from ingest.yaml_files import read_yaml

SECONDS = (10.0, 60.0)  # to connect, to answer
MOST_PAGES = 1000
CLIENT_FAULT, SERVER_FAULT = 400, 500
GONE = {404, 410}
BUSY = 429


class _Login(BaseModel):
    path: str
    login_field: str
    password_field: str


class _Exports(BaseModel):
    path: str
    items: str
    next: str
    id: str
    version: str
    name: str
    size: str
    at: str


class _Download(BaseModel):
    path: str


class Contract(BaseModel):
    """How the site is spoken to: paths and names of fields."""

    model_config = ConfigDict(frozen=True)

    login: _Login
    over_statuses: tuple[int, ...]
    exports: _Exports
    download: _Download


def load_contract(path: Path) -> Contract:
    """The contract of a file.

    Raises:
        ChannelRefused: there is no such file, or it lacks a path or a name.
    """
    try:
        return Contract.model_validate(read_yaml(path))
    except (OSError, yaml.YAMLError, ValidationError) as error:
        raise ChannelRefused(
            f"{path.name}: expected a contract like channels/platform.yml, found "
            f"{type(error).__name__}: {error}; mend the file"
        ) from error


@dataclass(frozen=True)
class Account:
    """Who logs in, and where."""

    base_url: str
    login: str
    password: str


@contextmanager
def _faults(place: str) -> Iterator[None]:
    """Word the library's faults as the channel's; addresses may hold keys and are left out."""
    try:
        yield
    except requests.RequestException as error:
        raise ChannelUnreachable(
            f"{place}: the answer broke off ({type(error).__name__}); the next pass tries again"
        ) from error


class WebChannel:
    """Exports that a site has ready."""

    left_by_senders = False

    def __init__(
        self, session: requests.Session, account: Account, contract: Contract, placing: Placing
    ) -> None:
        """Speak to the site of `account`; it is logged in to when first asked for something."""
        self._session, self._account, self._contract = session, account, contract
        self._placing, self._is_in = placing, False
        session.auth = None  # the login goes into the form, not into a header

    def _url(self, path: str) -> str:
        return urljoin(self._account.base_url.rstrip("/") + "/", path.lstrip("/"))

    def _is_login_page(self, answer: requests.Response) -> bool:
        ours = urlsplit(self._url(self._contract.login.path)).path
        return urlsplit(answer.url).path == ours

    def _is_over(self, answer: requests.Response) -> bool:
        return answer.status_code in self._contract.over_statuses or self._is_login_page(answer)

    def _log_in(self) -> None:
        form = self._contract.login
        fields = {
            form.login_field: self._account.login,
            form.password_field: self._account.password,
        }
        with _faults(form.path):
            answer = self._session.post(self._url(form.path), data=fields, timeout=SECONDS)
        self._must_be_well(answer, form.path)
        if self._is_over(answer):
            raise self._refused(form.path, "the page of login again", "mend login and password")
        self._is_in = True

    def _refused(self, path: str, found: str, fix: str) -> ChannelRefused:
        return ChannelRefused(f"{path}: expected the contract's answer, found {found}; {fix}")

    def _must_be_well(self, answer: requests.Response, path: str) -> None:
        code = answer.status_code
        if code >= SERVER_FAULT or code == BUSY:
            raise ChannelUnreachable(f"{path}: the site answers {code}; the next pass tries again")
        if code >= CLIENT_FAULT:
            raise self._refused(path, f"the answer {code}", "mend the account or the contract")

    def _get(self, path: str) -> requests.Response:
        """An answer inside a session; one that is over is begun anew, once."""
        if not self._is_in:
            self._log_in()
        with _faults(path):
            answer = self._session.get(self._url(path), timeout=SECONDS, stream=True)
        if not self._is_over(answer):
            return answer
        answer.close()
        self._log_in()
        with _faults(path):
            answer = self._session.get(self._url(path), timeout=SECONDS, stream=True)
        if self._is_over(answer):
            raise self._refused(path, "no session after a login", "mend the account's rights")
        return answer

    def _page(self, path: str) -> dict[str, Any]:
        answer = self._get(path)
        self._must_be_well(answer, path)
        with _faults(path):
            content = answer.content
        try:
            page: dict[str, Any] = json.loads(content)
        except ValueError as error:
            raise self._refused(path, "no JSON", "compare platform.yml with the site") from error
        return page

    def items(self) -> Iterator[Item]:
        """Exports that are ready, page by page."""
        names, path = self._contract.exports, self._contract.exports.path
        for _ in range(MOST_PAGES):
            page = self._page(path)
            try:
                found = [self._item(row) for row in page[names.items]]
                following = page[names.next]
            except (KeyError, TypeError, ValueError) as error:
                fix = "compare platform.yml with the site"
                raise self._refused(path, f"{type(error).__name__} {error}", fix) from error
            yield from found
            if not following:
                return
            path = following

    def _item(self, row: dict[str, Any]) -> Item:
        names = self._contract.exports
        at = datetime.fromisoformat(row[names.at])
        if at.tzinfo is None:
            at = at.replace(tzinfo=MOSCOW)
        size, name = int(row[names.size]), str(row[names.name])
        return Item(str(row[names.id]), str(row[names.version]), name, size, at.astimezone(MOSCOW))

    def fetch(self, item: Item) -> Iterator[Found]:
        """The file of an export."""
        yield Found(self._placing.source(item.path), self._chunks(item))

    def _chunks(self, item: Item) -> Iterator[bytes]:
        path = self._contract.download.path.format(id=quote(item.key, safe=""))
        with self._get(path) as answer:
            if answer.status_code in GONE:
                raise ItemUnavailable("gone")
            self._must_be_well(answer, path)
            came = 0
            with _faults(path):
                for chunk in answer.iter_content(CHUNK):
                    came += len(chunk)
                    yield chunk
            if came != item.size:
                raise ItemUnavailable("changing")
