"""A chain and a storage node together, with accounts that have funds."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from registry.chain.gateway import Gateway
from registry.chain.receipts import find_receipt
from registry.chain.transactions import TransactionSender
from registry.devnet.chains import ChainProcess, start_anvil
from registry.errors import ConfigError, NodeUnavailable, TransactionTimedOut
from registry.redaction import redacted_url
from registry.signing import LocalSigner
from registry.storage.opening import is_node_address

__all__ = ["DEV_KEYS", "Network", "fund", "start_network"]

# The first keys of the mnemonic that every development chain uses; they are public knowledge.
DEV_KEYS = (
    "0xac0974bec39a17e36ba4a6b4d238ff944bacb478cbed5efcae784d7bf4f2ff80",
    "0x59c6995e998f97a5a0044966f0945389dc9e86dae88c7a8412f4603b6b78690d",
    "0x5de4111afa1a4b94908f83103eb1f1706367c2e68ca870fc3fb9a804cdab365a",
)

_FUNDING_SECONDS, _LOOK_SECONDS = 60.0, 0.1


@dataclass(frozen=True)
class Network:
    """Where a running network answers."""

    rpc: str
    storage: str
    chain: ChainProcess

    def check(self) -> None:
        """Refuses to go on with a chain that is gone.

        Raises:
            NodeUnavailable: its process ended.
        """
        code = self.chain.process.poll()
        if code is not None:
            raise NodeUnavailable(f"the chain at {self.rpc} ended with code {code}; start it again")


@contextmanager
def start_network(folder: Path, ipfs: str | None = None, port: int = 0) -> Iterator[Network]:
    """Starts Anvil and, if asked for, a storage node; ends both on leaving.

    Args:
        folder: where the storage lives.
        ipfs: None for the embedded store, `kubo` for a Kubo node started here, or the RPC
            address of a node that runs already.
        port: Anvil's port; 0 for a free one.

    Raises:
        ConfigError: `ipfs` is neither, or the port is taken.
    """
    if ipfs not in (None, "kubo") and not is_node_address(ipfs):
        raise ConfigError(
            "--ipfs: expected `kubo` to start a node, or a node's RPC address such as "
            f"http://127.0.0.1:5001, got {redacted_url(ipfs)!r}"
        )
    with ExitStack() as stack:
        chain = stack.enter_context(start_anvil(port))
        if ipfs is None:
            storage = str(folder / "blobs")
        elif ipfs == "kubo":
            from registry.storage import start_kubo

            storage = stack.enter_context(start_kubo(folder / "kubo")).api_url
        else:
            storage = ipfs
        yield Network(chain.url, storage, chain)


def fund(gateway: Gateway, account: str, wei: int, state_folder: Path) -> None:
    """Sends an account ether from the development chain's first account, or from the node's own.

    Raises:
        ConfigError: neither has as much.
        TransactionTimedOut: not mined in time.
    """
    first = LocalSigner.from_key(DEV_KEYS[0])
    if gateway.balance(first.address) > wei:
        sender = TransactionSender(gateway, first, state_folder)
        sender.send(account, b"", value=wei, context=f"fund {account}")
        return
    # A Ganache that was started without the mnemonic has other accounts, and signs for them.
    richest = max(gateway.request("eth_accounts", []), key=gateway.balance, default=None)
    if richest is None or gateway.balance(richest) <= wei:
        raise ConfigError(
            f"{gateway.name}: no development account has {wei / 10**18:g} ether; send it with a "
            "wallet, or start a chain of your own: tally up"
        )
    call = {"from": richest, "to": account, "value": hex(wei)}
    _wait_until_mined(gateway, gateway.request("eth_sendTransaction", [call]))


def _wait_until_mined(gateway: Gateway, transaction: str) -> None:
    ends = time.monotonic() + _FUNDING_SECONDS
    while find_receipt(gateway, transaction) is None:
        if time.monotonic() > ends:
            raise TransactionTimedOut(f"{transaction} was sent and isn't mined yet; look again")
        time.sleep(_LOOK_SECONDS)
