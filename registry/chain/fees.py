"""What a transaction offers for gas, how a stuck one is outbid, and the most that is ever offered.

A node tells what gas costs, and could tell anything: nothing is signed above a ceiling.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from registry.chain import answers
from registry.chain.gateway import Gateway, RpcError
from registry.chain.local_chains import LOCAL_CHAINS
from registry.errors import ChainError

__all__ = ["Fees", "ceiling_of", "outbid", "suggest"]

_GWEI = 10**9
_DEFAULT_TIP = _GWEI


@dataclass(frozen=True)
class Fees:
    """Wei per unit of gas: the most paid in all, and the tip within it.

    `legacy` is for a chain without EIP-1559, where `max_fee` is the price.
    """

    max_fee: int
    tip: int
    legacy: bool = False

    def fields(self) -> dict[str, int]:
        """The transaction fields."""
        if self.legacy:
            return {"gasPrice": self.max_fee}
        return {"type": 2, "maxFeePerGas": self.max_fee, "maxPriorityFeePerGas": self.tip}

    @classmethod
    def of(cls, fields: dict[str, Any]) -> Fees:
        """Returns the fees that a transaction's fields offer."""
        if "gasPrice" in fields:
            return cls(int(fields["gasPrice"]), 0, legacy=True)
        return cls(int(fields["maxFeePerGas"]), int(fields["maxPriorityFeePerGas"]))


def ceiling_of(chain_id: int) -> int:
    """Returns the most wei per unit of gas that is offered where nobody says otherwise."""
    return (200 if chain_id in LOCAL_CHAINS else 300) * _GWEI


def _shown(wei: int) -> str:
    return f"{wei / _GWEI:,.9g} gwei" if wei < 10**30 else f"{wei:.3e} wei"


def _too_high(gateway: Gateway, asked: int, parts: str, ceiling: int) -> ChainError:
    return ChainError(
        f"expected at most {_shown(ceiling)} per gas, {gateway.name} asks for {_shown(asked)} "
        f"({parts}); wait, use another node, or allow more with --max-fee (gwei)"
    )


def suggest(gateway: Gateway, ceiling: int | None = None) -> Fees:
    """Returns twice the newest base fee plus the node's suggested tip, at most the ceiling.

    Twice the base fee outlasts six full blocks, each of which may raise it by an eighth.

    Args:
        gateway: the chain.
        ceiling: wei per gas; None: the chain's usual one.

    Raises:
        ChainError: a transaction would have to offer more than the ceiling.
    """
    most = ceiling_of(gateway.chain_id) if ceiling is None else ceiling
    told = gateway.block("latest").get("baseFeePerGas")
    if told is None:  # a chain without EIP-1559
        price = gateway.quantity("eth_gasPrice", [])
        if price > most:
            raise _too_high(gateway, price, "its gas price", most)
        return Fees(price, 0, legacy=True)
    base = answers.quantity(told, f"baseFeePerGas of a block at {gateway.name}")
    try:
        tip = gateway.quantity("eth_maxPriorityFeePerGas", [])
    except RpcError:  # a node without the method (Ganache)
        tip = _DEFAULT_TIP
    if base + tip > most:
        parts = f"base fee {_shown(base)}, tip {_shown(tip)}"
        raise _too_high(gateway, base + tip, parts, most)
    return Fees(min(2 * base + tip, most), tip)


def outbid(fees: Fees, market: Fees, ceiling: int | None = None) -> Fees | None:
    """Returns fees that replace a stuck transaction: an eighth more on both, or the market's.

    Nodes refuse a replacement that raises either by less than a tenth; None where that would be
    more than the ceiling.
    """
    raised = Fees(
        max(fees.max_fee + fees.max_fee // 8 + 1, market.max_fee),
        0 if fees.legacy else max(fees.tip + fees.tip // 8 + 1, market.tip),
        fees.legacy,
    )
    return raised if ceiling is None or raised.max_fee <= ceiling else None
