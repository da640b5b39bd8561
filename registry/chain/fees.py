"""What a transaction offers for gas (EIP-1559), and how a stuck one is outbid."""

from __future__ import annotations

from dataclasses import dataclass

from registry.chain.gateway import Gateway, RpcError

__all__ = ["Fees", "outbid", "suggest"]

_DEFAULT_TIP = 1_000_000_000


@dataclass(frozen=True)
class Fees:
    """Wei per unit of gas: the most paid in all, and the tip within it."""

    max_fee: int
    tip: int

    def fields(self) -> dict[str, int]:
        """The transaction fields."""
        return {"maxFeePerGas": self.max_fee, "maxPriorityFeePerGas": self.tip}


def suggest(gateway: Gateway) -> Fees:
    """Returns twice the newest base fee plus the node's suggested tip.

    Twice the base fee outlasts six full blocks, each of which may raise it by an eighth.
    """
    base = int(gateway.block("latest").get("baseFeePerGas", "0x0"), 16)
    try:
        tip = int(gateway.request("eth_maxPriorityFeePerGas", []), 16)
    except RpcError:  # a node without the method (Ganache)
        tip = _DEFAULT_TIP
    return Fees(2 * base + tip, tip)


def outbid(fees: Fees, market: Fees) -> Fees:
    """Returns fees that replace a stuck transaction: an eighth more on both, or the market's.

    Nodes refuse a replacement that raises either by less than a tenth.
    """
    return Fees(
        max(fees.max_fee + fees.max_fee // 8 + 1, market.max_fee),
        max(fees.tip + fees.tip // 8 + 1, market.tip),
    )
