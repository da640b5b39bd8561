"""Registering a model, under a name that means one."""

from __future__ import annotations

from registry.storage import RAW
from registry.types import Model, Visibility
from registry.usecases.connection import Connection
from registry.usecases.names import Names
from registry.usecases.publish_targets import require_own_name
from registry.usecases.references import ModelReference

__all__ = ["register_model"]


def register_model(
    connection: Connection, names: Names, slug: str, visibility: Visibility, description: bytes
) -> Model:
    """Registers a model and returns it; `description` is stored and its digest recorded.

    Raises:
        ConfigError: the name is another account's, or would mean two models.
        Reverted: the contract refuses, e.g. `ModelExists`.
    """
    reference, account = names.reference(slug), connection.account
    registry = connection.chain.model_registry
    would_be = registry.model_id_of(account, reference.slug).read()
    require_own_name(connection.state(), reference, account, would_be)
    digest = bytes(32)
    if description:
        cid = connection.store.put_block(description, RAW)
        connection.store.pin(cid)
        digest = cid.digest
    registry.register(reference.slug, int(visibility), digest).send()
    model = names.resolve(connection.state(), ModelReference(reference.slug, account))
    names.settle_own(model, slug)
    return model
