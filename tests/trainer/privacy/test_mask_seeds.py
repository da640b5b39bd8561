"""Given two members of a hidden round with their keys

when either works out the seed of their mask: both have the same one
when chain, contract, round, either address or either key is another: so is the seed
when a seed is committed to, and a mask drawn of it: neither tells the other, bound likewise
when a key is no point, or a secret not its own: it is told
"""

from __future__ import annotations

from dataclasses import replace

import pytest
from hidden_members import DOMAIN, addresses, secrets_of
from hypothesis import given, settings
from hypothesis import strategies as st

from registry.errors import ConfigError
from trainer.privacy.mask_seeds import (
    ORDER,
    MaskDomain,
    is_secret_of,
    public_key,
    round_key_of,
    uncompressed,
)
from trainer.privacy.neighbour_graph import RoundKey

ANNA, BORIS, CLARA = addresses(3)
FIELD = 2**256 - 2**32 - 977
OTHERS = [
    replace(DOMAIN, chain_id=1),
    replace(DOMAIN, contract="0x00000000000000000000000000000000000000A4"),
    replace(DOMAIN, round_id=b"\x06" * 32),
]
SECRETS = st.integers(1, ORDER - 1).map(lambda number: number.to_bytes(32, "big"))


@settings(max_examples=40, deadline=None)
@given(one=SECRETS, other=SECRETS)
def test_both_sides_have_the_same_seed(one: bytes, other: bytes) -> None:
    mine = DOMAIN.pair_mask_seed(ANNA, one, BORIS, round_key_of(other))
    assert mine == DOMAIN.pair_mask_seed(BORIS, other, ANNA, round_key_of(one))
    assert len(mine) == 32


@pytest.mark.parametrize("domain", OTHERS)
def test_a_seed_is_good_in_one_round_of_one_contract_of_one_chain(domain: MaskDomain) -> None:
    own, key = secrets_of(0), secrets_of(1).public
    here, there = (
        {
            d.pair_mask_seed(ANNA, own.key, BORIS, key),
            d.self_mask_seed(ANNA, own.seed),
            d.seed_commitment(ANNA, own.seed),
        }
        for d in (DOMAIN, domain)
    )
    assert len(here | there) == 6


def test_a_pair_s_seed_hangs_on_both_addresses_and_both_keys() -> None:
    own, key = secrets_of(0).key, secrets_of(1).public
    seeds = {
        DOMAIN.pair_mask_seed(ANNA, own, BORIS, key),
        DOMAIN.pair_mask_seed(ANNA, own, CLARA, key),
        DOMAIN.pair_mask_seed(CLARA, own, BORIS, key),
        DOMAIN.pair_mask_seed(ANNA, secrets_of(2).key, BORIS, key),
        DOMAIN.pair_mask_seed(ANNA, own, BORIS, secrets_of(2).public),
    }
    assert len(seeds) == 5


def test_the_sign_of_a_point_doesn_t_split_a_pair_s_seed() -> None:
    # -P has the same abscissa: the address of the product tells them apart.
    own, key = secrets_of(0).key, secrets_of(1).public
    turned = RoundKey(key.x, not key.odd)
    assert DOMAIN.pair_mask_seed(ANNA, own, BORIS, key) != DOMAIN.pair_mask_seed(
        ANNA, own, BORIS, turned
    )


def test_commitment_and_mask_seed_of_one_seed_differ_and_hang_on_who_it_is() -> None:
    seed = secrets_of(0).seed
    found = {
        DOMAIN.seed_commitment(ANNA, seed),
        DOMAIN.self_mask_seed(ANNA, seed),
        DOMAIN.seed_commitment(BORIS, seed),
        DOMAIN.self_mask_seed(BORIS, seed),
        DOMAIN.seed_commitment(ANNA, secrets_of(1).seed),
        seed,
    }
    assert len(found) == 6


@pytest.mark.parametrize("x", [0, 5, FIELD, FIELD + 1, 2**256])
def test_what_is_no_point_is_refused_with_its_abscissa(x: int) -> None:
    with pytest.raises(
        ConfigError, match=f"expected a point of secp256k1, got the abscissa {x:#x}"
    ):
        public_key(RoundKey(x, False))
    with pytest.raises(ConfigError):
        DOMAIN.pair_mask_seed(ANNA, secrets_of(0).key, BORIS, RoundKey(x, True))


def test_a_secret_key_is_one_public_key_s() -> None:
    own = secrets_of(0)
    assert is_secret_of(own.key, own.public)
    assert not is_secret_of(own.key, replace(own.public, odd=not own.public.odd))
    assert not is_secret_of(own.key, secrets_of(1).public)
    negative = (ORDER - int.from_bytes(own.key, "big")).to_bytes(32, "big")
    assert not is_secret_of(negative, own.public)
    assert is_secret_of(negative, replace(own.public, odd=not own.public.odd))
    for number in (0, ORDER, ORDER + 1, 2**256 - 1):
        assert not is_secret_of(number.to_bytes(32, "big"), round_key_of((1).to_bytes(32, "big")))


def test_a_key_is_written_as_its_point() -> None:
    generator = round_key_of((1).to_bytes(32, "big"))
    x = 0x79BE667EF9DCBBAC55A06295CE870B07029BFCDB2DCE28D959F2815B16F81798
    y = 0x483ADA7726A3C4655DA4FBFC0E1108A8FD17B448A68554199C47D08FFB10D4B8
    assert generator == RoundKey(x, False)
    assert uncompressed(generator) == b"\x04" + x.to_bytes(32, "big") + y.to_bytes(32, "big")
