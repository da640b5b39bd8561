"""The few ERC-20 calls that any token answers, by the ABI of RewardToken."""

from __future__ import annotations

from registry.chain.bindings.reward_token import RewardToken
from registry.chain.contracts import Contract
from registry.chain.gateway import Gateway
from registry.chain.transactions import Intent, TransactionSender

__all__ = ["approve", "balance_of", "transfer"]


def _bound(gateway: Gateway, token: str, sender: TransactionSender | None = None) -> RewardToken:
    return RewardToken(Contract("RewardToken", token, gateway, sender))


def balance_of(gateway: Gateway, token: str, account: str) -> int:
    """Returns an account's balance in the token's smallest unit."""
    return _bound(gateway, token).balance_of(account).read()


def approve(
    gateway: Gateway, sender: TransactionSender, token: str, spender: str, amount: int
) -> None:
    """Allows a spender to take exactly `amount`, unless it already may."""
    contract = _bound(gateway, token, sender)

    def allowed() -> bool:
        return contract.allowance(sender.address, spender).read() == amount

    if not allowed():
        # An earlier run's approval counts only while nobody has spent it.
        contract.approve(spender, amount).send(intent=Intent(stands=lambda _: allowed()))


def transfer(gateway: Gateway, sender: TransactionSender, token: str, to: str, amount: int) -> None:
    """Sends tokens to an account."""
    _bound(gateway, token, sender).transfer(to, amount).send()
