"""hide, publishKey, shareSecrets, freeze, openSeed, openKey, postShares, strand: keys, shares and
seeds are those that participants make.

given a round that its coordinator hid, and members with keys and bundles
  when their order is worked out off the chain: it is that of the chain
  when all but one reveal: the chain writes down who survived
  when the survivors post what they hold of the one who dropped: the shares are of its bundle, and
    give the key that opens the group; then a result is proposed
  when somebody opens the other secret, or another one, or too early: it reverts with who and which
  when too few survive: the group is given up at once, and the round is void
  when it isn't open in time: nobody opens it any more
"""

from dataclasses import dataclass
from typing import Any

import pytest
from conftest import opening, reach, refused, refused_early, word

from registry.merkle import StandardTree
from trainer.privacy.hidden_terms import HiddenTerms
from trainer.privacy.mask_seeds import MaskDomain
from trainer.privacy.neighbour_graph import NeighbourGraph, order_seed
from trainer.privacy.round_secrets import RoundSecrets
from trainer.privacy.secret_shares import HeldShares, SecretKind, leaves_of, recovered, split

TERMS = HiddenTerms(ring=32, degree=2, threshold=2, group_size=8)
COUNT = 5
PROPOSAL = 4


@dataclass
class Member:
    """Who has a key, and what it knows."""

    account: Any
    secrets: RoundSecrets
    shares: list[HeldShares]

    @property
    def tree(self) -> StandardTree:
        """Over its shares, two for each holder."""
        return StandardTree.over([leaf for s in self.shares for leaf in leaves_of(s)])

    def posted(self, place: int, kind: SecretKind) -> tuple:
        """A share as its holder posts it."""
        share = self.shares[place]
        proof = self.tree.proof(2 * place + int(kind) - 1)
        return self.account.address, int(kind), share.place, share.of(kind), proof


@dataclass
class Play:
    """A hidden round, and who is in it."""

    id: str
    deadlines: tuple
    unmask: int
    graph: NeighbourGraph
    members: list[Member]

    def of(self, address: str) -> Member:
        """The member of an address."""
        return next(m for m in self.members if m.account.address == address)


@pytest.fixture
def hidden(rounds, hidden_rounds, token, roles, terms, model):
    """A round in its enrolment that is hidden, with its terms."""
    by = {"from": roles.owner}
    made = terms(maximumParticipants=8, minimumParticipants=2, weightCap=1)
    token.approve(rounds, made[-2] + made[-1] * made[11], by)
    rounds.openRound(made, by)
    round_id = str(rounds.roundIdOf(model, 1))
    enrolment, _, reveal, _ = made[5:9]
    asked = (32, 2, 2, 8, 1, enrolment + 500, reveal + 500)
    with refused("NotCoordinatorOf", round_id, roles.stranger.address, roles.owner.address):
        hidden_rounds.hide(round_id, made, asked, {"from": roles.stranger})
    tx = hidden_rounds.hide(round_id, made, asked, by)
    assert tx.events["RoundHidden"]["width"] == 16 + 3 == hidden_rounds.widthOf(round_id)
    with refused("AlreadyHidden", round_id):
        hidden_rounds.hide(round_id, made, asked, by)
    return round_id, made[5:9], asked


@pytest.fixture
def play(rounds, hidden_rounds, accounts, web3, hidden):
    """The same with five members, whose secrets are shared; commitments are due."""
    round_id, deadlines, asked = hidden
    domain = MaskDomain(web3.eth.chain_id, hidden_rounds.address, bytes.fromhex(round_id[2:]))
    who = [accounts[i] for i in range(4, 4 + COUNT)]
    secrets = [RoundSecrets.drawn(bytes([i]) * 32, domain) for i in range(COUNT)]
    for account, known in zip(who, secrets, strict=True):
        rounds.enrol(round_id, [], {"from": account})
        hidden_rounds.publishKey(round_id, known.public.x, known.public.odd, {"from": account})
    with refused("KeyPublishedAlready", round_id, who[0].address):
        hidden_rounds.publishKey(round_id, secrets[0].public.x, True, {"from": who[0]})
    keys = {a.address: s.public for a, s in zip(who, secrets, strict=True)}
    graph = NeighbourGraph(tuple(keys), order_seed(domain.round_id, list(keys.items())), TERMS)
    reach(deadlines[0])
    members = []
    for account, known in zip(who, secrets, strict=True):
        holders = graph.neighbours(account.address)
        shares = split(known.seed, known.key, account.address, holders, graph.threshold(0))
        made = Member(account, known, shares)
        members.append(made)
        commitment = domain.seed_commitment(account.address, known.seed)
        told = round_id, commitment, made.tree.root, word(9)
        hidden_rounds.shareSecrets(*told, {"from": account})
    return Play(round_id, deadlines, asked[-1], graph, members)


