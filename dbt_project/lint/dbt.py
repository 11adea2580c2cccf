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


def hash(field):
    """Hash of a text."""
    return f"md5({field})"


def split_part(string_text, delimiter_text, part_number):
    """A part of a text."""
    return f"split_part({string_text}, {delimiter_text}, {part_number})"
