"""How people name a model or a version: `[owner/]slug[@channel|:version]`, or a model's id."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from registry.addresses import parse_address
from registry.errors import ConfigError
from registry.index import RegistryState
from registry.types import Model, ModelId, Version, VersionStatus

__all__ = [
    "ModelReference",
    "parse_reference",
    "resolve_version",
]

_SLUG = re.compile(r"[a-z0-9]+(?:[-_.][a-z0-9]+)*")
_REFERENCE = re.compile(
    r"(?:(?P<owner>[^@:/]+)/)?(?P<slug>[^@:/]+)(?:@(?P<channel>[^@:/]+)|:(?P<number>[0-9]{1,18}))?"
)
_ID = re.compile(r"0x[0-9a-f]{64}")


@dataclass(frozen=True)
class ModelReference:
    """A parsed name; at most one of `channel` and `number` is set.

    With `model_id` set, `slug` is that id's text and `owner` None.
    """

    slug: str
    owner: str | None = None
    channel: str | None = None
    number: int | None = None
    model_id: ModelId | None = None


def parse_reference(text: str, alias: Callable[[str], str] | None = None) -> ModelReference:
    """Parses `[owner/]slug[@channel|:version]`; a model's id may stand for owner and slug.

    Args:
        text: what was written.
        alias: returns the address of an owner that isn't written as one; None: that is refused.

    Raises:
        ConfigError: the text doesn't read as that, or the slug breaks M-1.
    """
    found = _REFERENCE.fullmatch(text)
    if found is None:
        raise ConfigError(f"expected NAME, NAME@channel, NAME:version or OWNER/NAME…, got {text!r}")
    slug, owner, number = found["slug"].lower(), found["owner"], found["number"]
    model_id = bytes.fromhex(slug[2:]) if owner is None and _ID.fullmatch(slug) else None
    if model_id is None and (not _SLUG.fullmatch(slug) or len(slug) > 64):
        raise ConfigError(
            f"expected a name of 1 to 64 of a–z 0–9 - _ . (single separators inside), got {slug!r}"
        )
    if owner is not None:
        written = owner.lower().startswith("0x")
        owner = parse_address(owner) if written or alias is None else alias(owner)
    return ModelReference(slug, owner, found["channel"], int(number) if number else None, model_id)


def resolve_version(state: RegistryState, reference: ModelReference, model: Model) -> Version:
    """Finds the version that a reference means.

    Without channel or number: what `production` points to, else the newest that isn't yanked.

    Raises:
        ConfigError: there is none, or it is yanked.
    """
    catalogue = state.catalogue
    number = reference.number
    if number is None:
        name = reference.channel or "production"
        channel = catalogue.channels.get((model.model_id, name))
        if channel is not None and channel.history:
            number = channel.number
        elif reference.channel is not None:
            raise ConfigError(f"{model.slug} has no channel {name!r}; see `tally channel history`")
    if number is None:
        standing = [
            v.number
            for v in catalogue.versions_of(model.model_id)
            if v.status is not VersionStatus.YANKED
        ]
        if not standing:
            raise ConfigError(f"{model.slug} has no version yet")
        number = standing[-1]
    version = catalogue.versions.get((model.model_id, number))
    if version is None:
        raise ConfigError(
            f"{model.slug} has no version {number}; see `tally version list {model.slug}`"
        )
    return version
