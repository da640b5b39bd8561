"""Rounds of 33 on a chain, by every rule: two groups, disputed with what Python works out.

Groups of 17 and 16 trim as many as they can of what the terms say, so that their denominators
differ. Named after F-8 and F-9.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import pytest
from chain_federation import undone
from chain_parties import ChainScenario
from staked_scenario import BITS, PROPOSER, WATCHER, StakedScenario
from tests_roles import OWNER

from registry.chain.gateway import connect
from registry.chain.reverts import error_classes
from registry.devnet.chains import start_anvil
from registry.errors import RoundError
from registry.fraud_proofs.nodes import RevealedUpdate
from registry.fraud_proofs.stake_terms import AggregationRule
from registry.fraud_proofs.trees import Tree
from registry.index import ProposalStatus
from registry.signing import LocalSigner
from trainer.aggregation.robust_trees import robust_numerators
from trainer.types import IntVector
from trainer.vectors.vector_roots import vector_root

ERRORS = error_classes()
TRIM = 9
CROWD = tuple(LocalSigner.from_key((0x7E00 + index).to_bytes(32, "big")) for index in range(33))


@dataclass
class CrowdScenario:
    """The scene and its round."""

    scene: StakedScenario
    round_id: bytes
    rule: AggregationRule

    @property
    def leaves(self) -> Sequence[RevealedUpdate]:
        """What counts."""
        return self.scene.owner.staked_rounds.counted(self.round_id)

    def numerators(self, first: int, last: int) -> IntVector:
        """What the updates from one place to another come to, both included."""
        if self.rule == AggregationRule.MEAN:
            # A node's are added of 32 at most; what groups come to adds up to the same.
            halves = (range(first, last + 1)[:32], range(first, last + 1)[32:])
            total: IntVector = np.sum([self.scene.numerators(half) for half in halves if half], 0)
            return total
        vectors = [self.scene.vector(index) for index in range(first, last + 1)]
        return robust_numerators(
            vectors, self.rule, TRIM if self.rule != AggregationRule.MEDIAN else 0
        )

    def tree(self, told: dict[tuple[int, int], IntVector], fan_in: int | None = None) -> Tree:
        """The tree, with other numerators at some nodes."""

        def root_of(level: int, position: int, first: int, last: int) -> bytes:
            right = self.numerators(first, last)
            return vector_root(told.get((level, position), right), 64)

        return Tree.unchecked(self.leaves, root_of, fan_in)

    def fault(self) -> str:
        """Why the newest proposal was rejected."""
        newest = self.scene.owner.staked_rounds.record(self.round_id).proposals[-1]
        assert (newest.standing, newest.challenger) == (ProposalStatus.REJECTED, WATCHER.address)
        return str(newest.fault)


@pytest.fixture(scope="module")
def crowd(tmp_path_factory: pytest.TempPathFactory) -> Iterator[StakedScenario]:
    """Everybody has stake; the rounds of all rules begin from here."""
    work = tmp_path_factory.mktemp("many")
    with start_anvil() as chain:
        gateway = connect(chain.url)
        ChainScenario(gateway, work, "", work).fund(OWNER)
        with ChainScenario.deployed(gateway, OWNER, work) as place:
            yield StakedScenario(place, people=CROWD)


# A hidden mean is of one group of at most 32, which its own tests judge.
RULES = [rule for rule in AggregationRule if rule != AggregationRule.HIDDEN_MEAN]


@pytest.fixture(scope="module", params=RULES, ids=lambda rule: rule.name)
def ground(request: pytest.FixtureRequest, crowd: StakedScenario) -> Iterator[CrowdScenario]:
    """Everybody has revealed."""
    with undone(crowd.place.gateway):
        crowd.owner = crowd.client(OWNER)  # the last one followed a longer chain
        trim = TRIM if request.param == AggregationRule.TRIMMED_MEAN else 0
        round_id = crowd.revealed(rule=request.param, trim=trim, proposer_stake=4_000)
        yield CrowdScenario(crowd, round_id, request.param)


@pytest.fixture
def many(ground: CrowdScenario) -> Iterator[CrowdScenario]:
    """The round; what a test does to the chain is undone after it."""
    with undone(ground.scene.place.gateway):
        yield ground


def test_f9_a_wrong_number_over_groups_is_proved_from_their_numerators(many: CrowdScenario) -> None:
    scene, round_id = many.scene, many.round_id
    wrong = np.array(many.numerators(0, 32))
    wrong[299] += 1
    tree = many.tree({(1, 0): wrong})
    scene.proposed(round_id, tree)
    path, children = tree.path(1, 0), tree.children(1, 0)
    assert [node.count for node in children.nodes] == [17, 16]
    groups = [many.numerators(*tree.span(0, position)) for position in (0, 1)]
    disputes = scene.client(WATCHER).disputes
    proofs, claim = [scene.chunk(vector, 64, 0) for vector in groups], scene.chunk(wrong, 64, 0)
    with pytest.raises(ERRORS["ChunkIsCorrect"]):
        disputes.prove_wrong_chunk(round_id, path, children, 0, proofs, claim)
    proofs = [scene.chunk(vector, 64, 1) for vector in groups]
    claim = scene.chunk(wrong, 64, 1)
    assert disputes.prove_wrong_chunk(round_id, path, children, 1, proofs, claim)
    assert many.fault() == "wrong chunk"


def test_f9_a_wrong_number_of_a_group_is_proved_from_its_updates(many: CrowdScenario) -> None:
    scene, round_id = many.scene, many.round_id
    wrong = np.array(many.numerators(17, 32))
    wrong[5] -= 3
    tree = many.tree({(0, 1): wrong})
    scene.proposed(round_id, tree)
    path, children = scene.bottom(tree, 1)
    proofs = [scene.chunk(scene.vector(index), BITS, 0) for index in range(17, 33)]
    disputes = scene.client(WATCHER).disputes
    claim = scene.chunk(wrong, 64, 0)
    assert disputes.prove_wrong_chunk(round_id, path, children, 0, proofs, claim)
    assert many.fault() == "wrong chunk"


def test_f8_other_groups_than_the_count_demands_are_a_wrong_node(many: CrowdScenario) -> None:
    scene, round_id = many.scene, many.round_id
    tree = many.tree({}, 32)
    bottom = scene.bottom(tree)
    assert [node.count for node in tree.children(1, 0).nodes] == [32, 1]
    scene.proposed(round_id, tree)
    disputes = scene.client(WATCHER).disputes
    with pytest.raises(ERRORS["NodeIsSound"]):
        disputes.prove_wrong_node(round_id, *bottom)
    assert disputes.prove_wrong_node(round_id, tree.path(1, 0), tree.children(1, 0))
    assert many.fault() == "wrong node"


def test_f8_a_right_tree_is_sound_at_every_node_and_settles(many: CrowdScenario) -> None:
    scene, round_id = many.scene, many.round_id
    tree = many.tree({})
    scene.proposed(round_id, tree)
    disputes = scene.client(WATCHER).disputes
    for level, position in ((0, 0), (0, 1), (1, 0)):
        way, children = tree.path(level, position), tree.children(level, position)
        with pytest.raises(ERRORS["NodeIsSound"]):
            disputes.prove_wrong_node(round_id, way, children)
    record = scene.owner.staked_rounds.record(round_id)
    assert record.standing is not None
    scene.clock.wait_until(record.standing.ends_at)
    scene.client(PROPOSER).staked_rounds.settle(round_id)
    result = scene.owner.staked_rounds.training_round(round_id).result
    assert result is not None
    assert result.result_root == tree.top.numerators_root
    # Whoever pays has to know the tree: nobody laid it open.
    pots = scene.owner.weighted_payouts
    with pytest.raises(RoundError, match="has inner nodes"):
        pots.pay(round_id)
    with pytest.raises(RoundError, match="expected the tree of the settled proposal"):
        pots.pay(round_id, tree=many.tree({(0, 0): many.numerators(0, 1)}))
    assert sorted(pots.pay(round_id, tree=tree)) == sorted(p.address for p in CROWD)
    assert pots.pot(round_id).paid == pots.due(round_id)