@pytest.fixture
def revealed(rounds, play):
    """Returns a function that has the first members of the order reveal, and ends reveals."""

    def make(count: int) -> list[Member]:
        inside = [play.of(address) for address in play.graph.groups[0][:count]]
        for number, member in enumerate(inside, 1):
            who = member.account
            commitment = rounds.commitmentFor(play.id, who, opening(number, weight=1))
            rounds.commit(play.id, commitment, {"from": who})
        reach(play.deadlines[1])
        for number, member in enumerate(inside, 1):
            rounds.reveal(play.id, member.account, opening(number, weight=1))
        reach(play.deadlines[2])
        assert rounds.phaseOf(play.id) == PROPOSAL
        return inside

    return make


def test_the_order_off_the_chain_is_that_on_it(hidden_rounds, play):
    assert list(hidden_rounds.groupOf(play.id, 0)[0]) == list(play.graph.groups[0])
    for place, address in enumerate(play.graph.groups[0]):
        assert hidden_rounds.placeOf(play.id, address) == (0, place)


def test_survivors_open_what_their_sum_takes(rounds, hidden_rounds, roles, play, revealed):
    inside = revealed(COUNT - 1)
    dropped = play.of(play.graph.groups[0][-1])
    with refused("SecretsNotOpen", play.id):
        rounds.proposeResult(play.id, (word(21), word(22), word(23), 4, 4), {"from": roles.owner})
    tx = hidden_rounds.freeze(play.id, 0, {"from": roles.stranger})
    told = tx.events["GroupFrozen"]
    assert (told["active"], told["survivors"]) == (0b11111, 0b01111)
    for member in inside:
        hidden_rounds.openSeed(play.id, member.account, member.secrets.seed)
    shares = {}
    for place, share in enumerate(dropped.shares):
        posted = dropped.posted(place, SecretKind.KEY)
        tx = hidden_rounds.postShares(play.id, [posted], {"from": share.holder})
        shares[share.place] = bytes(tx.events["SharePosted"]["share"])
    key = recovered(shares, play.graph.threshold(0))
    tx = hidden_rounds.openKey(play.id, dropped.account, key, {"from": roles.stranger})
    assert "GroupOpened" in tx.events
    assert not hidden_rounds.isWaiting(play.id)
    rounds.proposeResult(play.id, (word(21), word(22), word(23), 4, 4), {"from": roles.owner})


def test_the_other_secret_and_other_shares_are_refused(hidden_rounds, play, revealed):
    inside = revealed(COUNT - 1)
    dropped = play.of(play.graph.groups[0][-1])
    with refused("NotFrozen", play.id, 0):
        hidden_rounds.openSeed(play.id, inside[0].account, inside[0].secrets.seed)
    hidden_rounds.freeze(play.id, 0)
    with refused("WrongSecret", play.id, dropped.account.address, 1, False):
        hidden_rounds.openSeed(play.id, dropped.account, dropped.secrets.seed)
    with refused("WrongSecret", play.id, inside[0].account.address, 2, True):
        hidden_rounds.openKey(play.id, inside[0].account, inside[0].secrets.key)
    with refused("WrongSeed", play.id, inside[0].account.address):
        hidden_rounds.openSeed(play.id, inside[0].account, inside[1].secrets.seed)
    with refused("WrongKey", play.id, dropped.account.address):
        hidden_rounds.openKey(play.id, dropped.account, inside[0].secrets.key)
    first, second = dropped.shares
    posted = dropped.posted(0, SecretKind.KEY)
    with refused("ShareNotOfBundle", play.id, dropped.account.address, second.holder):
        hidden_rounds.postShares(play.id, [posted], {"from": second.holder})
    with refused("WrongSecret", play.id, dropped.account.address, 1, False):
        other = dropped.posted(0, SecretKind.SEED)
        hidden_rounds.postShares(play.id, [other], {"from": first.holder})
    hidden_rounds.postShares(play.id, [posted], {"from": first.holder})
    with refused("PostedAlready", play.id, first.holder):
        hidden_rounds.postShares(play.id, [posted], {"from": first.holder})


def test_of_too_few_nothing_is_opened(rounds, hidden_rounds, play, revealed):
    inside = revealed(2)
    hidden_rounds.freeze(play.id, 0)
    with refused("TooFewSurvivors", play.id, 0, 2, 3):
        hidden_rounds.openSeed(play.id, inside[0].account, inside[0].secrets.seed)
    tx = hidden_rounds.strand(play.id, 0)
    assert tx.events["GroupStranded"]["survivors"] == 2 == hidden_rounds.lostOf(play.id)
    tx = rounds.voidRound(play.id)
    assert "BondReleased" in tx.events


def test_what_is_not_open_in_time_stays_closed(rounds, hidden_rounds, play, revealed):
    inside = revealed(COUNT)
    hidden_rounds.freeze(play.id, 0)
    with refused_early("UnmaskingNotOver", play.id, play.unmask):
        hidden_rounds.strand(play.id, 0)
    reach(play.unmask)
    with refused_early("UnmaskingOver", play.id, play.unmask):
        hidden_rounds.openSeed(play.id, inside[0].account, inside[0].secrets.seed)
    hidden_rounds.strand(play.id, 0)
    assert "BondReleased" in rounds.voidRound(play.id).events
