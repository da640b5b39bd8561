"""A model registry on a chain, whose whole state anyone can fold from events and check.

Models have versions, versions are folders in content-addressed storage, and the chain keeps their
hashes, who may publish and who may read. Training rounds commit, reveal, propose and pay there.
What `RegistryClient` writes is a transaction of one account; what it reads is rebuilt from events,
and every byte that it fetches is checked against its hash. `registry.audit` checks all of it again
and trusts nobody.

From the ground up, each room knowing only those below it (`lint-imports` holds it):

* `types`, `errors`, `redaction`; `hashing`, `addresses`, `phases`: what everyone knows;
* `settings_file`, `own_files`, `dates`: what a user keeps of where things are; files for
  their owner alone; moments as people write them;
* `model_files`, `merkle`, `config`: which files a model may consist of, proofs of membership, where
  things are;
* `fraud_proofs`, `signing`: the trees behind an aggregate, and who signs what;
* `documents`: the formats that are stored and named by digest, each with one strict reader;
* `crypto`: private versions; `chain`, `storage`: the only rooms that speak to nodes;
* `index`: the state as a fold over events; `usecases`: what people do, one concern per file;
* `client`, `audit`, `devnet`: use cases gathered, everything checked again, a local network;
* `cli`: the command `tally`.

Example: a list of who may take part, as it is stored.
    >>> from registry import AllowList
    >>> crowd = AllowList.of(["0x" + "11" * 20])
    >>> AllowList.parse(crowd.to_json()) == crowd
    True
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from registry.client import RegistryClient, VersionMetadata
    from registry.config import Settings, load_settings
    from registry.documents.allow_list import AllowList
    from registry.documents.manifest import Manifest
    from registry.errors import TallystickError
    from registry.signing import (
        LocalSigner,
        Signer,
        signer_from_environment,
        signer_from_keystore,
    )
    from registry.types import Channel, Grant, Model, Version, Visibility

__all__ = [
    "AllowList",
    "Channel",
    "Grant",
    "LocalSigner",
    "Manifest",
    "Model",
    "RegistryClient",
    "Settings",
    "Signer",
    "TallystickError",
    "Version",
    "VersionMetadata",
    "Visibility",
    "load_settings",
    "signer_from_environment",
    "signer_from_keystore",
]

_HOMES = {
    "AllowList": "registry.documents.allow_list",
    "Channel": "registry.types",
    "VersionMetadata": "registry.client",
    "Grant": "registry.types",
    "LocalSigner": "registry.signing",
    "Manifest": "registry.documents.manifest",
    "Model": "registry.types",
    "RegistryClient": "registry.client",
    "Settings": "registry.config",
    "Signer": "registry.signing",
    "TallystickError": "registry.errors",
    "Version": "registry.types",
    "Visibility": "registry.types",
    "load_settings": "registry.config",
    "signer_from_environment": "registry.signing",
    "signer_from_keystore": "registry.signing",
}


def __getattr__(name: str) -> object:
    """Imports what is asked for: the client knows nearly every room, and few rooms need it."""
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value: object = getattr(import_module(_HOMES[name]), name)
    globals()[name] = value
    return value
