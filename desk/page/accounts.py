"""Who may sign in: one account a sender, kept as hashes of generated passwords.

What enters: a sender's code, a password as it was typed. What leaves: an `Account` or nothing; the
password itself is shown once, when it is made.
"""

from __future__ import annotations

import csv
import hashlib
import hmac
import io
import secrets
from dataclasses import dataclass
from datetime import date

from ingest.addresses import sender_code
from ingest.deliveries import write_atomically
from ingest.orders import nearest_order
from ingest.reference import load_reference
from ingest.settings import Settings

OPERATOR = "operator"
COLUMNS = ("code", "n", "r", "p", "salt", "hash")
# 32 MB and a tenth of a second a try: a stolen list of hashes is of little use.
_N, _R, _P = 2**15, 8, 1
_SALT_BYTES, _MEMORY = 16, 64 << 20
_ALPHABET = "abcdefghjkmnpqrstuvwxyz23456789"  # without letters that look like digits
_GROUPS, _GROUP = 4, 4
_MARK = 16


class NoSuchSender(Exception):
    """An account was asked for somebody who sends nothing."""


class NoSuchAccount(Exception):
    """There is no account to remove."""


@dataclass(frozen=True)
class Account:
    """A signed-in sender; `mark` changes with the password, so old sessions end with it."""

    code: str
    mark: str

    @property
    def territory_id(self) -> int:
        """Number of the territory; 0 is the operator, who may send anybody's files."""
        return 0 if self.code == OPERATOR else int(self.code[1:])

    @property
    def is_operator(self) -> bool:
        """Whether files of any sender may be checked and sent."""
        return self.code == OPERATOR


@dataclass(frozen=True)
class _Stored:
    code: str
    n: int
    r: int
    p: int
    salt: str
    hash: str

    @property
    def account(self) -> Account:
        return Account(self.code, self.hash[:_MARK])

    def fits(self, password: str) -> bool:
        cost = (self.n, self.r, self.p)
        return hmac.compare_digest(_hash(password, bytes.fromhex(self.salt), cost), self.hash)


def _hash(password: str, salt: bytes, cost: tuple[int, int, int] = (_N, _R, _P)) -> str:
    n, r, p = cost
    return hashlib.scrypt(
        password.encode(), salt=salt, n=n, r=r, p=p, maxmem=_MEMORY, dklen=32
    ).hex()


# Whoever asks for an account that is not there waits as long as whoever mistypes a password.
_NOBODY = _Stored("", _N, _R, _P, "00" * _SALT_BYTES, "")


def _load(settings: Settings) -> dict[str, _Stored]:
    if not settings.page_accounts.exists():
        return {}
    with settings.page_accounts.open(encoding="utf-8", newline="") as stream:
        return {
            row["code"]: _Stored(
                row["code"], int(row["n"]), int(row["r"]), int(row["p"]), row["salt"], row["hash"]
            )
            for row in csv.DictReader(stream)
        }


def _save(settings: Settings, stored: dict[str, _Stored]) -> None:
    text = io.StringIO(newline="")
    writer = csv.DictWriter(text, COLUMNS, lineterminator="\n")
    writer.writeheader()
    writer.writerows(vars(stored[code]) for code in sorted(stored))
    path = settings.page_accounts
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    write_atomically(path, text.getvalue().encode())
    path.chmod(0o600)


def add_account(settings: Settings, text: str, today: date) -> tuple[Account, str]:
    """Make an account, or a new password for one that is there.

    Args:
        settings: where the accounts are kept.
        text: the sender as typed: `T14`, `14`, `operator`.
        today: decides which order's territories are known.

    Returns:
        the account and its password, which is kept nowhere.

    Raises:
        NoSuchSender: the order has no such territory.
    """
    code = sender_code(text)
    known = load_reference(nearest_order(today).order_id).territories
    if code not in {OPERATOR, *(f"T{t.territory_id:02d}" for t in known)}:
        raise NoSuchSender(f"ожидался код территории (T01…T{len(known)}) или operator: «{text}»")
    groups = ("".join(secrets.choice(_ALPHABET) for _ in range(_GROUP)) for _ in range(_GROUPS))
    password, salt = "-".join(groups), secrets.token_bytes(_SALT_BYTES)
    stored = _Stored(code, _N, _R, _P, salt.hex(), _hash(password, salt))
    _save(settings, _load(settings) | {code: stored})
    return stored.account, password


def remove_account(settings: Settings, text: str) -> None:
    """Remove an account; its sessions end at once.

    Raises:
        NoSuchAccount: there is none.
    """
    code, stored = sender_code(text), _load(settings)
    if code not in stored:
        raise NoSuchAccount(f"нет учётной записи «{text}»; есть: {', '.join(stored) or 'ни одной'}")
    _save(settings, {key: kept for key, kept in stored.items() if key != code})


def account_codes(settings: Settings) -> list[str]:
    """Codes of everybody who may sign in."""
    return sorted(_load(settings))


def sign_in(settings: Settings, code: str, password: str) -> Account | None:
    """The account, if the password is its own; takes a tenth of a second either way."""
    stored = _load(settings).get(code, _NOBODY)
    return stored.account if stored.fits(password.strip().lower()) else None


def account_of(settings: Settings, code: str, mark: str) -> Account | None:
    """The account of a session, unless it was removed or got another password since."""
    stored = _load(settings).get(code)
    if stored is None or not hmac.compare_digest(stored.account.mark, mark):
        return None
    return stored.account
