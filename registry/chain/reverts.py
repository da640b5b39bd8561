"""Turns a revert's data into the Python exception named after the Solidity error.

`registry.chain.reverts.errors` maps each error name to its class, a subclass of `Reverted`; they
are made from the shipped ABIs, so a new Solidity error needs no Python.
"""

from __future__ import annotations

import re
from functools import cache
from typing import Any

from eth_abi.abi import decode
from eth_abi.exceptions import DecodingError

from registry.chain.artifacts import CONTRACTS, load_artifact
from registry.errors import Reverted
from registry.hashing import keccak256
from registry.phases import phase_text, wrong_phase_text
from registry.types import Phase

__all__ = ["error_classes", "revert_data", "reverted"]

_REASON, _PANIC = bytes.fromhex("08c379a0"), bytes.fromhex("4e487b71")
_HEX = re.compile(r"0x(?:[0-9a-fA-F]{2})*")
_LONGEST = 300  # letters or bytes of a foreign text in a message

_REMEDIES = {
    "VersionNumberTaken": "somebody published first: see `tally version list`, publish again",
    "UnknownVersion": "see `tally version list`",
    "ModelExists": "the name is yours already: publish its next version",
    "RoleUnchanged": "the account has that role, or has it no more: see `tally model show`",
    "StatusUnchanged": "the version has that status already: see `tally version list`",
    "NothingToRollBack": "the channel has pointed to one version only: see `tally channel history`",
    "NotGranted": "the account has no grant: see `tally access list`",
    "NotModelOwner": "use the key of the model's owner",
    "NotPublisher": "ask the model's owner for the publisher role",
    "WrongPhase": "look at `tally round show`",
    "EveryEarlierIsYanked": "point the channel at a version that isn't: `tally channel set`",
    "RootNotActive": "claim again when its time has come",
    "RootNotCurrent": "a newer root took its place: claim again",
    "RootIsDue": "post a root that follows it: what is earned under this one stays",
    "NoPendingRoot": "nothing waits: see `tally reward show`",
    "NoCurrentRoot": "wait until a root is posted and its time has come",
    "PosterNotPublisher": "drop it first: `tally reward cancel-root`, or post a root in its place",
    "RootExceedsFunding": "less came in than the rounds owe: fund the model with the difference",
    "SweepNotAnnounced": "announce it first: `tally reward announce-sweep`",
    "ClaimPeriodOpen": "sweep again when claims have ended",
    "PartStopped": "the deployment's guardian stopped it for now: try again later",
    "TokenFrozen": "the deployment's guardian froze the token for now: try again later",
    "RoundFrozen": "the deployment's guardian froze the round for now: try again later",
    "ForfeitTooSmall": "put up at least that: `tally train coordinate --forfeit`",
    "ChallengeWindowTooShort": "give it more time: `tally train coordinate --challenge-seconds`",
    "EnrolmentUnderStake": "lock a stake instead: `tally train join`",
    "SeatedDirectly": "reveal what the participant committed to itself",
    "BatchIsStruck": "take part in another batch, or enrol while there is time",
    "AlreadyCollected": "the participant has been paid: see `tally round show`",
    "NothingToCollect": "only who revealed collects: see `tally round show`",
    "CollectingOver": "what was left went back to who put it up",
    "NothingToClaim": "everything that this root pays has been claimed",
    "NotController": "name it as a controller first: `tally stake controllers --add`",
    "InsufficientFree": "see `tally stake show`; `tally stake deposit` adds to what is free",
    "NotOffered": "the vault takes this deployment's own: see `tally stake controllers`",
    "TokenNotAllowed": "take a token that the deployment lists: see `tally stake show`",
    "WindowTooShort": "give it that time: `tally train coordinate --answer-seconds` and its like",
    "StakeTooSmall": "put up at least that: `tally train coordinate --stake` and its like",
    "InvalidStakeTerms": "a trim needs more participants than twice as many, a panel has to exist",
    "InvalidPanel": "a threshold of 1 to its members, and a governor if there is time to appeal",
    "SignersNotAscending": "name each once",
    "RoundOver": "see `tally dispute show`: nothing changes in a round that has ended",
    "RoundNotOver": "again when it is settled or void: see `tally dispute show`",
    "CannotVoid": "again after its proposal deadline, if no result stands by then",
    "NotVoided": "money goes back when the round is void: `tally round void`",
    "NoPanel": "the round's terms name none: see `tally dispute show`",
    "NotAMember": "only the members of the round's panel attest",
    "FoundCorrect": "its evaluators found it right",
    "StakeTooLarge": "ask for at most that: `tally train coordinate --stake` and its like",
    "RevealDeadlineTooLate": "let the round end its reveals by then",
    "RevealedAlready": "the batch stands: the audit names who didn't sign",
    "QuestionsOpen": "answer them, or punish the silence: see `tally dispute list`",
    "ProposalTimeTooShort": "leave at least that time: `tally train coordinate --dispute-seconds`",
    "QuorumOutOfRange": "choose a quorum in between: `tally train coordinate --quorum`",
    "NotCertified": "holders have to vouch first: they run `tally train join` or `tally watch`",
    "CertifyingClosed": "certificates are taken between the reveals and that time alone",
    "NotAHolder": "only who has a seat in the round vouches: see `tally dispute show`",
    "NotOfCommittee": "only a member of the round's committee takes that seat",
    "InGrace": "the chain's sequencer was down: try again after that time",
    "PotExceeded": "the tree or root says more than the pot holds, and nothing else pays for it",
    "StillUnbonding": "withdraw again when the unbonding delay has passed",
    "ERC20InsufficientAllowance": "approve the contract for the amount first",
    "ERC20InsufficientBalance": "fund the account with the token first",
}


