"""Given a participant's secrets of a round

when they are drawn again: they are the same; in another round, contract, chain, or by another: not
when they are dealt: each neighbour opens its two shares, nobody another's
when a bundle isn't the one that the chain has a record of, or not for the neighbours that the
  roster gives, or holds other shares than it committed to: it is refused, and says which
"""

from __future__ import annotations

from dataclasses import replace

import pytest
from hidden_members import DOMAIN, HiddenMembers, recorded, secrets_of

from registry.crypto.sealing import seal
from registry.documents.bundles import SealedShares, SecretBundle
from registry.errors import ConfigError, RoundError
from registry.merkle import StandardTree
from trainer.privacy.hidden_terms import HiddenTerms
from trainer.privacy.mask_seeds import ORDER, MaskDomain, uncompressed
from trainer.privacy.round_secrets import RoundSecrets, bundle_of, dealt_of, share_in
from trainer.privacy.secret_shares import SecretKind, leaves_of, recovered

KEY = b"\x09" * 32


@pytest.fixture(scope="module")
def members() -> HiddenMembers:
    """Five members, each beside all others."""
    made = HiddenMembers(5, HiddenTerms(degree=4, threshold=3))
    made.shared()
    return made


def test_secrets_follow_from_the_drawing_key() -> None:
    one, two = RoundSecrets.drawn(KEY, DOMAIN), RoundSecrets.drawn(KEY, DOMAIN)
    assert one == two
    assert one.seed != one.key
    assert all(0 < int.from_bytes(word, "big") < ORDER for word in (one.seed, one.key))


@pytest.mark.parametrize(
    "domain",
    [
        replace(DOMAIN, chain_id=31_338),
        replace(DOMAIN, contract="0x" + "0" * 40),
        replace(DOMAIN, round_id=bytes(32)),
    ],
)
def test_another_round_has_other_secrets(domain: MaskDomain) -> None:
    one, other = RoundSecrets.drawn(KEY, DOMAIN), RoundSecrets.drawn(KEY, domain)
    assert not {one.seed, one.key} & {other.seed, other.key}


def test_another_participant_has_other_secrets_and_case_doesn_t_count() -> None:
    assert RoundSecrets.drawn(bytes(32), DOMAIN) != RoundSecrets.drawn(KEY, DOMAIN)
    lower = replace(DOMAIN, contract=DOMAIN.contract.lower())
    assert RoundSecrets.drawn(KEY, lower) == RoundSecrets.drawn(KEY, DOMAIN)


def test_secrets_aren_t_printed() -> None:
    own = secrets_of(0)
    assert own.seed.hex() not in repr(own)
    assert repr(own.seed) not in repr(own)
    assert repr(own.key) not in repr(own)


def test_each_neighbour_opens_its_own_shares(members: HiddenMembers) -> None:
    dealer = members.people[0]
    bundle, holders = members.bundles[dealer], members.roster.graph.neighbours(dealer)
    held = [share_in(bundle, who, members.secrets[who].key, holders) for who in holders]
    assert [(share.holder, share.place) for share in held] == [
        (who, place) for place, who in enumerate(holders, 1)
    ]
    own = members.secrets[dealer]
    for kind, secret in ((SecretKind.SEED, own.seed), (SecretKind.KEY, own.key)):
        assert recovered({share.place: share.of(kind) for share in held[:3]}, 3) == secret


def test_nobody_opens_another_s_share(members: HiddenMembers) -> None:
    dealer, wrong = members.people[0], members.people[1]
    bundle, holders = members.bundles[dealer], members.roster.graph.neighbours(dealer)
    other = next(who for who in holders if who != wrong)
    with pytest.raises(RoundError, match=f"holds nothing that {other} can open"):
        share_in(bundle, other, members.secrets[wrong].key, holders)


def test_who_is_alone_has_nobody_to_share_with() -> None:
    alone = HiddenMembers(1)
    who = alone.people[0]
    told = alone.secrets[who], who, alone.roster.graph, alone.roster.keys, DOMAIN
    with pytest.raises(RoundError, match="no neighbour to share its secrets with; nobody else"):
        dealt_of(*told)


