"""judge

given a base, numerators and the version that the trainer makes of them, by its floats
  when the version is right: it says so, for both types, at any chunk
  when one weight is another: it names the coordinate, the bits it has to have and those it has
given a base that isn't finite
  when any version is claimed: it is wrong
given a question that can't be answered
  when the version or an input doesn't fit its root: ResultNotProven or InputNotProven
  when precision, step, denominator or numerators are none of a round: each is refused by name
"""

from dataclasses import dataclass

import numpy as np
import pytest
import torch
from brownie import VersionJudge
from conftest import ZERO, refused

from trainer.documents.terms_document import TermsDocument
from trainer.documents.version_folders import first_version
from trainer.execution.execute import layout_of
from trainer.execution.version_roots import first_difference, weights_of
from trainer.staked.aggregate import aggregate_of
from trainer.types import Lattice
from trainer.vectors.server_step import apply_aggregate
from trainer.vectors.vector_roots import chunk_bytes, chunk_proof, vector_root

LATTICE = Lattice(16, -14, 10)
DENOMINATOR = 1_003
NOT_A_NUMBER = {32: 0x7FC00000, 16: 0x7FC0}
TYPES = {32: torch.float32, 16: torch.bfloat16}


@dataclass
class Scene:
    """A base, numerators, and the version made of them; as folders and as vectors."""

    tmp: object
    bits: int
    base: dict
    numerators: np.ndarray
    version: dict

    def weights(self, state, name):
        """Returns the weights of a state, written to a folder, finite or not."""
        folder, like = self.tmp / name, self.tmp / "like"
        first_version(folder, state, architecture="linear")
        # What is trained is said by a version that is finite: a sponsor may name any base.
        first_version(like, self.version, architecture="linear")
        return weights_of(folder, TermsDocument(), weights_of(like, TermsDocument()))

    def asked(self, index, version=None):
        """Returns the arguments of a question, about the right version or another."""
        base = self.weights(self.base, "base")
        claim = self.weights(self.version if version is None else version, "claim")
        question = [self.bits, claim.length, index, LATTICE.step_exponent, LATTICE.guard_bits]
        numerators = self.numerators
        roots = [base.root(), vector_root(numerators, 64), claim.root()]
        shown = [chunk_bytes(numerators, 64, index), chunk_proof(numerators, 64, index)]
        return [
            [*question, DENOMINATOR],
            roots,
            [base.chunk(index), base.proof(index)],
            shown,
            [claim.chunk(index), claim.proof(index)],
        ]


@pytest.fixture(scope="module")
def judge(roles):
    """The judge."""
    return VersionJudge.deploy({"from": roles.owner})


@pytest.fixture(params=[32, 16])
def scene(request, tmp_path):
    """Weights as models have them, moved by the trainer's own arithmetic."""
    draw, bits = np.random.default_rng(request.param), request.param
    base = {
        "b.weight": torch.from_numpy(draw.normal(size=(20, 25))).to(TYPES[bits]),
        "a.weight": torch.from_numpy(draw.normal(scale=1e-3, size=200)).to(TYPES[bits]),
        "steps": torch.tensor([7]),
    }
    numerators = draw.integers(-20_000_000, 20_000_000, 700)
    aggregate = aggregate_of(numerators, DENOMINATOR, LATTICE)
    version = apply_aggregate(base, layout_of(base, TermsDocument()), aggregate, LATTICE)
    return Scene(tmp_path, bits, base, numerators, version)


def changed(version, at, bits):
    """Returns a version with one bit of a weight turned; `at` counts in the layout."""
    name, place = ("a.weight", at) if at < 200 else ("b.weight", at - 200)
    other = {**version, name: version[name].clone()}
    other[name].view(-1).view(torch.int32 if bits == 32 else torch.int16)[place] ^= 1
    return other


def test_f14_what_the_trainer_makes_is_right_at_every_chunk(judge, scene):
    for index in range(3):
        assert judge.judge(*scene.asked(index)) == (True, 0, 0, 0)


