"""EIP-712: the statements that participants sign, and their digests.

Source: EIP-712, "Typed structured data hashing and signing". The digest is
`keccak(0x1901 ‖ domainSeparator ‖ hashStruct(message))`.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import Any, ClassVar

from eth_abi.abi import encode
from eth_abi.encoding import TupleEncoder
from eth_abi.registry import registry as abi_types
from eth_utils.address import is_address, to_checksum_address

from registry.errors import ConfigError
from registry.hashing import keccak256

__all__ = [
    "EVALUATIONS_NAME",
    "MODEL_REGISTRY_NAME",
    "TRAINING_ROUNDS_NAME",
    "AttestationStatement",
    "CommitmentStatement",
    "Domain",
    "PublicKeyStatement",
    "Statement",
    "UpdateStatement",
    "digest",
    "evaluations_domain",
    "registry_domain",
    "rounds_domain",
    "typed_data_json",
]

TRAINING_ROUNDS_NAME = "Tallystick TrainingRounds"
MODEL_REGISTRY_NAME = "Tallystick ModelRegistry"
EVALUATIONS_NAME = "Tallystick Evaluations"
_VERSION = "1"
_DOMAIN_FIELDS = (
    ("string", "name"),
    ("string", "version"),
    ("uint256", "chainId"),
    ("address", "verifyingContract"),
)


@dataclass(frozen=True)
class Domain:
    """Where a signature is good: one version of one contract on one chain."""

    name: str
    version: str
    chain_id: int
    verifying_contract: str

    def __post_init__(self) -> None:
        """Refuses a chain id or an address that can't be.

        Raises:
            ConfigError: out of range, or no address.
        """
        _integer("chainId", self.chain_id, 256)
        object.__setattr__(self, "verifying_contract", _address(self.verifying_contract))

    def separator(self) -> bytes:
        """Returns the domain separator, 32 bytes."""
        return _separator(self)


def rounds_domain(chain_id: int, contract: str) -> Domain:
    """Returns the domain of a TrainingRounds contract."""
    return Domain(TRAINING_ROUNDS_NAME, _VERSION, chain_id, contract)


def registry_domain(chain_id: int, contract: str) -> Domain:
    """Returns the domain of a ModelRegistry contract."""
    return Domain(MODEL_REGISTRY_NAME, _VERSION, chain_id, contract)


def evaluations_domain(chain_id: int, contract: str) -> Domain:
    """Returns the domain of an Evaluations contract."""
    return Domain(EVALUATIONS_NAME, _VERSION, chain_id, contract)


class Statement(ABC):
    """A message that can be signed: a struct's name, its fields in order, and their values.

    Fields are of static types only, so that a struct's hash is the hash of its ABI encoding.
    """

    type_name: ClassVar[str]
    fields: ClassVar[tuple[tuple[str, str], ...]]

    @abstractmethod
    def values(self) -> tuple[Any, ...]:
        """Returns the fields' values in order, as `eth_abi` takes them."""

    @classmethod
    def type_string(cls) -> str:
        """Returns the EIP-712 type, as in `Update(bytes32 roundId,…)`."""
        return _type_string(cls.type_name, cls.fields)

    def struct_hash(self) -> bytes:
        """Returns EIP-712's `hashStruct`, 32 bytes."""
        hashed = _type_hash(self.type_string())
        return keccak256(_encoder(self.fields)((hashed, *self.values())))


@dataclass(frozen=True)
class UpdateStatement(Statement):
    """What a participant says of its update (R-8): its root and the samples behind it."""

    round_id: bytes
    participant: str
    update_root: bytes
    weight: int

    type_name: ClassVar[str] = "Update"
    fields: ClassVar[tuple[tuple[str, str], ...]] = (
        ("bytes32", "roundId"),
        ("address", "participant"),
        ("bytes32", "updateRoot"),
        ("uint64", "weight"),
    )

    def __post_init__(self) -> None:
        """Refuses values that don't fit their Solidity types."""
        _word("roundId", self.round_id)
        _word("updateRoot", self.update_root)
        _integer("weight", self.weight, 64)
        object.__setattr__(self, "participant", _address(self.participant))

    def values(self) -> tuple[Any, ...]:
        """Returns the fields' values in order."""
        return (self.round_id, self.participant, self.update_root, self.weight)


@dataclass(frozen=True)
class CommitmentStatement(Statement):
    """A participant's consent to a commitment that another account posts for it (R-5)."""

    round_id: bytes
    participant: str
    commitment: bytes

    type_name: ClassVar[str] = "Commitment"
    fields: ClassVar[tuple[tuple[str, str], ...]] = (
        ("bytes32", "roundId"),
        ("address", "participant"),
        ("bytes32", "commitment"),
    )

    def __post_init__(self) -> None:
        """Refuses values that don't fit their Solidity types."""
        _word("roundId", self.round_id)
        _word("commitment", self.commitment)
        object.__setattr__(self, "participant", _address(self.participant))

    def values(self) -> tuple[Any, ...]:
        """Returns the fields' values in order."""
        return (self.round_id, self.participant, self.commitment)


