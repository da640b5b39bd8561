"""Rounds in which participants keep something: SCAFFOLD's controls, FedBuff's late updates."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from memory_federation import Federation
from pseudocode.scaffold import scaffold

from registry.errors import ConfigError, TrainingError
from trainer.documents.terms_document import TermsDocument
from trainer.documents.version_folders import first_version, read_version
from trainer.engines import run_in_process
from trainer.plan.training_plan import LocalPlan
from trainer.protocol.round_state import phase_at
from trainer.strategies import staleness_weight
from trainer.training.client import client_training
from trainer.training.local_training import LocalResult
from trainer.types import Lattice, Phase
from trainer.vectors.safetensors_files import State

STEPS, RATE = 5, 0.1
TARGETS = np.array([[4.0, -2.0, 0.5], [1.0, 3.0, -1.0], [-3.0, 0.0, 2.0]])


class Bowl:
    """Trains x on half its squared distance from a target."""

    def __init__(self, target: np.ndarray) -> None:
        self.target = torch.from_numpy(target)

    def corrected(self, base: State, plan: LocalPlan, correction: State) -> LocalResult:
        """Gradient descent with a correction of every gradient."""
        x = base["x"].clone()
        for _ in range(plan.steps):
            x -= float(plan.learning_rate) * (x - self.target + correction["x"])
        return LocalResult({"x": x}, 1, {})

    def __call__(self, base: State, plan: LocalPlan) -> LocalResult:
        return self.corrected(base, plan, {"x": torch.zeros(3, dtype=torch.float64)})


def bowls(federation: Federation) -> None:
    """The federation's model becomes three numbers at zero."""
    folder = federation.work / "bowl"
    first_version(folder, {"x": torch.zeros(3, dtype=torch.float64)}, architecture="bowl")
    digest = federation.blobs.put_folder(folder)
    federation.model_id = federation.ledger.register(federation.owner.address, "bowl", digest)


def newest(federation: Federation, name: str) -> np.ndarray:
    """The newest version's values."""
    folder = federation.work / name
    digest = federation.board().versions(federation.model_id)[-1].content_digest
    federation.blobs.get_folder(digest, folder, 1 << 20)
    return read_version(folder)["x"].numpy()


def terms(federation: Federation, document: TermsDocument, **changes: Any) -> Any:
    """Terms of the next round."""
    federation.document = document
    return federation.terms(
        base_version=len(federation.board().versions(federation.model_id)),
        strategy=document.strategy,
        document_digest=document.digest,
        lattice=Lattice(32, -26),
        weight_cap=2_000,
        **changes,
    )


def test_a8_rounds_of_scaffold_are_its_paper_s(federation: Federation) -> None:
    bowls(federation)
    plan = LocalPlan(1, 1, "sgd", str(RATE), 3, steps=STEPS)
    document = TermsDocument("scaffold", plan=plan, strategy_parameters={"participants": "3"})
    chosen = [[0, 1], [0, 1, 2], [1, 2], [0, 2], [0, 1, 2]]
    for who in chosen:
        people = [federation.participant(i, Bowl(TARGETS[i])) for i in who]
        federation.round(people, terms(federation, document, maximum_participants=len(who)))
    expected = scaffold(TARGETS, chosen, STEPS, RATE)
    assert np.abs(newest(federation, "made") - expected).max() < 1e-6


def test_a_round_that_came_to_nothing_leaves_the_controls_as_they_were(
    federation: Federation,
) -> None:
    bowls(federation)
    plan = LocalPlan(1, 1, "sgd", str(RATE), 3, steps=STEPS)
    document = TermsDocument("scaffold", plan=plan, strategy_parameters={"participants": "3"})
    everybody = [federation.participant(i, Bowl(TARGETS[i])) for i in range(3)]
    federation.round(everybody, terms(federation, document))
    lonely = federation.round(everybody[:1], terms(federation, document, maximum_participants=2))
    assert lonely.version is None
    federation.round(everybody, terms(federation, document))
    expected = scaffold(TARGETS, [[0, 1, 2]] * 2, STEPS, RATE)
    assert np.abs(newest(federation, "made") - expected).max() < 1e-6


def test_a_client_that_cannot_be_steered_is_told_so(federation: Federation) -> None:
    plan = LocalPlan(1, 8, "sgd", "0.1", 3, steps=2)
    document = TermsDocument("scaffold", plan=plan, strategy_parameters={"participants": "3"})

    class Plain:
        """A client with the four verbs alone."""

        def fit(self, parameters: Any, config: Any) -> Any:
            return parameters, 1, {}

    names = list(federation.model().state_dict())
    training = client_training(Plain(), names)
    people = [federation.participant(place, training) for place in range(3)]
    with pytest.raises(ConfigError, match="give the client a method steer"):
        federation.round(people, terms(federation, document))


def test_a8_who_was_too_late_takes_a_seat_of_the_next_round_as_a_stale_update(
    federation: Federation, tmp_path: Path
) -> None:
    plan = LocalPlan(1, 8, "sgd", "0.1", 3, weight="staleness")
    document = TermsDocument("fedbuff", plan=plan, scoring="equal")
    trained: list[int] = []

    def counted(base: State, plan: LocalPlan) -> LocalResult:
        trained.append(len(federation.board().versions(federation.model_id)))
        return federation.honest(2)(base, plan)

    def race(base: State, plan: LocalPlan) -> LocalResult:
        """While the slow one trains, the quick ones take the seats."""
        result = counted(base, plan)
        for participant in quick:
            participant.step(first)
        return result

    slow = federation.participant(2, race)
    quick = [federation.participant(i) for i in range(2)]
    coordinator = federation.coordinator()
    first = coordinator.open(terms(federation, document, maximum_participants=2), document)
    slow.step(first)
    state = federation.board().state(first)
    assert phase_at(state, federation.clock.now()) == Phase.COMMIT
    assert slow.address not in state.enrolled
    assert run_in_process(coordinator, quick, federation.clock, first).version is not None
    second = coordinator.open(terms(federation, document, maximum_participants=2), document)
    for _ in range(6):
        for participant in (slow, quick[0]):
            participant.step(second)
    state = federation.board().state(second)
    assert state.reveals[slow.address].weight == staleness_weight(1)
    assert state.reveals[quick[0].address].weight == staleness_weight(0)
    assert trained == [1]
    assert coordinator.run_round(second).version is not None


def test_an_update_staler_than_the_terms_allow_is_trained_again(federation: Federation) -> None:
    plan = LocalPlan(1, 8, "sgd", "0.1", 3, weight="staleness")
    none_late = {"largest_staleness": "0"}
    document = TermsDocument("fedbuff", plan=plan, scoring="equal", strategy_parameters=none_late)
    late = federation.participant(2)
    given = terms(federation, document)
    state = federation.board().state(federation.coordinator().open(given, document))
    assert late._updates.buffer(state, document).version == 1
    older = replace(state, round_id=bytes(32), terms=replace(given, base_version=2))
    # Trained again from a base that there isn't: what waited isn't taken.
    with pytest.raises(IndexError):
        late._updates.buffer(older, document)


def test_a_loss_that_cannot_be_had_makes_no_weight(federation: Federation) -> None:
    plan = LocalPlan(1, 8, "sgd", "0.1", 3, weight="loss")
    document = TermsDocument("qfedavg", plan=plan, scoring="equal")

    def silent(base: State, plan: LocalPlan) -> LocalResult:
        return replace(federation.honest(0)(base, plan), base_loss=None)

    people = [federation.participant(0, silent)]
    with pytest.raises(TrainingError, match="expected the base version's loss"):
        federation.round(people, terms(federation, document))
