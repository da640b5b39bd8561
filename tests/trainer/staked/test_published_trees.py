"""What a proposer lays open: read back as it was, and refused by name if it is malformed."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from proposal_scenario import ROUND, ProposalScenario, known_of

from registry.errors import ConfigError
from registry.fraud_proofs.trees import children_hash
from trainer.staked.published import (
    NUMERATORS_FILE,
    TREE_FILE,
    read_published,
    write_published,
)

LIMIT = 1 << 20


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A tree of three levels and its numerators."""
    ground = ProposalScenario(tmp_path / "g", 5)
    tree = ground.calculation().tree(ground.state.counted, 2)
    numerators = ground.calculation().numerators(ground.state.counted)
    assert numerators is not None
    for _ in range(2):  # what was there is replaced
        write_published(tmp_path / "open", ROUND, tree, numerators)
    told, vector = read_published(tmp_path / "open", 600, LIMIT)
    assert (told.round_id, told.leaves) == (ROUND, tree.leaves)
    assert {children_hash(g.hashes): g for g in told.groups} == known_of(tree).children
    np.testing.assert_array_equal(vector, numerators)
    return tmp_path / "open"


def test_numerators_of_another_length_are_as_good_as_none(folder: Path) -> None:
    told, vector = read_published(folder, 601, LIMIT)
    assert (len(told.leaves), vector) == (5, None)
    (folder / NUMERATORS_FILE).unlink()
    assert read_published(folder, 600, LIMIT)[1] is None


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        (b'"format":"tallystick/aggregation/1"', b'"format":"other"', "expected format"),
        (b'"count":', b'"count":-', "natural number"),
        (b'"children":2', b'"children":"2"', "natural number"),
        (b'"weight":', b'"wait":', "canonical|missing weight"),
        (b'"leaves":[', b'"leaves":[7,', "leaf: expected a JSON object"),
        (b'"levels":[', b'"levels":[7,', "level to be a list"),
        (b'"participant":"0x', b'"participant":"1x', "participant: expected an address"),
    ],
)
def test_a_malformed_tree_is_refused_by_name(
    folder: Path, old: bytes, new: bytes, message: str
) -> None:
    text = (folder / TREE_FILE).read_bytes()
    assert old in text
    (folder / TREE_FILE).write_bytes(text.replace(old, new, 1))
    with pytest.raises(ConfigError, match=message):
        read_published(folder, 600, LIMIT)


def test_t26_a_tree_beyond_the_limit_a_link_and_none_at_all(folder: Path) -> None:
    with pytest.raises(ConfigError, match="at most 100 bytes"):
        read_published(folder, 600, 100)
    moved = folder / TREE_FILE
    moved.rename(folder / "elsewhere.json")
    with pytest.raises(ConfigError, match="expected the tree"):
        read_published(folder, 600, LIMIT)
    moved.symlink_to(folder / "elsewhere.json")
    with pytest.raises(ConfigError, match="expected the tree"):
        read_published(folder, 600, LIMIT)
