"""Writes the vectors of aggregation trees (F-8) that Solidity and Python are both held to.

Built with an ABI encoder and keccak, apart from both implementations. `round_trees.json` holds
its cases in columns; a case's `data` is what is asked about, ABI-encoded by its kind's `types`:

* `leaf` and `node` — what is its hash?
* `sound` — does a node say what its children do?
* `path` — do these nodes lead down from that top?
* `absent` — is a participant not where it would have to be?

With `--check`, changes nothing and exits with 1 if the file is stale.
"""

import random
import sys
from typing import Any

from eth_abi.abi import encode
from eth_hash.auto import keccak
from vector_files import kept

LEAF = "(address,bytes32,bytes32,uint64)"
NODE = "(address,address,uint32,uint64,bytes32,bytes32)"
CHILDREN = f"({LEAF}[],{NODE}[])"
PATH = f"({NODE}[],bytes32[][],uint256[])"
TYPES = {
    "leaf": [LEAF],
    "node": [NODE],
    "sound": [NODE, CHILDREN],
    "path": [PATH, "bytes32"],
    "absent": [PATH, CHILDREN, "address"],
}
Case = dict[str, str]
Leaf = tuple[Any, ...]
Node = tuple[Any, ...]


def leaf_hash(leaf: Leaf) -> bytes:
    """Returns keccak(enc(0, leaf))."""
    return bytes(keccak(encode(["uint256", LEAF], [0, leaf])))


def node_hash(node: Node) -> bytes:
    """Returns keccak(enc(1, node))."""
    return bytes(keccak(encode(["uint256", NODE], [1, node])))


def hashes_of(leaves: list[Leaf], nodes: list[Node]) -> list[bytes]:
    """Returns the hashes of children."""
    return [*map(leaf_hash, leaves), *map(node_hash, nodes)]


def case(kind: str, what: str, answer: Any, *values: Any) -> Case:
    """Returns a case as it stands in the file."""
    data = "0x" + encode(TYPES[kind], values).hex()
    text = str(answer).lower()
    return {"kind": kind, "what": what, "data": data, "answer": text}


