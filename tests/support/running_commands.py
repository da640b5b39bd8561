"""`tally` as a process of its own, run by a party of a place."""

from __future__ import annotations

import os
import subprocess
import sys

from chain_parties import ChainScenario

from registry.signing import LocalSigner

__all__ = ["NUDGING", "end", "start"]

NUDGING = """
import torch
from trainer import Client


class Nudge(Client):
    def __init__(self, data):
        self.amount = float(data.read_text())
        self.model = torch.nn.Sequential(SHAPES)

    def get_parameters(self, config):
        return [tensor.numpy() for tensor in self.model.state_dict().values()]

    def set_parameters(self, parameters):
        names = self.model.state_dict()
        state = {n: torch.tensor(a) for n, a in zip(names, parameters, strict=True)}
        self.model.load_state_dict(state)

    def fit(self, parameters, config):
        self.set_parameters(parameters)
        return [array + self.amount for array in self.get_parameters({})], 12, {}

    def evaluate(self, parameters, config):
        return 0.0, 1, {}
"""
"""A user's class that moves every parameter by the number in its data; SHAPES is to be replaced."""


def start(place: ChainScenario, who: LocalSigner, *words: str) -> subprocess.Popen[str]:
    """Starts `tally …` as a party, in the place's folder; its state is the party's own."""
    settings, work = place.settings(who), place.work
    environment = {
        **os.environ,
        "TALLY_KEY": who.private_key().hex(),
        "TALLY_RPC": settings.rpc,
        "TALLY_STORAGE": settings.storage,
        "TALLY_DEPLOYMENTS": str(settings.deployments),
        "TALLY_STATE": str(work / "commands" / who.address),
        "OMP_NUM_THREADS": "1",
    }
    return subprocess.Popen(
        [sys.executable, "-m", "registry.cli", *words, "--json"],
        cwd=work,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def end(*processes: subprocess.Popen[str]) -> None:
    """Ends processes that were started here, unless they have ended, and closes their pipes."""
    for process in processes:
        process.kill()
        process.wait()
        for pipe in (process.stdout, process.stderr):
            if pipe is not None:
                pipe.close()
