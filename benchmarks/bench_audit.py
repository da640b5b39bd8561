"""An audit of a federation: requests, time with and without latency, speed of each check, disk.

Run from the repository's root: `python benchmarks/bench_audit.py [--rounds 10 --participants 20]`.
The rows "one by one" ask the same node for the same views and account proofs, each by itself.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from unittest.mock import patch

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT / "tests/support"), str(ROOT)]

from audit.counted_node import CountedNode  # noqa: E402
from chain_federation import ChainFederation  # noqa: E402
from chain_parties import ChainScenario  # noqa: E402

from registry.audit import audit  # noqa: E402
from registry.audit.evidence import AuditEvidence  # noqa: E402
from registry.chain.gateway import Gateway, connect  # noqa: E402
from registry.chain.headers import header_of  # noqa: E402
from registry.chain.receipt_proofs import receipts_root  # noqa: E402
from registry.devnet import DEV_KEYS, start_anvil  # noqa: E402
from registry.signing import (  # noqa: E402
    LocalSigner,
    UpdateStatement,
    digest,
    rounds_domain,
    verify,
)
from trainer.adapters.replay import Replay  # noqa: E402

LATENCY = 0.05  # seconds a request
_ALONE = frozenset({"eth_call", "eth_getProof", "eth_getCode"})


@dataclass(frozen=True)
class Run:
    """One audit: HTTP requests to the node, seconds, and the most bytes it had fetched at once."""

    requests: int
    seconds: float
    peak: int


def size_of(folder: Path) -> int:
    """Returns the bytes of all files below a folder."""
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())


def audited(federation: ChainFederation, latency: float) -> Run:
    """Audits through a node that is that far away."""
    peak, release = 0, AuditEvidence.release

    def measured(evidence: AuditEvidence) -> None:
        nonlocal peak
        peak = max(peak, size_of(evidence.scratch))
        release(evidence)

    place = federation.place
    with (
        CountedNode(place.gateway.url, latency) as node,
        patch.object(AuditEvidence, "release", measured),
    ):
        connection = place.client(gateway=connect(node.url)).connection
        before, start = node.requests, time.perf_counter()
        report = audit(connection, replay=Replay())
        seconds = time.perf_counter() - start
        if not report.clean:
            raise SystemExit(f"the federation is sound, the audit says: {report.findings[0]}")
        return Run(node.requests - before, seconds, peak)


@contextmanager
def one_by_one() -> Iterator[None]:
    """Lets views and proofs of accounts be asked alone meanwhile."""
    batch = Gateway.batch

    def alone(gateway: Gateway, asked: Any) -> list[Any]:
        if not asked or asked[0][0] not in _ALONE:
            return batch(gateway, asked)
        return [batch(gateway, [each])[0] for each in asked]

    with patch.object(Gateway, "batch", alone):
        yield


def speeds(federation: ChainFederation) -> dict[str, float]:
    """Returns headers, receipts and signatures checked per second on one core."""
    gateway = federation.place.gateway
    numbers = range(1, min(200, gateway.block_number()))
    blocks = [gateway.request("eth_getBlockByNumber", [hex(n), False]) for n in numbers]
    receipts = [gateway.request("eth_getBlockReceipts", [hex(n)]) for n in numbers]
    signer = LocalSigner.from_key(DEV_KEYS[0])
    domain = rounds_domain(gateway.chain_id, "0x" + "ab" * 20)
    said = [UpdateStatement(bytes(32), signer.address, bytes(32), n) for n in numbers]
    signed = [(each, signer.sign_typed(domain, each)) for each in said]
    count = sum(map(len, receipts))

    def all_verified() -> None:
        for statement, signature in signed:
            verify(signer.address, digest(domain, statement), signature)

    return {
        "headers/s": len(blocks) / _best(lambda: [header_of(b, "") for b in blocks]),
        "receipts/s": count / _best(lambda: [receipts_root(r) for r in receipts]),
        "signatures/s": len(signed) / _best(all_verified),
    }


def _best(work: Any) -> float:
    """Returns the processor's seconds of the fastest of five tries."""
    found = []
    for _ in range(5):
        start = time.process_time()
        work()
        found.append(time.process_time() - start)
    return min(found)


def built(
    place: ChainScenario, owner: LocalSigner, rounds: int, participants: int
) -> ChainFederation:
    """Plays that many rounds to their end."""
    federation = ChainFederation(place, owner, seats=participants)
    federation.people = tuple(
        LocalSigner.from_key((1_000 + i).to_bytes(32, "big")) for i in range(participants)
    )
    federation.publish_first()
    people = federation.participants()
    for number in range(1, rounds + 1):
        federation.round(people)
        print(f"round {number} of {rounds} is final", file=sys.stderr, flush=True)
    return federation


def table(federation: ChainFederation) -> str:
    """Measures, and returns the two tables in Markdown."""
    near, far = audited(federation, 0.0), audited(federation, LATENCY)
    with one_by_one():
        near_alone, far_alone = audited(federation, 0.0), audited(federation, LATENCY)
    content = size_of(Path(federation.place.storage))
    lines = [
        f"| audit | requests | s locally | s at {LATENCY * 1000:.0f} ms |",
        "|---|---|---|---|",
        f"| in batches | {near.requests} | {near.seconds:.1f} | {far.seconds:.1f} |",
        f"| one by one | {near_alone.requests} | {near_alone.seconds:.1f} | "
        f"{far_alone.seconds:.1f} |",
        f"| ratio | {near_alone.requests / near.requests:.1f} | "
        f"{near_alone.seconds / near.seconds:.1f} | {far_alone.seconds / far.seconds:.1f} |",
        "",
        "| measure | value |",
        "|---|---|",
    ]
    lines += [f"| {name} and core | {value:,.0f} |" for name, value in speeds(federation).items()]
    lines += [
        f"| scratch folder at most, bytes | {near.peak:,} |",
        f"| all content, bytes | {content:,} |",
        f"| scratch of content | {near.peak / content:.1%} |",
    ]
    return "\n".join(lines) + "\n"


def main() -> None:
    """Prints the tables; writes them with --write."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=10)
    parser.add_argument("--participants", type=int, default=20)
    parser.add_argument("--smoke", action="store_true", help="Two rounds of three, no file.")
    parser.add_argument("--write", type=Path, help="The file to write, e.g. results/audit.md.")
    chosen = parser.parse_args()
    rounds, participants = (2, 3) if chosen.smoke else (chosen.rounds, chosen.participants)
    owner = LocalSigner.from_key(DEV_KEYS[0])
    with (
        start_anvil() as chain,
        tempfile.TemporaryDirectory() as work,
        ChainScenario.deployed(connect(chain.url), owner, Path(work)) as place,
    ):
        told = table(built(place, owner, rounds, participants))
    print(told)
    if chosen.write is not None:
        heading = (
            f"# Audit of {rounds} rounds of {participants} participants\n\n"
            f"`python benchmarks/bench_audit.py --rounds {rounds} --participants {participants}`; "
            "the node is Anvil on the same machine.\n\n"
        )
        chosen.write.write_text(heading + told)


if __name__ == "__main__":
    main()
