"""Trees of aggregations (F-8): the shared vectors, the contract itself, and the laws of a tree."""

from __future__ import annotations

import json
import random
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import astuple, replace
from pathlib import Path as File
from typing import Any

import pytest
from deployed_scenario import DeployedScenario
from eth_abi.abi import decode, encode
from eth_utils.address import to_checksum_address
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from registry.chain.gateway import Gateway
from registry.errors import ConfigError
from registry.fraud_proofs.nodes import RevealedUpdate
from registry.fraud_proofs.trees import (
    DEPTH,
    FAN_IN,
    Children,
    Node,
    Path,
    Tree,
    children_hash,
    is_absent,
    is_path,
    is_sound,
    leaf_hash,
    node_hash,
)
from registry.hashing import keccak256

ROOT = File(__file__).parents[3]
VECTORS = json.loads((ROOT / "tests/vectors/round_trees.json").read_text())
LEAF, NODE = VECTORS["types"]["leaf"][0], VECTORS["types"]["node"][0]
CHILDREN, PATH = VECTORS["types"]["absent"][1], VECTORS["types"]["path"][0]


def read_children(told: Any) -> Children:
    """Returns children as a contract is given them."""
    return Children(
        tuple(RevealedUpdate(*leaf) for leaf in told[0]), tuple(Node(*node) for node in told[1])
    )


def read_path(told: Any) -> Path:
    """Returns a path likewise."""
    return Path(tuple(Node(*n) for n in told[0]), tuple(map(tuple, told[1])), tuple(told[2]))


ANSWERS: dict[str, Callable[..., Any]] = {
    "leaf": lambda leaf: "0x" + leaf_hash(RevealedUpdate(*leaf)).hex(),
    "node": lambda node: "0x" + node_hash(Node(*node)).hex(),
    "sound": lambda node, children: is_sound(Node(*node), read_children(children)),
    "path": lambda path, top: is_path(read_path(path), top),
    "absent": lambda path, children, who: is_absent(read_path(path), read_children(children), who),
}


@pytest.mark.parametrize(
    ("kind", "what", "data", "answer"),
    list(zip(*(VECTORS[name] for name in ("kind", "what", "data", "answer")), strict=True)),
    ids=list(map("{}: {}".format, VECTORS["kind"], VECTORS["what"])),
)
def test_f8_every_golden_case_has_its_answer(kind: str, what: str, data: str, answer: str) -> None:
    values = decode(VECTORS["types"][kind], bytes.fromhex(data[2:]))
    assert str(ANSWERS[kind](*values)).lower() == answer, what


def test_the_vectors_are_what_their_tool_gives_today() -> None:
    tool = [sys.executable, str(ROOT / "tools" / "write_tree_vectors.py"), "--check"]
    assert subprocess.run(tool, check=False, capture_output=True).returncode == 0


# against the contract


class Harness:
    """RoundTreesHarness on a chain: what Solidity says of a case."""

    def __init__(self, gateway: Gateway, address: str) -> None:
        self._gateway, self._address = gateway, address

    def ask(self, signature: str, *values: Any) -> bytes:
        """Returns the 32 bytes that a function answers."""
        types = {"L": LEAF, "N": NODE, "C": CHILDREN, "P": PATH, "B": "bytes32", "A": "address"}
        name, _, letters = signature.partition(":")
        given = [types[letter] for letter in letters]
        selector = keccak256(f"{name}({','.join(given)})".encode())[:4]
        data = "0x" + (selector + encode(given, values)).hex()
        answer = self._gateway.request("eth_call", [{"to": self._address, "data": data}, "latest"])
        return bytes.fromhex(answer[2:])

    def says(self, signature: str, *values: Any) -> bool:
        """Returns a function's yes or no."""
        return bool(int.from_bytes(self.ask(signature, *values)))


@pytest.fixture
def harness(world: DeployedScenario) -> Harness:
    """The library on the session's chain."""
    built = ROOT / "build/forge/RoundTreesHarness.sol/RoundTreesHarness.json"
    if not built.exists():
        subprocess.run([str(ROOT / ".venv/bin/forge"), "build"], cwd=ROOT, check=True)
    code = json.loads(built.read_text())["deployedBytecode"]["object"]
    address = "0x00000000000000000000000000000000000F8F8F"
    world.gateway.request("anvil_setCode", [address, code])
    return Harness(world.gateway, address)


