"""A deployment's file is taken as it was when its digest was checked (T-4).

given a file that its owner exchanges while the chain is asked
  then nothing else than what the digest names is written
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from chain_parties import WatchedGateway
from deployed_scenario import DeployedScenario

from registry.chain.deployment_exchange import import_deployment
from registry.chain.deployments import deployment_path
from registry.hashing import sha256


def test_a_file_that_is_exchanged_meanwhile_is_not_taken(
    world: DeployedScenario, tmp_path: Path
) -> None:
    source, folder = tmp_path / "handed.json", tmp_path / "deployments"
    right = deployment_path(world.deployments, world.gateway.chain_id).read_bytes()
    source.write_bytes(right)

    def around(method: str, params: list[Any], forward: Callable[[], Any]) -> Any:
        source.write_bytes(b"{}")
        return forward()

    gateway = WatchedGateway.over(world.gateway, around)
    taken = import_deployment(source, sha256(right), folder, gateway)
    assert source.read_bytes() == b"{}"
    assert taken.path.read_bytes() == right
