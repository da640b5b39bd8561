"""Given two secrets that are shared among neighbours

when as many shares as the threshold are put together, any of them: the secret comes back
when there are fewer: nothing does, and any other secret would explain them as well
when a share is shown: it is taken as the holder's, of that kind, at that place, and no other
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from itertools import combinations

import pytest
import shamirs
from hidden_members import addresses, secrets_of
from hypothesis import given, settings
from hypothesis import strategies as st

from registry.merkle import StandardTree
from trainer.privacy.mask_seeds import ORDER
from trainer.privacy.secret_shares import (
    HeldShares,
    SecretKind,
    is_in_root,
    leaves_of,
    recovered,
    split,
)

HOLDERS = addresses(30)
OWN = secrets_of(77)
DEALER = addresses(31)[-1]


def by_place(shares: list[HeldShares], kind: SecretKind) -> dict[int, bytes]:
    return {share.place: share.of(kind) for share in shares}


@settings(max_examples=40, deadline=None)
@given(st.data())
def test_any_so_many_shares_give_the_secret_back(data: st.DataObject) -> None:
    holders = data.draw(st.integers(1, 30))
    threshold = data.draw(st.integers(1, holders))
    shares = split(OWN.seed, OWN.key, DEALER, HOLDERS[:holders], threshold)
    assert [(s.holder, s.place) for s in shares] == [
        (who, place) for place, who in enumerate(HOLDERS[:holders], 1)
    ]
    chosen = data.draw(st.permutations(shares))[:threshold]
    for kind, secret in zip(SecretKind, (OWN.seed, OWN.key), strict=True):
        assert recovered(by_place(chosen, kind), threshold) == secret
        assert recovered(by_place(chosen[1:], kind), threshold) is None


@pytest.mark.parametrize("secret", [0, 1, ORDER - 1])
def test_secrets_at_the_ends_of_the_field_come_back(secret: int) -> None:
    whole = secret.to_bytes(32, "big")
    shares = split(whole, OWN.key, DEALER, HOLDERS[:3], 2)
    for pair in combinations(shares, 2):
        assert recovered(by_place([*pair], SecretKind.SEED), 2) == whole


def test_fewer_shares_are_explained_by_any_secret() -> None:
    shares = split(OWN.seed, OWN.key, DEALER, HOLDERS[:5], 3)
    known = [(s.place, int.from_bytes(s.seed, "big")) for s in shares[:2]]
    for other in (1, 12_345, ORDER - 1):
        points = [shamirs.share(place, value, ORDER) for place, value in known]
        line = _through([(0, other), *known])
        made = [shamirs.share(place, line(place), ORDER) for place in (3, 4, 5)]
        found = shamirs.interpolate([*points, made[0]], threshold=3)
        assert int(found) == other


def _through(points: list[tuple[int, int]]) -> Callable[[int], int]:
    """The polynomial through points, as a function."""

    def at(place: int) -> int:
        total = 0
        for i, (x, y) in enumerate(points):
            term = y
            for j, (other, _) in enumerate(points):
                if i != j:
                    term = term * (place - other) * pow(x - other, -1, ORDER) % ORDER
            total += term
        return total % ORDER

    return at


def test_shares_are_drawn_anew_each_time() -> None:
    one, two = (split(OWN.seed, OWN.key, DEALER, HOLDERS[:4], 3) for _ in range(2))
    assert all(a.seed != b.seed and a.key != b.key for a, b in zip(one, two, strict=True))


def test_the_two_secrets_are_shared_apart() -> None:
    shares = split(OWN.seed, OWN.seed, DEALER, HOLDERS[:4], 3)
    assert all(share.seed != share.key for share in shares)


def test_a_changed_share_gives_another_secret() -> None:
    shares = by_place(split(OWN.seed, OWN.key, DEALER, HOLDERS[:3], 2), SecretKind.KEY)
    shares[1] = (int.from_bytes(shares[1], "big") ^ 1).to_bytes(32, "big")
    assert recovered(shares, 2) not in (OWN.key, None)


def test_more_shares_than_needed_give_the_same_secret() -> None:
    shares = split(OWN.seed, OWN.key, DEALER, HOLDERS[:6], 2)
    assert recovered(by_place(shares, SecretKind.SEED), 2) == OWN.seed


def test_a_share_is_in_the_root_as_one_holder_s_of_one_kind_at_one_place() -> None:
    shares = split(OWN.seed, OWN.key, DEALER, HOLDERS[:4], 3)
    tree = StandardTree.over([leaf for share in shares for leaf in leaves_of(share)])
    held = shares[2]
    proof = tree.proof(2 * 2 + 1)
    good = DEALER, held.holder, SecretKind.KEY, held.place, held.key, proof
    assert is_in_root(tree.root, *good)
    for wrong in (
        (HOLDERS[0], *good[1:]),
        (DEALER, HOLDERS[0], *good[2:]),
        (*good[:2], SecretKind.SEED, *good[3:]),
        (*good[:3], 2, *good[4:]),
        (*good[:4], held.seed, proof),
        (*good[:5], proof[:-1]),
        (*good[:5], tree.proof(0)),
    ):
        assert not is_in_root(tree.root, *wrong)
    other = replace(held, seed=held.key)
    assert leaves_of(other)[0] != leaves_of(held)[0]
    assert leaves_of(other)[1] == leaves_of(held)[1]


def test_what_is_no_share_is_passed_over() -> None:
    shares = by_place(split(OWN.seed, OWN.key, DEALER, HOLDERS[:4], 2), SecretKind.SEED)
    odd = {0: b"\x01" * 32, 9: b"\xff" * 32}
    assert recovered({**odd, 1: shares[1]}, 2) is None
    assert recovered({**odd, 1: shares[1], 3: shares[3]}, 2) == OWN.seed
