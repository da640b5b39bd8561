"""The few ERC-20 calls that any token answers, by the ABI of RewardToken."""

from __future__ import annotations

from registry.chain.contracts import Contract
from registry.chain.gateway import Gateway
from registry.chain.transactions import Intent, TransactionSender

__all__ = ["approve", "balance_of", "transfer"]


def balance_of(gateway: Gateway, token: str, account: str) -> int:
    """Returns an account's balance in the token's smallest unit."""
    return int(Contract("RewardToken", token, gateway).read("balanceOf", account))


def approve(
    gateway: Gateway, sender: TransactionSender, token: str, spender: str, amount: int
) -> None:
    """Allows a spender to take exactly `amount`, unless it already may."""
    contract = Contract("RewardToken", token, gateway, sender)

    def allowed() -> bool:
        return bool(contract.read("allowance", sender.address, spender) == amount)

    if not allowed():
        # An earlier run's approval counts only while nobody has spent it.
        contract.write("approve", spender, amount, intent=Intent(stands=lambda _: allowed()))


def transfer(gateway: Gateway, sender: TransactionSender, token: str, to: str, amount: int) -> None:
    """Sends tokens to an account."""
    Contract("RewardToken", token, gateway, sender).write("transfer", to, amount)
