"""Journey: the chain takes an enrolment back while its participant trains; it enrols again."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from chain_federation import ChainFederation
from chain_parties import ChainScenario
from tests_roles import OWNER

from trainer.adapters.registry_board import RegistryBoard
from trainer.plan.training_plan import LocalPlan
from trainer.protocol.round_state import phase_at
from trainer.training.local_training import LocalResult
from trainer.types import Phase
from trainer.vectors.safetensors_files import State


def interrupted(honest: Any, happens: Callable[[], None]) -> Any:
    """A training during which something happens, once."""
    left = [happens]

    def train(base: State, plan: LocalPlan) -> LocalResult:
        result: LocalResult = honest(base, plan)
        if left:
            left.pop()()
        return result

    return train


def test_a_participant_looks_again_when_its_enrolment_is_undone(place: ChainScenario) -> None:
    federation = ChainFederation(place, OWNER)
    federation.publish_first()
    gateway = federation.place.gateway
    coordinator = federation.coordinator()
    terms = federation.terms(minimum_participants=1, maximum_participants=1)
    round_id = coordinator.open(terms, federation.document)
    before_enrolment = gateway.request("evm_snapshot", [])
    board = RegistryBoard(federation.client_of(federation.people[0]))
    seen: list[Phase] = []

    def reorganised() -> None:
        assert gateway.request("evm_revert", [before_enrolment])
        gateway.request("anvil_mine", ["0x8"])
        seen.append(phase_at(board.state(round_id), federation.clock.now()))

    training = interrupted(federation.training(0), reorganised)
    participant = federation.participant(0, training=training)
    participant.run(round_id)
    assert seen == [Phase.ENROLMENT]
    state = board.state(round_id)
    assert state.enrolled == (participant.address,)
    assert participant.has_revealed(state)
    assert coordinator.run_round(round_id).version is not None
