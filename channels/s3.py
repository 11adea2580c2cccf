"""Objects of a bucket of S3-compatible storage as a channel.

What enters: a boto3 client. What leaves: objects below a prefix; only listing and reading is asked.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError, HTTPClientError, NoCredentialsError
from urllib3.exceptions import HTTPError

from channels.base import ChannelRefused, ChannelUnreachable, Found, Item, ItemUnavailable
from channels.senders import Placing
from ingest.landing import CHUNK
from ingest.settings import MOSCOW

GONE = {"NoSuchKey", "404"}
CHANGED = {"PreconditionFailed", "412"}
CLOSED = {"AccessDenied", "403", "InvalidObjectState"}  # the last: moved to an archive tier
SERVER_FAULT = 500


@contextmanager
def _faults(place: str) -> Iterator[None]:
    """Word the library's faults as the channel's."""
    try:
        yield
    except ClientError as error:
        status = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
        code = error.response.get("Error", {}).get("Code", "")
        if status >= SERVER_FAULT or code in {"SlowDown", "RequestTimeout"}:
            raise ChannelUnreachable(
                f"{place}: the storage answers {code}; the next pass tries again"
            ) from error
        raise ChannelRefused(
            f"{place}: expected to list and read, found the answer {code}; "
            "mend the connection's keys, the bucket or its rights"
        ) from error
    except NoCredentialsError as error:
        raise ChannelRefused(
            f"{place}: expected keys, found none; add them to the connection"
        ) from error
    except (BotoCoreError, HTTPClientError, HTTPError, OSError) as error:
        raise ChannelUnreachable(
            f"{place}: the answer broke off ({type(error).__name__}); the next pass tries again"
        ) from error


class S3Channel:
    """Objects below a prefix; an object appears whole or not at all."""

    left_by_senders = False

    def __init__(self, client: Any, bucket: str, prefix: str, placing: Placing) -> None:
        """Read `bucket` with a client that has its keys; the prefix is no part of a path."""
        self._client, self._bucket, self._placing = client, bucket, placing
        self._prefix = f"{prefix.strip('/')}/" if prefix.strip("/") else ""
        self._place = f"s3 {bucket}/{self._prefix}"

    def items(self) -> Iterator[Item]:
        """Objects that are there now; those that only stand for a folder are none."""
        with _faults(self._place):
            pages = self._client.get_paginator("list_objects_v2").paginate(
                Bucket=self._bucket, Prefix=self._prefix
            )
            found = [entry for page in pages for entry in page.get("Contents", [])]
        for entry in found:
            key: str = entry["Key"]
            if not key.endswith("/"):
                at = entry["LastModified"].astimezone(MOSCOW)
                path = key.removeprefix(self._prefix)
                yield Item(key, entry["ETag"].strip('"'), path, entry["Size"], at)

    def fetch(self, item: Item) -> Iterator[Found]:
        """The object."""
        yield Found(self._placing.source(item.path), self._chunks(item))

    def _chunks(self, item: Item) -> Iterator[bytes]:
        with _faults(self._place):
            try:
                answer = self._client.get_object(
                    Bucket=self._bucket, Key=item.key, IfMatch=item.version
                )
            except ClientError as error:
                code = error.response.get("Error", {}).get("Code", "")
                for codes, why in ((GONE, "gone"), (CHANGED, "changing"), (CLOSED, "closed")):
                    if code in codes:
                        raise ItemUnavailable(why) from None
                raise
            yield from answer["Body"].iter_chunks(CHUNK)
