"""The script that checks a deployment: what it tells of a sound one, and of a changed file."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from chain_parties import ChainScenario
from deployed_scenario import DeployedScenario
from tests_roles import OWNER

from registry.storage import Cid

SCRIPT = Path(__file__).parents[2] / "examples" / "audit_from_a_script.py"
CARD = "# A lantern\n"


def run(place: ChainScenario, *names: str) -> subprocess.CompletedProcess[str]:
    """Runs the script as a reader without a key."""
    settings = place.settings(None)
    environment = {
        **os.environ,
        "TALLY_RPC": settings.rpc,
        "TALLY_STORAGE": settings.storage,
        "TALLY_DEPLOYMENTS": str(settings.deployments),
        "TALLY_STATE": str(settings.state),
    }
    words = [sys.executable, str(SCRIPT), *names]
    return subprocess.run(words, env=environment, capture_output=True, text=True, timeout=200)


def test_a_deployment_is_told_and_a_changed_file_is_named(
    world: DeployedScenario, tmp_path: Path
) -> None:
    folder, blobs = tmp_path / "lantern", tmp_path / "blobs"
    folder.mkdir()
    (folder / "README.md").write_text(CARD)
    with ChainScenario(world.gateway, world.deployments, str(blobs), tmp_path) as place:
        version = place.client(OWNER).publish(folder, "lantern")
        sound = run(place)
        block = next(p for p in blobs.rglob("*") if p.is_file() and p.read_bytes() == CARD.encode())
        block.chmod(0o600)
        block.write_text(CARD.replace("A", "B"))
        changed = run(place, "lantern")
    assert sound.returncode == 0, sound.stderr
    assert (
        f"version 1: {Cid(version.content.codec, version.content.digest)}, active" in sound.stdout
    )
    assert f"UTC  {OWNER.address}  " in sound.stdout
    assert "everything agrees, up to block" in sound.stdout
    assert changed.returncode == 8
    assert "wrong | content: lantern:1 content" in changed.stdout
