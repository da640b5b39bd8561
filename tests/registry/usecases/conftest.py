"""The roles' clients on the session's deployment, with an embedded store of the test's own."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from chain_parties import ChainScenario
from deployed_scenario import DeployedScenario


@pytest.fixture
def place(world: DeployedScenario, tmp_path: Path) -> Iterator[ChainScenario]:
    """Where the roles meet."""
    blobs = str(tmp_path / "blobs")
    with ChainScenario(world.gateway, world.deployments, blobs, tmp_path) as made:
        yield made


@pytest.fixture
def card(tmp_path: Path) -> Path:
    """A folder with nothing but a model card."""
    folder = tmp_path / "card"
    folder.mkdir()
    (folder / "README.md").write_text("# A lantern\n")
    return folder
