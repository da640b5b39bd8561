"""What a round costs besides training, beside Flower's aggregation of as many values.

Flower's `FedAvg.aggregate_train` gets replies of float32 arrays that lie in memory, and gives the
new arrays in memory. Ours, in turns with it, on the same sizes:

- torch's mean of as many float32 models, in place and in its threads, with nothing else;
- the outcome: base and int16 updates in memory, to the new tensors and the result's root;
- the coordinator's step: from updates in a store on the disk, each fetched, checked against its
  hashes, its root and its signature, to the new version written, stored and proposed;
- a participant's step: from trained tensors to an update quantized, hashed, signed and stored.
"""

from __future__ import annotations

import cProfile
import io
import pstats
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np
from aggregation.inputs import reply
from aggregation.rounds_of_drawn_updates import (
    LATTICE,
    Spent,
    drawn_state,
    measured,
    one_round,
)
from flwr.app import Array, ArrayRecord, Message, MetricRecord, RecordDict
from flwr.serverapp.strategy import FedAvg

from trainer import TermsDocument
from trainer.execution.execute import execute
from trainer.execution.round_inputs import RoundInputs
from trainer.types import AcceptedUpdate
from trainer.vectors.safetensors_files import State

__all__ = ["Size", "hottest", "whole_steps"]

HEAD = "| step | wall s | x Flower | CPU s | x Flower |"


@dataclass(frozen=True)
class Size:
    """How many clients send how many values in how many tensors."""

    clients: int
    values: int
    tensors: int

    @classmethod
    def parse(cls, text: str) -> Size:
        """Reads "10x10000000x62"."""
        return cls(*map(int, text.split("x")))


def whole_steps(size: Size, say: Callable[[str], None], times: int = 3) -> None:
    """Tells the table of one size."""
    base = drawn_state(size.values, size.tensors)
    flower, torchs, ours = in_memory(size, base, times)
    with tempfile.TemporaryDirectory() as work:
        steps = one_round(Path(work), base, size.clients)
    peer = least(flower)
    say(f"\n{size.clients} clients x {size.values:,} parameters in {size.tensors} tensors\n")
    say(HEAD)
    say("|---" * (HEAD.count("|") - 1) + "|")
    say(row("Flower's aggregate_train", peer, peer))
    say(row("torch, in place", least(torchs), peer))
    say(row("outcome", least(ours), peer))
    say(row("coordinator's step", least(steps.coordinator), peer))
    say(row("a participant's step", least(steps.participants), peer))


def in_memory(size: Size, base: State, times: int) -> tuple[list[Spent], ...]:
    """Returns what Flower's aggregation, torch's mean and our outcome took, in turns."""
    replies, updates = flower_replies(size, base), our_updates(size)
    flower, torchs, ours = [], [], []
    models = [{name: tensor.clone() for name, tensor in base.items()} for _ in updates]
    for _ in range(times):
        given = replies()
        flower.append(measured(partial(aggregated, given)))
        torchs.append(measured(partial(mean_by_torch, models)))
        ours.append(
            measured(partial(execute, RoundInputs(base, LATTICE, TermsDocument(), updates)))
        )
    return flower, torchs, ours


def mean_by_torch(states: list[State]) -> State:
    """Returns the mean of float32 models, summed up in place: the least that could be done."""
    share = 1 / len(states)
    found = {name: tensor * share for name, tensor in states[0].items()}
    for state in states[1:]:
        for name, tensor in state.items():
            found[name].add_(tensor, alpha=share)
    return found


def hottest(size: Size, say: Callable[[str], None], lines: int = 10) -> None:
    """Tells where a coordinator's step spends its time: the functions with most of their own."""
    profile = cProfile.Profile()
    with tempfile.TemporaryDirectory() as work:
        base = drawn_state(size.values, size.tensors)
        one_round(Path(work), base, size.clients, profile.runcall)
    stats = pstats.Stats(profile, stream=io.StringIO()).get_stats_profile()
    whole = stats.total_tt
    say(
        f"\n{size.clients} clients x {size.values:,} parameters: {whole:.2f} s in the main thread\n"
    )
    say("| function | calls | own s | share | with what it calls s |")
    say("|---|---|---|---|---|")
    most = sorted(stats.func_profiles.items(), key=lambda item: -item[1].tottime)[:lines]
    for name, found in most:
        place = f" ({Path(found.file_name).name})" if found.file_name not in ("~", "") else ""
        own, below = found.tottime, found.cumtime
        shown = name.replace("|", "/")
        say(f"| {shown}{place} | {found.ncalls} | {own:.3f} | {own / whole:.0%} | {below:.3f} |")


def least(found: list[Spent]) -> Spent:
    """Returns the least wall and processor time of some runs, each by itself."""
    return Spent(min(one.wall for one in found), min(one.processor for one in found))


def row(name: str, ours: Spent, peer: Spent) -> str:
    """Returns a line of the table."""
    wall, processor = ours.wall / peer.wall, ours.processor / peer.processor
    return f"| {name} | {ours.wall:.3f} | {wall:.2f} | {ours.processor:.3f} | {processor:.2f} |"


def our_updates(size: Size) -> list[AcceptedUpdate]:
    """Returns updates of int16."""
    draw, found = np.random.default_rng(size.clients), []
    for client in range(size.clients):
        vector = draw.integers(-2_000, 2_000, size.values, dtype=np.int16)
        who = f"0x{client + 1:040x}"
        found.append(AcceptedUpdate(who, bytes(32), bytes(32), 100 + client, vector))
    return found


def flower_replies(size: Size, base: State) -> Callable[[], list[Message]]:
    """Returns what makes fresh replies, which Flower's strategies empty, of the same arrays."""
    draw = np.random.default_rng(size.clients)
    arrays = [
        {
            name: Array(draw.standard_normal(tuple(tensor.shape), dtype=np.float32))
            for name, tensor in base.items()
        }
        for _ in range(size.clients)
    ]

    def made() -> list[Message]:
        return [
            reply(
                RecordDict(
                    {
                        "arrays": ArrayRecord(dict(one)),
                        "metrics": MetricRecord({"num-examples": 100 + client}),
                    }
                )
            )
            for client, one in enumerate(arrays)
        ]

    return made


def aggregated(replies: list[Message]) -> None:
    """Lets Flower aggregate; it must have made something."""
    arrays, _ = FedAvg().aggregate_train(1, replies)
    if arrays is None:
        raise RuntimeError("FedAvg of Flower aggregated nothing")
