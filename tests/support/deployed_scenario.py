"""A deployment on the session's chain, as tests meet it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from registry.chain.contracts import Contract
from registry.chain.deployments import Deployment
from registry.chain.gateway import Gateway
from registry.chain.transactions import TransactionSender
from registry.signing import LocalSigner

__all__ = ["DeployedScenario"]


@dataclass
class DeployedScenario:
    """A deployment on a chain of its own, with the roles funded."""

    gateway: Gateway
    deployment: Deployment
    state: Path
    deployments: Path

    def sender(self, signer: LocalSigner) -> TransactionSender:
        """Returns a sender for a role."""
        return TransactionSender(self.gateway, signer, self.state)

    def contract(self, name: str, signer: LocalSigner | None = None) -> Contract:
        """Returns a contract as a role sees it."""
        sender = self.sender(signer) if signer else None
        return Contract(name, self.deployment.address(name), self.gateway, sender)

    def advance(self, seconds: int) -> None:
        """Moves the chain's clock."""
        self.gateway.request("evm_increaseTime", [seconds])
        self.gateway.request("evm_mine", [])
