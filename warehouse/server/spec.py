"""`server.yml` as objects: layers, roles, scopes and persons of the published server.

What enters: the YAML and the territories of the order. What leaves: one frozen `ServerSpec`.
"""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict

from ingest.reference import Territory
from ingest.yaml_files import read_yaml

Sees = Literal["all", "own"]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class LayerSpec(_Strict):
    """One published schema; whether older versions of it stay for a rollback."""

    text: str
    is_kept: bool = True


class RoleSpec(_Strict):
    """Which layers a role reads, and whether all rows or those of its territory."""

    sees: Sees
    layers: tuple[str, ...]
    text: str
    looks_up_persons: bool = False


class TerritoryRole(RoleSpec):
    """The role of each territory; name and text are patterns."""

    name: str


class PersonsSpec(_Strict):
    """Where the names behind a key are."""

    form: str
    key: str
    columns: dict[str, str]


class ServerSpec(_Strict):
    """The whole file."""

    keep_versions: int
    layers: dict[str, LayerSpec]
    scope_columns: tuple[str, ...]
    for_everyone: frozenset[str]
    roles: dict[str, RoleSpec]
    territory_role: TerritoryRole
    persons: dict[str, PersonsSpec]

    def scope_of(self, columns: tuple[str, ...]) -> str | None:
        """The column that names a row's territory; None if the table has none."""
        return next((name for name in self.scope_columns if name in columns), None)

    def role_of(self, territory: Territory) -> tuple[str, RoleSpec]:
        """Name and rights of a territory's role."""
        pattern = self.territory_role
        name = pattern.name.format(territory_id=territory.territory_id)
        text = pattern.text.format(name=territory.name)
        return name, RoleSpec(sees=pattern.sees, layers=pattern.layers, text=text)


@lru_cache(maxsize=1)
def load_server_spec() -> ServerSpec:
    """The specification that stands beside this module."""
    path = Path(__file__).with_name("server.yml")
    return ServerSpec.model_validate(read_yaml(path))
