"""What a publish is for: the model that is there or the new one, and what contradicts it.

An option that says other than what is recorded is refused before a byte is stored: an option that
is dropped is a promise that is broken, and content that went out in the clear can't be taken back.
"""

from __future__ import annotations

from dataclasses import dataclass

from registry.errors import ConfigError
from registry.index import RegistryState
from registry.types import Model, ModelId, Visibility
from registry.usecases.name_pins import NamePin
from registry.usecases.names import Names
from registry.usecases.references import ModelReference

__all__ = ["PublishTarget", "publish_target", "require_own_name"]


@dataclass(frozen=True)
class PublishTarget:
    """`model` is None if the name is free for `account`; `visibility` is then the new one's."""

    slug: str
    account: str
    visibility: Visibility
    model: Model | None = None


def publish_target(
    state: RegistryState,
    names: Names,
    name: str,
    account: str,
    asked: Visibility | None = None,
    new: bool = False,
) -> PublishTarget:
    """Returns what a name means for an account that publishes (M-12).

    Args:
        state: what is recorded.
        names: what short names mean here.
        name: `[owner/]slug`.
        account: who publishes.
        asked: the visibility that was asked for; None takes what the model has, public for a new
            one.
        new: make a model of the account's own, though others have one of that name.

    Raises:
        ConfigError: a name with a channel or number, a visibility that the model hasn't, or
            somebody else's model, which the account may not publish or didn't name in full.
    """
    reference = names.reference(name)
    if reference.channel is not None or reference.number is not None:
        hint = f"; to move the channel give --channel {reference.channel}"
        raise ConfigError(
            f"publishing makes the next version: expected a name alone, got {name!r}"
            + (hint if reference.channel else "")
        )
    if reference.owner is None and reference.model_id is None:
        model = _of_short_name(state, names, reference.slug, account, new)
    else:
        model = _of_whole_name(state, names, reference, account)
    if model is None:
        return PublishTarget(reference.slug, account, asked or Visibility.PUBLIC)
    if asked is not None and asked is not model.visibility:
        kept, wanted = model.visibility.name.lower(), asked.name.lower()
        raise ConfigError(
            f"{model.slug} is a {kept} model, and {wanted} was asked for; nothing was stored: "
            "publish it under another name"
        )
    return PublishTarget(model.slug, account, model.visibility, model)


def _of_whole_name(
    state: RegistryState, names: Names, reference: ModelReference, account: str
) -> Model | None:
    """Returns the model of that owner or id; None for a name of the account's own that is free."""
    mine = [m for m in _named(state, reference.slug) if m.owner == account]
    if reference.owner == account and not mine:
        return None
    model = names.resolve(state, reference)
    if account not in (model.owner, *model.publishers):
        raise ConfigError(f"{account} may not publish {model.name}: ask its owner for the role")
    return model


def _of_short_name(
    state: RegistryState, names: Names, slug: str, account: str, new: bool
) -> Model | None:
    """Returns the account's own model of that name; None if it is to be made.

    Whoever owns a model names its publishers, and needs nobody's consent: a short name must not
    send an account's content into a model that somebody else has prepared for it, nor make a model
    of its own where the name means another's.
    """
    found, pin = _named(state, slug), names.pins.get(slug)
    mine = _own_model(found, pin, account, new)
    pinned = pin is not None and (mine is None or pin.model_id != mine.model_id)
    if new or (mine is not None and not pinned):
        return mine
    meant = [m for m in found if pin is None or m.model_id == pin.model_id]
    if not meant and not pinned:
        return None
    theirs = " or ".join(sorted(m.name for m in meant)) or f"a model of another registry ({slug})"
    own = "your own" if mine is not None else "a new one of your own (or give --new)"
    raise ConfigError(
        f"{slug} means another owner's model here, nothing was stored: say {theirs}, "
        f"or {account}/{slug} for {own}"
    )


def _own_model(found: list[Model], pin: NamePin | None, account: str, new: bool) -> Model | None:
    """Returns which of an account's models is meant; None if it has none of that name.

    Raises:
        ConfigError: it has several, as after it took one over, and nothing says which.
    """
    own = [m for m in found if m.owner == account]
    meant = [m for m in own if pin is not None and m.model_id == pin.model_id]
    if len(own) > 1 and not meant and (new or pin is None):
        ids = " or ".join("0x" + m.model_id.hex() for m in own)
        raise ConfigError(
            f"{account} owns {len(own)} models named {own[0].slug}, nothing was stored: say {ids}, "
            "or settle it with `tally name pin`"
        )
    return next(iter(meant or own), None)


def require_own_name(
    state: RegistryState, reference: ModelReference, account: str, model_id: ModelId
) -> None:
    """Refuses to register a name that would not mean one model, or is somebody else's.

    Args:
        state: what is recorded.
        reference: the name.
        account: who registers.
        model_id: what the contract would make of them (M-2).

    Raises:
        ConfigError: so it is.
    """
    if reference.owner not in (None, account) or reference.model_id is not None:
        raise ConfigError(f"expected a name of {account}'s own, got one of another's")
    for model in _named(state, reference.slug):
        if model.owner == account and model.model_id != model_id:
            raise ConfigError(
                f"{account} took over a model named {reference.slug} already, "
                f"0x{model.model_id.hex()}: publish versions of it, or take another name"
            )


def _named(state: RegistryState, slug: str) -> list[Model]:
    return [model for model in state.catalogue.models.values() if model.slug == slug]
