"""One call of a contract, typed by what it answers: views to read, calls to send.

The classes of `registry.chain.bindings` make them, a method per function of the ABI. A call is a
value, so that its data can name an intent or be announced before it is sent, and so that many
views can be read in one request.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Generic, TypeVar, cast

from registry.chain.contracts import Contract
from registry.chain.transactions import Intent, Receipt

__all__ = ["BoundContract", "Call", "View"]

T = TypeVar("T")


@dataclass(frozen=True)
class View(Generic[T]):
    """A view with its arguments; `T` is what it answers."""

    contract: Contract
    function: str
    arguments: tuple[object, ...]

    def read(self, *, block: int | str = "latest") -> T:
        """Returns what the view answers at a block.

        Raises:
            Reverted: the view refuses.
            ChainError: the answer is no valid encoding (is the contract really there?).
        """
        return cast(T, self.contract.read(self.function, *self.arguments, block=block))

    def request(self, block: int | str) -> tuple[str, list[Any]]:
        """Returns the JSON-RPC method and parameters that ask for it."""
        return self.contract.view_request(self.function, *self.arguments, block=block)

    def answer(self, raw: object) -> T:
        """Returns what a raw answer stands for; it may be the node's refusal.

        Raises:
            Reverted: the view refuses.
            ChainError: the answer is no valid encoding (is the contract really there?).
        """
        return cast(T, self.contract.view_answer(self.function, raw))


@dataclass(frozen=True)
class Call:
    """A call that changes something, once it is sent."""

    contract: Contract
    function: str
    arguments: tuple[object, ...]

    @property
    def data(self) -> bytes:
        """The selector and the encoded arguments."""
        return self.contract.call_data(self.function, *self.arguments)

    def send(self, *, intent: Intent | None = None) -> Receipt:
        """Sends the call, or finds it sent by an earlier run, and returns its receipt.

        Args:
            intent: how the call is recognised when it is run again; by its data without one.

        Raises:
            ConfigError: no signer was given.
            Reverted: the contract refuses.
        """
        return self.contract.write(self.function, *self.arguments, intent=intent)


class BoundContract:
    """A deployed contract whose functions a generated class has as methods."""

    def __init__(self, contract: Contract) -> None:
        self.contract = contract

    @property
    def address(self) -> str:
        """Where it is deployed."""
        return self.contract.address