def drawn_tree(count: int, fan_in: int, seed: int, scale: int) -> Tree:
    """A tree of some of the participants 1 to 200, times a scale, everything else drawn."""
    dice = random.Random(seed)
    places = sorted(dice.sample(range(1, 201), count))
    leaves = [
        RevealedUpdate(
            to_checksum_address((place * scale).to_bytes(20)),
            dice.randbytes(32),
            dice.randbytes(32),
            dice.randint(1, 1 << 50),
        )
        for place in places
    ]
    return Tree.build(leaves, lambda *at: dice.randbytes(32), fan_in)


def trees() -> st.SearchStrategy[Tree]:
    """Trees of up to 60 leaves, of a small fan-in so that they have levels."""
    count, fan_in, seed = st.integers(1, 60), st.integers(3, 6), st.integers(0, 1 << 32)
    return st.builds(drawn_tree, count, fan_in, seed, st.sampled_from([1, 1 << 150]))


def every_node(tree: Tree) -> Iterator[tuple[int, int]]:
    """The place of every node."""
    for level, nodes in enumerate(tree.levels):
        for position in range(len(nodes)):
            yield level, position


ON_A_CHAIN = settings(
    max_examples=15,
    deadline=None,
    # Five small integers are drawn; the library's own probing for short examples overruns them.
    suppress_health_check=[
        HealthCheck.function_scoped_fixture,
        HealthCheck.too_slow,
        HealthCheck.data_too_large,
    ],
)


@ON_A_CHAIN
@given(tree=trees(), spoiled=st.integers(0, 6), who=st.integers(1, 201))
def test_f8_solidity_says_the_same_of_any_tree(
    harness: Harness, tree: Tree, spoiled: int, who: int
) -> None:
    top = node_hash(tree.top)
    stranger = to_checksum_address(who.to_bytes(20))
    for level, position in list(every_node(tree))[-6:]:
        node, children = tree.levels[level][position], tree.children(level, position)
        path = spoil(tree.path(level, position), spoiled)
        assert harness.ask("nodeHash:N", astuple(node)) == node_hash(node)
        assert harness.says("areChildren:NC", astuple(node), astuple(children))
        for said in (node, path.end):
            sound = is_sound(said, children)
            assert harness.says("isSound:NC", astuple(said), astuple(children)) == sound
        assert harness.says("isPath:PB", astuple(path), top) == is_path(path, top)
        absent = is_absent(path, children, stranger)
        assert harness.says("isAbsent:PCA", astuple(path), astuple(children), stranger) == absent
    first = tree.leaves[0]
    assert harness.ask("leafHash:L", astuple(first)) == leaf_hash(first)


def spoil(path: Path, how: int) -> Path:
    """A path with one thing changed, or with nothing."""
    end = path.nodes[-1]
    made = {
        1: lambda: replace(path, nodes=(*path.nodes[:-1], replace(end, weight=end.weight ^ 1))),
        2: lambda: replace(path, turns=tuple(turn + 1 for turn in path.turns)),
        3: lambda: replace(path, hashes=path.hashes[:-1]),
        4: lambda: replace(path, nodes=path.nodes[::-1]),
        5: lambda: replace(path, hashes=tuple(h[::-1] for h in path.hashes)),
    }.get(how)
    return made() if made else path


# laws


@settings(max_examples=60, deadline=None)
@given(trees())
def test_f8_every_node_of_a_built_tree_is_sound_and_has_its_path(tree: Tree) -> None:
    for level, position in every_node(tree):
        node, children = tree.levels[level][position], tree.children(level, position)
        path = tree.path(level, position)
        assert is_sound(node, children)
        assert node.children_hash == children_hash(children.hashes)
        assert is_path(path, node_hash(tree.top))
        assert path.end == node
        first, last = tree.span(level, position)
        assert (node.first, node.last) == (
            tree.leaves[first].participant,
            tree.leaves[last].participant,
        )
    assert tree.top.count == len(tree.leaves)
    assert tree.top.weight == sum(leaf.weight for leaf in tree.leaves)


@settings(max_examples=60, deadline=None)
@given(trees(), st.integers(1, (1 << 160) - 1))
def test_f9_where_leads_to_what_shows_an_absence_and_nothing_shows_a_presence(
    tree: Tree, place: int
) -> None:
    held = {leaf.participant for leaf in tree.leaves}
    stranger = to_checksum_address(place.to_bytes(20))
    for who in (*held, stranger):
        level, position = tree.where(who)
        path, children = tree.path(level, position), tree.children(level, position)
        assert is_absent(path, children, who) == (who not in held)
    for level, position in every_node(tree):
        path, children = tree.path(level, position), tree.children(level, position)
        assert not any(is_absent(path, children, who) for who in held)


