"""Everything that may stop the checks themselves; a problem in the data is never one of these.

What enters: facts of the failure. What leaves: messages that say what was expected, what was found
and what to do.
"""

from __future__ import annotations


class ExpectationsError(Exception):
    """Base of this room's errors."""


class RuleBroken(ExpectationsError):
    """A rule's YAML or SQL does not fit the form it is written for."""

    def __init__(self, file: str, rule_id: str, problem: str) -> None:
        self.file = file
        self.rule_id = rule_id
        super().__init__(f"expectations/rules/{file}, rule {rule_id}: {problem}")


class StatementRefused(ExpectationsError):
    """DuckDB refused all rules of a form together although each of them works alone."""

    def __init__(self, problem: str) -> None:
        super().__init__(
            f"expected DuckDB to check all rules of a form at once, found: {problem}; "
            "look at memory and disk, then at the rules changed last"
        )


class CircularReferences(ExpectationsError):
    """Forms whose rejecting rules wait for one another."""


class RowsLost(ExpectationsError):
    """Accepted and rejected rows do not add up to the received ones."""

    def __init__(self, form: str, received: int, accepted: int, rejected: int) -> None:
        super().__init__(
            f"{form}: expected accepted + rejected = received, found {accepted} + {rejected} "
            f"against {received}; nothing was published, report this run's folder to the engineers"
        )


class RowsRepeated(ExpectationsError):
    """Two rows of a delivery carry the same address."""

    def __init__(self, form: str, repeated: int) -> None:
        super().__init__(
            f"{form}: expected one row an address (delivery, sheet, row), found {repeated} rows "
            "with an address already used; read the deliveries again from landing/"
        )


class CountsDisagree(ExpectationsError):
    """The split and the suite counted the same rule differently."""

    def __init__(self, differences: list[str]) -> None:
        self.differences = differences
        super().__init__(
            "expected equal counts of failed rows from the split and from the Great Expectations "
            f"suite, found: {'; '.join(differences)}; nothing was published"
        )


class ChecksGone(ExpectationsError):
    """The database that the second count needs is not that of this run's last check."""

    def __init__(self, path: object) -> None:
        super().__init__(
            f"expected the checked rows of this run in {path}, found none that were made with "
            "today's rules, order and decisions; run the task validate again"
        )


class NotAgreed(ExpectationsError):
    """Nobody may be told what was not counted twice."""

    def __init__(self, load_id: str, found: str) -> None:
        super().__init__(
            f"expected Great Expectations to have counted load {load_id}, found {found}; "
            "run the task great_expectations first"
        )


class SuiteCrashed(ExpectationsError):
    """Great Expectations could not evaluate an expectation (not the same as a failed one)."""


class SeedRejected(ExpectationsError):
    """The order's target table breaks its own structure."""


class PersonalDataExposed(ExpectationsError):
    """A personal column was about to leave the restricted layer."""
