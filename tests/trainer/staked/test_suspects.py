"""Siblings of answered chunks clear what they cover, so that a wrong chunk is closed in on."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from trainer.staked.suspects import spread, suspects
from trainer.vectors.vector_roots import chunk_proof


@given(chunks=st.integers(1, 40), data=st.data())
def test_a_wrong_chunk_is_never_cleared_by_an_answer_for_another(
    chunks: int, data: st.DataObject
) -> None:
    wrong = data.draw(st.integers(0, chunks - 1))
    asked = data.draw(st.sets(st.integers(0, chunks - 1).filter(lambda i: i != wrong)))
    ours = np.arange(chunks * 256, dtype=np.int64)
    theirs = ours.copy()
    theirs[wrong * 256] += 1
    answers = [(i, chunk_proof(theirs, 64, i), chunk_proof(ours, 64, i)) for i in sorted(asked)]
    left = suspects(ours.size, answers)
    assert wrong in left
    assert not set(left) & asked


@pytest.mark.parametrize("chunks", [1, 2, 3, 13, 64])
def test_one_wrong_chunk_is_found_in_a_logarithm_of_answers(chunks: int) -> None:
    ours = np.arange(chunks * 256 - 7, dtype=np.int64)
    for wrong in range(chunks):
        theirs = ours.copy()
        theirs[wrong * 256] -= 1
        answers: list[tuple[int, list[bytes], list[bytes]]] = []
        for _ in range(chunks.bit_length() + 1):
            (chunk,) = spread(suspects(ours.size, answers), 1)
            if chunk == wrong:
                break
            answers.append((chunk, chunk_proof(theirs, 64, chunk), chunk_proof(ours, 64, chunk)))
        assert chunk == wrong


def test_equal_vectors_leave_no_suspect_after_one_answer() -> None:
    ours = np.arange(9 * 256, dtype=np.int64)
    proof = chunk_proof(ours, 64, 4)
    assert suspects(ours.size, [(4, proof, proof)]) == []


def test_what_is_asked_for_is_spread_evenly() -> None:
    assert spread(range(16), 4) == [2, 6, 10, 14]
    assert spread([3, 9], 4) == [3, 9]
    assert spread([], 4) == []
