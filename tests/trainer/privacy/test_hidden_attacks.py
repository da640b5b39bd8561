"""Given an adversary that has everything public of a hidden round

when it tries every seed of a folded seed space: it breaks a scheme that folds seeds, and not ours
when it colludes with members below the threshold: two assignments of the others' updates with the
  same sum explain everything that it sees, by secrets that fit every commitment
when a member's key was opened since it dropped: its update is still under its own mask; with both
  secrets it would lie open, so of nobody both are ever told
when it audits: the sum is what it gets, and nothing that isn't a function of the sum
when bundle, share or seed are of another round, chain, contract or dealer: they are refused
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from hashlib import sha256

import numpy as np
import pytest
from hidden_members import DOMAIN, HiddenMembers, recorded

from registry.errors import AggregationError, ConfigError, RoundError
from registry.merkle import StandardTree
from trainer.kernels import Packed
from trainer.privacy.hidden_state import HiddenState
from trainer.privacy.hidden_sums import group_sum, unmasking_seeds
from trainer.privacy.hidden_terms import HiddenTerms
from trainer.privacy.mask_seeds import ORDER
from trainer.privacy.masking import masked, unmasked_sum
from trainer.privacy.packing import centred, pack, unpack
from trainer.privacy.round_secrets import RoundSecrets, bundle_of, share_in
from trainer.privacy.secret_shares import SecretKind, is_in_root, recovered
from trainer.types import IntVector, Lattice

LENGTH = 600
LATTICE = Lattice(16, -12, 8)


def updates_of(people: list[str]) -> dict[str, IntVector]:
    """An update of each, over the lattice's range."""
    drawn = np.random.default_rng(5)
    return {
        who: drawn.integers(-LATTICE.largest, LATTICE.largest + 1, LENGTH).astype(np.int16)
        for who in people
    }


ALIKE = HiddenTerms(degree=4, threshold=3)


@pytest.fixture
def members() -> HiddenMembers:
    """Five members, everybody beside everybody; three of four shares open a secret."""
    return HiddenMembers(5, ALIKE)


# --- (a) seeds of 256 bits ------------------------------------------------------------------------


def folded(seed: bytes, bits: int) -> bytes:
    """A seed as a scheme keeps it that folds it to so many bits, before a mask is drawn of it."""
    return (int.from_bytes(seed, "big") % (1 << bits)).to_bytes(32, "big")


def candidates(bits: int) -> Iterator[bytes]:
    """Every seed of a folded space."""
    return (number.to_bytes(32, "big") for number in range(1 << bits))


