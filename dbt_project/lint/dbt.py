"""Stands in for dbt's cross-database macros when sqlfluff renders the models."""


def type_string():
    """The text type."""
    return "varchar"


def length(expression):
    """Number of characters of a text."""
    return f"length({expression})"


def concat(fields):
    """Texts joined to one."""
    return " || ".join(fields)
