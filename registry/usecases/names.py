"""What a model's name means, to this user and this account (M-11, M-12)."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Protocol

from registry.errors import ConfigError
from registry.index import RegistryState
from registry.types import Model
from registry.usecases.name_pins import NamePin, NamePins
from registry.usecases.references import ModelReference, parse_reference

__all__ = ["AliasResolver", "Names"]


class AliasResolver(Protocol):
    """Finds the account behind a name such as ENS keeps; none is shipped."""

    def address_of(self, alias: str) -> str | None:
        """Returns the account of an owner's alias, None if it has none."""


class Names:
    """Finds models by name; what a short name means is settled at its first use.

    Args:
        pins: what was settled.
        account: who asks; None for a reader.
        aliases: finds owners that are written as words; None: only addresses are taken.
        tell: is given a line for people when a short name is settled.
    """

    def __init__(
        self,
        pins: NamePins,
        account: str | None,
        aliases: AliasResolver | None = None,
        tell: Callable[[str], None] | None = None,
    ) -> None:
        self.pins = pins
        self.aliases = aliases
        self.tell: Callable[[str], None] = tell or (lambda line: None)
        self._account = account

    def reference(self, text: str) -> ModelReference:
        """Reads a name, and finds its owner if that is an alias.

        Raises:
            ConfigError: the text is no name, or nobody is known by that alias.
        """
        return parse_reference(text, self._owner)

    def _owner(self, alias: str) -> str:
        found = self.aliases.address_of(alias) if self.aliases is not None else None
        if found is None:
            raise ConfigError(
                f"expected OWNER/NAME with the owner's address, got the owner {alias!r}"
            )
        return found

    def model(self, state: RegistryState, text: str) -> Model:
        """Returns the model of a name where all of a model is meant.

        Raises:
            ConfigError: a channel or version is named, which nothing would heed, or the name means
                no one model.
        """
        reference = self.reference(text)
        if reference.channel is not None or reference.number is not None:
            raise ConfigError(f"this is about a whole model: expected its name alone, got {text!r}")
        return self.resolve(state, reference)

    def resolve(self, state: RegistryState, reference: ModelReference) -> Model:
        """Returns the model that a reference means.

        A name with its owner means that owner's. A short one means what it is pinned to; without a
        pin the account's own, else the only one of that name, which is pinned by that.

        Raises:
            ConfigError: there is none, several owners have one of that name, or the model that the
                name is pinned to changed hands.
        """
        if reference.model_id is not None:
            return _of_id(state, reference.model_id)
        if reference.owner is not None:
            return _of_owner(state, reference.slug, reference.owner)
        pin = self.pins.get(reference.slug)
        if pin is not None:
            return _pinned(state, pin)
        model = self._unpinned(state, reference.slug)
        self.settle(model)
        return model

    def _unpinned(self, state: RegistryState, slug: str) -> Model:
        models = [m for m in state.catalogue.models.values() if m.slug == slug]
        chosen = [m for m in models if m.owner == self._account] or models
        if not chosen:
            raise ConfigError(f"no model named {slug!r} is registered; see `tally model list`")
        if len(chosen) > 1:
            names = ", ".join(sorted(m.name for m in chosen))
            raise ConfigError(
                f"several models are named {slug!r}: say which of {names}, or settle it with "
                "`tally name pin OWNER/NAME`"
            )
        return chosen[0]

    def settle_own(self, model: Model, called: str) -> None:
        """Pins the account's model if it was called by its short name or that has no other pin.

        Args:
            model: the account's.
            called: the name that the account used.

        Raises:
            ConfigError: the file of the pins is damaged or can't be written.
        """
        pin, short = self.pins.get(model.slug), "/" not in called and not called.startswith("0x")
        if short or pin is None or pin.model_id == model.model_id:
            self.settle(model)

    def settle(self, model: Model) -> NamePin:
        """Pins a model's short name to it and tells so, unless that is settled already.

        Raises:
            ConfigError: the file of the pins is damaged or can't be written.
        """
        standing = self.pins.get(model.slug)
        settled = standing is not None and standing.model_id == model.model_id
        if standing is not None and settled and standing.owner == model.owner:
            return standing
        pin = NamePin(model.slug, model.model_id, model.owner, int(time.time()))
        self.pins.put(pin)
        self.tell(f"{model.slug} means {model.name} from now on (`tally name list`)")
        return pin


def _of_id(state: RegistryState, model_id: bytes) -> Model:
    model = state.catalogue.models.get(model_id)
    if model is None:
        raise ConfigError(f"no model has the id 0x{model_id.hex()}; see `tally model list`")
    return model


def _of_owner(state: RegistryState, slug: str, owner: str) -> Model:
    models = [m for m in state.catalogue.models.values() if (m.slug, m.owner) == (slug, owner)]
    if not models:
        raise ConfigError(f"{owner} owns no model named {slug!r}; see `tally model list`")
    if len(models) > 1:
        ids = " or ".join("0x" + m.model_id.hex() for m in models)
        raise ConfigError(f"{owner} owns {len(models)} models named {slug!r}: say {ids}")
    return models[0]


def _pinned(state: RegistryState, pin: NamePin) -> Model:
    model = state.catalogue.models.get(pin.model_id)
    if model is None:
        raise ConfigError(
            f"{pin.slug} means {pin.owner}/{pin.slug} here, which this registry doesn't have: is "
            f"it the right one? If so: tally name forget {pin.slug}"
        )
    if model.owner != pin.owner:
        raise ConfigError(
            f"{pin.slug} was {pin.owner}'s model when it was first used here and is "
            f"{model.owner}'s now; if you trust them: tally name pin {model.name}"
        )
    return model
