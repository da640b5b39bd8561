"""The ClientApp: the quickstart's, with one line added."""

from __future__ import annotations

import torch
from flwr.app import ArrayRecord, Context, Message, MetricRecord, RecordDict
from flwr.clientapp import ClientApp

from mnist_app.task import Net, load_data
from mnist_app.task import test as test_fn
from mnist_app.task import train as train_fn
from trainer.flower import signing_mod

app = ClientApp(mods=[signing_mod])  # <- added: signs, stores and commits to what is trained


@app.train()
def train(msg: Message, context: Context) -> Message:
    """Trains the model on this node's data."""
    model = Net()
    model.load_state_dict(msg.content["arrays"].to_torch_state_dict())
    config = context.run_config
    trainloader, _ = load_data(
        context.node_config["partition-id"],
        context.node_config["num-partitions"],
        config["batch-size"],
        config["data"],
        config["examples"],
    )
    torch.manual_seed(context.node_config["partition-id"])
    train_loss = train_fn(model, trainloader, config["local-epochs"], msg.content["config"]["lr"])
    metrics = {"train_loss": train_loss, "num-examples": len(trainloader.dataset)}
    content = RecordDict(
        {"arrays": ArrayRecord(model.state_dict()), "metrics": MetricRecord(metrics)}
    )
    return Message(content=content, reply_to=msg)


@app.evaluate()
def evaluate(msg: Message, context: Context) -> Message:
    """Evaluates the model on this node's data."""
    model = Net()
    model.load_state_dict(msg.content["arrays"].to_torch_state_dict())
    config = context.run_config
    _, valloader = load_data(
        context.node_config["partition-id"],
        context.node_config["num-partitions"],
        config["batch-size"],
        config["data"],
        config["examples"],
    )
    eval_loss, eval_acc = test_fn(model, valloader)
    metrics = {
        "eval_loss": eval_loss,
        "eval_acc": eval_acc,
        "num-examples": len(valloader.dataset),
    }
    content = RecordDict({"metrics": MetricRecord(metrics)})
    return Message(content=content, reply_to=msg)
