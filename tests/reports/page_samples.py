"""The `MartSet` of the invented region.

What enters: the folder of `region_marts.write_marts`. What leaves: what `write_page` takes.
"""

from __future__ import annotations

from pathlib import Path

from reports.catalogue import catalogue, marts_of
from reports.marts import MartSet, load_marts
from tests.reports.region_marts import AS_OF, FINAL_ON, ORDER


def make_data(folder: Path) -> MartSet:
    """Everything the reports know about the invented region."""
    return load_marts(folder, AS_OF, ORDER, marts_of(catalogue().chosen(AS_OF, FINAL_ON)))
