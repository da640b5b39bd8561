"""A Flower ClientApp takes part in rounds as it is.

given an app with functions for train and evaluate, or one with a client_fn
  then it gets the arrays by name, the plan, its node's and its run's configuration
  then what it returns is trained, weighed and measured like any client's
when it fails, returns no arrays or no examples
  then that is told, and whose reply it was
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from flwr.app import Array, ArrayRecord, Context, Message, MetricRecord, RecordDict
from flwr.client import NumPyClient
from flwr.clientapp import ClientApp
from memory_federation import Federation, document_of, small_data, small_model

from registry.errors import ConfigError, TrainingError
from trainer.cli.clients import choice_of
from trainer.flower.client_apps import AppClient, app_client_maker
from trainer.plan.evaluation_terms import EvaluationTerms
from trainer.plan.training_plan import LocalPlan, in_round
from trainer.training.client import client_training
from trainer.vectors.torch_modules import state_of

PLAN = in_round(LocalPlan(1, 8, "sgd", "0.1", 3), 1, evaluates=True)
SEEN: list[dict[str, Any]] = []


def app_of_functions() -> ClientApp:
    """An app in Flower's present form, as its quickstart has it."""
    app = ClientApp()

    @app.train()
    def train(message: Message, context: Context) -> Message:
        model = small_model()
        (arrays,) = message.content.array_records.values()
        model.load_state_dict(arrays.to_torch_state_dict())
        SEEN.append({**context.node_config, **context.run_config, **message.content["config"]})
        context.state["times"] = MetricRecord({"n": len(SEEN)})
        with torch.no_grad():
            for value in model.parameters():
                value.add_(0.25)
        metrics = MetricRecord({"train_loss": 0.5, "num-examples": 12})
        trained = ArrayRecord(model.state_dict())
        return Message(RecordDict({"arrays": trained, "metrics": metrics}), reply_to=message)

    @app.evaluate()
    def evaluate(message: Message, context: Context) -> Message:
        metrics = MetricRecord({"eval_loss": 0.75, "eval_acc": 0.5, "num-examples": 8})
        return Message(RecordDict({"metrics": metrics}), reply_to=message)

    return app


class Older(NumPyClient):
    """A client of the older form."""

    def fit(self, parameters: Any, config: Any) -> Any:
        SEEN.append(dict(config))
        return [array + array.dtype.type(1) for array in parameters], 12, {"loss": 0.5}

    def evaluate(self, parameters: Any, config: Any) -> Any:
        return 0.75, 8, {"eval_acc": 0.5}


def app_of_a_client_fn() -> ClientApp:
    """An app in Flower's older form."""
    return ClientApp(lambda context: Older().to_client())


@pytest.fixture(autouse=True)
def nothing_seen() -> None:
    """Each test looks at its own messages."""
    SEEN.clear()


@pytest.mark.parametrize("make", [app_of_functions, app_of_a_client_fn])
@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_an_app_trains_and_measures(make: Any, tmp_path: Path) -> None:
    base = state_of(small_model())
    result = client_training(AppClient(make(), tmp_path))(base, PLAN)
    assert result.examples == 12
    assert SEEN[0]["batch_size"] == 8
    moved = result.state["0.weight"] - base["0.weight"]
    assert torch.allclose(moved, torch.full_like(moved, 0.25 if make is app_of_functions else 1))
    assert result.state["1.num_batches_tracked"].dtype == torch.int64
    assert result.evaluation is not None
    assert result.evaluation.examples == 8
    assert result.evaluation.metrics["loss"] == 750_000
    assert result.evaluation.metrics["eval_acc"] == 500_000


def test_an_app_finds_its_node_s_and_its_run_s_configuration(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "node.toml").write_text('partition-id = 3\nsite = "north"\n')
    (tmp_path / "pyproject.toml").write_text(
        '[tool.flwr.app.config]\nlr = 0.5\n[tool.flwr.app.config.data]\nname = "x"\n'
    )
    training = client_training(AppClient(app_of_functions(), Path("node.toml")))
    training(state_of(small_model()), PLAN)
    seen = SEEN[0]
    assert (seen["partition-id"], seen["site"]) == (3, "north")
    assert (seen["lr"], seen["data.name"]) == (0.5, "x")
    client_training(AppClient(app_of_functions(), tmp_path / "images"))(
        state_of(small_model()), PLAN
    )
    assert SEEN[1]["data"] == str(tmp_path / "images")


def reply(content: dict[str, Any]) -> ClientApp:
    """An app that always replies the same to train."""
    app = ClientApp()

    @app.train()
    def train(message: Message, context: Context) -> Message:
        return Message(RecordDict(content), reply_to=message)

    return app


ONE = ArrayRecord({"0.weight": Array(np.zeros((3, 4), np.float32))})


@pytest.mark.parametrize(
    ("content", "says"),
    [
        ({}, "expected one record of arrays, got 0"),
        ({"arrays": ONE}, "expected a whole number 'num-examples'"),
        ({"arrays": ONE, "m": MetricRecord({"num-examples": 0.5})}, "a whole number"),
        ({"arrays": ONE, "m": MetricRecord({"num-examples": 2})}, "expected an array '0.bias'"),
    ],
)
def test_a_reply_that_is_no_training_is_told(content: Any, says: str, tmp_path: Path) -> None:
    training = client_training(AppClient(reply(content), tmp_path))
    with pytest.raises(TrainingError, match=f"the app's reply to train: .*{says}"):
        training(state_of(small_model()), PLAN)


@pytest.mark.parametrize("text", ["partition-id = [1]", "partition-id =", "\xff"])
def test_a_node_s_file_that_is_no_configuration_is_refused(text: str, tmp_path: Path) -> None:
    (tmp_path / "node.toml").write_text(text, encoding="latin-1")
    with pytest.raises(ConfigError, match=r"node\.toml: expected"):
        AppClient(app_of_functions(), tmp_path / "node.toml")


def test_the_command_line_takes_an_app_like_a_class(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("own_app.py").write_text("from flwr.clientapp import ClientApp\napp = ClientApp()\n")
    options = {"reference": "own_app.py:app", "data": tmp_path, "personal": None, "model": None}
    choice = choice_of({**options, "threads": 0})
    assert isinstance(choice.make(choice.find()), AppClient)
    assert app_client_maker(object()) is None


def test_a_round_is_trained_by_apps_and_measured(tmp_path: Path) -> None:
    made = Federation(tmp_path)
    made.document = type(made.document)(
        plan=made.document.plan, client_evaluation=EvaluationTerms(1_000_000, 2)
    )
    people = [
        made.participant(at, client_training(AppClient(app_of_functions(), tmp_path)))
        for at in range(2)
    ]
    document = document_of(made.round(people))
    assert document.weights == {person.address: 12 for person in people}
    assert document.evaluation is not None
    assert document.evaluation.metrics["eval_acc"].mean == 0.5
    assert len(small_data(0)) == 40
