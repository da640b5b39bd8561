"""Where an audited app stands: chain, storage and keys, from the environment that `tally` reads.

`TALLY_MODEL` names the model. The server's key is in `TALLY_KEY` (or a keystore, as for `tally`). A
client's is too, in its own process; in a simulation, where one process plays many nodes,
`TALLY_FLOWER_KEYS` is a folder with a key file for each partition: `0.key`, `1.key` and so on. With
`TALLY_FLOWER_HIDDEN=required` a client trains in hidden rounds alone.
"""

from __future__ import annotations

import stat
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from flwr.app import Context

from registry.client import RegistryClient
from registry.config import load_settings
from registry.errors import ConfigError
from registry.signing import LocalSigner, signer_from_environment
from trainer.adapters.chain_clock import ChainClock
from trainer.adapters.registry_board import RegistryBoard
from trainer.adapters.store_blobs import StoreBlobs

__all__ = ["AppEnvironment", "client_signer", "open_ground", "requires_hidden", "server_signer"]

_PARTITION = "partition-id"
_LARGEST_KEY = 200


@dataclass(frozen=True)
class AppEnvironment:
    """One account's board, storage and clock, and a folder of its own.

    Args:
        client: signs with the account's key.
        model: the model's name.
        work: kept between rounds.
    """

    client: RegistryClient
    model: str
    work: Path

    @property
    def board(self) -> RegistryBoard:
        """The rounds as the account sees them."""
        return RegistryBoard(self.client)

    @property
    def blobs(self) -> StoreBlobs:
        """The storage."""
        return StoreBlobs(self.client.connection.store)

    @property
    def clock(self) -> ChainClock:
        """The chain's time."""
        return ChainClock.of(self.client)


@contextmanager
def open_ground(signer: LocalSigner, environment: Mapping[str, str]) -> Iterator[AppEnvironment]:
    """Opens what the environment names, as an account.

    Raises:
        ConfigError: no model is named, or a setting is malformed.
    """
    model = environment.get("TALLY_MODEL")
    if not model:
        raise ConfigError("expected the model's name in TALLY_MODEL, got none; set it")
    settings = load_settings(environment=environment)
    # Nodes of a simulation run side by side: each account keeps its own state.
    own = settings.state / "flower" / signer.address.lower()
    with RegistryClient.open(replace(settings, state=own), signer) as client:
        yield AppEnvironment(client, model, own / "rounds")


def server_signer(environment: Mapping[str, str]) -> LocalSigner:
    """Returns the server's key.

    Raises:
        ConfigError: the environment names none, or a malformed one.
    """
    signer = signer_from_environment(environment)
    if signer is None:
        raise ConfigError("expected the key in TALLY_KEY or a TALLY_KEYSTORE, got none; set one")
    return signer


def client_signer(context: Context, environment: Mapping[str, str]) -> LocalSigner:
    """Returns a node's key: its partition's in a simulation, otherwise its process's.

    Raises:
        ConfigError: no key, a malformed one, or a file that others can read.
    """
    folder = environment.get("TALLY_FLOWER_KEYS")
    if not folder:
        return server_signer(environment)
    partition = context.node_config.get(_PARTITION)
    if type(partition) is not int or partition < 0:
        raise ConfigError(
            f"TALLY_FLOWER_KEYS: expected a node with a {_PARTITION}, got {partition!r}"
        )
    return _key_in(Path(folder) / f"{partition}.key")


def requires_hidden(environment: Mapping[str, str]) -> bool:
    """Tells whether a node trains in hidden rounds alone, whatever a server asks for.

    Raises:
        ConfigError: the environment says something else.
    """
    wish = environment.get("TALLY_FLOWER_HIDDEN", "")
    if wish not in ("", "required"):
        raise ConfigError(f"TALLY_FLOWER_HIDDEN: expected 'required' or nothing, got {wish!r}")
    return bool(wish)


def _key_in(path: Path) -> LocalSigner:
    if path.is_symlink() or not path.is_file():
        raise ConfigError(f"{path}: expected a file with this node's key; write one")
    mode = stat.S_IMODE(path.stat().st_mode)
    if mode & 0o077:
        raise ConfigError(f"{path}: expected mode 0600, got {mode:04o}; others could read the key")
    with path.open() as file:
        text = file.read(_LARGEST_KEY)
    try:
        return LocalSigner.from_key(text)
    except ConfigError as error:
        # Without the cause: it might hold what was read.
        raise ConfigError(f"{path}: {error}") from None
