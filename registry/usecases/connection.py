"""The parts that every use case needs, opened once."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from registry.addresses import ZERO_ADDRESS
from registry.chain.artifacts import CONTRACTS
from registry.chain.bindings.deployed import DeployedContracts
from registry.chain.contracts import Contract
from registry.chain.deployments import Deployment, deployment_path, load_deployment
from registry.chain.events import EventReader
from registry.chain.gateway import Gateway, connect
from registry.chain.transactions import TransactionSender, WaitPolicy
from registry.config import Settings
from registry.errors import KeyNeeded
from registry.index import ChainIndex, RegistryState
from registry.signing import Domain, Signer
from registry.storage import Store, open_store

__all__ = ["Connection", "sender_of"]


def sender_of(gateway: Gateway, signer: Signer, settings: Settings) -> TransactionSender:
    """Returns who sends for an account, as patient and as generous as the settings say."""
    return TransactionSender(
        gateway,
        signer,
        settings.state,
        WaitPolicy(confirmations=settings.confirmations),
        max_fee=settings.max_fee,
        again=settings.again,
    )


@dataclass
class Connection:
    """An open connection to one deployment and one store; `signer` is None for a reader.

    `confirmations` says how many blocks have to lie on one before this account relies on it.
    """

    gateway: Gateway
    deployment: Deployment
    store: Store
    signer: Signer | None
    state_folder: Path
    sender: TransactionSender | None
    contracts: dict[str, Contract]
    index: ChainIndex
    confirmations: int = 0
    _seen: tuple[int, RegistryState] | None = field(default=None, init=False, repr=False)

    @classmethod
    def open(
        cls,
        settings: Settings,
        signer: Signer | None = None,
        deployment_digest: bytes | None = None,
    ) -> Connection:
        """Connects to the chain and the store that the settings name, and checks the deployment.

        Args:
            settings: where they are.
            signer: who sends; None for a reader.
            deployment_digest: the SHA-256 digest that the deployment's file has to have; None: any.
        """
        gateway = connect(settings.rpc)
        path = deployment_path(settings.deployments, gateway.chain_id)
        deployment = load_deployment(path, gateway, digest=deployment_digest)
        return cls.assemble(gateway, deployment, open_store(settings.storage), signer, settings)

    @classmethod
    def assemble(
        cls,
        gateway: Gateway,
        deployment: Deployment,
        store: Store,
        signer: Signer | None,
        settings: Settings,
    ) -> Connection:
        """Puts opened parts together."""
        sender = sender_of(gateway, signer, settings) if signer else None
        contracts = {
            name: Contract(name, deployment.address(name), gateway, sender) for name in CONTRACTS
        }
        addresses = {str(contract.address): name for name, contract in contracts.items()}
        reader = EventReader(gateway, addresses, deployment.first_block)
        return cls(
            gateway,
            deployment,
            store,
            signer,
            settings.state,
            sender,
            contracts,
            ChainIndex(reader),
            settings.confirmations,
        )

    @property
    def account(self) -> str:
        """The address that signs.

        Raises:
            KeyNeeded: no key was given.
        """
        if self.signer is None:
            raise KeyNeeded
        return self.signer.address

    @property
    def key(self) -> Signer:
        """The signer.

        Raises:
            KeyNeeded: no key was given.
        """
        if self.signer is None:
            raise KeyNeeded
        return self.signer

    def state(self) -> RegistryState:
        """Returns the registry's state as of now; within `look`, as of its beginning."""
        if self._seen is None:
            return self.index.sync()
        if self._seen[0] != self._sends():
            self._seen = self._sends(), self.index.sync()
        return self._seen[1]

    @contextmanager
    def look(self) -> Iterator[None]:
        """Reads the chain once for everything within, and anew after this account sent something.

        So a look at many rounds costs a node as much as one at none.
        """
        if self._seen is not None:
            yield
            return
        self._seen = self._sends(), self.index.sync()
        try:
            yield
        finally:
            self._seen = None

    def renew(self) -> None:
        """Has the chain read anew within a look: before a step, others may have taken it."""
        if self._seen is not None:
            self._seen = self._sends(), self.index.sync()

    def _sends(self) -> int:
        return 0 if self.sender is None else self.sender.sent

    @property
    def chain(self) -> DeployedContracts:
        """The deployment's contracts, with their functions as typed calls."""
        return DeployedContracts(self.contracts)

    def successor(self) -> str:
        """Returns the address of the registry that succeeds this one; empty if none does."""
        named = self.chain.model_registry.successor().read()
        return "" if named == ZERO_ADDRESS else named

    def rounds_domain(self) -> Domain:
        """Returns the EIP-712 domain of TrainingRounds, as the contract tells it (ERC-5267)."""
        _, name, version, chain_id, contract, *_ = self.chain.training_rounds.eip712_domain().read()
        return Domain(name, version, chain_id, contract)
