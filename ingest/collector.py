"""Python's collector, silenced for calls that make many objects and keep them to their end.

What enters: nothing. What leaves: a context in which no cycle is looked for; what was silent
before stays silent after it.
"""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def no_collection() -> Iterator[None]:
    """For dbt and Great Expectations: to walk their graphs again and again is a tenth of them."""
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()
