"""What journeys share: a place where the roles of the session's deployment meet."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from chain_parties import ChainScenario
from deployed_scenario import DeployedScenario


@pytest.fixture
def place(world: DeployedScenario, tmp_path: Path) -> Iterator[ChainScenario]:
    """The session's deployment with an embedded store of its own."""
    blobs = str(tmp_path / "blobs")
    with ChainScenario(world.gateway, world.deployments, blobs, tmp_path) as made:
        yield made


@pytest.fixture
def model_folder(tmp_path: Path) -> Path:
    """A folder with a small safetensors file and a model card."""
    folder = tmp_path / "model"
    folder.mkdir()
    header = b'{"w":{"dtype":"U8","shape":[600000],"data_offsets":[0,600000]}}'
    size = len(header).to_bytes(8, "little")
    values = bytes(range(250)) * 2400
    (folder / "model.safetensors").write_bytes(size + header + values)
    (folder / "README.md").write_text("# A model card\n\nSecret words: brass lantern.\n")
    return folder
