"""A deployed contract, called by its ABI's names: `read` calls a view, `write` sends a call.

`registry.chain.bindings` has typed classes over it; product code calls through these.
"""

from __future__ import annotations

from typing import Any

from eth_abi.abi import decode, encode
from eth_abi.exceptions import DecodingError, EncodingError
from eth_utils.address import is_address, to_checksum_address

from registry.chain.abi_values import misfit, typed_value, untyped_value
from registry.chain.answers import call_data
from registry.chain.artifacts import Artifact, load_artifact
from registry.chain.event_layout import decode_log
from registry.chain.gateway import Gateway, RpcError
from registry.chain.reverts import abi_type, revert_data, reverted
from registry.chain.transactions import Intent, Receipt, TransactionSender
from registry.errors import ChainError, ConfigError
from registry.hashing import keccak256
from registry.types import Event

__all__ = ["Contract", "constructor_arguments", "creation_code"]


def _listed(parameter: dict[str, Any], value: Any) -> Any:
    """Returns a value as a deployment's file has it: structs and arrays are lists."""
    kind: str = parameter["type"]
    if kind == "tuple":
        members = zip(parameter["components"], value, strict=True)
        return [_listed(member, item) for member, item in members]
    if kind == "address":
        return to_checksum_address(value)
    if kind.endswith("[]"):
        return [_listed({**parameter, "type": kind[:-2]}, item) for item in value]
    return value


def _constructor(artifact: Artifact) -> list[dict[str, Any]]:
    return next((e["inputs"] for e in artifact.abi if e["type"] == "constructor"), [])


def creation_code(artifact: Artifact, arguments: list[Any]) -> bytes:
    """Returns a contract's creation code followed by its encoded constructor arguments.

    Raises:
        ConfigError: more or fewer arguments than the constructor has.
    """
    inputs = _constructor(artifact)
    if len(inputs) != len(arguments):
        raise ConfigError(
            f"{artifact.name}: expected {len(inputs)} constructor arguments, got {len(arguments)}"
        )
    return artifact.bytecode + encode([abi_type(i) for i in inputs], arguments)


def constructor_arguments(artifact: Artifact, code: bytes) -> list[Any]:
    """Returns the arguments that creation code ends with; addresses get their checksum.

    The round-trip law: `constructor_arguments(a, creation_code(a, x)) == x`.

    Raises:
        ConfigError: the code is another contract's, or another version's.
    """
    inputs = _constructor(artifact)
    rest = code[len(artifact.bytecode) :]
    try:
        values = decode([abi_type(i) for i in inputs], rest)
        arguments = [_listed(i, v) for i, v in zip(inputs, values, strict=True)]
        if creation_code(artifact, arguments) == code:
            return arguments
    except (DecodingError, EncodingError, ValueError, IndexError, OverflowError, TypeError):
        pass  # told below: such code isn't ours
    raise ConfigError(
        f"expected the creation of {artifact.name} by this version of tallystick, got "
        f"{len(code)} bytes that are another; move the deployment's file away and deploy anew"
    )


class Contract:
    """One deployed contract.

    Args:
        name: the contract's name among the shipped artifacts.
        address: where it is deployed.
        gateway: the chain.
        sender: who sends; None for a reader.
    """

    def __init__(
        self, name: str, address: str, gateway: Gateway, sender: TransactionSender | None = None
    ) -> None:
        if not is_address(address):
            raise ConfigError(f"{name}: expected a 20-byte address, got {address!r}")
        self.name = name
        self.address = to_checksum_address(address)
        self._gateway = gateway
        self._sender = sender
        artifact = load_artifact(name)
        self._functions = {e["name"]: e for e in artifact.abi if e["type"] == "function"}

    def call_data(self, function: str, *arguments: Any) -> bytes:
        """Returns the selector and encoded arguments of a call.

        Raises:
            ConfigError: arguments that don't fit the function's types.
        """
        entry = self._functions[function]
        types = [abi_type(i) for i in entry["inputs"]]
        selector = keccak256(f"{function}({','.join(types)})".encode())[:4]
        try:
            return selector + encode(types, untyped_value(arguments))
        except (EncodingError, TypeError, ValueError) as error:
            said = misfit(entry["inputs"], arguments) or str(error)
            raise ConfigError(f"{said} ({self.name}.{function})") from error

    def read(self, function: str, *arguments: Any, block: int | str = "latest") -> Any:
        """Returns what a view answers: one value, a dataclass for a struct, a tuple for several.

        Raises:
            Reverted: the view refuses.
            ChainError: the answer is no valid encoding (is the contract really there?).
        """
        method, params = self.view_request(function, *arguments, block=block)
        try:
            answer = self._gateway.request(method, params)
        except RpcError as error:
            answer = error
        return self.view_answer(function, answer)

    def view_request(
        self, function: str, *arguments: Any, block: int | str = "latest"
    ) -> tuple[str, list[Any]]:
        """Returns the method and parameters that call a view."""
        tag = hex(block) if isinstance(block, int) else block
        data = "0x" + self.call_data(function, *arguments).hex()
        return "eth_call", [{"to": self.address, "data": data}, tag]

    def view_answer(self, function: str, answer: Any) -> Any:
        """Returns what a view's raw answer stands for; `answer` may be the node's refusal.

        Raises:
            Reverted: the view refuses.
            ChainError: the answer is no valid encoding (is the contract really there?).
            RpcError: a refusal that is none of the view: the node gave it, without revert data.
        """
        context = f"{self.name}.{function}"
        if isinstance(answer, RpcError):
            refusal = revert_data(answer.data)
            if refusal is None:
                raise answer
            raise reverted(refusal, context) from answer
        raw = call_data(answer, f"eth_call of {context} at {self._gateway.name}")
        outputs = self._functions[function]["outputs"]
        try:
            values = decode([abi_type(o) for o in outputs], raw)
            found = tuple(typed_value(o, v) for o, v in zip(outputs, values, strict=True))
        except (DecodingError, ValueError, IndexError, OverflowError, TypeError) as error:
            raise ChainError(
                f"{context}: expected an encoded answer, got {len(raw)} bytes that are none; "
                f"is {self.name} deployed at {self.address}?"
            ) from error
        if not found:
            return None
        return found[0] if len(found) == 1 else found

    def events(self, receipt: Receipt) -> list[Event]:
        """Returns what a transaction made this contract tell, in order."""
        own = (log for log in receipt.logs if log["address"].lower() == self.address.lower())
        return [event for log in own if (event := decode_log(self.name, log)) is not None]

    def forget(self, name: bytes) -> None:
        """Drops the intent of that name, which was seen to be done."""
        if self._sender is not None:
            self._sender.forget(self.address, name)

    def write(
        self,
        function: str,
        *arguments: Any,
        intent: Intent | None = None,
    ) -> Receipt:
        """Sends a call, or finds it sent by an earlier run, and returns its receipt.

        Args:
            function: its name.
            *arguments: the function's.
            intent: how the call is recognised when it is run again; by its data without one.

        Raises:
            ConfigError: no signer was given.
            Reverted: the contract refuses.
        """
        if self._sender is None:
            raise ConfigError(
                f"{self.name}.{function}: a key is needed; set TALLY_KEYSTORE or TALLY_KEY"
            )
        return self._sender.send(
            self.address,
            self.call_data(function, *arguments),
            context=f"{self.name}.{function}",
            intent=intent,
        )
