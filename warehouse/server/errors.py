"""What can go wrong on the way to the server; each message says what to do."""

from __future__ import annotations

from collections.abc import Iterable

from warehouse.errors import WarehouseError


class ServerError(WarehouseError):
    """Base of what a publication to the server raises."""


class ServerUnreachable(ServerError):
    """The server does not answer or does not let us in."""

    def __init__(self, where: str, reason: str) -> None:
        super().__init__(
            f"expected PostgreSQL at {where} to let us in, found: {reason}; readers keep the last "
            "version; look at the server, then run the step publish_postgres again"
        )


class ServerFell(ServerError):
    """The server went away in the middle."""

    def __init__(self, where: str, reason: str) -> None:
        super().__init__(
            f"expected PostgreSQL at {where} to answer to the end, found: {reason}; readers get "
            "the last version as soon as it is up again; then run the step publish_postgres again"
        )


class NothingFrozen(ServerError):
    """There is no version to publish."""

    def __init__(self, where: str) -> None:
        super().__init__(
            f"expected a frozen version at {where}, found none; finish a run first: bvb run"
        )


class PersonsMissing(ServerError):
    """The restricted rows of the version are gone."""

    def __init__(self, path: str) -> None:
        super().__init__(
            f"expected the restricted rows {path}, found nothing; run the version's date again, or "
            "take the form out of `persons` in warehouse/server/server.yml"
        )


class PublicationBusy(ServerError):
    """Another process is publishing."""

    def __init__(self) -> None:
        super().__init__(
            "expected to be the only publisher, found another one at work; wait until it has ended"
        )


class TablesDiffer(ServerError):
    """The server holds something else than what was sent."""

    def __init__(self, differences: Iterable[str]) -> None:
        super().__init__(
            "expected the server's rows to equal the frozen ones, found differences in "
            f"{'; '.join(differences)}; nothing was switched, run the step again"
        )


class NotSwitched(ServerError):
    """The schemas could not be renamed in time."""

    def __init__(self, reason: str) -> None:
        super().__init__(
            f"expected to switch within seconds, found: {reason}; readers keep the last version; "
            "end the session that holds a schema (pg_stat_activity), then run the step again"
        )


class NothingToRollBack(ServerError):
    """No older version is kept on the server."""

    def __init__(self, wanted: str) -> None:
        super().__init__(
            f"expected {wanted} among the versions kept, found none; see bvb serve --list"
        )
