"""Streams sealed with a key: chunks of AES-256-GCM, so that any size needs little memory.

What enters: a key of 32 bytes and chunks. What leaves: chunks. The construction is STREAM: each
file has a key of its own (HKDF over a random salt), each chunk a nonce that counts and names the
last one, so chunks cannot be changed, reordered, dropped or cut off unseen.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from duty.errors import WrongKey

KEY_BYTES = 32
_SALT_BYTES = 16
_CHUNK = 1 << 20
_TAG = 16


def load_key(path: Path, *, make: bool = False) -> bytes:
    """The key that a file holds as hexadecimal text.

    Args:
        path: the file.
        make: make it, readable by its owner alone, if it is not there.

    Raises:
        WrongKey: there is no such file, or it holds something else.
    """
    if not path.exists():
        if not make:
            raise WrongKey(f"expected a key file {path}, found none; bring it from its safe place")
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "w", encoding="ascii") as stream:
            stream.write(os.urandom(KEY_BYTES).hex() + "\n")
    try:
        key = bytes.fromhex(path.read_text(encoding="ascii").strip())
    except ValueError:
        key = b""
    if len(key) != KEY_BYTES:
        raise WrongKey(f"{path}: expected {2 * KEY_BYTES} hexadecimal digits of a key")
    return key


def _cipher(key: bytes, salt: bytes, name: str) -> AESGCM:
    derived = HKDF(algorithm=SHA256(), length=KEY_BYTES, salt=salt, info=name.encode())
    return AESGCM(derived.derive(key))


def _nonce(number: int, *, is_last: bool) -> bytes:
    return number.to_bytes(11, "big") + bytes([is_last])


def _blocks(chunks: Iterable[bytes], size: int) -> Iterator[tuple[bytes, bool]]:
    """Pieces of exactly `size` bytes; the last one may be shorter and says that it is the last."""
    waiting = bytearray()
    for chunk in chunks:
        waiting += chunk
        while len(waiting) > size:
            yield bytes(waiting[:size]), False
            del waiting[:size]
    yield bytes(waiting), True


def seal(chunks: Iterable[bytes], key: bytes, name: str) -> Iterator[bytes]:
    """Seal a stream; `name` is bound to it: it cannot stand in for another."""
    salt = os.urandom(_SALT_BYTES)
    cipher = _cipher(key, salt, name)
    yield salt
    for number, (block, is_last) in enumerate(_blocks(chunks, _CHUNK)):
        yield cipher.encrypt(_nonce(number, is_last=is_last), block, None)


def unseal(chunks: Iterable[bytes], key: bytes, name: str) -> Iterator[bytes]:
    """Open a sealed stream.

    Raises:
        WrongKey: another key, another name, or bytes that are not the sealed ones.
    """
    source = iter(chunks)
    head = bytearray()
    while len(head) < _SALT_BYTES:
        piece = next(source, None)
        if piece is None:
            raise WrongKey(f"{name}: expected a sealed file, found {len(head)} bytes")
        head += piece
    cipher = _cipher(key, bytes(head[:_SALT_BYTES]), name)

    def rest() -> Iterator[bytes]:
        yield bytes(head[_SALT_BYTES:])
        yield from source

    for number, (block, is_last) in enumerate(_blocks(rest(), _CHUNK + _TAG)):
        try:
            yield cipher.decrypt(_nonce(number, is_last=is_last), block, None)
        except InvalidTag:
            raise WrongKey(f"{name}: the key does not open it, or it was changed") from None
