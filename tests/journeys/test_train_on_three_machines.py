"""Journey: the guide to several machines, each with a home, a key and storage of its own.

given a chain behind TLS on the coordinator's address, and three IPFS nodes that know each other
  when the deployment's file comes with another digest, or the certificate isn't trusted: refused
  when the hospitals take it over by its digest, check, and join: a round is trained
  then a third party finds everything right from its own machine
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
import requests
from tests_roles import HOSPITAL, OWNER, STRANGER
from tls_front import TlsFront

from registry.chain.gateway import connect
from registry.devnet.chains import start_anvil
from registry.devnet.network import fund
from registry.signing import LocalSigner
from registry.storage.kubo_process import KuboNode, start_kubo

GUIDE = Path(__file__).parents[2] / "docs" / "guides" / "several-machines.md"


@dataclass
class Machine:
    """A home, a working folder and storage; nothing of another's is in reach."""

    home: Path
    rpc: str
    node: KuboNode
    signer: LocalSigner | None
    authority: Path | None

    def started(self, *words: str) -> subprocess.Popen[str]:
        """Starts `tally …` there."""
        known = {k: v for k, v in os.environ.items() if not k.startswith(("TALLY_", "XDG_"))}
        trusted = {} if self.authority is None else {"REQUESTS_CA_BUNDLE": str(self.authority)}
        key = {} if self.signer is None else {"TALLY_KEY": self.signer.private_key().hex()}
        where = {"HOME": str(self.home), "TALLY_RPC": self.rpc, "TALLY_STORAGE": self.node.api_url}
        return subprocess.Popen(
            [sys.executable, "-m", "registry.cli", *words],
            cwd=self.home,
            env={**known, "OMP_NUM_THREADS": "1", **where, **trusted, **key},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def told(self, *words: str, code: int = 0) -> str:
        """Returns what a command says there, on both streams."""
        process = self.started(*words)
        said, errors = process.communicate(timeout=170)
        assert process.returncode == code, (words, said, errors)
        return said + errors


@dataclass
class Place:
    """Three machines, and what the first one hands over."""

    coordinator: Machine
    hospitals: list[Machine]
    front: TlsFront


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Place]:
    """The coordinator's chain is behind TLS; each machine has an IPFS node, two know the first."""
    with ExitStack() as held:
        chain = held.enter_context(start_anvil(0, 31337, 1))
        people = [OWNER, HOSPITAL, STRANGER]
        for person in people:
            fund(connect(chain.url), person.address, 10**20, tmp_path / "funds")
        port = int(chain.url.rpartition(":")[2])
        front = held.enter_context(TlsFront("127.0.0.2", port, tmp_path))
        nodes = [held.enter_context(start_kubo(tmp_path / f"ipfs-{at}")) for at in range(3)]
        for node in nodes[1:]:
            api = f"{node.api_url}/api/v0/swarm/connect"
            assert requests.post(api, params={"arg": nodes[0].peer}, timeout=30).ok
        machines: list[Machine] = []
        for node, person in zip(nodes, people, strict=True):
            home = tmp_path / f"home-{len(machines)}"
            home.mkdir()
            own = not machines
            rpc, authority = (chain.url, None) if own else (front.url, front.authority)
            machines.append(Machine(home, rpc, node, person, authority))
        yield Place(machines[0], machines[1:], front)


def typed(place: Place, whose: str, change: dict[str, str]) -> list[list[str]]:
    """Returns the guide's commands for whom it says, with what is to be replaced."""
    changes = {"https://chain.hospital-a.example": place.front.url, **change}
    found = []
    for block in re.findall(r"```console\n# (.*?)```", GUIDE.read_text(), re.DOTALL):
        head, *lines = block.strip().splitlines()
        for line in lines if head == whose else ():
            for old, new in changes.items():
                line = line.replace(old, new)
            assert line.startswith("$ tally ")
            found.append(line.removeprefix("$ tally ").split())
    assert found
    return found


def test_three_machines_train_and_a_third_party_audits(place: Place) -> None:
    first, hospitals = place.coordinator, place.hospitals
    said = [first.told(*words) for words in typed(place, "coordinator", {})]
    digest = said[-1].split()[-1]
    handed = (first.home / "handed-over.json").read_bytes()
    changes = [{"<digest>": digest, "north": shard} for shard in ("north", "south")]
    for hospital, change in zip(hospitals, changes, strict=True):
        (hospital.home / "handed-over.json").write_bytes(handed)
        for words in typed(place, "hospital", change):
            if words[0] == "deployment":
                wrong = [("ab" * 32 if word == digest else word) for word in words]
                assert "expected the SHA-256 digest" in hospital.told(*wrong, code=2)
            hospital.told(*words)
    untrusting = replace(hospitals[1], authority=None)
    refused = untrusting.told("model", "list", code=3)
    assert "isn't trusted (self-signed certificate)" in refused
    assert "REQUESTS_CA_BUNDLE" in refused
    at_once = [(first, typed(place, "coordinator, at the same time", {})[0])]
    for hospital, change in zip(hospitals, changes, strict=True):
        at_once.append((hospital, typed(place, "hospital, at the same time", change)[0]))
    quick = ["--challenge-seconds", "1"]
    processes = [m.started(*words, *(quick if m is first else [])) for m, words in at_once]
    found = [process.communicate(timeout=170) for process in processes]
    assert [process.returncode for process in processes] == [0, 0, 0], found
    auditor = replace(hospitals[1], signer=None)
    told = [auditor.told(*words) for words in typed(place, "anyone", {"<digest>": digest})]
    assert "everything agrees" in told[0]
    assert "match its manifest and tumour-net:2 on the chain" in told[2]
    assert place.front.connections > 0
