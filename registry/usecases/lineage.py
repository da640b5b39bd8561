"""What a version comes from: its ancestors, the rounds that made them, and who took part."""

from __future__ import annotations

from dataclasses import dataclass

from registry.index import RegistryState
from registry.types import ZERO_ID, Model, Version

__all__ = ["Ancestor", "lineage"]


@dataclass(frozen=True)
class Ancestor:
    """A version in a lineage; `depth` counts generations; `participants` revealed in its round."""

    model: Model
    version: Version
    depth: int
    participants: tuple[str, ...]

    @property
    def name(self) -> str:
        """Its whole name, `owner/slug:number`."""
        return f"{self.model.name}:{self.version.number}"


def lineage(state: RegistryState, version: Version) -> list[Ancestor]:
    """Returns a version and its ancestors, nearest first, each once.

    Parents always exist before their children, so there are no cycles to guard against.
    """
    found: list[Ancestor] = []
    seen: set[bytes] = set()
    generation, depth = [version], 0
    while generation:
        parents: list[Version] = []
        for member in generation:
            if member.version_id in seen:
                continue
            seen.add(member.version_id)
            model = state.catalogue.models[member.model_id]
            found.append(Ancestor(model, member, depth, _participants(state, member)))
            known = (state.catalogue.by_version_id.get(parent) for parent in member.parents)
            parents.extend(parent for parent in known if parent is not None)
        generation, depth = parents, depth + 1
    return found


def _participants(state: RegistryState, version: Version) -> tuple[str, ...]:
    record = state.rounds.rounds.get(version.round_id) if version.round_id != ZERO_ID else None
    # Anybody may name any round; one of another model didn't make it.
    own = record is not None and record.terms.model_id == version.model_id
    return tuple(sorted(record.reveals)) if record is not None and own else ()
