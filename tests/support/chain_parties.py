"""Parties on a development chain: their clients, a gateway that can be interfered with, a clock."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from registry.chain.deploy import Parameters, SenderExecutor, deploy
from registry.chain.deployments import load_deployment
from registry.chain.gateway import Gateway, connect
from registry.chain.transactions import TransactionSender
from registry.client import RegistryClient
from registry.config import Settings
from registry.devnet import fund
from registry.signing import LocalSigner
from registry.storage import Store, open_store
from registry.usecases.connection import Connection
from trainer.ports import Clock

__all__ = ["ChainScenario", "PowerCut", "TurnedClock", "WatchedGateway", "refusing_token"]

Forward = Callable[[], Any]
_AT_ONCE = Parameters(activation_delay=0)


class PowerCut(BaseException):
    """The process ends here: nothing in the project may catch it."""


@dataclass(frozen=True)
class WatchedGateway(Gateway):
    """A connection on which a test acts: `around(method, params, forward)` answers each request."""

    around: Callable[[str, list[Any], Forward], Any] = lambda method, params, forward: forward()

    @classmethod
    def over(cls, gateway: Gateway, around: Callable[[str, list[Any], Forward], Any]) -> Self:
        """Returns a watched connection to the same node."""
        return cls(gateway.url, gateway.chain_id, gateway.provider, around=around)

    def request(self, method: str, params: list[Any]) -> Any:
        """Returns what `around` makes of one request."""
        return self.around(method, params, lambda: Gateway.request(self, method, params))

    def batch(self, requests: Sequence[tuple[str, list[Any]]]) -> list[Any]:
        """Returns what `around` makes of each request."""
        return [self._alone(method, params) for method, params in requests]


class TurnedClock(Clock):
    """The chain's time, which waiting turns forward.

    Args:
        gateway: a development chain.
    """

    def __init__(self, gateway: Gateway) -> None:
        self._gateway = gateway

    def now(self) -> int:
        """Returns the newest block's time; the next block's is no earlier."""
        return self._gateway.timestamp()

    def wait_until(self, moment: int) -> None:
        """Mines a block of that time or a later one, unless there is one."""
        while (missing := moment - self._gateway.timestamp()) > 0:
            self._gateway.request("evm_increaseTime", [missing])
            self._gateway.request("evm_mine", [])


@dataclass
class ChainScenario:
    """A deployment and a store that several parties use; each keeps its state in its own folder.

    Args:
        gateway: the chain.
        deployments: the folder with the deployment's file.
        storage: as in settings: a folder or a node's address.
        work: a folder for the parties' state.
    """

    gateway: Gateway
    deployments: Path
    storage: str
    work: Path
    _open: ExitStack = field(default_factory=ExitStack, repr=False)

    @classmethod
    def deployed(
        cls,
        gateway: Gateway,
        deployer: LocalSigner,
        work: Path,
        storage: str = "",
        parameters: Parameters = _AT_ONCE,
    ) -> Self:
        """Deploys the contracts from a funded account."""
        executor = SenderExecutor(TransactionSender(gateway, deployer, work / "deployer"))
        deploy(gateway, executor, work / "deployments", parameters)
        return cls(gateway, work / "deployments", storage or str(work / "blobs"), work)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._open.close()

    def settings(self, who: LocalSigner | None) -> Settings:
        """Returns a party's settings; None is a reader without a key."""
        state = self.work / "state" / (who.address.lower() if who else "reader")
        return Settings(self.gateway.url, self.storage, self.deployments, state)

    def client(
        self,
        who: LocalSigner | None = None,
        *,
        store: Store | None = None,
        gateway: Gateway | None = None,
    ) -> RegistryClient:
        """Opens a party's client, over another store or connection if one is given."""
        settings = self.settings(who)
        chosen = gateway or connect(self.gateway.url)
        path = settings.deployments / f"{chosen.chain_id}.json"
        deployment = load_deployment(path, self.gateway)
        blocks = store or open_store(settings.storage)
        connection = Connection.assemble(chosen, deployment, blocks, who, settings)
        return self._open.enter_context(RegistryClient(connection))

    def fund(self, *accounts: LocalSigner, ether: int = 100) -> None:
        """Sends accounts ether from the chain's first account."""
        for account in accounts:
            fund(self.gateway, account.address, ether * 10**18, self.work / "funds")


@contextmanager
def refusing_token(gateway: Gateway, token: str) -> Iterator[None]:
    """A token whose every transfer returns false while it lasts."""
    code = gateway.request("eth_getCode", [token, "latest"])
    gateway.request("anvil_setCode", [token, "0x60205ff3"])  # returns a word of zeros
    try:
        yield
    finally:
        gateway.request("anvil_setCode", [token, code])
