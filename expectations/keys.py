"""Person keys: HMAC-SHA256 of platform ids and of personal join values, computed inside DuckDB.

What enters: the secret. What leaves: the macro `bvb_key(text)`; the secret itself is only bound as
a parameter, so it is in no SQL text and no log.
"""

from __future__ import annotations

import hashlib

from expectations.database import Connection

KEY_LENGTH = 32
_BLOCK = 64  # bytes of a SHA-256 block (RFC 2104)


def install_keys(con: Connection, secret: bytes) -> None:
    """Create `bvb_key` and `bvb_join_key` (of a folded text) on a connection.

    The pads live in temporary variables of this connection and vanish with it.
    """
    block = (hashlib.sha256(secret).digest() if len(secret) > _BLOCK else secret).ljust(
        _BLOCK, b"\0"
    )
    inner, outer = (bytes(byte ^ pad for byte in block) for pad in (0x36, 0x5C))
    con.execute("create temp table key_pads (inner_pad blob, outer_pad blob)")
    con.execute("insert into key_pads values (?, ?)", [inner, outer])
    con.execute("set variable bvb_inner = (select inner_pad from key_pads)")
    con.execute("set variable bvb_outer = (select outer_pad from key_pads)")
    con.execute("drop table key_pads")
    con.execute(
        "create or replace temp macro bvb_key(t) as left(sha256(getvariable('bvb_outer')"
        f" || unhex(sha256(getvariable('bvb_inner') || encode(t)))), {KEY_LENGTH})"
    )
    con.execute("create or replace temp macro bvb_join_key(t) as bvb_key(bvb_fold(t))")


def forget_keys(con: Connection) -> None:
    """Drop the pads, before the connection is handed to anything else."""
    con.execute("reset variable bvb_inner")
    con.execute("reset variable bvb_outer")
