"""How people name an account, a model or a version: `0x…`, `[owner/]slug[@channel|:version]`."""

from __future__ import annotations

import re
from dataclasses import dataclass

from registry.addresses import parse_address
from registry.errors import ConfigError
from registry.index import RegistryState
from registry.types import Model, Version, VersionStatus

__all__ = [
    "ModelReference",
    "parse_reference",
    "resolve_model",
    "resolve_version",
]

_SLUG = re.compile(r"[a-z0-9]+(?:[-_.][a-z0-9]+)*")
_REFERENCE = re.compile(
    r"(?:(?P<owner>0x[0-9a-fA-F]{40})/)?(?P<slug>[^@:/]+)(?:@(?P<channel>[^@:/]+)|:(?P<number>\d+))?"
)


@dataclass(frozen=True)
class ModelReference:
    """A parsed name; at most one of `channel` and `number` is set."""

    slug: str
    owner: str | None = None
    channel: str | None = None
    number: int | None = None


def parse_reference(text: str) -> ModelReference:
    """Parses `[owner/]slug[@channel|:version]`.

    Raises:
        ConfigError: the text doesn't read as that, or the slug breaks M-1.
    """
    found = _REFERENCE.fullmatch(text)
    if found is None:
        raise ConfigError(f"expected NAME, NAME@channel, NAME:version or OWNER/NAME…, got {text!r}")
    slug = found["slug"].lower()
    if not _SLUG.fullmatch(slug) or len(slug) > 64:
        raise ConfigError(
            f"expected a name of 1 to 64 of a–z 0–9 - _ . (single separators inside), got {slug!r}"
        )
    owner = found["owner"]
    number = found["number"]
    return ModelReference(
        slug,
        parse_address(owner) if owner else None,
        found["channel"],
        int(number) if number else None,
    )


def resolve_model(state: RegistryState, reference: ModelReference, account: str | None) -> Model:
    """Finds the model that a reference means: the account's own first, else the only one.

    Raises:
        ConfigError: none, or several owners have one of that name.
    """
    models = [m for m in state.catalogue.models.values() if m.slug == reference.slug]
    if reference.owner is not None:
        models = [m for m in models if m.owner == reference.owner]
    elif len(models) > 1 and account is not None:
        models = [m for m in models if m.owner == account] or models
    if not models:
        raise ConfigError(
            f"no model named {reference.slug!r} is registered; see `tally model list`"
        )
    if len(models) > 1:
        owners = ", ".join(f"{m.owner}/{m.slug}" for m in models)
        raise ConfigError(f"several models are named {reference.slug!r}: say which of {owners}")
    return models[0]


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
