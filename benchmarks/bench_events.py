"""Decoding the contracts' logs, beside web3.py's `process_log` on the same logs.

    python benchmarks/bench_events.py [--logs 5000]

The logs are real: on an Anvil started here models are registered, published, granted and trained
in rounds with budgets. Each side gets the logs in the form that its own reader hands on (ours the
node's JSON, web3.py what `get_logs` made of it), and what both say is compared before anything is
timed. The least of three runs counts.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from web3 import Web3

from registry.chain.abi_values import solidity_fields
from registry.chain.artifacts import CONTRACTS, load_artifact
from registry.chain.contracts import Contract
from registry.chain.deploy import SenderExecutor, deploy
from registry.chain.event_layout import decode_log
from registry.chain.gateway import Gateway, connect
from registry.chain.transactions import TransactionSender
from registry.devnet import DEV_KEYS, start_anvil
from registry.documents.labels import channel_word
from registry.signing import LocalSigner

_RUNS = 3
_GAS = hex(3_000_000)
_ZERO = bytes(32)
_TARGET = 12


@dataclass
class History:
    """Fills a chain with what a registry sees, from accounts that the node signs for."""

    gateway: Gateway
    contracts: dict[str, Contract]
    accounts: list[str]

    def send(self, who: int, contract: str, function: str, *arguments: Any) -> None:
        """Sends a call without waiting for its block."""
        target = self.contracts[contract]
        data = "0x" + target.call_data(function, *arguments).hex()
        call = {"from": self.accounts[who], "to": target.address, "data": data, "gas": _GAS}
        self.gateway.request("eth_sendTransaction", [call])

    def settle(self) -> None:
        """Waits until everything sent is in blocks: what follows comes from other accounts."""
        while int(self.gateway.request("txpool_status", [])["pending"], 16):
            time.sleep(0.001)

    def logs(self) -> list[dict[str, Any]]:
        """Returns all logs of the contracts, as the node tells them."""
        addresses = [c.address for c in self.contracts.values()]
        query = {"address": addresses, "fromBlock": "0x0", "toBlock": "latest"}
        logs: list[dict[str, Any]] = self.gateway.request("eth_getLogs", [query])
        return logs

    def season(self, index: int) -> None:
        """A model's life: versions, channels, grants, and a round in which everybody trains."""
        slug, registry = f"model-{index}", "ModelRegistry"
        self.send(0, registry, "register", slug, index % 2, index.to_bytes(32))
        model = self.contracts[registry].read("modelIdOf", self.accounts[0], slug)
        parents: list[bytes] = []
        for number in (1, 2, 3):
            content = ((1_000 * index + number).to_bytes(32), 0x70)
            licence = b"Apache-2.0".ljust(32, b"\0")
            self.send(
                0, registry, "publishVersion", model, number, content, parents, _ZERO, licence
            )
            parents = [*parents, self.contracts[registry].read("versionIdOf", model, number)]
            self.send(0, registry, "setChannel", model, channel_word("production"), number)
        self.send(0, registry, "rollbackChannel", model, channel_word("production"))
        self.send(0, registry, "yankVersion", model, 3, "trained on a part of the validation set")
        self.send(0, registry, "addPublisher", model, self.accounts[1])
        for user in self.accounts[2:]:
            self.send(0, registry, "grant", model, user, 1 << 40, index.to_bytes(32))
        self.train(model)

    def train(self, model: bytes) -> None:
        """A round from its opening to the end."""
        rounds, everybody = "TrainingRounds", range(2, len(self.accounts))
        token, now = self.contracts["RewardToken"].address, self.gateway.timestamp()
        self.send(0, "RewardToken", "approve", self.contracts[rounds].address, 2_000)
        deadlines = [now + 1_000 * phase for phase in (1, 2, 3, 4)]
        forfeit = -(-1_000 // (10 * len(everybody)))
        terms = (model, 1, b"fedavg".ljust(32, b"\0"), model, (16, -16, 8, 0), *deadlines)
        self.send(
            0,
            rounds,
            "openRound",
            (*terms, 10, 1, len(everybody), _ZERO, 1_000, token, 1_000, forfeit),
        )
        round_id = self.contracts[rounds].read("roundIdOf", model, 1)
        openings = {who: (model, round_id, who, who.to_bytes(32)) for who in everybody}
        self.settle()
        for who in everybody:
            self.send(who, rounds, "enrol", round_id, [])
        self.settle()
        for who in everybody:
            made = (round_id, self.accounts[who], openings[who])
            self.send(
                who, rounds, "commit", round_id, self.contracts[rounds].read("commitmentFor", *made)
            )
        self.settle()
        for who in everybody:
            self.send(who, rounds, "reveal", round_id, self.accounts[who], openings[who])
        self.settle()
        count, weight = len(everybody), sum(everybody)
        self.send(0, rounds, "proposeResult", round_id, (model, model, round_id, count, weight))
        self.settle()
        self.gateway.request("evm_increaseTime", [20])
        self.send(0, rounds, "finalise", round_id)
        self.settle()


def real_logs(gateway: Gateway, wanted: int, work: Path) -> tuple[dict[str, str], list[Any]]:
    """Returns the contracts' names by address and at least `wanted` raw logs of theirs."""
    sender = TransactionSender(gateway, LocalSigner.from_key(DEV_KEYS[0]), work)
    deployment = deploy(gateway, SenderExecutor(sender), work / "deployments")
    contracts = {n: Contract(n, deployment.address(n), gateway) for n in CONTRACTS}
    history = History(gateway, contracts, gateway.request("eth_accounts", []))
    before = len(history.logs())
    history.season(0)
    each = len(history.logs()) - before
    for index in range(1, -(-wanted // each)):
        history.season(index)
    logs = history.logs()
    assert len(logs) >= wanted, f"expected {wanted} logs, got {len(logs)}: a call was refused"
    return {str(c.address).lower(): n for n, c in contracts.items()}, logs


Peer = tuple[Any, Any]


def for_web3(gateway: Gateway, names: dict[str, str], web3: Web3) -> Iterator[Peer]:
    """Yields web3.py's own event object and its own form of each log, in the chain's order."""
    events: dict[tuple[str, bytes], Any] = {}
    for address, name in names.items():
        abi = list(load_artifact(name).abi)
        if not any(entry["type"] == "event" for entry in abi):
            continue  # it judges and tells nothing; web3.py takes that for a mistake
        contract = web3.eth.contract(abi=abi)
        for event in contract.events:  # type: ignore[attr-defined]
            made: Any = event()
            events[address, bytes(Web3.to_bytes(hexstr=made.topic))] = made
    query: Any = {"address": [Web3.to_checksum_address(a) for a in names], "fromBlock": 0}
    for log in web3.eth.get_logs(query):
        yield events[log["address"].lower(), bytes(log["topics"][0])], log


def least(work: Callable[[], object]) -> float:
    """Returns the least time of the runs, in seconds."""
    times = []
    for _ in range(_RUNS):
        begin = time.perf_counter()
        work()
        times.append(time.perf_counter() - begin)
    return min(times)


def plain(value: Any) -> Any:
    """Turns web3.py's structs into dicts, and its bytes and addresses into plain ones."""
    if isinstance(value, dict) or hasattr(value, "items"):
        return {k: plain(v) for k, v in value.items()}
    if isinstance(value, (list, tuple)):
        return tuple(plain(v) for v in value)
    return bytes(value) if isinstance(value, (bytes, bytearray)) else value


def main() -> None:
    """Prints the table."""
    parser = argparse.ArgumentParser(description="Our decoding of logs beside web3.py's.")
    parser.add_argument("--logs", type=int, default=5_000)
    parser.add_argument("--smoke", action="store_true", help="on little, in seconds")
    options = parser.parse_args()
    wanted = 60 if options.smoke else options.logs
    with tempfile.TemporaryDirectory() as work, start_anvil() as chain:
        gateway = connect(chain.url)
        names, logs = real_logs(gateway, wanted, Path(work))
        pairs = list(for_web3(gateway, names, Web3(Web3.HTTPProvider(chain.url))))
    ours = [decode_log(names[log["address"]], log) for log in logs]
    for mine, (event, log) in zip(ours, pairs, strict=True):
        assert mine is not None
        assert solidity_fields(mine.arguments) == plain(event.process_log(log)["args"]), mine.name
    kinds = Counter(event.name for event in ours if event is not None)
    fast = least(lambda: [decode_log(names[log["address"]], log) for log in logs])
    slow = least(lambda: [event.process_log(log) for event, log in pairs])
    print(f"{len(logs):,} logs of {len(kinds)} kinds; both sides say the same of each\n")
    print("| decoder | logs/s | µs a log | ratio |")
    print("|---|---:|---:|---:|")
    for name, seconds in (("tallystick", fast), ("web3.py process_log", slow)):
        rate, each = len(logs) / seconds, 1e6 * seconds / len(logs)
        print(f"| {name} | {rate:,.0f} | {each:.1f} | {slow / seconds:.1f} × |")
    print(f"\ntarget: {_TARGET} ×; {'met' if slow / fast >= _TARGET else 'MISSED'}")


if __name__ == "__main__":
    main()
