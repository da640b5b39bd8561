"""Addresses of contracts that aren't made yet: they follow from the deployer's nonces (EIP-161).

Contracts that name each other in immutables can only be made with addresses that are foreseen. If
the deployer's account sends something else in between, what was foreseen doesn't come true, and
the circle is made anew: a contract that names a wrong address must never be used.
"""

from __future__ import annotations

import rlp
from eth_utils.address import to_checksum_address

from registry.chain.deployment_plan import CIRCLE
from registry.chain.deployments import Deployment
from registry.chain.gateway import Gateway
from registry.errors import ChainError
from registry.hashing import keccak256

__all__ = ["Foreseen", "created_address", "without_broken_circle"]

_LOOK_BACK = 64


def created_address(deployer: str, nonce: int) -> str:
    """Returns the checksummed address of what an account creates with a nonce."""
    encoded = rlp.encode([bytes.fromhex(deployer[2:]), nonce])
    return to_checksum_address(keccak256(encoded)[12:])


def next_nonce(gateway: Gateway, account: str) -> int:
    """Returns the nonce of an account's next transaction.

    Raises:
        ChainError: the node answers with no number.
    """
    answer = gateway.request("eth_getTransactionCount", [account, "pending"])
    try:
        return int(answer, 16)
    except (TypeError, ValueError) as error:
        raise ChainError(
            f"eth_getTransactionCount at {gateway.name}: expected a number, got {answer!r:.60}"
        ) from error


class Foreseen:
    """What addresses there are and will be when one contract of the plan is made.

    Args:
        gateway: the chain.
        deployment: what is made.
        deployer: who makes the rest.
        contract: what is made next.
    """

    def __init__(
        self, gateway: Gateway, deployment: Deployment, deployer: str, contract: str
    ) -> None:
        self._gateway, self._deployment = gateway, deployment
        self._deployer, self._contract = deployer, contract
        self._nonce: int | None = None

    def address(self, name: str) -> str:
        """Returns a contract's address, made or foreseen."""
        if name in self._deployment.contracts or name not in CIRCLE:
            return self._deployment.address(name)
        if self._nonce is None:
            self._nonce = next_nonce(self._gateway, self._deployer)
        ahead = CIRCLE.index(name) - CIRCLE.index(self._contract)
        return created_address(self._deployer, self._nonce + ahead)


def without_broken_circle(gateway: Gateway, deployment: Deployment, deployer: str) -> Deployment:
    """Returns a deployment without the contracts of a circle that can't be closed any more.

    An unfinished circle can be closed if the deployer's next nonce is that of its next contract.
    """
    made = [name for name in CIRCLE if name in deployment.contracts]
    waiting = [name for name in CIRCLE if name not in deployment.contracts]
    if not made or not waiting or waiting[0] in deployment.pending:
        return deployment
    following = next_nonce(gateway, deployer)
    first = deployment.address(made[0])
    started = following - len(made)
    if started >= 0 and created_address(deployer, started) == first:
        return deployment
    return deployment.without(made)
