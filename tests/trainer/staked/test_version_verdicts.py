"""What is wrong with proposed weights, found in a file or by questions (F-13, F-17)."""

from __future__ import annotations

import pytest
from bits_in_memory import changed, weights

from registry.fraud_proofs.stake_rules import AT_ONCE, search_steps
from registry.fraud_proofs.stake_terms import ChunkProof
from trainer.staked.version_verdict import Compared, version_verdict
from trainer.staked.watcher_actions import AskVersion
from trainer.vectors.vector_roots import CHUNK, chunk_count

NUMERATORS = ChunkProof(b"numerators", ())


def test_f13_right_weights_have_no_fault() -> None:
    right = weights(1)
    compared = Compared(weights(0), right, right.root(), None, None, {})
    assert version_verdict(compared, lambda chunk: NUMERATORS) == ((), ())


def test_f13_a_wrong_chunk_of_a_known_file_is_proved() -> None:
    base, right = weights(0), weights(1)
    wrong = changed(right, 700)
    compared = Compared(base, right, wrong.root(), wrong, 2, {})
    (fault,), asks = version_verdict(compared, lambda chunk: NUMERATORS)
    assert asks == ()
    assert (fault.chunk, fault.numerators) == (2, NUMERATORS)
    assert fault.base == ChunkProof(base.chunk(2), tuple(base.proof(2)))
    assert fault.weights == ChunkProof(wrong.chunk(2), tuple(wrong.proof(2)))


@pytest.mark.parametrize("place", [0, 63_999, 31_415, 40_000])
def test_f17_a_search_ends_within_the_steps_that_windows_are_made_for(place: int) -> None:
    right = weights(3, 64_000)
    wrong = changed(right, place)
    told: dict[int, ChunkProof] = {}
    for step in range(1, search_steps(right.length) + 1):
        compared = Compared(weights(0, 64_000), right, wrong.root(), None, None, told)
        faults, asks = version_verdict(compared, lambda chunk: NUMERATORS)
        if faults:
            assert faults[0].chunk == place // CHUNK
            assert step <= search_steps(right.length)
            return
        assert 0 < len(asks) <= AT_ONCE
        assert set(asks) <= {AskVersion(i, compared.root) for i in range(chunk_count(right.length))}
        # Whoever answers has to prove its answer against the root that it proposed.
        answers = {ask.chunk: wrong.proof(ask.chunk) for ask in asks}
        told = told | {i: ChunkProof(wrong.chunk(i), tuple(p)) for i, p in answers.items()}
    raise AssertionError("the search took longer than its windows")
