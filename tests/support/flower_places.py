"""Where a Flower app finds chain, storage and keys, as tests of whole apps give it to them."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

from chain_parties import ChainScenario

__all__ = ["MODEL", "NODE_KEYS", "OWNER_KEY", "environment", "write_keys"]

ROOT = Path(__file__).resolve().parents[2]
MODEL = "flower-mnist"
OWNER_KEY = (0xA11CE).to_bytes(32, "big")
NODE_KEYS = [bytes(31) + bytes([index]) for index in range(41, 45)]


def environment(place: ChainScenario, keys: Path) -> dict[str, str]:
    """What the app finds: the same variables as `tally`, and a key file for each partition."""
    return {
        **os.environ,
        "TALLY_RPC": place.gateway.url,
        "TALLY_STORAGE": place.storage,
        "TALLY_DEPLOYMENTS": str(place.deployments),
        "TALLY_STATE": str(place.work / "flower-state"),
        "TALLY_MODEL": MODEL,
        "TALLY_KEY": OWNER_KEY.hex(),
        "TALLY_FLOWER_KEYS": str(keys),
        "FLWR_TELEMETRY_ENABLED": "0",
        "RAY_USAGE_STATS_ENABLED": "0",
        "PYTHONPATH": str(ROOT),
        "OMP_NUM_THREADS": "1",
    }


def write_keys(place: ChainScenario, keys: Sequence[bytes]) -> Path:
    """Writes a key file for each partition, and returns their folder."""
    folder = place.work / "keys"
    folder.mkdir(exist_ok=True)
    for partition, key in enumerate(keys):
        path = folder / f"{partition}.key"
        path.touch(mode=0o600)
        path.write_text(key.hex())
    return folder