def leaves_of(count: int) -> list[RevealedUpdate]:
    """Leaves of participants 1, 2, 3 …"""
    return [RevealedUpdate(f"0x{n + 1:040x}", bytes(32), bytes(32), n + 1) for n in range(count)]


def test_f3_ten_thousand_participants_are_three_levels_of_32() -> None:
    asked: list[tuple[int, int, int, int]] = []

    def root_of(level: int, position: int, first: int, last: int) -> bytes:
        asked.append((level, position, first, last))
        return bytes(32)

    tree = Tree.build(leaves_of(10_000), root_of)
    assert [len(level) for level in tree.levels] == [320, 10, 1]
    assert asked == sorted(asked)
    assert (asked[0], asked[319]) == ((0, 0, 0, 31), (0, 319, 9_969, 9_999))
    assert (asked[320], asked[-1]) == ((1, 0, 0, 999), (2, 0, 0, 9_999))
    assert len(tree.path(0, 319).nodes) == 3 < DEPTH


def test_f8_what_others_propose_is_walked_from_its_top() -> None:
    tree = Tree.build(leaves_of(100), lambda *at: bytes(32), 5)
    path, level, position = Path.of(tree.top), len(tree.levels) - 1, 0
    for turn in (0, 3):
        path = path.down(tree.children(level, position), turn)
        level, position = level - 1, position * 5 + turn
    assert path == tree.path(level, position)
    with pytest.raises(ConfigError, match="expected one of 0 nodes, got 0"):
        path.down(tree.children(0, 0), 0)


@pytest.mark.parametrize(
    ("build", "says"),
    [
        (lambda: Tree.build([], lambda *at: bytes(32)), "leaves: expected 1 to 1048576 of them"),
        (lambda: Tree.build(leaves_of(17), lambda *at: bytes(32), 2), "expected 1 to 16 of them"),
        (lambda: Tree.build(leaves_of(2)[::-1], lambda *at: bytes(32)), "leaf 1: expected more"),
        (lambda: Tree.build(leaves_of(1) * 2, lambda *at: bytes(32)), "leaf 1: expected more"),
        (lambda: Tree.build(leaves_of(1), lambda *at: b""), "numerators' root: expected 32 bytes"),
        (lambda: Tree.build(leaves_of(1), lambda *at: bytes(32), 33), "fan-in: expected 2 to 32"),
        (lambda: Tree.build(leaves_of(1), lambda *at: bytes(32)).path(1, 0), "level: expected 0"),
        (lambda: Tree.build(leaves_of(1), lambda *at: bytes(32)).path(0, 1), "position: expected"),
        (
            lambda: RevealedUpdate("0x12", bytes(32), bytes(32), 1),
            "participant: expected an address",
        ),
        (
            lambda: RevealedUpdate(f"0x{1:040x}", bytes(31), bytes(32), 1),
            "update root: expected 32 bytes",
        ),
        (
            lambda: RevealedUpdate(f"0x{1:040x}", bytes(32), b"", 1),
            "content digest: expected 32 bytes",
        ),
        (
            lambda: RevealedUpdate(f"0x{1:040x}", bytes(32), bytes(32), 1 << 64),
            "weight: expected 0 to",
        ),
        (lambda: RevealedUpdate(f"0x{1:040x}", bytes(32), bytes(32), -1), "weight: expected 0 to"),
        (lambda: replace(_node(), count=1 << 32), "count: expected 0 to"),
        (lambda: replace(_node(), children_hash=b""), "children's hash: expected 32 bytes"),
    ],
)
def test_what_cannot_be_hashed_is_refused_in_one_line(build: Callable[[], Any], says: str) -> None:
    with pytest.raises(ConfigError, match=says) as refused:
        build()
    assert "\n" not in str(refused.value)


def _node() -> Node:
    return Tree.build(leaves_of(3), lambda *at: bytes(32)).top


def test_t21_weights_beyond_64_bits_are_no_node() -> None:
    huge = [replace(leaf, weight=(1 << 64) - 1) for leaf in leaves_of(2)]
    with pytest.raises(ConfigError, match="weight: expected 0 to"):
        Tree.build(huge, lambda *at: bytes(32))


def test_t18_a_leaf_is_no_node_and_a_node_no_leaf() -> None:
    tree = Tree.build(leaves_of(FAN_IN + 1), lambda *at: bytes(32))
    hashes = {*map(leaf_hash, tree.leaves)}
    assert hashes.isdisjoint(node_hash(node) for level in tree.levels for node in level)