def test_f14_the_first_wrong_weight_is_named(judge, scene):
    wrong = changed(changed(scene.version, 600, scene.bits), 690, scene.bits)
    right, other = scene.weights(scene.version, "right"), scene.weights(wrong, "wrong")
    index = first_difference(right, other)
    assert index == 2
    told, coordinate, expected, found = judge.judge(*scene.asked(index, wrong))
    assert (told, coordinate, found ^ expected) == (False, 600, 1)
    width, place = scene.bits // 8, 600 - 512
    at = right.chunk(2)[place * width : (place + 1) * width]
    assert expected == int.from_bytes(at, "big")
    # The wrong weights lie in other chunks than the second.
    assert judge.judge(*scene.asked(1, wrong))[0]


@pytest.mark.parametrize("value", [float("inf"), float("-inf"), float("nan")])
def test_f14_over_a_base_that_is_not_finite_nothing_is_right(judge, scene, value):
    scene.base["a.weight"][9] = value
    version = {**scene.version, "a.weight": scene.version["a.weight"].clone()}
    for claimed in (value, float("nan"), 0.0):
        version["a.weight"][9] = claimed
        told = judge.judge(*scene.asked(0, version))
        assert told[:3] == (False, 9, NOT_A_NUMBER[scene.bits])


def test_f14_what_does_not_prove_itself_is_refused(judge, scene):
    names = (("InputNotProven", 0), ("InputNotProven", 1), ("ResultNotProven",))
    for at, why in enumerate(names):
        for spoil in (
            lambda a, at: a[1].__setitem__(at, ZERO),
            lambda a, at: a[2 + at].__setitem__(0, a[2 + at][0][:-2]),
            lambda a, at: a[2 + at].__setitem__(0, bytes(len(a[2 + at][0]))),
            lambda a, at: a[2 + at].__setitem__(1, a[2 + at][1][:-1]),
            lambda a, at: a[2 + at].__setitem__(1, [*a[2 + at][1], ZERO]),
        ):
            asked = scene.asked(1)
            spoil(asked, at)
            with refused(*why):
                judge.judge(*asked)


def test_f14_what_is_proven_at_another_place_is_not_proven_here(judge, scene):
    asked = scene.asked(1)
    for length, index in ((701, 1), (700, 0), (700, 3), (0, 0)):
        asked[0][1:3] = [length, index]
        with refused("ResultNotProven"):
            judge.judge(*asked)


@pytest.mark.parametrize("precision", [0, 8, 24, 48, 64, 255])
def test_f13_other_precisions_are_refused(judge, scene, precision):
    asked = scene.asked(0)
    asked[0][0] = precision
    with refused("WrongPrecision", precision):
        judge.judge(*asked)


@pytest.mark.parametrize(("step", "guard"), [(-61, 0), (21, 0), (0, 17), (-128, 255)])
def test_l1_other_lattices_are_refused(judge, scene, step, guard):
    asked = scene.asked(0)
    asked[0][3:5] = [step, guard]
    with refused("WrongLattice", step, guard):
        judge.judge(*asked)


@pytest.mark.parametrize("denominator", [0, 2**128, 2**256 - 1])
def test_f14_denominators_of_no_round_are_refused(judge, scene, denominator):
    asked = scene.asked(0)
    asked[0][5] = denominator
    with refused("WrongDenominator", denominator):
        judge.judge(*asked)


@pytest.mark.parametrize("numerator", [2**63 - 1, -(2**63)])
def test_f14_numerators_of_no_round_are_refused_and_not_judged(judge, scene, numerator):
    scene.numerators[0] = numerator
    with refused("AggregateTooLarge"):
        judge.judge(*scene.asked(0))
    assert judge.judge(*scene.asked(1))[0]


def test_the_version_is_told(judge):
    assert judge.VERSION() == "0.1.0"
