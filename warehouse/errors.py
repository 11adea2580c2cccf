"""What can go wrong between accepted rows and an answered question; each message says what to do.

What enters: facts of the failure. What leaves: one class a case, no value of a person's row.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from ingest.text import mask_quoted

_LONGEST = 400


class WarehouseError(Exception):
    """Base of everything this room raises on purpose."""


def plain(message: str) -> str:
    """A message of dbt or DuckDB on one line, cut, without quoted values that may be personal."""
    masked = mask_quoted(message, keep_names=True)
    return " ".join(masked.split())[:_LONGEST]


class NotAccepted(WarehouseError):
    """The run's accepted rows are not there."""

    def __init__(self, path: Path) -> None:
        super().__init__(
            f"expected {path.name} in {path.parent}, found nothing; run the step validate first"
        )


class LayerNotBuilt(WarehouseError):
    """A layer is asked for, or published, before the one under it was built for this load."""

    def __init__(self, layer: str, found: str) -> None:
        self.layer = layer
        super().__init__(
            f"expected the layer {layer} built without failures for this load, found {found}; "
            "run the steps staging, facts and marts of this run again"
        )


class LayerFailed(WarehouseError):
    """Models or tests of a layer failed."""

    def __init__(self, layer: str, failures: Iterable[str]) -> None:
        self.layer = layer
        self.failures = tuple(failures)
        first = "; ".join(self.failures[:5])
        super().__init__(
            f"layer {layer}: expected every node to succeed, found {len(self.failures)} failed: "
            f"{first}; nothing was published, mend the named node and run the step again"
        )


class ProjectNotUnderstood(WarehouseError):
    """dbt could not read its project or could not start."""

    def __init__(self, layer: str, message: str) -> None:
        self.layer = layer
        super().__init__(
            f"layer {layer}: expected a dbt project that can be read, found: {message}; "
            "mend the named file in dbt_project/"
        )


class NothingPublished(WarehouseError):
    """There is no published version to ask."""

    def __init__(self, path: Path) -> None:
        super().__init__(
            f"expected a published warehouse, found no {path.name} in {path.parent}: "
            "nothing published yet; run bvb run --as-of YYYY-MM-DD"
        )


class OnlyQuestions(WarehouseError):
    """A statement would write, or read files that are not published."""

    def __init__(self, found: str) -> None:
        super().__init__(
            f"expected one question (select) to the published tables, found {found}; "
            "the published warehouse is read-only, copy what you need from the answer"
        )


class QuestionNotUnderstood(WarehouseError):
    """DuckDB cannot answer the question as it is written."""

    def __init__(self, message: str) -> None:
        super().__init__(
            f"expected a question that DuckDB understands, found: {message}; "
            "correct it (show tables; describe TABLE)"
        )


class NothingToExplain(WarehouseError):
    """The asked value is not in the published marts."""

    def __init__(self, indicator_id: str, territory_id: int, where: str) -> None:
        super().__init__(
            f"expected a published value of {indicator_id} for territory {territory_id}"
            f"{f' ({where})' if where else ''}, found none; indicators are I-1 to I-8, territories "
            "0 (region) to 66, dates those of bvb status"
        )


class UnfitDatabase(WarehouseError):
    """A database whose texts sort or fold in another way would hold other figures."""

    def __init__(self, encoding: str) -> None:
        super().__init__(
            f"expected a database in UTF8 with LC_COLLATE and LC_CTYPE C.UTF-8, found {encoding} "
            "with another order or case of letters; make it anew: create database NAME "
            "template template0 encoding 'UTF8' locale 'C.UTF-8'"
        )


class DatabaseOfOthers(WarehouseError):
    """The database holds schemas of the same names that no earlier build made."""

    def __init__(self, schemas: Iterable[str]) -> None:
        super().__init__(
            "expected an empty database or one of an earlier build, found the schemas "
            f"{', '.join(schemas)} without the accepted rows that they would be made of; "
            "give the build a database of its own: readers' tables would be dropped here"
        )


class EnginesDisagree(WarehouseError):
    """The same rows gave other figures on another engine."""

    def __init__(self, differences: Iterable[str]) -> None:
        super().__init__(
            f"expected equal tables from both engines, found: {'; '.join(differences)}; "
            "compare the compiled SQL of the named models and mend what engines read differently"
        )


class PageNotUnderstood(WarehouseError):
    """dbt's page is not made of the parts that are exchanged in it."""

    def __init__(self, part: str, found: int) -> None:
        super().__init__(
            f"expected {part!r} once in dbt's static page, found it {found} times; "
            "this dbt writes the page differently: mend warehouse/docs_page.py"
        )
