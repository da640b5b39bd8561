"""Every error that Tallystick raises on purpose, as one tree.

    TallystickError                       exit code 1
    ├─ ConfigError                        2   a setting, argument or file is missing or malformed
    │  └─ KeyNeeded                           nobody to sign: no key was given
    ├─ ChainError                         3   the node, or what it answered
    │  ├─ WrongChain                          the node serves another chain than the one expected
    │  ├─ NodeUnavailable                     no answer over HTTP, WebSocket or IPC
    │  ├─ NodesDisagree                       nodes differ, or a re-org too deep
    │  ├─ NodeUnsound                         a node contradicts its own headers, or itself
    │  ├─ TransactionTimedOut                 sent, and not seen mined in time
    │  └─ Reverted                        4   a contract refused; one subclass per Solidity error
    ├─ StorageError                       5
    │  ├─ BlobNotFound                        no source holds the content
    │  ├─ BlobCorrupted                       a block that is not well formed
    │  │  └─ BlobAltered                      bytes that do not hash to their CID
    │  ├─ ContentTooLarge                     more bytes than the limit or than the disk has
    │  └─ StoreUnavailable                    the storage node does not answer
    ├─ ManifestError                      6   a version folder that does not match its manifest
    ├─ SignatureInvalid                   7
    ├─ DecryptionFailed                   7   wrong key, or ciphertext that was changed
    ├─ AuditFailed                        8   carries the findings
    ├─ AuditIncomplete                    5   evidence that no source gives: no verdict
    ├─ OddRecords                        10   a publisher's records contradict themselves
    └─ TrainingError                      9
       ├─ NoParticipants                 11   rounds ended for want of participants
       ├─ RoundError
       ├─ AggregationError
       └─ UpdateRejected

A message states what was expected, what came, and the remedy, in one line.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar

__all__ = [
    "AggregationError",
    "AuditFailed",
    "AuditIncomplete",
    "BlobAltered",
    "BlobCorrupted",
    "BlobNotFound",
    "ChainError",
    "ConfigError",
    "ContentTooLarge",
    "DecryptionFailed",
    "KeyNeeded",
    "ManifestError",
    "NoParticipants",
    "NodeUnavailable",
    "NodeUnsound",
    "NodesDisagree",
    "OddRecords",
    "Reverted",
    "RoundError",
    "SignatureInvalid",
    "StorageError",
    "StoreUnavailable",
    "TallystickError",
    "TrainingError",
    "TransactionTimedOut",
    "UpdateRejected",
    "WrongChain",
]


class TallystickError(Exception):
    """The root of the tree: catch it to catch everything raised on purpose."""

    exit_code: ClassVar[int] = 1


class ConfigError(TallystickError):
    """A setting, an argument or a local file is missing or malformed."""

    exit_code = 2


class KeyNeeded(ConfigError):
    """Something is to be signed or sent, and no key was given."""

    def __init__(self) -> None:
        super().__init__("a key is needed: set TALLY_KEYSTORE (a file) or TALLY_KEY")


class ChainError(TallystickError):
    """The chain's node, or what it answered."""

    exit_code = 3


class WrongChain(ChainError):
    """The node serves another chain, or another deployment, than the one expected."""


class NodeUnavailable(ChainError):
    """The node gave no answer."""


class NodesDisagree(ChainError):
    """Two nodes answer differently, or one contradicts what it said below the safe depth."""


class NodeUnsound(ChainError):
    """A node's answer contradicts a hash that commits to it, or isn't what the method gives."""


class TransactionTimedOut(ChainError):
    """A transaction was sent and was not seen mined within the time allowed."""


class Reverted(ChainError):
    """A contract refused a call. Subclasses carry the Solidity error's name and arguments.

    `arguments` maps the Solidity parameter names to their decoded values.
    """

    exit_code = 4

    def __init__(self, message: str, arguments: dict[str, Any] | None = None) -> None:
        super().__init__(message)
        self.arguments: dict[str, Any] = arguments or {}


class StorageError(TallystickError):
    """Content-addressed storage."""

    exit_code = 5


class BlobNotFound(StorageError):
    """No source holds the content."""


class BlobCorrupted(StorageError):
    """A block that is not well formed, or whose bytes do not hash to its CID."""


class BlobAltered(BlobCorrupted):
    """Bytes that do not hash to their CID: whoever keeps or brings them altered them."""


class ContentTooLarge(StorageError):
    """More bytes than the caller's limit, or than the disk has room for."""


class StoreUnavailable(StorageError):
    """The storage node does not answer."""


class ManifestError(TallystickError):
    """A version folder that does not match its manifest, or a manifest that is malformed."""

    exit_code = 6


class SignatureInvalid(TallystickError):
    """A signature that is malformed, not canonical, or not by the signer it names."""

    exit_code = 7


class DecryptionFailed(TallystickError):
    """The wrong key, or ciphertext that was changed, reordered or cut."""

    exit_code = 7


class AuditFailed(TallystickError):
    """At least one finding; `findings` lists them, the first divergence first."""

    exit_code = 8

    def __init__(self, message: str, findings: Sequence[Any] = ()) -> None:
        super().__init__(message)
        self.findings = tuple(findings)


class AuditIncomplete(AuditFailed):
    """Nothing is wrong as far as can be told, and something can't be: no verdict."""

    exit_code = 5


class OddRecords(AuditFailed):
    """What was found is a publisher's own: it contradicts itself, and wrongs nobody else."""

    exit_code = 10


class TrainingError(TallystickError):
    """Federated training."""

    exit_code = 9


class NoParticipants(TrainingError):
    """Rounds were opened, and too few took part in each: nothing is wrong but that."""

    exit_code = 11


class RoundError(TrainingError):
    """A round's state does not allow the step."""


class AggregationError(TrainingError):
    """Inputs that an aggregation rule cannot combine."""


class UpdateRejected(TrainingError):
    """A participant's update was refused at the door; the message says why."""
