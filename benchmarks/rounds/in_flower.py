"""Rounds in Flower's simulation, which runs clients in as many processes as there are cores."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path
from time import perf_counter
from typing import Any

import torch
from flwr.app import ArrayRecord, ConfigRecord, Context, Message, MetricRecord, RecordDict
from flwr.clientapp import ClientApp
from flwr.serverapp import Grid, ServerApp
from flwr.serverapp.strategy import FedAvg
from flwr.simulation import run_simulation
from rounds.measured import PLAN, Measured
from torch.utils.data import TensorDataset

from trainer import local_train
from trainer.models import SmallCnn
from trainer.plan.training_plan import in_round
from trainer.vectors.safetensors_files import load_safetensors
from trainer.vectors.torch_modules import state_of

__all__ = ["in_flower"]


def client_app(folder: Path, mods: list[Any]) -> ClientApp:
    """A Flower app that trains by the plan on its partition's file."""
    app = ClientApp(mods=mods)

    @app.train()
    def train(message: Message, context: Context) -> Message:
        torch.set_num_threads(1)
        model = SmallCnn()
        model.load_state_dict(message.content["arrays"].to_torch_state_dict())
        shard = load_safetensors(folder / f"{context.node_config['partition-id']}.safetensors")
        plan = in_round(PLAN, int(message.content["config"]["server-round"]))
        result = local_train(model, TensorDataset(shard["images"], shard["labels"]), plan)
        metrics = MetricRecord({"num-examples": result.examples})
        content = RecordDict({"arrays": ArrayRecord(result.state), "metrics": metrics})
        return Message(content, reply_to=message)

    return app


def size(messages: Iterable[Message]) -> int:
    """Returns the bytes of messages' records."""
    return sum(r.count_bytes() for m in messages if m.has_content() for r in m.content.values())


def in_flower(
    strategy: Callable[[], FedAvg], mods: list[Any], folder: Path, clients: int, rounds: int
) -> Measured:
    """Runs rounds in Flower's simulation."""
    found, server = Measured(), ServerApp()

    @server.main()
    def main(grid: Grid, context: Context) -> None:
        chosen, arrays = strategy(), ArrayRecord(state_of(SmallCnn()))
        for number in range(1, rounds + 2):
            messages = list(chosen.configure_train(number, arrays, ConfigRecord(), grid))
            begin = perf_counter()
            replies = list(grid.send_and_receive(messages))
            sent = size(messages) + size(replies)
            made, _ = chosen.aggregate_train(number, replies)
            found.seconds.append(perf_counter() - begin)
            found.sent.append(sent)
            if made is None or any(reply.has_error() for reply in replies):
                raise RuntimeError(f"round {number} failed")
            arrays = made
        found.model = dict(arrays.to_torch_state_dict())

    resources = {"client_resources": {"num_cpus": 1, "num_gpus": 0.0}}
    run_simulation(server, client_app(folder, mods), clients, backend_config=resources)
    return found
