"""Journey: a coordinator and two hospitals, each with a home, a key and storage of its own.

given a chain behind TLS on the coordinator's address, and three IPFS nodes that know each other
  when the deployment's file comes with another digest, or the certificate isn't trusted: refused
  when the hospitals take it over by its digest, check, and join: a round is trained
  then a third party finds everything right from its own machine
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
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

NAME = "tumour-net"


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
        machines = []
        for node, person in zip(nodes, people, strict=True):
            home = tmp_path / f"home-{len(machines)}"
            home.mkdir()
            own = not machines
            rpc, authority = (chain.url, None) if own else (front.url, front.authority)
            machines.append(Machine(home, rpc, node, person, authority))
        yield Place(machines[0], machines[1:], front)


def test_three_machines_train_and_a_third_party_audits(place: Place, tmp_path: Path) -> None:
    first, (north, south) = place.coordinator, place.hospitals
    first.told("train", "example", "trial")
    first.told("deploy", "--activation-delay", "0")
    first.told("publish", "trial/model", "--name", NAME, "--licence", "MIT")
    digest = json.loads(first.told("deployment", "export", "handed.json", "--json"))["sha256"]
    for hospital in (north, south):
        (hospital.home / "handed.json").write_bytes((first.home / "handed.json").read_bytes())
        hospital.told("train", "example", "trial")
        wrong = hospital.told("deployment", "import", "handed.json", "--digest", "ab" * 32, code=2)
        assert "expected the SHA-256 digest" in wrong
        hospital.told("deployment", "import", "handed.json", "--digest", digest)
        client = ["--client", "trial/hospital.py:Hospital"]
        data = "north" if hospital is north else "south"
        client += ["--data", f"trial/data/{data}.safetensors"]
        checked = hospital.told("train", "check", NAME, *client)
        assert "wrong" not in checked.lower().split()
    untrusting = Machine(south.home, south.rpc, south.node, None, None)
    refused = untrusting.told("model", "list", code=3)
    assert "isn't trusted (self-signed certificate)" in refused
    assert "REQUESTS_CA_BUNDLE" in refused
    processes = [
        first.started(
            *("train", "coordinate", NAME, "--num-rounds", "1", "--min-available-clients", "2"),
            *("--phase-seconds", "150", "--challenge-seconds", "1"),
        ),
        *(
            hospital.started(
                *("train", "join", NAME, "--client", "trial/hospital.py:Hospital"),
                *("--data", f"trial/data/{data}.safetensors"),
            )
            for hospital, data in ((north, "north"), (south, "south"))
        ),
    ]
    found = [process.communicate(timeout=170) for process in processes]
    assert [process.returncode for process in processes] == [0, 0, 0], found
    auditor = Machine(south.home, south.rpc, south.node, None, south.authority)
    report = json.loads(auditor.told("audit", NAME, "--deployment-digest", digest, "--json"))
    assert (report["findings"], report["skipped"]) == ([], [])
    assert place.front.connections > 0
    auditor.told("fetch", f"{NAME}:2", "--to", "fetched")
    assert "match" in auditor.told("verify", "fetched", "--name", f"{NAME}:2")