def test_a_bundle_is_read_as_the_chain_records_it(members: HiddenMembers) -> None:
    dealer = members.people[2]
    bundle = members.bundles[dealer]
    assert bundle_of(bundle.to_json(), DOMAIN, dealer, bundle.share_root) == bundle
    assert recorded(bundle).share_root == bundle.share_root


def test_a_bundle_of_another_round_dealer_or_root_is_refused(members: HiddenMembers) -> None:
    dealer, other = members.people[:2]
    bundle, foreign = members.bundles[dealer], members.bundles[other]
    data, root = bundle.to_json(), bundle.share_root
    elsewhere = replace(DOMAIN, round_id=bytes(32))
    with pytest.raises(ConfigError, match="expected the round 0000"):
        bundle_of(data, elsewhere, dealer, root)
    with pytest.raises(ConfigError, match=f"expected the dealer {other}, got {dealer}"):
        bundle_of(data, DOMAIN, other, root)
    with pytest.raises(ConfigError, match=f"expected the share root {foreign.share_root.hex()}"):
        bundle_of(data, DOMAIN, dealer, foreign.share_root)


def test_a_bundle_for_a_graph_that_somebody_chose_is_refused(members: HiddenMembers) -> None:
    dealer = members.people[0]
    bundle, holders = members.bundles[dealer], members.roster.graph.neighbours(dealer)
    key = members.secrets[holders[0]].key
    for chosen in (holders[:2], holders[::-1], (*holders, dealer)):
        kept = {who: bundle.sealed.get(who, bundle.sealed[holders[0]]) for who in chosen}
        if len({held.leaves for held in kept.values()}) < len(kept):
            kept[dealer] = replace(kept[dealer], leaves=(b"\x01" * 32, b"\x02" * 32))
        root = StandardTree.over([leaf for held in kept.values() for leaf in held.leaves]).root
        theirs = SecretBundle(bundle.round_id, dealer, bundle.seed_commitment, root, kept)
        with pytest.raises(RoundError, match="it chose others, or another graph"):
            share_in(theirs, holders[0], key, holders)


def spoilt(bundle: SecretBundle, holder: str, held: SealedShares) -> SecretBundle:
    """The bundle with something else for one holder, under a root that fits."""
    sealed = {**bundle.sealed, holder: held}
    root = StandardTree.over([leaf for one in sealed.values() for leaf in one.leaves]).root
    return replace(bundle, sealed=sealed, share_root=root)


def test_what_is_sealed_has_to_be_what_was_committed_to(members: HiddenMembers) -> None:
    dealer = members.people[0]
    bundle, holders = members.bundles[dealer], members.roster.graph.neighbours(dealer)
    me, key = holders[1], members.secrets[holders[1]].key
    public, good = uncompressed(members.roster.keys[me]), bundle.sealed[me]
    share = share_in(bundle, me, key, holders)
    changed = replace(share, seed=b"\x01" * 32)
    texts = {
        "holds other shares": seal(public, changed.seed + changed.key),
        "holds other shares for": seal(public, share.key + share.seed),
        "that": bytes(good.text[:-1]) + bytes([good.text[-1] ^ 1]),
    }
    for message, text in texts.items():
        theirs = spoilt(bundle, me, replace(good, text=text))
        with pytest.raises(RoundError, match=message):
            share_in(theirs, me, key, holders)
    # A leaf of another share, with the right share sealed.
    theirs = spoilt(bundle, me, replace(good, leaves=leaves_of(changed)))
    with pytest.raises(RoundError, match="than it committed to"):
        share_in(theirs, me, key, holders)


def test_two_ciphertexts_swapped_open_for_neither(members: HiddenMembers) -> None:
    dealer = members.people[0]
    bundle, holders = members.bundles[dealer], members.roster.graph.neighbours(dealer)
    one, two = holders[:2]
    sealed = dict(bundle.sealed)
    sealed[one] = replace(sealed[one], text=bundle.sealed[two].text)
    sealed[two] = replace(sealed[two], text=bundle.sealed[one].text)
    theirs = replace(bundle, sealed=sealed)
    for who in (one, two):
        with pytest.raises(RoundError, match=f"holds nothing that {who} can open"):
            share_in(theirs, who, members.secrets[who].key, holders)
