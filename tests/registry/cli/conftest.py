"""The command line on the session's deployment."""

from __future__ import annotations

from pathlib import Path

import pytest
from command_line import Tally
from deployed_scenario import DeployedScenario


@pytest.fixture
def tally(
    world: DeployedScenario,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> Tally:
    """The command line of the owner, on the session's chain and an embedded store."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("TALLY_RPC", world.gateway.url)
    monkeypatch.setenv("TALLY_DEPLOYMENTS", str(world.deployments))
    monkeypatch.setenv("TALLY_STORAGE", str(tmp_path / "blobs"))
    monkeypatch.setenv("TALLY_STATE", str(tmp_path / "state"))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    for name in ("TALLY_KEY", "TALLY_KEYSTORE", "TALLY_PASSWORD", "TALLY_CONFIRMATIONS"):
        monkeypatch.delenv(name, raising=False)
    return Tally(tmp_path, monkeypatch, capsys)
