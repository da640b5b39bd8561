"""What is wrong with a server's step, found in files or by questions (F-15, F-17)."""

from __future__ import annotations

from dataclasses import replace

import pytest
from bits_in_memory import Bits, changed, weights

from registry.fraud_proofs.server_steps import Server, ServerStep, StepProof
from registry.fraud_proofs.stake_rules import search_steps
from registry.fraud_proofs.stake_terms import ChunkProof
from trainer.staked.version_verdict import Compared, step_verdict
from trainer.staked.watcher_actions import AskMomentum, AskVersion, WrongStep
from trainer.vectors.vector_roots import CHUNK

NUMERATORS = ChunkProof(b"numerators", ())
SERVER = Server(ServerStep.DILOCO, 1, 2, b"\x03" * 32, b"\x04" * 32)


def compared(seed: int, wrong: int | None = None, known: bool = True) -> Compared:
    """Vectors of 1,000 values; the proposed one differs at a place, if there is one."""
    base, right = weights(seed), weights(seed + 1)
    theirs = right if wrong is None else changed(right, wrong)
    differs = None if wrong is None else wrong // CHUNK
    return Compared(
        base, right, theirs.root(), theirs if known else None, differs if known else None, {}
    )


def verdict(of_weights: Compared, of_momentum: Compared) -> tuple[object, object]:
    """What is found, with numerators that stand for any."""
    return step_verdict(SERVER, of_weights, of_momentum, lambda chunk: NUMERATORS)


def proof(vector: Bits, chunk: int) -> ChunkProof:
    """A chunk with what proves it."""
    return ChunkProof(vector.chunk(chunk), tuple(vector.proof(chunk)))


def test_f15_a_right_step_has_no_fault() -> None:
    assert verdict(compared(1), compared(3)) == ((), ())


def test_f15_a_wrong_weight_of_a_known_file_is_proved_by_what_goes_into_its_step() -> None:
    lie = changed(weights(2), 700)
    expected = StepProof(
        False, proof(weights(1), 2), proof(weights(3), 2), NUMERATORS, proof(lie, 2)
    )
    found = verdict(compared(1, wrong=700), compared(3))
    assert found == ((WrongStep(SERVER, 2, expected),), ())


def test_f15_a_wrong_momentum_is_proved_by_the_same() -> None:
    lie = changed(weights(4), 100)
    expected = StepProof(
        True, proof(weights(1), 0), proof(weights(3), 0), NUMERATORS, proof(lie, 0)
    )
    found = verdict(compared(1), compared(3, wrong=100))
    assert found == ((WrongStep(SERVER, 0, expected),), ())
    # A lie that is seen is proved before another one is asked for.
    found = verdict(compared(1, wrong=700, known=False), compared(3, wrong=100))
    assert found == ((WrongStep(SERVER, 0, expected),), ())


def test_f15_a_proposal_without_a_memory_is_proved_wrong_by_nothing_more() -> None:
    of_momentum = replace(compared(3), root=bytes(32))
    assert verdict(compared(1), of_momentum) == (
        (WrongStep(SERVER, 0, StepProof.of_nothing()),),
        (),
    )


def test_f17_one_vector_is_searched_at_a_time() -> None:
    unseen = compared(1, wrong=700, known=False), compared(3, wrong=5, known=False)
    faults, asks = step_verdict(SERVER, *unseen, lambda chunk: NUMERATORS)
    assert faults == ()
    assert {type(ask) for ask in asks} == {AskVersion}
    faults, asks = step_verdict(SERVER, compared(1), unseen[1], lambda chunk: NUMERATORS)
    assert faults == ()
    assert {type(ask) for ask in asks} == {AskMomentum}


@pytest.mark.parametrize("place", [0, 63_999, 31_415])
def test_f17_a_search_for_a_momentum_ends_within_the_steps_that_windows_are_made_for(
    place: int,
) -> None:
    right = weights(3, 64_000)
    wrong = changed(right, place)
    told: dict[int, ChunkProof] = {}
    of_weights = Compared(right, right, right.root(), right, None, {})
    for _ in range(search_steps(right.length)):
        of_momentum = Compared(weights(0, 64_000), right, wrong.root(), None, None, told)
        faults, asks = step_verdict(SERVER, of_weights, of_momentum, lambda chunk: NUMERATORS)
        if faults:
            assert faults[0].chunk == place // CHUNK
            return
        told = told | {ask.chunk: proof(wrong, ask.chunk) for ask in asks}
    raise AssertionError("the search took longer than its windows")
