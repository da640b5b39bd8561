"""A settled version whose file has other weights than were judged is refused by who fetches it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from staked_federation import CHEAT, DISPUTE, MODEL, StakedFederation, small_model
from tests_roles import OWNER

from registry.errors import ManifestError
from trainer.adapters.registry_board import RegistryBoard
from trainer.documents.version_folders import first_version
from trainer.vectors.torch_modules import state_of


def published(f: StakedFederation, digest: bytes | None = None) -> None:
    """Settles a round of right sums and weights, of that or the right digest, and publishes it."""
    round_id, made = f.revealed(), f.outcomes(CHEAT)
    state = f.board().state(round_id)
    proposal = made.store(state, made.draft(state))
    if digest is not None:
        proposal = replace(proposal, version_digest=digest)
    f.clock.wait_until(state.slash_end)
    f.board(CHEAT).propose(round_id, proposal)
    f.certify_result(round_id)
    f.clock.wait_until(f.clock.now() + DISPUTE)
    f.board(CHEAT).settle(round_id)
    board, base = RegistryBoard(f.client(OWNER)), [f.version.version_id]
    board.publish_version(f.version.model_id, proposal.version_digest, round_id, base)


def test_f13_a_settled_version_is_held_against_its_weights(
    staked: StakedFederation, tmp_path: Path
) -> None:
    published(staked)
    staked.owner.fetch(MODEL, tmp_path / "fetched")
    staked.owner.verify(tmp_path / "fetched", MODEL)
    assert staked.owner.unproved_round(MODEL) is None


def test_f13_files_of_other_weights_than_were_judged_are_refused(
    staked: StakedFederation, tmp_path: Path
) -> None:
    other = tmp_path / "other"
    other.mkdir()
    state = {name: value + 1 for name, value in state_of(small_model()).items()}
    first_version(other, state, architecture="small")
    published(staked, staked.blobs.put_folder(other))
    expected = r"expected weights of root 0x\w{64}, which round 1 was settled with, got 0x\w{64}"
    with pytest.raises(ManifestError, match=expected):
        staked.owner.fetch(MODEL, tmp_path / "fetched")
    with pytest.raises(ManifestError, match=expected):
        staked.owner.verify(tmp_path / "fetched", MODEL)
    # The base, which no round under stake made, is fetched as ever.
    staked.owner.fetch(f"{MODEL}:1", tmp_path / "base")


def test_f13_without_the_trainer_it_is_said_that_weights_were_not_proved(
    staked: StakedFederation, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    published(staked)
    monkeypatch.setattr("registry.audit.replay.installed_replay", lambda: None)
    staked.owner.fetch(MODEL, tmp_path / "fetched")
    assert staked.owner.unproved_round(MODEL) == 1
    assert staked.owner.unproved_round(f"{MODEL}:1") is None