def exhausted(stored: Packed, width: int, bits: int) -> IntVector | None:
    """What an adversary gets that tries every seed of a folded space: an update on the lattice.

    A value of `width` bits is one of the lattice by chance in one of 2^(width - 16) tries, and 64
    of them never are.
    """
    start = stored[: 64 * width // 8]
    for seed in candidates(bits):
        tried = unmasked_sum([start], 64, width, [], [seed])
        if np.abs(tried).max() <= LATTICE.largest:
            return unmasked_sum([stored], LENGTH, width, [], [seed])
    return None


def test_folded_seeds_are_found_by_trying_all_and_ours_are_not(members: HiddenMembers) -> None:
    who = members.people[0]
    update, width, bits = updates_of([who])[who], members.roster.width, 12
    seed = members.domain.self_mask_seed(who, members.secrets[who].seed)
    # As Flower's SecAgg+ does with 32 bits (flwrlabs/flower 7522): there the space is 2^32.
    weak = masked(update, width, [folded(seed, bits)], [])
    found = exhausted(weak, width, bits)
    assert found is not None
    assert np.array_equal(found, update)
    assert exhausted(masked(update, width, [seed], []), width, bits) is None


def test_every_bit_of_a_seed_counts(members: HiddenMembers) -> None:
    who = members.people[0]
    seed = members.domain.self_mask_seed(who, members.secrets[who].seed)
    zeros, width = np.zeros(LENGTH, np.int16), members.roster.width
    masks = {masked(zeros, width, [seed], []).tobytes()}
    for bit in range(256):
        other = (int.from_bytes(seed, "big") ^ 1 << bit).to_bytes(32, "big")
        masks.add(masked(zeros, width, [other], []).tobytes())
    assert len(masks) == 257


def test_every_bit_of_both_secrets_reaches_the_masks(members: HiddenMembers) -> None:
    one, two = members.people[:2]
    own, key = members.secrets[one], members.roster.keys[two]
    found = set()
    for bit in range(0, 256, 8):
        seed = (int.from_bytes(own.seed, "big") ^ 1 << bit).to_bytes(32, "big")
        found.add(members.domain.self_mask_seed(one, seed))
        number = (int.from_bytes(own.key, "big") ^ 1 << bit) % ORDER
        found.add(members.domain.pair_mask_seed(one, number.to_bytes(32, "big"), two, key))
    assert len(found) == 64


# --- (b) below the threshold ----------------------------------------------------------------------


def shifted(vector: IntVector, by: IntVector) -> IntVector:
    return vector.astype(np.int64) + by


def test_below_the_threshold_a_swap_of_two_updates_explains_all_that_is_seen(
    members: HiddenMembers,
) -> None:
    """Two of five collude; the others' updates are known up to their order, and stay so.

    Between two honest neighbours one pair mask is known to nobody else. Whatever the first one's
    update is taken to be, another pair mask explains what both stored, and the rest is the same:
    stored vectors, opened seeds, the colluders' own masks, the sum.
    """
    state = members.opened()
    honest, colluders = members.people[:3], members.people[3:]
    true = updates_of(members.people)
    stored = members.masked(state, true, {})
    one, two = honest[:2]
    guess = {**true, one: true[two], two: true[one]}  # the same sum
    pads = {who: known_pad(members, state, who, (one, two)) for who in members.people}
    explained = {}
    for candidate in (true, guess):
        # What is left of each stored vector under the masks that the adversary knows.
        rest = {
            who: residues(stored[who], state.width) - pads[who] - wrapped(candidate[who])
            for who in members.people
        }
        ones = np.uint64((1 << state.width) - 1)
        # Nobody else's is explained by another mask, and the pair's cancel each other.
        assert all(not (rest[who] & ones).any() for who in (*honest[2:], *colluders))
        assert not ((rest[one] + rest[two]) & ones).any()
        explained[candidate[one].tobytes()] = (rest[one] & ones).tobytes()
    assert len(set(explained.values())) == 2
    assert group_sum(state, 0, stored, LENGTH, LATTICE).numerators.tolist() == [
        sum(int(true[who][i]) for who in members.people) for i in range(LENGTH)
    ]


def residues(packed: Packed, width: int) -> np.ndarray:
    return unpack(packed, LENGTH, width)


def wrapped(vector: IntVector) -> np.ndarray:
    return np.asarray(vector).astype(np.int64).astype(np.uint64)


def known_pad(
    members: HiddenMembers, state: HiddenState, who: str, unknown: tuple[str, str]
) -> np.ndarray:
    """A member's masks without the one between two who are honest."""
    added, subtracted = members.masks_of(state, who)
    if who in unknown:
        other = unknown[unknown[0] == who]
        seed = members.domain.pair_mask_seed(
            who, members.secrets[who].key, other, state.keys[other]
        )
        added = [one for one in added if one != seed]
        subtracted = [one for one in subtracted if one != seed]
    zeros = np.zeros(LENGTH, np.int16)
    return residues(masked(zeros, state.width, added, subtracted), state.width)


def test_the_unknown_pair_mask_is_of_a_seed_that_needs_an_honest_key(
    members: HiddenMembers,
) -> None:
    """Two colluders hold two shares of each honest key, where three open it: any key explains."""
    members.shared()
    one, *_, three, four = members.people
    bundle, holders = members.bundles[one], members.roster.graph.neighbours(one)
    held = [share_in(bundle, who, members.secrets[who].key, holders) for who in (three, four)]
    for kind in SecretKind:
        known = {share.place: share.of(kind) for share in held}
        assert recovered(known, 3) is None
        # A third share of any value gives a secret: each explains what is known.
        free = next(place for place in range(1, 5) if place not in known)
        found = {
            recovered({**known, free: number.to_bytes(32, "big")}, 3) for number in range(1, 50)
        }
        assert len(found) == 49


def test_at_the_threshold_the_same_shares_open_the_update(members: HiddenMembers) -> None:
    """Three of one's four neighbours together break it: the bound is as it is stated, and tight."""
    state, true = members.opened(), updates_of(members.people)
    stored = members.masked(state, true, {})
    one, colluders = members.people[0], members.people[2:]
    bundle, holders = members.bundles[one], state.graph.neighbours(one)
    held = [share_in(bundle, who, members.secrets[who].key, holders) for who in colluders]
    seed, key = (recovered({s.place: s.of(kind) for s in held}, 3) for kind in SecretKind)
    assert seed is not None
    assert key is not None
    assert RoundSecrets(seed, key) == members.secrets[one]
    broken = HiddenMembers(5, ALIKE)
    broken.secrets[one] = RoundSecrets(seed, key)
    added, subtracted = broken.masks_of(state, one)
    found = unmasked_sum([stored[one]], LENGTH, state.width, subtracted, added)
    assert np.array_equal(found, true[one])


# --- (c) both secrets of one ----------------------------------------------------------------------


def test_who_comes_too_late_stays_hidden_though_its_key_is_open(members: HiddenMembers) -> None:
    """Its pair masks come off, by the opened key; its own mask stays, and any update explains."""
    late = members.people[4]
    state, true = members.opened((late,)), updates_of(members.people)
    stored = members.masked(state, true, {})
    pairs = {
        who: members.domain.pair_mask_seed(late, state.secrets[late], who, state.keys[who])
        for who in state.active_neighbours(late)
    }
    added, subtracted = members.masks_of(state, late)
    known = set(pairs.values())
    left = unmasked_sum(
        [stored[late]],
        LENGTH,
        state.width,
        [seed for seed in subtracted if seed in known],
        [seed for seed in added if seed in known],
    )
    own = set(added) - known
    assert own == {members.domain.self_mask_seed(late, members.secrets[late].seed)}
    # Its own mask is all that is left, over the whole ring rather than the lattice.
    assert np.abs(left).max() > LATTICE.largest
    guess = np.zeros(LENGTH, np.int16)
    for update in (true[late], guess):
        mask = wrapped(left) - wrapped(update)  # one that explains it
        assert np.array_equal(centred(wrapped(update) + mask, state.width), left)
    # With the seed as well it lies open: that is why nobody is ever told both.
    zeros = np.zeros(LENGTH, np.int16)
    mask = unpack(masked(zeros, state.width, sorted(own), []), LENGTH, state.width)
    assert np.array_equal(centred(wrapped(left) - mask, state.width), true[late])


def test_of_each_member_one_secret_may_be_opened(members: HiddenMembers) -> None:
    gone, silent = members.people[4], members.people[3]
    state = members.opened((gone,), (silent,))
    for who in members.people:
        assert (who in state.seeds) + (who in state.secrets) == (who != silent)
    assert state.kind_of(silent) is None
    assert state.kind_of(gone) is SecretKind.KEY
    own = members.secrets[gone]
    assert state.is_right(gone, own.key)
    assert not state.is_right(gone, own.seed)


# --- (e) another round, chain, contract, dealer ---------------------------------------------------


@pytest.mark.parametrize(
    "domain",
    [
        replace(DOMAIN, round_id=b"\x06" * 32),
        replace(DOMAIN, chain_id=1),
        replace(DOMAIN, contract="0x00000000000000000000000000000000000000A4"),
    ],
    ids=["round", "chain", "contract"],
)
def test_what_is_of_another_place_is_good_nowhere_else(
    members: HiddenMembers, domain: object
) -> None:
    assert isinstance(domain, type(DOMAIN))
    state = members.frozen((members.people[4],))
    there = HiddenMembers(5, ALIKE, domain)
    there.shared()
    who, gone = members.people[0], members.people[4]
    # Secrets are drawn for one place: those of the other one open nothing here.
    assert not state.is_right(who, there.secrets[who].seed)
    assert not state.is_right(gone, there.secrets[gone].key)
    # The same seed, taken along, is committed to otherwise.
    seed = members.secrets[who].seed
    assert domain.seed_commitment(who, seed) != state.shared[who].seed_commitment
    # A bundle of there isn't what is recorded here.
    foreign = there.bundles[who]
    with pytest.raises(ConfigError, match=f"bundle of {who}: expected the"):
        bundle_of(foreign.to_json(), DOMAIN, who, state.shared[who].share_root)
    # A share of there isn't under the root of here.
    holders = there.roster.graph.neighbours(who)
    holder = holders[0]
    share = share_in(foreign, holder, there.secrets[holder].key, holders)
    told = who, holder, SecretKind.SEED, share.place, share.seed, foreign.tree.proof(0)
    assert is_in_root(foreign.share_root, *told)
    assert not is_in_root(state.shared[who].share_root, *told)
    # Masks of there don't come off here.
    true = updates_of(members.people)
    here, moved = members.masked(state, true, {}), there.masked(there.shared(), true, {})
    assert all(here[one].tobytes() != moved[one].tobytes() for one in true)


def test_a_dealer_can_t_hand_out_another_s_bundle(members: HiddenMembers) -> None:
    state = members.shared()
    one, two = members.people[:2]
    copied = replace(members.bundles[one], dealer=two)
    # Recorded by the copier as its own: the shares are then its secrets, which it doesn't know,
    # and the seed's commitment is of another participant, so nothing opens it.
    record = recorded(copied)
    held = replace(state, shared={**state.shared, two: record})
    opened = replace(held, frozen=members.frozen().frozen)
    assert opened.kind_of(two) is SecretKind.SEED
    assert not opened.is_right(two, members.secrets[one].seed)
    with pytest.raises(ConfigError, match=f"expected the dealer {two}, got {one}"):
        bundle_of(members.bundles[one].to_json(), DOMAIN, two, record.share_root)


# --- (d) a chosen graph ---------------------------------------------------------------------------


def test_a_bundle_for_confederates_in_place_of_neighbours_tells_nothing() -> None:
    members = HiddenMembers(8, HiddenTerms(degree=2, threshold=2))
    members.shared()
    dealer = members.people[0]
    neighbours = members.roster.graph.neighbours(dealer)
    others = [who for who in members.people if who not in neighbours and who != dealer][:2]
    bundle = members.bundles[dealer]
    sealed = dict(zip(others, bundle.sealed.values(), strict=True))
    root = StandardTree.over([leaf for held in sealed.values() for leaf in held.leaves]).root
    chosen = replace(bundle, sealed=sealed, share_root=root)
    for who in (*others, *neighbours):
        with pytest.raises(RoundError, match="it chose others, or another graph"):
            share_in(chosen, who, members.secrets[who].key, neighbours)


# --- (f) what an audit learns ---------------------------------------------------------------------


def audited(state: HiddenState, stored: Mapping[str, Packed]) -> tuple[np.ndarray, ...]:
    """All that follows from what an auditor has: each stored vector without every mask it knows.

    It knows the opened seeds, and of who dropped the key and so each pair mask. Whatever else it
    combines them to is a function of these.
    """
    found = []
    for who in sorted(stored):
        added = [state.domain.self_mask_seed(who, state.seeds[who])] if who in state.seeds else []
        known = unmasked_sum([stored[who]], LENGTH, state.width, [], added)
        found.append(known)
    return tuple(found)


def test_an_audit_recomputes_the_sum_of_survivors_and_of_nobody_less(
    members: HiddenMembers,
) -> None:
    gone = members.people[4]
    state, true = members.opened((gone,)), updates_of(members.people)
    alive = [who for who in members.people if who != gone]
    stored = {who: packed for who, packed in members.masked(state, true, {}).items() if who != gone}
    added, subtracted = unmasking_seeds(state, 0)
    whole = unmasked_sum(list(stored.values()), LENGTH, state.width, added, subtracted)
    assert np.array_equal(whole, sum(true[who].astype(np.int64) for who in alive))
    # Of any fewer the sum is still under the masks between them and the rest.
    for left_out in alive:
        rest = [packed for who, packed in stored.items() if who != left_out]
        seeds = {
            members.domain.self_mask_seed(who, state.seeds[who]) for who in alive if who != left_out
        }
        part = unmasked_sum(
            rest,
            LENGTH,
            state.width,
            added,
            [seed for seed in subtracted if seed in seeds or seed not in own_seeds(state)],
        )
        plain = sum(true[who].astype(np.int64) for who in alive if who != left_out)
        assert (part == plain).mean() < 0.01
        assert np.abs(part).max() > len(alive) * LATTICE.largest


def own_seeds(state: HiddenState) -> set[bytes]:
    return {state.domain.self_mask_seed(who, seed) for who, seed in state.seeds.items()}


def test_two_runs_with_one_sum_show_an_auditor_the_same(members: HiddenMembers) -> None:
    """What differs between them is under pair masks alone, which look alike for both.

    Shown by drawing the same view from either: the pair masks of the second run are those of the
    first, moved by what its updates differ by, and every value of a mask is as likely as another.
    """
    state, true = members.opened(), updates_of(members.people)
    one, two = members.people[:2]
    other = {**true, one: true[two], two: true[one]}
    stored = members.masked(state, true, {})
    ones = np.uint64((1 << state.width) - 1)
    pads = {who: known_pad(members, state, who, (one, two)) for who in members.people}
    pair = (residues(stored[one], state.width) - pads[one] - wrapped(true[one])) & ones
    moved = (pair + wrapped(true[one]) - wrapped(other[one])) & ones
    again = dict(stored)
    again[one] = pack(pads[one] + wrapped(other[one]) + moved, state.width)
    again[two] = pack(pads[two] + wrapped(other[two]) - moved, state.width)
    assert {who: packed.tobytes() for who, packed in again.items()} == {
        who: packed.tobytes() for who, packed in stored.items()
    }
    for seen_by_auditor in (audited(state, stored),):
        assert all(
            np.array_equal(a, b)
            for a, b in zip(seen_by_auditor, audited(state, again), strict=True)
        )


def test_masks_are_spread_over_the_whole_ring(members: HiddenMembers) -> None:
    state, true = members.opened(), updates_of(members.people)
    stored = members.masked(state, true, {})
    for packed in stored.values():
        top = unpack(packed, LENGTH, state.width) >> np.uint64(state.width - 3)
        counts = np.bincount(top.astype(np.int64), minlength=8)
        assert ((counts - LENGTH / 8) ** 2).sum() / (LENGTH / 8) < 26  # χ², 7 degrees: p = 0.0005
        plain = np.corrcoef(
            centred(unpack(packed, LENGTH, state.width), state.width), true[next(iter(true))]
        )
        assert abs(plain[0, 1]) < 0.15


@pytest.mark.parametrize("weight", [0, 2, 4, 5_000, -1])
def test_a_hidden_weight_that_can_t_be_gives_no_sum(weight: int) -> None:
    members = HiddenMembers(3, HiddenTerms(degree=2, threshold=2, weight_cap=1_000))
    state, true = members.opened(), updates_of(members.people)
    weights = dict.fromkeys(members.people, 1)
    good = members.masked(state, true, weights)
    assert group_sum(state, 0, good, LENGTH, LATTICE).weight == 3
    liar = members.people[0]
    # Its update isn't multiplied by what it says.
    lie = masked(true[liar], state.width, *members.masks_of(state, liar), appended=[weight - 2])
    if weight == 4:  # within what is possible: nothing shows it, and it counts as it is
        assert group_sum(state, 0, {**good, liar: lie}, LENGTH, LATTICE).weight == 4
        return
    with pytest.raises(AggregationError, match="expected weights of 3 updates, each up to 1000"):
        group_sum(state, 0, {**good, liar: lie}, LENGTH, LATTICE)


@pytest.mark.parametrize("sign", [1, -1])
def test_a_sum_may_come_to_the_lattice_s_end_and_no_further(
    members: HiddenMembers, sign: int
) -> None:
    state = members.opened()
    end = np.full(LENGTH, sign * LATTICE.largest, np.int16)
    good = members.masked(state, dict.fromkeys(members.people, end), {})
    assert set(group_sum(state, 0, good, LENGTH, LATTICE).numerators) == {
        sign * 5 * LATTICE.largest
    }
    beyond, liar = end.astype(np.int64), members.people[0]
    beyond[7] += sign
    lie = masked(beyond, state.width, *members.masks_of(state, liar))
    with pytest.raises(AggregationError, match="the sum of group 0 leaves ±163835"):
        group_sum(state, 0, {**good, liar: lie}, LENGTH, LATTICE)


def test_garbage_has_next_to_no_chance_to_be_a_sum(members: HiddenMembers) -> None:
    """In a ring of 19 bits for 5 members of 16 one value in 2^(19-1) / (5 · 2^15) passes: 62 %.

    A vector of n values passes with 0.62^n, so garbage shows from some dozens of values on.
    """
    state, true = members.opened(), updates_of(members.people)
    stored = members.masked(state, true, {})
    share = 5 * LATTICE.largest / (1 << (state.width - 1))
    assert state.width == 19
    assert share == pytest.approx(0.625, abs=0.001)
    for number in range(20):
        noise = np.frombuffer(sha256(bytes([number])).digest() * 45, np.uint8)[
            : stored[members.people[0]].size
        ]
        with pytest.raises(AggregationError, match="leaves ±163835"):
            group_sum(state, 0, {**stored, members.people[0]: noise}, LENGTH, LATTICE)


# --- another's sealed shares, handed on as one's own ----------------------------------------------


def test_a_copied_bundle_has_no_share_of_its_copier_s(members: HiddenMembers) -> None:
    """What holders told of the copier would be told of whom it copied: its other secret."""
    members.shared()
    for victim in members.people:
        for thief in members.people:
            if thief == victim:
                continue
            theirs = members.roster.graph.neighbours(thief)
            own, copied = members.bundles[thief], members.bundles[victim].sealed
            common = [who for who in theirs if who in copied]
            sealed = {who: copied.get(who, own.sealed[who]) for who in theirs}
            leaves = [leaf for held in sealed.values() for leaf in held.leaves]
            root = StandardTree.over(leaves).root
            forged = replace(own, share_root=root, sealed=sealed)
            assert bundle_of(forged.to_json(), DOMAIN, thief, root) == forged
            for holder in common:
                with pytest.raises(RoundError, match="other shares"):
                    share_in(forged, holder, members.secrets[holder].key, theirs)
