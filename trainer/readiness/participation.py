"""Whether an account could take part in the rounds of a model, all points of it."""

from __future__ import annotations

import tempfile
from dataclasses import dataclass
from pathlib import Path

from registry.client import RegistryClient
from registry.storage import DAG_PB, Cid, fetch_path
from trainer.documents.version_folders import map_version
from trainer.plan.training_plan import LocalPlan
from trainer.readiness.chain_points import ChainPoints
from trainer.readiness.client_points import ClientPoints
from trainer.readiness.points import Checklist
from trainer.training.client import Training
from trainer.training.client_choice import ClientChoice
from trainer.vectors.safetensors_files import State

__all__ = ["Wishes", "look_at_client", "look_at_everything"]

_ONE_STEP = LocalPlan(steps=1, round=1)


@dataclass(frozen=True)
class Wishes:
    """What is asked of a check.

    Args:
        name: the model's.
        choice: the client that is to train.
        personal_folder: where its personal part lies or will lie.
        rounds: how many are to be taken part in.
        stake: the most that may be locked in a round.
        pays_gas: whether the account sends its transactions itself.
        max_fee: the most wei per gas that is offered; None: the chain's usual one.
        fit: whether the client is to train a step as well.
        this_round: whether a round that is open now has to invite the account.
    """

    name: str
    choice: ClientChoice
    personal_folder: Path
    rounds: int = 1
    stake: int = 0
    pays_gas: bool = True
    max_fee: int | None = None
    fit: bool = False
    this_round: bool = True


def look_at_everything(
    client: RegistryClient, wishes: Wishes, points: Checklist
) -> Training | None:
    """Looks at every point; takes no seat and sends no transaction.

    Args:
        client: of the account.
        wishes: what is to be looked at.
        points: where it is noted.

    Returns:
        The client's training, made once; None where it can't be made.
    """
    chain = ChainPoints(
        client,
        wishes.name,
        rounds=wishes.rounds,
        stake=wishes.stake,
        pays_gas=wishes.pays_gas,
        max_fee=wishes.max_fee,
    )
    chain.look(points)
    base: list[State] = []
    state = client.connection.state_folder
    state.mkdir(parents=True, exist_ok=True)
    # Beside the state: a model is large, and where temporary files lie may be memory.
    with tempfile.TemporaryDirectory(prefix="checking-", dir=state) as place:

        def model() -> str:
            version = client.version(wishes.name)
            folder = Path(place) / "base"
            fetch_path(client.connection.store, Cid(DAG_PB, version.content.digest), folder)
            client.verify(folder)
            base.append(map_version(folder))
            return f"version {version.number} of {wishes.name}, fetched and verified"

        points.look("model", model)
        training = look_at_client(wishes, base[0] if base else None, points)
    if wishes.this_round:
        chain.look_at_rounds(points, training)
    return training


def look_at_client(wishes: Wishes, base: State | None, points: Checklist) -> Training | None:
    """Looks at data and class alone; returns the client's training, None where it can't be made.

    Args:
        wishes: what is to be looked at.
        base: the version's tensors, None where they can't be had.
        points: where it is noted.
    """
    own = ClientPoints(wishes.choice, wishes.personal_folder, base)
    own.look(points)
    if wishes.fit:
        own.look_at_fit(points, _ONE_STEP)
    return own.training
