"""A participant's part in hidden rounds: its key, its shared secrets, its masks, what it opens."""

from __future__ import annotations

from collections.abc import Callable
from hashlib import sha256
from pathlib import Path
from typing import final

import numpy as np
import torch

from registry.documents.bundles import LARGEST_BUNDLE, SecretBundle
from registry.documents.parts import document_digest
from registry.errors import ConfigError, RoundError, StorageError
from trainer.documents.terms_document import TermsDocument
from trainer.kernels import Packed
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
from trainer.privacy.round_secrets import RoundSecrets, bundle_of, dealt_of, share_in, write_own
from trainer.privacy.secret_shares import SecretKind
from trainer.protocol.actions import Action, RoundStep
from trainer.protocol.round_state import RoundState, phase_at
from trainer.types import Phase
from trainer.vectors.safetensors_files import load_safetensors, save_safetensors

__all__ = ["HiddenParticipation"]

_PLAIN = "plain.safetensors"
_BUNDLE = "bundle.json"
_MASKED_FOR = "masked-for.txt"
_TOLD = "told-of.txt"
_SECRETS = "round-secrets.key"  # of a round; its key and seed follow from it


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
        self._context, self._board, self._work = context, context.board.hidden, work
        self._least = least
        self._me = context.board.account

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
                self._board.publish_key(round_id, self._secrets(hidden).public)
            case RoundStep.SHARE_SECRETS:
                self._share(hidden)
            case RoundStep.FREEZE:
                self._board.freeze(round_id, self._group(hidden))
            case RoundStep.STRAND:
                self._board.strand(round_id, self._group(hidden))
            case RoundStep.OPEN_SEED:
                seed = self._secrets(hidden).seed
                self._board.open_secret(round_id, self._me, SecretKind.SEED, seed)
            case RoundStep.POST_SHARES:
                self._post(state, hidden)
            case RoundStep.OPEN_RECOVERED:
                open_recovered(self._board, hidden, self._group(hidden))
            case _:
                raise ConfigError(f"{step} is no step of a hidden round")

    def _group(self, hidden: HiddenState) -> int:
        return hidden.graph.place_of(self._me)[0]

    def _secrets(self, hidden: HiddenState) -> RoundSecrets:
        """Returns this account's secrets, which are made before its key is out and never after."""
        path, published = self._folder(hidden) / _SECRETS, hidden.keys.get(self._me)
        if published is None:
            return RoundSecrets.kept(path, hidden.domain)
        found = RoundSecrets.kept(path, hidden.domain) if path.exists() else None
        if found is None or found.public != published:
            raise RoundError(
                f"{path} is {'gone' if found is None else 'of another key'}, and the key that this "
                "account published for the round follows from it: bring it back, or the right "
                "state folder; with others no sum would come out, so it goes no further"
            )
        return found

    def erase_when_over(self, state: RoundState) -> None:
        """Erases this account's secrets of a round that asks for none any more.

        Its seed is public by then; who gets hold of the key later would see the update.
        """
        hidden = self.of(state)
        if hidden is None or not (state.voided or state.finalised or self._is_decided(hidden)):
            return
        for name in (_SECRETS, _PLAIN):
            (self._folder(hidden) / name).unlink(missing_ok=True)

    def _is_decided(self, hidden: HiddenState) -> bool:
        if self._me not in hidden.keys or (group := self._group(hidden)) in hidden.unsettled:
            return False
        return group in hidden.stranded or hidden.is_open(group)

    # --- secrets of one's own -----------------------------------------------------------------

    def _share(self, hidden: HiddenState) -> None:
        bundle = self._bundle(hidden)
        data = bundle.to_json()
        self._context.blobs.put_bytes(data)
        shared = SharedSecrets(bundle.seed_commitment, bundle.share_root, document_digest(data))
        self._board.share_secrets(hidden.domain.round_id, shared)

    def _bundle(self, hidden: HiddenState) -> SecretBundle:
        """Returns the bundle, made once: a second one of the same secrets would give more shares.

        One that was made before for another roster, of a block that is no more, is made anew.
        """
        path = self._folder(hidden) / _BUNDLE
        holders = hidden.graph.neighbours(self._me)
        if path.exists():
            found = SecretBundle.parse(path.read_bytes())
            if tuple(found.sealed) == holders:
                return found
        graph, keys = hidden.graph, hidden.keys
        made = dealt_of(self._secrets(hidden), self._me, graph, keys, hidden.domain)
        write_own(path, made.to_json())
        return made

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
        folder, secrets = self._folder(hidden), self._secrets(hidden)
        made = _kept(folder / _PLAIN)
        if made is None:
            made = make()
            _keep(folder / _PLAIN, made)
        self._require_same(folder / _MASKED_FOR, hidden)
        return hidden_update(hidden, self._me, secrets, made.vector, made.weight), made

    def forget(self, hidden: HiddenState) -> None:
        """Lets the plain update go, once the masked one is committed to."""
        (self._folder(hidden) / _PLAIN).unlink(missing_ok=True)

    def _require_same(self, path: Path, hidden: HiddenState) -> None:
        active = hidden.active_neighbours(self._me)
        keys = (f"{hidden.keys[who].x:x}" for who in active)
        told = " ".join([f"{hidden.width} {hidden.graph.seed.hex()}", *active, *keys])
        digest = sha256(told.encode()).hexdigest()
        if not path.exists():
            write_own(path, digest.encode())
        if path.read_text() != digest:
            raise RoundError(
                "the update was masked for other neighbours before the chain took that back; the "
                "same seed would hide it twice, and show it: this round is lost for this account"
            )

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
            self._note(hidden, dealer, kind)
            data = self._context.blobs.get_bytes(shared.bundle_digest, LARGEST_BUNDLE)
            bundle = bundle_of(data, hidden.domain, dealer, shared.share_root)
            key, holders = self._secrets(hidden).key, hidden.graph.neighbours(dealer)
            held = share_in(bundle, self._me, key, holders)
        except (StorageError, ConfigError, RoundError):
            return None  # the dealer's loss, and its group's: nobody else can mend a bundle
        place = 2 * (held.place - 1) + kind - 1
        proof = tuple(bundle.tree.proof(place))
        return HeldShare(dealer, kind, held.place, held.of(kind), proof)

    def _note(self, hidden: HiddenState, dealer: str, kind: SecretKind) -> None:
        """Notes which secret of a neighbour this account tells of, before it does.

        Raises:
            RoundError: it told of the other one, before a block was taken back.
        """
        path, line = self._folder(hidden) / _TOLD, f"{dealer} {kind.name}"
        known = path.read_text().splitlines() if path.exists() else []
        if any(old.startswith(dealer) and old != line for old in known):
            raise RoundError(
                f"this account told of the other secret of {dealer} before the chain took that "
                "back; both together would lay its update open: it tells nothing more of it"
            )
        if line not in known:
            write_own(path, "\n".join([*known, line]).encode())

    def _folder(self, hidden: HiddenState) -> Path:
        folder = self._work / hidden.domain.round_id.hex()
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        return folder


def _keep(path: Path, made: LocalUpdate) -> None:
    weight = torch.tensor([made.weight], dtype=torch.int64)
    vector = torch.from_numpy(np.ascontiguousarray(made.vector))
    save_safetensors({"update": vector, "weight": weight}, path)


def _kept(path: Path) -> LocalUpdate | None:
    if not path.exists():
        return None
    found = load_safetensors(path)
    return LocalUpdate(found["update"].numpy(), int(found["weight"][0]))
