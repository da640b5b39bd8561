"""What a journal's file says is taken for an intent only if its transactions do what it wants."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from deployed_scenario import DeployedScenario

from registry.chain.journal import SendJournal
from registry.chain.raw_transactions import read_raw
from registry.chain.transactions import Intent, TransactionSender
from registry.devnet import fund
from registry.errors import ConfigError
from registry.hashing import keccak256
from registry.signing import LocalSigner

BOX = "0x00000000000000000000000000000000000000c0"
VICTIM = "0x00000000000000000000000000000000000000C1"
SIGNER = LocalSigner.from_key(bytes(31) + b"\xc1")
STRANGER = LocalSigner.from_key(bytes(31) + b"\xc2")


@pytest.fixture(autouse=True)
def funded(world: DeployedScenario, tmp_path: Path) -> None:
    """Both accounts can pay for gas."""
    for signer in (SIGNER, STRANGER):
        fund(world.gateway, signer.address, 10**18, tmp_path / "funding")


def journalled(
    world: DeployedScenario,
    state: Path,
    signer: LocalSigner,
    to: str,
    value: int,
    name: bytes = b"",
) -> Path:
    """Sends once and returns the file that tells of it."""
    sender = TransactionSender(world.gateway, signer, state)
    sender.hold()
    sender.send(to, b"", value=value, intent=Intent(name))
    (path,) = (state / "sending").rglob("*.json")
    return path


def place(world: DeployedScenario, state: Path, to: str, call: bytes, value: int) -> Path:
    """Where the file of an intent of the signer stands."""
    journal = SendJournal(state, world.gateway.chain_id, SIGNER.address)
    folder = state / "sending" / f"{world.gateway.chain_id}-{SIGNER.address.lower()}"
    folder.mkdir(parents=True, exist_ok=True)
    return folder / f"{journal.key(to, call, value)}.json"


def told(content: dict[str, Any], **changes: Any) -> str:
    """A file's text with other words and the checksum that fits them."""
    changed = {**content, **changes}
    words = [changed[name] for name in ("key", "name", "context", "attempts")]
    digest = keccak256(json.dumps(words, sort_keys=True).encode()).hex()
    return json.dumps({**changed, "checksum": digest})


def refused(world: DeployedScenario, state: Path, value: int, why: str, name: bytes = b"") -> None:
    """Asserts that the victim's command says what is wrong, and that nothing is taken as sent."""
    before = world.gateway.balance(VICTIM)
    sender = TransactionSender(world.gateway, SIGNER, state)
    with pytest.raises(ConfigError, match=f"damaged journal .*{why}.*delete it to start over"):
        sender.send(VICTIM, b"", value=value, intent=Intent(name))
    assert world.gateway.balance(VICTIM) == before


def test_a_file_under_another_intent_s_name_is_refused(
    world: DeployedScenario, tmp_path: Path
) -> None:
    path = journalled(world, tmp_path, SIGNER, BOX, 1)
    other = place(world, tmp_path, VICTIM, b"", 7)
    other.write_bytes(path.read_bytes())
    refused(world, tmp_path, 7, "it is of another intent")
    content = json.loads(path.read_text())
    other.write_text(told(content, key=other.stem))
    refused(world, tmp_path, 7, "does something else than the intent wants")


@pytest.mark.parametrize(("to", "value"), [(BOX, 7), (VICTIM, 8)])
def test_a_name_does_not_stand_for_who_is_paid_what(
    world: DeployedScenario, tmp_path: Path, to: str, value: int
) -> None:
    path = journalled(world, tmp_path, SIGNER, to, value, b"a name")
    other = place(world, tmp_path, VICTIM, b"a name", 7)
    other.write_text(told(json.loads(path.read_text()), key=other.stem))
    refused(world, tmp_path, 7, "does something else", b"a name")


def test_a_named_file_says_nothing_about_an_intent_without_a_name(
    world: DeployedScenario, tmp_path: Path
) -> None:
    """Its name would be the very call data that its transaction doesn't have."""
    path = journalled(world, tmp_path, SIGNER, VICTIM, 7, b"\x12\x34")
    assert path == place(world, tmp_path, VICTIM, b"\x12\x34", 7)
    sender = TransactionSender(world.gateway, SIGNER, tmp_path)
    with pytest.raises(ConfigError, match="it is of another intent"):
        sender.send(VICTIM, b"\x12\x34", value=7)


def test_a_stranger_s_own_transaction_is_refused(world: DeployedScenario, tmp_path: Path) -> None:
    path = journalled(world, tmp_path / "stranger", STRANGER, VICTIM, 5)
    place(world, tmp_path / "own", VICTIM, b"", 5).write_bytes(path.read_bytes())
    refused(world, tmp_path / "own", 5, f"of {SIGNER.address} on chain 31337, got one of")


def test_another_chain_s_transaction_is_refused(world: DeployedScenario, tmp_path: Path) -> None:
    path = journalled(world, tmp_path, SIGNER, VICTIM, 5)
    (raw,) = json.loads(path.read_text())["attempts"]
    _, fields = read_raw(bytes.fromhex(raw))
    other = SIGNER.sign_transaction({**fields, "chainId": 1}).hex()
    path.write_text(told(json.loads(path.read_text()), attempts=[other]))
    refused(world, tmp_path, 5, "on chain 1")


JUNK: dict[str, Callable[[dict[str, Any]], str]] = {
    "deep": lambda content: "[" * 100_000,
    "surrogate": lambda content: '{"a":"\\ud800"}',
    "nul": lambda content: "\0",
    "nan": lambda content: told(content, attempts=float("nan")),
    "no attempt": lambda content: told(content, attempts=[]),
    "no bytes": lambda content: told(content, attempts=[""]),
    "an attempt that is none": lambda content: told(content, attempts=["02c0"]),
    "attempts of objects": lambda content: told(content, attempts=[{"raw": "02"}]),
    "a name that is none": lambda content: told(content, name=7),
    "a key that is none": lambda content: told(content, key=None),
    "the format before": lambda content: told(content, format="tallystick/sending/1"),
    "cut": lambda content: told(content, attempts=[content["attempts"][0][:-2]]),
    "longer": lambda content: told(content, attempts=[content["attempts"][0] + "00"]),
}


@pytest.mark.parametrize("junk", JUNK)
def test_junk_is_refused(world: DeployedScenario, tmp_path: Path, junk: str) -> None:
    path = journalled(world, tmp_path, SIGNER, VICTIM, 3)
    path.write_text(JUNK[junk](json.loads(path.read_text())))
    refused(world, tmp_path, 3, "")


@pytest.mark.parametrize("to", [BOX, None])
@pytest.mark.parametrize(
    "fees",
    [{"gasPrice": 3}, {"type": 2} | dict.fromkeys(("maxFeePerGas", "maxPriorityFeePerGas"), 9)],
)
def test_what_was_signed_is_read_from_the_bytes(to: str | None, fees: dict[str, int]) -> None:
    fields: dict[str, Any] = {"chainId": 31337, "nonce": 300, "gas": 50_000, "value": 0, **fees}
    fields["data"] = "0x00ff"
    if to is not None:
        fields["to"] = VICTIM
    assert read_raw(SIGNER.sign_transaction(fields)) == (SIGNER.address, fields)
