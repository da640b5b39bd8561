"""A hidden round on any board, step by step: keys, bundles, survivors, secrets."""

from __future__ import annotations

from collections.abc import Sequence
from hashlib import sha256
from typing import Any

from hidden_members import recorded

from registry.documents.bundles import SecretBundle
from trainer.privacy.hidden_board import HeldShare, HiddenBoard
from trainer.privacy.hidden_state import HiddenState, SharedSecrets
from trainer.privacy.hidden_terms import HiddenSchedule, HiddenTerms
from trainer.privacy.round_secrets import RoundSecrets, dealt_of, share_in
from trainer.privacy.secret_shares import SecretKind

TERMS = HiddenTerms()


class HiddenStage:
    """What accounts do in one hidden round.

    Args:
        stage: of the suite over boards; its accounts act.
        owner: the coordinator's address.
    """

    def __init__(self, stage: Any, owner: str) -> None:
        self.stage, self.owner = stage, owner
        self.round_id = b""
        self.bundles: dict[str, SecretBundle] = {}

    def opened(self, **changes: Any) -> bytes:
        """Opens a round that may be hidden."""
        told = {"weight_cap": 1, "maximum_participants": 4, **changes}
        self.round_id = self.stage.open(**told)
        return self.round_id

    def hidden(self, terms: HiddenTerms = TERMS, **changes: Any) -> bytes:
        """Opens a hidden round."""
        round_id = self.opened(**changes)
        self.at(self.owner).hide(round_id, terms, self.schedule())
        return round_id

    def at(self, who: str) -> HiddenBoard:
        """Hidden rounds as an account sees them."""
        board: HiddenBoard = self.stage.board(who).hidden
        return board

    def schedule(self) -> HiddenSchedule:
        """What the round's deadlines leave."""
        return HiddenSchedule.between(self.stage.terms_of(self.round_id).deadlines)

    def state(self) -> HiddenState:
        """The round as everybody sees it."""
        found = self.at(self.owner).state(self.round_id)
        assert found is not None
        return found

    def wait(self, deadline: str) -> None:
        """Waits for one of the round's deadlines, or of its schedule's."""
        terms, schedule = self.stage.terms_of(self.round_id), self.schedule()
        found = getattr(schedule, deadline) if hasattr(schedule, deadline) else None
        self.stage.clock.wait_until(found or getattr(terms, deadline))

    def secrets(self, who: str) -> RoundSecrets:
        """An account's secrets of the round."""
        drawing = sha256(who.encode()).digest()
        return RoundSecrets.drawn(drawing, self.at(who).domain(self.round_id))

    def keyed(self, *people: str) -> None:
        """Accounts enrol and publish their keys."""
        for who in people:
            self.stage.board(who).enrol(self.round_id)
            self.at(who).publish_key(self.round_id, self.secrets(who).public)

    def record(self, who: str) -> SharedSecrets:
        """What an account records of its bundle, made once."""
        if who not in self.bundles:
            state = self.state()
            told = who, state.graph, state.keys, state.domain
            self.bundles[who] = dealt_of(self.secrets(who), *told)
        return recorded(self.bundles[who])

    def shared(self, *people: str) -> None:
        """Accounts share their secrets, once keys are closed."""
        for who in people:
            self.at(who).share_secrets(self.round_id, self.record(who))

    def to_commit(self, *people: str) -> None:
        """Brings a round to the point where everybody's secrets are shared."""
        self.keyed(*people)
        self.wait("enrolment_deadline")
        self.shared(*people)

    def revealed(self, people: Sequence[str], dropped: Sequence[str] = ()) -> None:
        """Everybody commits, and all but some reveal."""
        openings = {who: self.stage.commit(self.round_id, who, 1) for who in people}
        self.wait("commit_deadline")
        for who in people:
            if who not in dropped:
                self.stage.board(who).reveal(self.round_id, who, openings[who])
        self.wait("reveal_deadline")

    def frozen(self, people: Sequence[str], dropped: Sequence[str] = ()) -> None:
        """Brings a round to where it is written down who survived."""
        self.to_commit(*people)
        self.revealed(people, dropped)
        self.at(self.owner).freeze(self.round_id, 0)

    def held(self, holder: str, dealer: str, kind: SecretKind) -> HeldShare:
        """What a holder may post of a dealer's secret."""
        bundle, holders = self.bundles[dealer], self.state().graph.neighbours(dealer)
        found = share_in(bundle, holder, self.secrets(holder).key, holders)
        proof = tuple(bundle.tree.proof(2 * (found.place - 1) + kind - 1))
        return HeldShare(dealer, kind, found.place, found.of(kind), proof)

    def open_all(self, survivors: Sequence[str], dropped: Sequence[str] = ()) -> None:
        """Opens what the sum needs."""
        for who in survivors:
            self.at(who).open_secret(self.round_id, who, SecretKind.SEED, self.secrets(who).seed)
        for who in dropped:
            told = SecretKind.KEY, self.secrets(who).key
            self.at(survivors[0]).open_secret(self.round_id, who, *told)
