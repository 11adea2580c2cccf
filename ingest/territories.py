"""Which of the order's territories a text names: exact aliases only (defects D-52 … D-54).

What enters: a cell such as «Администрация г.о. Балашиха». What leaves: a territory number or None.
"""

from __future__ import annotations

import re
from typing import Literal

from ingest.reference import Reference
from ingest.text import fold

Lookup = Literal["municipality", "state_school", "any"]

# Words that say what kind of thing a territory is, not which one it is.
_NOISE = re.compile(
    r"\b(городско(й|го|му)|муниципальн(ый|ого|ому|ое)|округ(а|у)?|образовани(е|я|ем)|"
    r"администраци(я|и)|управлени(е|я|ем)|отдел|комитет|департамент|по|район(а)?|"
    r"московск(ая|ой)|област(ь|и)|зато|г\.? ?о|м\.? ?о|р-н|го|мо|уо|г|город(а)?)\b\.?"
)
_PUNCTUATION = re.compile(r"[.,;:()/\\]+")
_HYPHEN = re.compile(r" ?- ?")
_SPACES = re.compile(r"\s+")
_STATE_SCHOOL = re.compile(r"^(гаоу|гбоу|гкоу)\b")


class AmbiguousAlias(Exception):
    """One name stands for two territories in the alias seed."""


class TerritoryResolver:
    """Exact look-up over names and aliases; anything else goes to a human, never to a guess."""

    def __init__(self, reference: Reference) -> None:
        """Build the index of normalised names.

        Raises:
            AmbiguousAlias: two territories share a normalised name.
        """
        self._index: dict[tuple[str, str], int] = {}
        kinds = {t.territory_id: t.kind for t in reference.territories}
        self._numbers = frozenset(kinds)
        names = [(t.territory_id, t.name) for t in reference.territories]
        names += [(a.territory_id, a.text) for a in reference.aliases]
        for territory_id, name in names:
            key = (kinds[territory_id], self.normalise(name))
            known = self._index.setdefault(key, territory_id)
            if known != territory_id:
                raise AmbiguousAlias(
                    f"{name!r} stands for territories {known} and {territory_id}; "
                    "keep it for one of them in dbt_project/seeds/territory_aliases.csv"
                )

    def known(self, territory_id: int) -> int | None:
        """The number itself if the order has such a territory."""
        return territory_id if territory_id in self._numbers else None

    @staticmethod
    def normalise(text: str) -> str:
        """The part of a territory's name that tells it from others."""
        folded = fold(text)
        if _STATE_SCHOOL.match(folded):
            # Schools keep all words: «лицей» and «гимназия» tell them apart, «МО» does not.
            plain = re.sub(r"\bмо\b", " ", folded)
        else:
            plain = _NOISE.sub(" ", folded)
        tight = _HYPHEN.sub("-", _PUNCTUATION.sub(" ", plain))
        return _SPACES.sub(" ", tight).strip(" -")

    def resolve(self, text: str, lookup: Lookup = "any") -> int | None:
        """Number of the territory that `text` names, or None when no alias says so.

        State schools are looked up first: their names contain cities (D-54).
        """
        key = self.normalise(text)
        wanted = ("state_school", "municipality") if lookup == "any" else (lookup,)
        for kind in wanted:
            found = self._index.get((kind, key))
            if found is not None:
                return found
        return None
