"""Given what a round says of how it hides updates

when a value is out of its range: it is refused with the range and the value
whatever lattice, cap and group: the largest sum of the width doesn't wrap
when sums need more bits than the ring has: it is refused, with what to lower
when it is written to a terms document: it comes back, and other fields are refused
when a round has deadlines: bundles and unmasking end inside them
"""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from registry.errors import ConfigError
from trainer.privacy.hidden_terms import HiddenSchedule, HiddenTerms, mask_width
from trainer.privacy.packing import centred, pack, unpack
from trainer.types import Lattice


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"ring": 16}, "a ring of 32 or 64 bits, got 16"),
        ({"ring": 33}, "a ring of 32 or 64 bits, got 33"),
        ({"ring": True}, "a ring of 32 or 64 bits, got True"),
        ({"ring": 32.0}, "a ring of 32 or 64 bits, got 32.0"),
        ({"degree": 0}, "a degree from 2 to 254, got 0"),
        ({"degree": 256}, "a degree from 2 to 254, got 256"),
        ({"degree": 7}, "an even degree, half of it on either side, got 7"),
        ({"degree": "20"}, "a degree from 2 to 254, got '20'"),
        (
            {"threshold": 10},
            "a threshold, over half of 20 neighbours, from 11 to 20, got 10",
        ),
        (
            {"threshold": 21},
            "a threshold, over half of 20 neighbours, from 11 to 20, got 21",
        ),
        ({"group_size": 1}, "a group size from 2 to 256, got 1"),
        ({"group_size": 257}, "a group size from 2 to 256, got 257"),
        ({"weight_cap": 0}, "a weight cap from 1 to 72057594037927936, got 0"),
        (
            {"weight_cap": 2**56 + 1},
            f"a weight cap from 1 to {2**56}, got {2**56 + 1}",
        ),
        ({"weight_cap": True}, "a weight cap from 1 to 72057594037927936, got True"),
    ],
)
def test_what_is_out_of_its_range_is_refused_with_the_range(
    changed: dict[str, int], message: str
) -> None:
    with pytest.raises(ConfigError, match=f"hidden: expected {message}"):
        HiddenTerms(**changed)


@pytest.mark.parametrize(
    "changed",
    [
        {"ring": 64},
        {"degree": 2, "threshold": 2},
        {"degree": 254, "threshold": 254},
        {"degree": 254, "threshold": 128},
        {"group_size": 2},
        {"group_size": 256},
        {"weight_cap": 2**56},
    ],
)
def test_the_ends_of_each_range_are_taken_and_written(changed: dict[str, int]) -> None:
    made = HiddenTerms(**changed)
    assert HiddenTerms.from_fields(made.to_fields()) == made


@pytest.mark.parametrize(
    ("bits", "cap", "members", "width"),
    [
        (16, 1, 32, 21),
        (16, 1, 33, 22),
        (16, 1, 2, 17),
        (8, 1, 3, 10),
        (8, 255, 256, 24),
        (16, 1_000, 32, 31),
        (16, 2_048, 32, 32),
        (16, 2_049, 32, 34),
        (32, 1, 3, 34),
        (32, 2, 2, 34),
        (32, 3, 2, 36),
        (32, 2**24, 256, 64),
        (8, 1, 1, 8),
    ],
)
def test_a_value_has_so_many_bits(bits: int, cap: int, members: int, width: int) -> None:
    assert mask_width(bits, cap, members) == width


@given(
    bits=st.sampled_from([8, 16, 32]),
    cap=st.integers(1, 2**24) | st.integers(1, 9),
    members=st.integers(2, 256),
)
def test_the_largest_sum_stays_inside_and_no_bit_is_wasted(
    bits: int, cap: int, members: int
) -> None:
    width, most = mask_width(bits, cap, members), Lattice(bits, -4, 0).largest * cap * members
    assume(width <= 64)
    for total in (most, -most, cap * members):
        packed = pack(np.array([total], np.int64), width)
        assert centred(unpack(packed, 1, width), width).tolist() == [total]
    # As the norm has it: the lattice's power of two stands for its largest value (H-2).
    exact = bits + (cap * members - 1).bit_length()
    assert width == (exact if exact <= 32 else exact + exact % 2)
    assert 1 << (exact - 1) >= cap * members << (bits - 1) > 1 << (exact - 2)


@given(ring=st.sampled_from([32, 64]), cap=st.integers(1, 2**32 - 1), size=st.integers(2, 256))
def test_a_width_above_the_ring_is_refused_and_no_other(ring: int, cap: int, size: int) -> None:
    terms = HiddenTerms(ring=ring, weight_cap=cap, group_size=size)
    width = mask_width(16, cap, max(size, 3))
    if width <= ring:
        assert terms.width(16, 1_000) == width
        return
    with pytest.raises(ConfigError, match=f"need {width} bits, and the ring has {ring}; lower"):
        terms.width(16, 1_000)


def test_groups_are_as_large_as_the_round_lets_them_be() -> None:
    terms = HiddenTerms(group_size=8)
    assert [terms.largest_group(seats) for seats in (2, 8, 9, 100)] == [2, 8, 8, 8]
    assert [replace(terms, group_size=2).largest_group(seats) for seats in (2, 3, 9)] == [2, 3, 3]


def test_a_hidden_weight_is_one_value_more() -> None:
    assert HiddenTerms().length(47) == 47
    assert HiddenTerms(weight_cap=2).length(47) == 48


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ([], "hidden: expected a JSON object"),
        ({"ring": 32}, "hidden: missing degree, groupSize, threshold, weightCap"),
        (HiddenTerms().to_fields() | {"salt": 1}, "hidden: unknown salt"),
        (HiddenTerms().to_fields() | {"degree": None}, "a degree from 2 to 254, got None"),
    ],
)
def test_other_fields_are_refused(fields: object, message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        HiddenTerms.from_fields(fields)


def test_nothing_hidden_is_nothing_written() -> None:
    assert HiddenTerms.from_fields(None) is None


@given(st.lists(st.integers(2, 10**6), min_size=4, max_size=4))
def test_bundles_and_unmasking_end_inside_the_rounds_own_phases(lengths: list[int]) -> None:
    enrolment, commit, reveal, proposal = (sum(lengths[: n + 1]) for n in range(4))
    deadlines = enrolment, commit, reveal, proposal
    made = HiddenSchedule.between(deadlines)
    times = enrolment, made.bundle_deadline, commit, reveal, made.unmask_deadline, proposal
    assert all(earlier < later for earlier, later in pairwise(times))
    staked = HiddenSchedule.under_stake(deadlines, reveal + 50)
    assert staked.bundle_deadline == made.bundle_deadline
    assert staked.unmask_deadline == reveal + 50 + commit - enrolment
