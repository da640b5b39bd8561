"""The ServerApp: the quickstart's, with one line added."""

from __future__ import annotations

import torch
from flwr.app import ArrayRecord, ConfigRecord, Context, MetricRecord
from flwr.serverapp import Grid, ServerApp
from flwr.serverapp.strategy import FedAvg

from mnist_app.task import Net, load_centralised
from mnist_app.task import test as test_fn
from trainer.flower import RoundOptions, audited

app = ServerApp()


@app.main()
def main(grid: Grid, context: Context) -> None:
    """Runs the rounds from a new model."""
    config = context.run_config
    data = str(config["data"])
    torch.manual_seed(0)
    arrays = ArrayRecord(Net().state_dict())

    def global_evaluate(server_round: int, arrays: ArrayRecord) -> MetricRecord:
        model = Net()
        model.load_state_dict(arrays.to_torch_state_dict())
        loss, accuracy = test_fn(model, load_centralised(data))
        return MetricRecord({"accuracy": accuracy, "loss": loss})

    strategy = FedAvg(fraction_evaluate=float(config["fraction-evaluate"]))
    options = RoundOptions(
        budget=int(config["budget"]), challenge_seconds=int(config["challenge-seconds"])
    )
    strategy = audited(strategy, options)  # <- added: its rounds are rounds on the chain

    strategy.start(
        grid=grid,
        initial_arrays=arrays,
        train_config=ConfigRecord({"lr": float(config["learning-rate"])}),
        num_rounds=int(config["num-server-rounds"]),
        evaluate_fn=global_evaluate,
    )
