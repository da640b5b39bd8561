"""What a participant keeps of a hidden round on its disk, so that a restart changes nothing.

`round-secrets.key` is what its key and seed follow from, `bundle.json` what it shared of them,
`plain.safetensors` what it trained, until that is committed to under masks; `masked-for.txt` and
`told-of.txt` say what may never be done otherwise.
"""

from __future__ import annotations

from collections.abc import Callable
from hashlib import sha256
from pathlib import Path
from typing import final

import numpy as np
import torch

from registry.documents.bundles import SecretBundle
from registry.errors import RoundError
from registry.own_files import write_own
from trainer.participant.local_updates import LocalUpdate
from trainer.privacy.hidden_state import HiddenState
from trainer.privacy.round_secrets import RoundSecrets, dealt_of
from trainer.privacy.secret_shares import SecretKind
from trainer.vectors.safetensors_files import load_safetensors, save_safetensors

__all__ = ["HiddenFolder"]

_PLAIN = "plain.safetensors"
_BUNDLE = "bundle.json"
_MASKED_FOR = "masked-for.txt"
_TOLD = "told-of.txt"
_SECRETS = "round-secrets.key"


@final
class HiddenFolder:
    """One participant's.

    Args:
        work: its own folder, with one folder per round in it; for its owner alone.
        me: its checksummed address.
    """

    def __init__(self, work: Path, me: str) -> None:
        self._work, self._me = work, me

    def secrets(self, hidden: HiddenState) -> RoundSecrets:
        """Returns this account's secrets, which are made before its key is out and never after.

        Raises:
            RoundError: they are gone, or another key's.
        """
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

    def bundle(self, hidden: HiddenState) -> SecretBundle:
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
        made = dealt_of(self.secrets(hidden), self._me, graph, keys, hidden.domain)
        write_own(path, made.to_json())
        return made

    def plain(self, hidden: HiddenState, make: Callable[[], LocalUpdate]) -> LocalUpdate:
        """Returns what was trained, once: `make` trains if nothing is there yet."""
        path = self._folder(hidden) / _PLAIN
        made = _kept(path)
        if made is None:
            made = make()
            _keep(path, made)
        return made

    def forget(self, hidden: HiddenState) -> None:
        """Lets go what was trained."""
        (self._folder(hidden) / _PLAIN).unlink(missing_ok=True)

    def erase(self, hidden: HiddenState) -> None:
        """Lets go what was trained, and the secrets."""
        self.forget(hidden)
        (self._folder(hidden) / _SECRETS).unlink(missing_ok=True)

    def require_same(self, hidden: HiddenState) -> None:
        """Returns if the update was masked for nobody else before.

        Raises:
            RoundError: for other neighbours, or other keys of theirs.
        """
        path = self._folder(hidden) / _MASKED_FOR
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

    def note(self, hidden: HiddenState, dealer: str, kind: SecretKind) -> None:
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