@dataclass(frozen=True)
class AttestationStatement(Statement):
    """What an evaluator found that a round under stake comes to (F-11).

    `scores_digest` is the SHA-256 digest of the scores by participant, as canonical JSON.
    """

    round_id: bytes
    version_digest: bytes
    document_digest: bytes
    payout_root: bytes
    payout_total: int
    payout_document: bytes
    scores_digest: bytes

    type_name: ClassVar[str] = "Attestation"
    fields: ClassVar[tuple[tuple[str, str], ...]] = (
        ("bytes32", "roundId"),
        ("bytes32", "versionDigest"),
        ("bytes32", "documentDigest"),
        ("bytes32", "payoutRoot"),
        ("uint256", "payoutTotal"),
        ("bytes32", "payoutDocument"),
        ("bytes32", "scoresDigest"),
    )

    def __post_init__(self) -> None:
        """Refuses values that don't fit their Solidity types."""
        for (kind, name), value in zip(self.fields, self.values(), strict=True):
            if kind == "bytes32":
                _word(name, value)
        _integer("payoutTotal", self.payout_total, 256)

    def values(self) -> tuple[Any, ...]:
        """Returns the fields' values in order."""
        words = self.round_id, self.version_digest, self.document_digest, self.payout_root
        return (*words, self.payout_total, self.payout_document, self.scores_digest)


@dataclass(frozen=True)
class PublicKeyStatement(Statement):
    """An account's request that keys be wrapped for it; its public key is recovered from it."""

    account: str

    type_name: ClassVar[str] = "PublicKey"
    fields: ClassVar[tuple[tuple[str, str], ...]] = (("address", "account"),)

    def __post_init__(self) -> None:
        """Refuses what is no address."""
        object.__setattr__(self, "account", _address(self.account))

    def values(self) -> tuple[Any, ...]:
        """Returns the account."""
        return (self.account,)


def digest(domain: Domain, message: Statement) -> bytes:
    """Returns the 32 bytes that are signed for a statement under a domain."""
    return keccak256(b"\x19\x01" + domain.separator() + message.struct_hash())


def typed_data_json(domain: Domain, message: Statement) -> dict[str, Any]:
    """Returns the statement as wallets take it (`eth_signTypedData_v4`)."""
    values = ("0x" + v.hex() if isinstance(v, bytes) else v for v in message.values())
    return {
        "types": {
            "EIP712Domain": [{"name": n, "type": t} for t, n in _DOMAIN_FIELDS],
            message.type_name: [{"name": n, "type": t} for t, n in message.fields],
        },
        "primaryType": message.type_name,
        "domain": {
            "name": domain.name,
            "version": domain.version,
            "chainId": domain.chain_id,
            "verifyingContract": domain.verifying_contract,
        },
        "message": {name: v for (_, name), v in zip(message.fields, values, strict=True)},
    }


@cache
def _type_string(name: str, fields: tuple[tuple[str, str], ...]) -> str:
    return f"{name}({','.join(f'{kind} {field}' for kind, field in fields)})"


@cache
def _encoder(fields: tuple[tuple[str, str], ...]) -> Callable[[tuple[Any, ...]], bytes]:
    """Returns what encodes a struct's type hash and values; making it costs more than using it."""
    encoders = [abi_types.get_encoder(kind) for kind in ("bytes32", *(kind for kind, _ in fields))]
    return TupleEncoder(encoders=encoders)  # type: ignore[no-untyped-call]


@cache
def _type_hash(type_string: str) -> bytes:
    return keccak256(type_string.encode())


@cache
def _separator(domain: Domain) -> bytes:
    hashed = (keccak256(domain.name.encode()), keccak256(domain.version.encode()))
    kinds = ["bytes32", "bytes32", "bytes32", "uint256", "address"]
    outer = _type_hash(_type_string("EIP712Domain", _DOMAIN_FIELDS))
    return keccak256(encode(kinds, [outer, *hashed, domain.chain_id, domain.verifying_contract]))


def _word(name: str, value: bytes) -> None:
    if not isinstance(value, bytes) or len(value) != 32:
        got = f"{len(value)} bytes" if isinstance(value, bytes) else type(value).__name__
        raise ConfigError(f"{name}: expected 32 bytes, got {got}")


def _integer(name: str, value: int, bits: int) -> None:
    if type(value) is not int or not 0 <= value < 1 << bits:
        raise ConfigError(f"{name}: expected an integer from 0 to 2**{bits} - 1, got {value!r}")


def _address(value: str) -> str:
    try:
        return _checksummed(value)
    except TypeError:  # no text, nor anything else that can be looked up
        raise _no_address(value) from None


@lru_cache(maxsize=1 << 12)
def _checksummed(value: str) -> str:
    if not is_address(value):
        raise _no_address(value)
    return str(to_checksum_address(value))


def _no_address(value: object) -> ConfigError:
    return ConfigError(f"expected an address of 20 bytes in hexadecimal, got {value!r:.80}")
