"""Stands in for dbt's `adapter` when sqlfluff renders the models without a connection."""


def dispatch(name, macro_namespace=None):
    """An expression of the right shape in place of the engine's macro."""

    def render(*arguments):
        return f"{name}({', '.join(str(argument) for argument in arguments)})"

    return render