def abi_type(parameter: dict[str, Any]) -> str:
    """Returns a parameter's type as `eth_abi` writes it, tuples unfolded."""
    kind: str = parameter["type"]
    if kind.startswith("tuple"):
        inner = ",".join(abi_type(part) for part in parameter["components"])
        return f"({inner}){kind[5:]}"
    return kind


@cache
def _by_selector() -> dict[bytes, tuple[type[Reverted], list[dict[str, Any]]]]:
    table: dict[bytes, tuple[type[Reverted], list[dict[str, Any]]]] = {}
    classes: dict[str, type[Reverted]] = {}
    for contract in CONTRACTS:
        for entry in load_artifact(contract).abi:
            if entry["type"] != "error":
                continue
            name, inputs = entry["name"], entry["inputs"]
            signature = f"{name}({','.join(abi_type(i) for i in inputs)})"
            made = classes.setdefault(name, type(name, (Reverted,), {"__doc__": signature}))
            table[keccak256(signature.encode())[:4]] = (made, inputs)
    return table


def error_classes() -> dict[str, type[Reverted]]:
    """Returns the exception class of every Solidity error of the shipped contracts, by name."""
    return {made.__name__: made for made, _ in _by_selector().values()}


def _shown(value: Any) -> str:
    if isinstance(value, bytes):
        text = value.rstrip(b"\0")
        words = text.replace(b" ", b"")
        # A word that names something, such as a window, is told as its text.
        return text.decode() if words.isalpha() and len(value) == 32 else "0x" + value.hex()
    return " ".join(str(value).split())[:_LONGEST]


def _decoded(types: list[str], data: bytes) -> tuple[Any, ...] | None:
    """Returns what revert data encode, None if they don't: a contract may revert with any bytes."""
    try:
        return decode(types, data)
    except (DecodingError, ValueError, IndexError, OverflowError, TypeError):
        return None


def _said(name: str, arguments: dict[str, Any]) -> str:
    """Returns an error with its arguments; a missed phase as a sentence, as its numbers say less.

    Phases beyond those known here stay numbers: a contract may revert with any.
    """
    try:
        if name == "WrongPhase":
            return wrong_phase_text(arguments["expected"], arguments["actual"])
        if name == "CannotVoid":
            return f"it can't be voided now: {phase_text(Phase(arguments['phase']))}"
    except (KeyError, ValueError):
        pass
    return f"{name}({', '.join(f'{key}={_shown(value)}' for key, value in arguments.items())})"


def reverted(data: bytes, context: str) -> Reverted:
    """Returns (not raises) the exception that revert data stands for.

    Args:
        data: the 4-byte selector and the encoded arguments; empty if the node gave none.
        context: what was called, for the message.
    """
    known = _by_selector().get(data[:4])
    if known is not None:
        made, inputs = known
        values = _decoded([abi_type(i) for i in inputs], data[4:])
        if values is None:
            return Reverted(f"{context}: malformed arguments of {made.__name__}")
        arguments = {i["name"]: v for i, v in zip(inputs, values, strict=True)}
        remedy = _REMEDIES.get(made.__name__)
        said = _said(made.__name__, arguments)
        text = f"{context}: {said}" + (f"; {remedy}" if remedy else "")
        return made(text, arguments)
    if data[:4] == _REASON and (found := _decoded(["string"], data[4:])) is not None:
        return Reverted(f"{context}: {_shown(found[0])}", {"reason": found[0]})
    if data[:4] == _PANIC and (found := _decoded(["uint256"], data[4:])) is not None:
        return Reverted(f"{context}: Panic({found[0]:#x})", {"code": found[0]})
    shown = "0x" + data[:_LONGEST].hex() if data else "no data"
    return Reverted(f"{context}: reverted with {shown}")


def revert_data(node_error_data: Any) -> bytes | None:
    """Finds the revert data in a JSON-RPC error's `data`: hex text (Anvil) or an object (Ganache).

    Returns None if it is no revert.
    """
    waiting = [node_error_data]
    while waiting:
        told = waiting.pop()
        if isinstance(told, str) and _HEX.fullmatch(told):
            return bytes.fromhex(told[2:])
        if isinstance(told, dict):  # what is named first counts first
            inner = [found for found in told.values() if isinstance(found, dict)]
            waiting += inner[::-1] + [told.get(key) for key in ("return", "data", "result")]
    return None
