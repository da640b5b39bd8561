"""A deployment's file, handed from who deployed to who takes part, by its digest (T-4)."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from registry.chain.deployments import Deployment, deployment_path, load_deployment
from registry.chain.gateway import Gateway
from registry.errors import ConfigError
from registry.hashing import sha256
from registry.model_files.local_files import local_files

__all__ = ["ExchangedFile", "deployment_at", "export_deployment", "import_deployment"]


@dataclass(frozen=True)
class ExchangedFile:
    """A deployment's file, checked against the chain, and the SHA-256 digest of its text."""

    path: Path
    digest: bytes
    deployment: Deployment


def deployment_at(folder: Path, gateway: Gateway) -> ExchangedFile:
    """Returns the finished deployment of a chain.

    Args:
        folder: of the deployments.
        gateway: the chain.

    Raises:
        ConfigError: no such file, malformed, cut, or of other contracts than this package's.
        WrongChain: of another chain, or the code is gone.
    """
    path = deployment_path(folder, gateway.chain_id)
    return ExchangedFile(path, _digest(path), load_deployment(path, gateway))


def export_deployment(folder: Path, gateway: Gateway, target: Path) -> ExchangedFile:
    """Copies a chain's deployment to a new file, as it is.

    Args:
        folder: of the deployments.
        gateway: the chain.
        target: the file, or a folder for `<chainId>.json`.

    Raises:
        ConfigError, WrongChain: as in `deployment_at`, or another file is there.
    """
    found = deployment_at(folder, gateway)
    place = target / found.path.name if target.is_dir() else target
    with local_files(found.path):
        text = found.path.read_bytes()
    _put(text, place, force=False)
    return ExchangedFile(place, found.digest, found.deployment)


def import_deployment(
    source: Path, digest: bytes, folder: Path, gateway: Gateway, *, force: bool = False
) -> ExchangedFile:
    """Takes a deployment's file over, if it has the digest and is of this chain.

    Args:
        source: the file that was handed over.
        digest: its SHA-256, 32 bytes, from whoever vouches for it.
        folder: of the deployments.
        gateway: the chain.
        force: replace another deployment of this chain.

    Raises:
        ConfigError: no file, another digest, malformed, cut, of other contracts than this
            package's, or another deployment of this chain is there.
        WrongChain: of another chain, or the code is gone.
    """
    if not source.is_file():
        raise ConfigError(f"expected a deployment's file at {source}; check the path")
    with local_files(source):
        text = source.read_bytes()  # once: whoever handed it over may still change it
        deployment = load_deployment(source, gateway, digest=digest)
    if sha256(text) != digest:
        raise ConfigError(f"{source}: it was changed while it was read; nothing was written")
    place = deployment_path(folder, gateway.chain_id)
    _put(text, place, force=force)
    return ExchangedFile(place, digest, deployment)


def _put(text: bytes, place: Path, *, force: bool) -> None:
    with local_files(place):
        if place.exists() and place.read_bytes() == text:
            return
        if place.exists() and not force:
            raise ConfigError(
                f"{place} is there and another file; move it away, or give another place"
            )
        place.parent.mkdir(parents=True, exist_ok=True)
        part = place.with_suffix(f".{os.getpid()}.part")
        part.write_bytes(text)
        part.replace(place)


def _digest(path: Path) -> bytes:
    if not path.exists():
        raise ConfigError(f"no deployment at {path}; run `tally deploy` or give --deployments")
    with local_files(path):
        return sha256(path.read_bytes())
