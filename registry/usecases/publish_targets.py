"""What a publish is for: the model that is there or the new one, and what contradicts it.

An option that says other than what is recorded is refused before a byte is stored: an option that
is dropped is a promise that is broken, and content that went out in the clear can't be taken back.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from registry.errors import ConfigError
from registry.index import RegistryState
from registry.types import Model, Visibility
from registry.usecases.references import ModelReference, parse_reference

__all__ = ["PublishTarget", "publish_target"]


@dataclass(frozen=True)
class PublishTarget:
    """`model` is None if the name is free for `account`; `visibility` is then the new one's."""

    slug: str
    account: str
    visibility: Visibility
    model: Model | None = None


def publish_target(
    state: RegistryState, name: str, account: str, asked: Visibility | None
) -> PublishTarget:
    """Returns what a name means for an account that publishes.

    Args:
        state: what is recorded.
        name: `[owner/]slug`.
        account: who publishes.
        asked: the visibility that was asked for; None takes what the model has, public for a new
            one.

    Raises:
        ConfigError: a name with a channel or number, a visibility that the model hasn't, several
            models of that name, or somebody else's.
    """
    reference = parse_reference(name)
    if reference.channel is not None or reference.number is not None:
        hint = f"; to move the channel give --channel {reference.channel}"
        raise ConfigError(
            f"publishing makes the next version: expected a name alone, got {name!r}"
            + (hint if reference.channel else "")
        )
    found = _candidates(state, reference, account)
    if not found:
        if reference.owner not in (None, account):
            raise ConfigError(f"{account} may not publish {name}: ask its owner for the role")
        return PublishTarget(reference.slug, account, asked or Visibility.PUBLIC)
    _require_own(found, reference, account)
    model = found[0]
    if asked is not None and asked is not model.visibility:
        kept, wanted = model.visibility.name.lower(), asked.name.lower()
        raise ConfigError(
            f"{model.slug} is a {kept} model, and {wanted} was asked for; nothing was stored: "
            "publish it under another name"
        )
    return PublishTarget(model.slug, account, model.visibility, model)


def _require_own(found: Sequence[Model], reference: ModelReference, account: str) -> None:
    """Refuses a bare name that means somebody else's model.

    Whoever owns a model names its publishers, and needs nobody's consent: a bare name must not send
    an account's content into a model that somebody else has prepared for it.
    """
    foreign = [model for model in found if model.owner != account]
    if foreign and reference.owner is None:
        theirs = " or ".join(f"{m.owner}/{m.slug}" for m in foreign)
        raise ConfigError(
            f"{reference.slug} is another owner's model, which {account} may publish: say "
            f"{theirs}, or {account}/{reference.slug} for one of your own"
        )


def _candidates(state: RegistryState, reference: ModelReference, account: str) -> list[Model]:
    """Returns the models that an account may publish under a name; its own alone if it has one."""
    found = [
        model
        for model in state.catalogue.models.values()
        if model.slug == reference.slug
        and account in (model.owner, *model.publishers)
        and reference.owner in (None, model.owner)
    ]
    own = [model for model in found if model.owner == account]
    return own or found