class Draw:
    """Draws leaves and nodes with participants in ascending order."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)  # noqa: S311
        self.at = 0

    def address(self) -> str:
        """Returns an address above all those drawn before."""
        self.at += self.random.randint(1, 1 << 150)
        return f"0x{self.at:040x}"

    def leaf(self) -> Leaf:
        """Returns the next leaf."""
        weight = self.random.randint(1, 1 << 40)
        return self.address(), self.random.randbytes(32), self.random.randbytes(32), weight

    def above(self, leaves: list[Leaf], nodes: list[Node]) -> Node:
        """Returns the node that is sound over these children."""
        first = leaves[0][0] if leaves else nodes[0][0]
        last = leaves[-1][0] if leaves else nodes[-1][1]
        count = len(leaves) or sum(node[2] for node in nodes)
        weight = sum(leaf[3] for leaf in leaves) or sum(node[3] for node in nodes)
        hashes = bytes(keccak(encode(["bytes32[]"], [hashes_of(leaves, nodes)])))
        return first, last, count, weight, self.random.randbytes(32), hashes


def changed(values: tuple[Any, ...], position: int, value: Any) -> tuple[Any, ...]:
    """Returns a tuple with another value at a position."""
    return (*values[:position], value, *values[position + 1 :])


def sound_cases(draw: Draw, count: int, of_leaves: bool) -> list[Case]:
    """Returns a node over some children, sound and not."""
    pairs = [[draw.leaf(), draw.leaf()] for _ in range(count)]
    leaves = [pair[0] for pair in pairs] if of_leaves else []
    nodes = [] if of_leaves else [draw.above(pair, []) for pair in pairs]
    node, children = draw.above(leaves, nodes), (leaves, nodes)
    fits, kind = count <= 32, "leaves" if of_leaves else "nodes"
    cases = [case("sound", f"{count} {kind}", fits, node, children)]
    if count > 5:  # the rest would say nothing new, at length
        return cases
    wrong = {"first": (0, draw.address()), "last": (1, draw.address())}
    wrong |= {"count": (2, node[2] + 1), "weight": (3, node[3] - 1)}
    for what, (position, value) in wrong.items():
        other = changed(node, position, value)
        cases.append(case("sound", f"{count} {kind}, another {what}", False, other, children))
    if count > 1:
        for what, mixed in (
            ("out of order", (leaves[::-1], nodes[::-1])),
            ("the first twice", (leaves[:1] + leaves[:-1], nodes[:1] + nodes[:-1])),
        ):
            cases.append(case("sound", f"{count} {kind}, {what}", False, node, mixed))
    return cases


def odd_sound_cases(draw: Draw) -> list[Case]:
    """Returns what no tree holds: nothing, both kinds, address zero, ranges that overlap."""
    leaves = [draw.leaf() for _ in range(3)]
    low, high = draw.above(leaves[:2], []), draw.above(leaves[1:], [])
    nothing = (leaves[0][0], leaves[0][0], 0, 0, bytes(32), bytes(32))
    zero = changed(leaves[0], 0, f"0x{0:040x}")
    turned = changed(changed(low, 0, low[1]), 1, low[0])
    huge = [changed(leaf, 3, (1 << 64) - 1) for leaf in leaves[:2]]
    wrapped = changed(draw.above(leaves[:2], []), 3, (1 << 64) - 2)
    single = draw.above([leaves[0]], [])
    both = (single[0], high[1], 3, single[3] + high[3], *single[4:])
    return [
        case("sound", "no child", False, nothing, ([], [])),
        case("sound", "both kinds", False, both, ([leaves[0]], [high])),
        case("sound", "address zero", False, draw.above([zero], []), ([zero], [])),
        case("sound", "ranges that overlap", False, draw.above([], [low, high]), ([], [low, high])),
        case("sound", "a range turned", False, turned, ([], [turned])),
        case("sound", "a sum beyond 64 bits", False, wrapped, (huge, [])),
        case("sound", "one node above one", True, draw.above([], [single]), ([], [single])),
    ]


def path_of(draw: Draw, levels: int) -> tuple[list[Node], list[list[bytes]], list[int]]:
    """Returns the way down a tree of that many levels, top first."""
    nodes = [draw.above([draw.leaf() for _ in range(3)], [])]
    hashes: list[list[bytes]] = []
    turns: list[int] = []
    for _ in range(levels - 1):
        siblings = [nodes[0], draw.above([draw.leaf()], []), draw.above([draw.leaf()], [])]
        turns.insert(0, draw.random.randrange(3))
        siblings[0], siblings[turns[0]] = siblings[turns[0]], siblings[0]
        hashes.insert(0, hashes_of([], siblings))
        first, last = min(n[0] for n in siblings), max(n[1] for n in siblings)
        top = changed(changed(draw.above([], siblings), 0, first), 1, last)
        nodes.insert(0, top)
    return nodes, hashes, turns


def path_cases(draw: Draw, levels: int) -> list[Case]:
    """Returns a path of some levels, and what is nearly one."""
    nodes, hashes, turns = path_of(draw, levels)
    top, fits = node_hash(nodes[0]), levels <= 4
    cases = [case("path", f"{levels} levels", fits, (nodes, hashes, turns), top)]

    def wrong(what: str, *path: Any, root: bytes = top) -> None:
        cases.append(case("path", f"{levels} levels, {what}", False, path, root))

    wrong("another top", nodes, hashes, turns, root=bytes(32))
    wrong("no node", [], hashes, turns)
    heavier = [changed(node, 3, node[3] + 1) for node in nodes]
    wrong("the end heavier", [*nodes[:-1], heavier[-1]], hashes, turns)
    if levels > 1:
        wrong("without the last turn", nodes, hashes, turns[:-1])
        wrong("without the last hashes", nodes, hashes[:-1], turns)
        wrong("another turn", nodes, hashes, [*turns[:-1], (turns[-1] + 1) % 3])
        wrong("a turn beyond", nodes, hashes, [*turns[:-1], 3])
        wrong("a hash too few", nodes, [*hashes[:-1], hashes[-1][:-1]], turns)
        wrong("hashes in another order", nodes, [*hashes[:-1], hashes[-1][::-1]], turns)
    return cases


def absent_cases(draw: Draw) -> list[Case]:
    """Returns who is below a node and who isn't."""
    before, inner = draw.address(), [draw.leaf() for _ in range(4)]
    between = f"0x{int(inner[1][0], 16) + 1:040x}"
    after = draw.address()
    low, high = draw.above(inner[:2], []), draw.above(inner[2:], [])
    top = draw.above([], [low, high])
    at_top = ([top], [], [])
    at_low = ([top, low], [hashes_of([], [low, high])], [0])
    cases = []
    for what, who in (("before", before), ("between", between), ("after", after)):
        cases.append(case("absent", f"{what}, at the top", True, at_top, ([], [low, high]), who))
        cases.append(case("absent", f"{what}, off the way", False, at_low, (inner[:2], []), who))
    for place, leaf in enumerate(inner):
        cases.append(
            case("absent", f"leaf {place}, at the top", False, at_top, ([], [low, high]), leaf[0])
        )
        cases.append(
            case("absent", f"leaf {place}, below", False, at_low, (inner[:2], []), leaf[0])
        )
    gap = (low[0], inner[2][0], *low[2:])
    at_gap = ([top, gap], [hashes_of([], [gap, high])], [0])
    cases.append(case("absent", "in a gap below", True, at_gap, (inner[:2], []), between))
    return cases


def content() -> dict[str, Any]:
    """Returns what stands in the file."""
    draw = Draw(8)
    cases = []
    for number in range(4):
        leaf = draw.leaf()
        cases.append(case("leaf", f"leaf {number}", "0x" + leaf_hash(leaf).hex(), leaf))
        node = draw.above([leaf, draw.leaf()], [])
        cases.append(case("node", f"node {number}", "0x" + node_hash(node).hex(), node))
    for count in (1, 2, 5, 32, 33):
        cases += sound_cases(draw, count, True) + sound_cases(draw, count, False)
    cases += odd_sound_cases(draw)
    for levels in (1, 2, 3, 4, 5):
        cases += path_cases(draw, levels)
    cases += absent_cases(draw)
    columns = {name: [case[name] for case in cases] for name in cases[0]}
    return {"types": TYPES, **columns}


if __name__ == "__main__":
    sys.exit(kept({"round_trees": content()}))
