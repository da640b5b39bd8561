"""A participant's part in hidden rounds: its key, its shared secrets, its masks, what it opens."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import final

from registry.documents.bundles import LARGEST_BUNDLE
from registry.documents.parts import document_digest
from registry.errors import ConfigError, RoundError, StorageError
from trainer.documents.terms_document import TermsDocument
from trainer.kernels import Packed
from trainer.participant.hidden_folder import HiddenFolder
from trainer.participant.local_updates import LocalUpdate
from trainer.ports import RoundContext
from trainer.privacy.hidden_actions import (
    dealers_to_tell,
    masking_action,
    unmasking_action,
)
from trainer.privacy.hidden_board import HeldShare
from trainer.privacy.hidden_state import HiddenState, SharedSecrets
from trainer.privacy.hidden_terms import HiddenSchedule
from trainer.privacy.hidden_updates import hidden_update
from trainer.privacy.opening import open_recovered
from trainer.privacy.round_secrets import bundle_of, share_in
from trainer.privacy.secret_shares import SecretKind
from trainer.protocol.actions import Action, RoundStep
from trainer.protocol.round_state import RoundState, phase_at
from trainer.types import Phase

__all__ = ["HiddenParticipation"]


@final
class HiddenParticipation:
    """One participant's.

    Args:
        context: board, storage and clock; the board is seen by the participant's account.
        work: the participant's own folder, with one folder per round in it; kept between runs.
        least: of how many updates a sum has to be at least that this one is in; 0: any round
            will do, even one that hides nothing.
    """

    def __init__(self, context: RoundContext, work: Path, least: int = 0) -> None:
        self._context, self._board = context, context.board.hidden
        self._me, self._least = context.board.account, least
        self._folder = HiddenFolder(work, self._me)

    def of(self, state: RoundState) -> HiddenState | None:
        """Returns the state of a hidden round; None if nobody hid it."""
        return self._board.state(state.round_id)

    def require(self, state: RoundState, document: TermsDocument) -> bool:
        """Tells whether a round can be entered: False as long as it is still to be hidden.

        Raises:
            RoundError: it is hidden otherwise than its terms document says, or among fewer than
                this participant asks for.
        """
        hidden = self.of(state)
        self._require_enough(state, document)
        if hidden is None:
            return document.hidden is None
        self._require_time(state, hidden)
        if hidden.terms != document.hidden:
            raise RoundError(
                f"round {state.number}: its terms document says hidden {document.hidden}, and the "
                f"contract {hidden.terms}; don't take part"
            )
        return True

    @staticmethod
    def _require_time(state: RoundState, hidden: HiddenState) -> None:
        """Returns if there is as much time to share and to open secrets as deadlines ask for."""
        times, final = state.terms.deadlines, hidden.unmask_from
        due = HiddenSchedule.under_stake(times, final) if final else HiddenSchedule.between(times)
        if not hidden.schedule.leaves_as_much_as(due):
            raise RoundError(
                f"round {state.number}: secrets are to be shared by "
                f"{hidden.schedule.bundle_deadline} and opened by "
                f"{hidden.schedule.unmask_deadline} (seconds since 1970), and its deadlines ask "
                f"for {due.bundle_deadline} and {due.unmask_deadline}; don't take part"
            )

    def _require_enough(self, state: RoundState, document: TermsDocument) -> None:
        most = 0 if document.hidden is None else document.hidden.group_size
        what = f"hides updates among {most}" if most else "doesn't hide updates"
        if min(most, state.terms.maximum_participants) < self._least:
            raise RoundError(
                f"round {state.number} {what}, and this account takes part where a sum is of at "
                f"least {self._least}; allow less with --hidden, or leave that out"
            )

    def before_commitment(self, state: RoundState, now: int) -> Action | None:
        """Returns what comes before the commitment; None: what a plain round asks for."""
        hidden = self.of(state)
        if hidden is None:
            return None
        action = masking_action(state, hidden, self._me, now)
        waits = action is not None or self._me in state.commitments or self._me not in hidden.keys
        if waits or phase_at(state, now) is not Phase.COMMIT:
            return action
        members = hidden.graph.groups[self._group(hidden)]
        active = sum(member in hidden.shared for member in members)
        return Action(RoundStep.LEAVE) if active < self._least else None

    def after_reveal(self, state: RoundState, now: int) -> Action:
        """Returns what comes after the reveal; LEAVE where nothing does."""
        hidden = self.of(state)
        if hidden is None or self._is_sum_of_few(hidden):
            return Action(RoundStep.LEAVE)
        return unmasking_action(state, hidden, self._me, now)

    def _is_sum_of_few(self, hidden: HiddenState) -> bool:
        """Tells whether the sum that this account's secrets would open is of too few updates."""
        if not self._least or self._me not in hidden.shared:
            return False
        frozen = hidden.frozen.get(self._group(hidden))
        return frozen is not None and len(frozen.survivors) < self._least

    def take(self, state: RoundState, step: RoundStep) -> None:
        """Takes a step of a hidden round.

        Raises:
            RoundError: the board refused it, or a secret isn't what was committed to.
            StorageError: a bundle can't be stored.
            ConfigError: no step of a hidden round.
        """
        hidden, round_id = self.of(state), state.round_id
        if hidden is None:
            raise RoundError(f"round {state.number} is not hidden")
        match step:
            case RoundStep.PUBLISH_KEY:
                self._board.publish_key(round_id, self._folder.secrets(hidden).public)
            case RoundStep.SHARE_SECRETS:
                self._share(hidden)
            case RoundStep.FREEZE:
                self._board.freeze(round_id, self._group(hidden))
            case RoundStep.STRAND:
                self._board.strand(round_id, self._group(hidden))
            case RoundStep.OPEN_SEED:
                seed = self._folder.secrets(hidden).seed
                self._board.open_secret(round_id, self._me, SecretKind.SEED, seed)
            case RoundStep.POST_SHARES:
                self._post(state, hidden)
            case RoundStep.OPEN_RECOVERED:
                open_recovered(self._board, hidden, self._group(hidden))
            case _:
                raise ConfigError(f"{step} is no step of a hidden round")

    def _group(self, hidden: HiddenState) -> int:
        return hidden.graph.place_of(self._me)[0]

    def erase_when_over(self, state: RoundState) -> None:
        """Erases this account's secrets of a round that asks for none any more.

        Its seed is public by then; who gets hold of the key later would see the update.
        """
        hidden = self.of(state)
        if hidden is None or not (state.voided or state.finalised or self._is_decided(hidden)):
            return
        self._folder.erase(hidden)

    def _is_decided(self, hidden: HiddenState) -> bool:
        if self._me not in hidden.keys or (group := self._group(hidden)) in hidden.unsettled:
            return False
        return group in hidden.stranded or hidden.is_open(group)

    # --- secrets of one's own -----------------------------------------------------------------

    def _share(self, hidden: HiddenState) -> None:
        bundle = self._folder.bundle(hidden)
        data = bundle.to_json()
        self._context.blobs.put_bytes(data)
        shared = SharedSecrets(bundle.seed_commitment, bundle.share_root, document_digest(data))
        self._board.share_secrets(hidden.domain.round_id, shared)

    # --- the update ---------------------------------------------------------------------------

    def hide(
        self, state: RoundState, hidden: HiddenState, make: Callable[[], LocalUpdate]
    ) -> tuple[Packed, LocalUpdate]:
        """Returns an update under its masks, packed, and the update itself.

        What was trained is kept until it is committed, so that the same masks never hide two
        different updates: their difference would be plain to see.

        Args:
            state: the round.
            hidden: the same round's.
            make: trains.

        Raises:
            RoundError: it was masked before for other neighbours, or its secrets are gone.
        """
        secrets = self._folder.secrets(hidden)
        made = self._folder.plain(hidden, make)
        self._folder.require_same(hidden)
        return hidden_update(hidden, self._me, secrets, made.vector, made.weight), made

    def forget(self, hidden: HiddenState) -> None:
        """Lets the plain update go, once the masked one is committed to."""
        self._folder.forget(hidden)

    # --- secrets of others --------------------------------------------------------------------

    def _post(self, state: RoundState, hidden: HiddenState) -> None:
        now = self._context.clock.now()
        shares = [
            held
            for dealer in dealers_to_tell(state, hidden, self._me, now)
            if (held := self._held(hidden, dealer)) is not None
        ]
        if not shares:
            raise RoundError("none of the neighbours' bundles has a share for this account")
        self._board.post_shares(hidden.domain.round_id, shares)

    def _held(self, hidden: HiddenState, dealer: str) -> HeldShare | None:
        """Returns the share to post of a dealer; None where its bundle gives none."""
        shared, kind = hidden.shared[dealer], hidden.kind_of(dealer)
        assert kind is not None  # noqa: S101  (it is one to tell)
        try:
            self._folder.note(hidden, dealer, kind)
            data = self._context.blobs.get_bytes(shared.bundle_digest, LARGEST_BUNDLE)
            bundle = bundle_of(data, hidden.domain, dealer, shared.share_root)
            key, holders = self._folder.secrets(hidden).key, hidden.graph.neighbours(dealer)
            held = share_in(bundle, self._me, key, holders)
        except (StorageError, ConfigError, RoundError):
            return None  # the dealer's loss, and its group's: nobody else can mend a bundle
        place = 2 * (held.place - 1) + kind - 1
        proof = tuple(bundle.tree.proof(place))
        return HeldShare(dealer, kind, held.place, held.of(kind), proof)
