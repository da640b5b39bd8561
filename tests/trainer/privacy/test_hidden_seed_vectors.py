"""Seeds, shares and neighbours as the vectors have them that Solidity reads too.

They come from `tools/hidden_seed_vectors.py`, which uses integers and Keccak alone.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from registry.addresses import checksummed
from registry.merkle import StandardTree
from trainer.privacy.hidden_terms import HiddenTerms
from trainer.privacy.mask_seeds import MaskDomain, is_secret_of, round_key_of
from trainer.privacy.neighbour_graph import NeighbourGraph, RoundKey, order_seed, place_of_index
from trainer.privacy.secret_shares import HeldShares, SecretKind, is_in_root, leaves_of

VECTORS = Path(__file__).parents[2] / "vectors"
SEEDS = json.loads((VECTORS / "hidden_seeds.json").read_text())
GRAPHS = json.loads((VECTORS / "hidden_graphs.json").read_text())
Case = dict[str, Any]


def raw(text: str) -> bytes:
    return bytes.fromhex(text.removeprefix("0x"))


DOMAIN = MaskDomain(SEEDS["chainId"], SEEDS["contract"], raw(SEEDS["round"]))


def key_of(member: Case) -> RoundKey:
    return RoundKey(int(member["x"], 16), member["odd"])


@pytest.mark.parametrize("member", SEEDS["members"], ids=lambda m: m["participant"][:8])
def test_a_member_s_commitment_key_and_own_seed_are_the_vector_s(member: Case) -> None:
    who, seed, secret = member["participant"], raw(member["seed"]), raw(member["secret"])
    assert round_key_of(secret) == key_of(member)
    assert is_secret_of(secret, key_of(member))
    assert DOMAIN.seed_commitment(who, seed) == raw(member["seedCommitment"])
    assert DOMAIN.self_mask_seed(who, seed) == raw(member["selfMaskSeed"])


@pytest.mark.parametrize("pair", SEEDS["pairs"], ids=lambda p: f"{p['one']}-{p['two']}")
def test_a_pair_s_seed_is_the_vector_s_from_either_side(pair: Case) -> None:
    one, two = (SEEDS["members"][pair[name]] for name in ("one", "two"))
    for own, other in ((one, two), (two, one)):
        told = own["participant"], raw(own["secret"]), other["participant"], key_of(other)
        assert DOMAIN.pair_mask_seed(*told) == raw(pair["seed"])


def test_shares_are_leaves_of_the_vector_s_tree() -> None:
    tree = SEEDS["tree"]
    dealer, leaves = checksummed(tree["dealer"]), list[bytes]()
    for of_seed, of_key in zip(tree["shares"][::2], tree["shares"][1::2], strict=True):
        holder = checksummed(of_seed["holder"])
        told = of_seed["place"], raw(of_seed["share"]), raw(of_key["share"])
        shares = HeldShares(dealer, holder, *told)
        leaves += leaves_of(shares)
    assert leaves == [raw(one["leaf"]) for one in tree["shares"]]
    made = StandardTree.over(leaves)
    assert made.root == raw(tree["root"])
    for index, one in enumerate(tree["shares"]):
        proof = [raw(node) for node in one["proof"]]
        assert made.proof(index) == proof
        holder, kind = checksummed(one["holder"]), SecretKind(one["kind"])
        place, share = one["place"], raw(one["share"])
        assert is_in_root(made.root, dealer, holder, kind, place, share, proof)
        assert not is_in_root(made.root, dealer, holder, kind, place + 1, share, proof)
        assert not is_in_root(made.root, holder, holder, kind, place, share, proof)


@pytest.mark.parametrize("order", GRAPHS["orders"], ids=lambda o: str(len(o["xs"])))
def test_everybody_s_place_is_the_vector_s(order: Case) -> None:
    keys = [RoundKey(x, odd) for x, odd in zip(order["xs"], order["odds"], strict=True)]
    roster = list(zip(order["addresses"], keys, strict=True))
    seed = order_seed(raw(GRAPHS["round"]), roster)
    assert seed == raw(order["seed"])
    count = len(roster)
    assert [place_of_index(i, count, seed) for i in range(count)] == order["places"]


@pytest.mark.parametrize("case", GRAPHS["groups"], ids=lambda c: f"{c['count']}-{c['degree']}")
def test_groups_and_neighbours_are_the_vector_s(case: Case) -> None:
    terms = HiddenTerms(64, case["degree"], case["threshold"], case["groupSize"])
    people = tuple(f"0x{number:040x}" for number in range(case["count"]))
    graph = NeighbourGraph(people, bytes(32), terms)
    assert [len(members) for members in graph.groups] == case["sizes"]
    for group, end in zip((0, len(case["sizes"]) - 1), case["ends"], strict=True):
        members = graph.groups[group]
        assert len(members) == end["members"]
        assert graph.threshold(group) == end["threshold"]
        for who, told in zip(members, end["neighbours"], strict=True):
            places = [graph.place_of(other)[1] for other in graph.neighbours(who)]
            assert sum(1 << place for place in places) == int(told, 16)
