"""Robust rules against plain floating-point twins, and what each has to bear (T-31)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from hashlib import sha256
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
from pseudocode.bucketing import bucketing
from pseudocode.bulyan import bulyan
from pseudocode.centred_clipping import centred_clipping
from pseudocode.coordinate_rules import median, trimmed_mean
from pseudocode.fltrust import fltrust
from pseudocode.foolsgold import foolsgold
from pseudocode.geometric_median import geometric_median
from pseudocode.hierarchical import hierarchical
from pseudocode.krum import krum
from pseudocode.nearest_neighbour_mixing import nearest_neighbour_mixing
from pseudocode.norm_clipping import norm_clipping

from registry.errors import AggregationError, ConfigError
from trainer.aggregation import RobustRule, aggregator
from trainer.aggregation.tree import AggregationTree
from trainer.aggregation.update_matrix import PlainMatrix
from trainer.kernels.library import library_path
from trainer.kernels.native import NativeKernels
from trainer.kernels.portable import PortableKernels
from trainer.types import IntVector, Lattice

LATTICE = Lattice(16, -12, guard_bits=8)
Floats = npt.NDArray[np.float64]


def address(place: int) -> str:
    """Whose update the one at a place is."""
    return f"0x{place + 1:040x}"


RULES: dict[str, dict[str, int | str]] = {
    "median": {},
    "trimmed_mean": {"trim": 3},
    "krum": {"byzantine": 3},
    "krum ": {"byzantine": 3, "keep": 9},
    "bulyan": {"byzantine": 3},
    "geometric_median": {},
    "centred_clipping": {},
    "norm_clipping": {},
    "fltrust": {"trusted": address(2)},
    "foolsgold": {},
    "nnm+median": {"nnm.byzantine": 3},
    "nnm+krum": {"nnm.byzantine": 3, "byzantine": 3},
    "bucketing+trimmed_mean": {"bucketing.size": 2, "trim": 2},
    "bucketing+geometric_median": {"bucketing.size": 4},
}
EVERY = pytest.mark.parametrize("name", RULES)


def rule_of(name: str) -> RobustRule:
    """The rule of a name in `RULES`."""
    found = aggregator(name.strip(), RULES[name])
    assert isinstance(found, RobustRule)
    return found.seated([address(place) for place in range(20)])


def updates(count: int = 16, length: int = 300, seed: int = 1) -> list[IntVector]:
    """Updates around a common direction, as participants with like data have."""
    made = np.random.default_rng(seed)
    way = made.normal(0, 400, length)
    rows = way + made.normal(0, 150, (count, length))
    return list(np.clip(np.rint(rows), -32_767, 32_767).astype(np.int16))


def combined(name: str, vectors: Sequence[IntVector]) -> Floats:
    """The aggregate in steps of the lattice."""
    found = rule_of(name).combine([(vector, 1) for vector in vectors], LATTICE)
    assert found.dtype == np.int32
    return found / 2.0**LATTICE.guard_bits


TWINS: dict[str, Callable[[Floats], Floats]] = {
    "median": median,
    "trimmed_mean": lambda rows: trimmed_mean(rows, 3),
    "krum": lambda rows: krum(rows, 3),
    "krum ": lambda rows: krum(rows, 3, 9),
    "bulyan": lambda rows: bulyan(rows, 3),
    "geometric_median": geometric_median,
    "centred_clipping": centred_clipping,
    "norm_clipping": norm_clipping,
    "fltrust": lambda rows: fltrust(rows, 2),
    "foolsgold": foolsgold,
    "nnm+median": lambda rows: median(nearest_neighbour_mixing(rows, 3)),
    "nnm+krum": lambda rows: krum(nearest_neighbour_mixing(rows, 3), 3),
    "bucketing+trimmed_mean": lambda rows: trimmed_mean(bucketing(rows, lot_of(rows), 2), 2),
    "bucketing+geometric_median": lambda rows: geometric_median(bucketing(rows, lot_of(rows), 4)),
}


def lot_of(rows: Floats) -> list[int]:
    """The order that the lot puts rows in: by digests of the seed and all scalar products."""
    whole = rows.astype(np.int64)
    drawn = f"0 {(whole @ whole.T).tolist()} "
    return sorted(range(len(rows)), key=lambda row: sha256(f"{drawn}{row}".encode()).digest())


def test_every_rule_has_its_twin() -> None:
    assert set(TWINS) == set(RULES)


@pytest.mark.parametrize("name", TWINS)
@pytest.mark.parametrize("seed", range(4))
def test_a_rule_is_what_its_paper_says(name: str, seed: int) -> None:
    vectors = updates(seed=seed)
    expected = TWINS[name](np.array(vectors, np.float64))
    # Half of the aggregate's last place, and a step in a million for multiples of thirty bits.
    assert np.abs(combined(name, vectors) - expected).max() <= 0.5 / 256 + 1e-3


@pytest.mark.parametrize("count", [5, 9, 16])
@pytest.mark.parametrize("seed", range(3))
def test_a_rule_over_a_tree_is_the_rule_of_its_groups(count: int, seed: int) -> None:
    vectors = updates(count, seed=seed)
    rule = aggregator("median")
    assert isinstance(rule, RobustRule)
    found = AggregationTree(rule, 4).combine([(vector, 1) for vector in vectors], LATTICE)
    expected = hierarchical(np.array(vectors, np.float64), median, 4)
    # Every level is rounded once.
    assert np.abs(found / 2.0**LATTICE.guard_bits - expected).max() <= 2 * 0.5 / 256


# --- what holds for all ---------------------------------------------------------------------------


@EVERY
def test_t35_the_kernels_and_their_threads_do_not_change_a_bit(name: str) -> None:
    vectors = updates(length=200_000)
    portable = rule_of(name).aggregate(PlainMatrix(vectors, LATTICE, PortableKernels()))
    if library_path().is_file():
        for threads in (1, 2, 5):
            kernels = NativeKernels(library_path(), threads)
            native = rule_of(name).aggregate(PlainMatrix(vectors, LATTICE, kernels))
            assert (native.values == portable.values).all()
            assert native.excluded == portable.excluded
            assert native.shares == portable.shares


@pytest.mark.parametrize(
    "name", [name for name in RULES if "bucketing" not in name and name != "fltrust"]
)
def test_t35_the_order_of_updates_does_not_change_a_bit(name: str) -> None:
    vectors = updates()
    assert (combined(name, vectors) == combined(name, vectors[::-1])).all()


@EVERY
def test_equal_updates_come_to_themselves(name: str) -> None:
    vectors = [updates(1)[0]] * 16
    assert np.abs(combined(name, vectors) - vectors[0]).max() <= 1e-2


@EVERY
def test_values_at_the_ends_of_the_lattice_do_not_overflow(name: str) -> None:
    signs = np.where(np.arange(300) % 2, 1, -1).astype(np.int16)
    found = combined(name, [signs * np.int16(32_767)] * 16)
    assert np.abs(found - signs * 32_767).max() <= 1


BEARS = [
    name
    for name in RULES
    if name not in ("foolsgold", "norm_clipping", "centred_clipping") and "bucketing" not in name
]


@pytest.mark.parametrize("name", BEARS)
def test_t31_three_of_sixteen_that_push_far_away_move_little(name: str) -> None:
    honest = updates(13)
    good = np.mean(honest, axis=0)
    pushed = [np.full(300, 32_767, np.int16)] * 3
    vectors = [*honest[:5], *pushed, *honest[5:]]
    moved = np.abs(combined(name, vectors) - good).mean()
    plain = np.abs(np.mean(vectors, axis=0) - good).mean()
    assert moved < 400
    assert plain > 5_000


@pytest.mark.parametrize("name", ["bucketing+trimmed_mean", "bucketing+geometric_median"])
def test_t31_one_of_sixteen_spoils_one_bucket(name: str) -> None:
    honest = updates(15)
    vectors = [*honest, np.full(300, 32_767, np.int16)]
    assert np.abs(combined(name, vectors) - np.mean(honest, axis=0)).mean() < 400


@pytest.mark.parametrize("name", ["norm_clipping", "centred_clipping"])
def test_t31_clipping_bounds_what_three_can_do(name: str) -> None:
    honest = updates(13)
    vectors = [*honest, *[np.full(300, 32_767, np.int16)] * 3]
    bound = 3 / 16 * np.median(np.linalg.norm(honest, axis=1)) * 3
    assert np.linalg.norm(combined(name, vectors) - np.mean(honest, axis=0)) <= bound


def test_t32_look_alikes_share_one_vote() -> None:
    honest = updates(6, seed=3)
    spread = [np.asarray(v - np.mean(honest, axis=0), np.int16) for v in honest]
    sybil = np.full(300, 900, np.int16)
    found = rule_of("foolsgold").aggregate(PlainMatrix([*spread, sybil, sybil, sybil], LATTICE))
    assert set(found.excluded) == {6, 7, 8}
    assert sum(found.shares[:6]) > 999_000_000


def test_it_is_said_who_was_left_out_and_why() -> None:
    vectors = [*updates(13), *[np.full(300, 32_767, np.int16)] * 3]
    decision = rule_of("krum ").aggregate(PlainMatrix(vectors, LATTICE))
    assert {13, 14, 15} <= set(decision.excluded)
    assert len(decision.excluded) == 7
    assert set(decision.excluded.values()) == {"farther from its neighbours"}
    assert sum(decision.shares) == 999_999_999
    assert decision.figures["score"][13] > decision.figures["score"][0]


# --- bad input ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "parameters", "count"),
    [
        ("trimmed_mean", {"trim": 2}, 4),
        ("krum", {"byzantine": 2}, 6),
        ("krum", {"byzantine": 1, "keep": 5}, 5),
        ("bulyan", {"byzantine": 1}, 6),
        ("fltrust", {"trusted": address(0)}, 1),
        ("foolsgold", {}, 1),
        ("nnm+median", {"nnm.byzantine": 2}, 4),
    ],
)
def test_too_few_updates_for_the_bound_are_refused(
    name: str, parameters: dict[str, int | str], count: int
) -> None:
    made = aggregator(name, parameters)
    assert isinstance(made, RobustRule)
    rule = made.seated([address(place) for place in range(count)])
    said = rf"expected at least \d+ updates .*got {count}|keep"
    with pytest.raises(AggregationError, match=said):
        rule.combine([(v, 1) for v in updates(count)], LATTICE)


@pytest.mark.parametrize(
    ("name", "parameters", "said"),
    [
        ("mode", {}, "expected one of"),
        ("nnm+bucketing+median", {}, "expected one of"),
        ("nnm+mean", {}, "changes nothing"),
        ("krum", {"trim": 1}, "krum: it doesn't take 'trim'; it takes byzantine"),
        ("mean", {"trim": 1}, "mean: it doesn't take 'trim'; it takes none"),
        ("nnm+median", {"nnm.size": 2}, "nnm: it doesn't take 'size'; it takes byzantine"),
        ("krum", {"nnm.byzantine": 1}, "nothing takes"),
        ("nnm+krum", {"bucketing.size": 1}, "nothing takes"),
        ("krum", {"byzantine": -1}, "expected byzantine of at least 0"),
        ("trimmed_mean", {"trim": 0}, "trim of at least 1"),
        ("bulyan", {"byzantine": 0}, "byzantine of at least 1"),
        ("bucketing+median", {"bucketing.size": 1}, "a size of at least 2"),
        ("nnm+median", {"nnm.byzantine": 0}, "byzantine of at least 1"),
        ("geometric_median", {"iterations": 0}, "iterations of at least 1"),
        ("geometric_median", {"tolerance": 0}, "tolerance of at least 1"),
        ("centred_clipping", {"radius": -1}, "radius of at least 0"),
        ("norm_clipping", {"bound": -1}, "bound of at least 0"),
        ("fltrust", {"trusted": 2}, "the trusted participant's address, got 2"),
        ("fltrust", {"trusted": "0x12"}, "the trusted participant's address"),
        ("fltrust", {}, "fltrust: expected a parameter trusted; it takes trusted"),
        ("fltrust", {"trusted": address(1), "place": 0}, "doesn't take 'place'"),
        ("bucketing+fltrust", {"trusted": address(1)}, "bucketing would mix the trusted update"),
        ("nnm+fltrust", {"trusted": address(1)}, "nnm would mix the trusted update"),
        ("krum", {"byzantine": "1"}, "expected byzantine to be an integer"),
    ],
)
def test_a_rule_that_there_is_not_is_refused(
    name: str, parameters: dict[str, Any], said: str
) -> None:
    with pytest.raises(ConfigError, match=said):
        aggregator(name, parameters)


@pytest.mark.parametrize("length", [1, 2, 3, 40])
@pytest.mark.parametrize("seed", range(4))
@pytest.mark.slow
def test_the_geometric_median_is_as_near_the_least_sum_as_its_tolerance_says(
    length: int, seed: int
) -> None:
    vectors = updates(9, length, seed)
    vectors[0] = np.full(length, 20_000, np.int16)  # one that eight iterations don't get away from
    rows = np.array(vectors, np.float64)

    def total(point: Floats) -> float:
        return float(np.linalg.norm(rows - point, axis=1).sum())

    min_updates = total(geometric_median(rows, 100_000))
    for tolerance in (1_000, 1_000_000):
        rule = aggregator("geometric_median", {"tolerance": tolerance})
        assert isinstance(rule, RobustRule)
        found = rule.combine([(vector, 1) for vector in vectors], LATTICE)
        # And what the lattice rounds: half of the last place in every column.
        rounded = 9 * 0.5 / 256 * length**0.5
        assert total(found / 256) - min_updates <= tolerance / 1e9 * min_updates + rounded
    least_rule = aggregator("geometric_median", {"iterations": 1})
    assert isinstance(least_rule, RobustRule)
    early = least_rule.combine([(vector, 1) for vector in vectors], LATTICE)
    assert total(early / 256) > min_updates * 1.001


def test_fltrust_without_the_trusted_update_refuses() -> None:
    rule = aggregator("fltrust", {"trusted": address(2)})
    assert isinstance(rule, RobustRule)
    others = [address(0), address(1), address(3)]
    with pytest.raises(AggregationError, match="whose update isn't among those that count"):
        rule.seated(others)


def test_fltrust_follows_its_trusted_one_wherever_it_sits() -> None:
    vectors, rule = updates(8), aggregator("fltrust", {"trusted": address(2)})
    assert isinstance(rule, RobustRule)
    people = [address(place) for place in range(8)]
    # A silent accomplice in front of it moves its place, and nothing else.
    seated = rule.seated(people[1:]).aggregate(PlainMatrix(vectors[1:], LATTICE))
    assert seated.figures["trust"][1] == 0.0
    assert all(trust > 0 for place, trust in enumerate(seated.figures["trust"]) if place != 1)
    with pytest.raises(AggregationError, match="told whose updates"):
        rule.aggregate(PlainMatrix(vectors, LATTICE))


@pytest.mark.parametrize(
    ("name", "parameters"),
    [
        ("nnm+krum", {"nnm.byzantine": 2, "byzantine": 2}),
        ("nnm+krum", {"nnm.byzantine": 2, "byzantine": 2, "keep": 3}),
        ("bucketing+krum", {"bucketing.size": 2, "byzantine": 1}),
    ],
)
def test_a6_behind_a_mixture_who_is_left_out_is_who_counts_for_nothing(
    name: str, parameters: dict[str, int | str]
) -> None:
    vectors, rule = updates(14), aggregator(name, parameters)
    assert isinstance(rule, RobustRule)
    decision = rule.aggregate(PlainMatrix(vectors, LATTICE))
    found = decision.values / 2.0**LATTICE.guard_bits
    for place, vector in enumerate(vectors):
        share = decision.shares[place] / 1e9
        found = found - share * vector
        assert (share == 0) == (place in decision.excluded)
        if place in decision.excluded:
            assert "in no mixture that counts" in decision.excluded[place]
    # The shares are those of the updates: nothing of the aggregate is left but rounding.
    assert sum(decision.shares) == pytest.approx(10**9, abs=20)
    assert np.abs(found).max() <= 0.5 / 256 + 1e-3


@EVERY
def test_bad_vectors_are_refused(name: str) -> None:
    rule = rule_of(name)
    state = rule.init(300, LATTICE)
    for vector, weight in (
        (np.zeros(1, np.int16), 1),
        (np.zeros(300, np.int32), 1),
        (np.zeros(300, np.float32), 1),
        (np.zeros(300, np.int16), 0),
    ):
        with pytest.raises(AggregationError, match="expected"):
            rule.add(state, vector, weight)  # type: ignore[arg-type]
    with pytest.raises(AggregationError, match="at least one"):
        rule.combine([], LATTICE)
    with pytest.raises(AggregationError, match="at least one value"):
        rule.init(0, LATTICE)


def test_fltrust_lengthens_a_short_update_at_most_256_times() -> None:
    short = np.array([1, -2, 100, 0, 7], np.int16)
    rule = aggregator("fltrust", {"trusted": address(0)})
    assert isinstance(rule, RobustRule)
    seated = rule.seated([address(0), address(1)])
    for times, counted in ((300, 256), (200, 200)):
        rows = PlainMatrix([short * np.int16(times), short], LATTICE)
        found = seated.aggregate(rows).values / 2.0**LATTICE.guard_bits
        assert np.abs(found - counted * short.astype(float)).max() <= 0.01


def test_fltrust_trusts_nobody_by_less_than_a_unit() -> None:
    trusted = np.array([20_000, 20_001, 1], np.int16)
    across = np.array([-20_001, 20_000, 1], np.int16)  # a cosine of a part in 800 million
    rule = aggregator("fltrust", {"trusted": address(0)})
    assert isinstance(rule, RobustRule)
    seated = rule.seated([address(place) for place in range(3)])
    decision = seated.aggregate(PlainMatrix([trusted, across, trusted // 2], LATTICE))
    assert decision.excluded == {1: "points away from the trusted update"}
    assert decision.figures["trust"][1] == 0.0
