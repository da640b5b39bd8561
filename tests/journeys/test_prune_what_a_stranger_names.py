"""Pruning drops updates of the round that they were made for, whatever strangers reveal."""

from __future__ import annotations

import os
import time
from dataclasses import replace
from pathlib import Path

from chain_federation import ChainFederation, small_model
from chain_parties import ChainScenario
from tests_roles import OWNER, STRANGER

from registry.audit import audit
from registry.documents.batch_entries import Opening
from registry.storage import DAG_PB, RAW, Cid
from registry.usecases.pruning import Pruning
from trainer.adapters.registry_board import RegistryBoard
from trainer.adapters.replay import Replay
from trainer.documents.update_folders import commitment
from trainer.documents.version_folders import first_version
from trainer.vectors.torch_modules import state_of


def test_what_a_stranger_reveals_in_a_void_round_of_its_own_is_not_dropped(
    place: ChainScenario,
) -> None:
    f = ChainFederation(place, OWNER, seats=2)
    f.publish_first()
    done = f.round(f.participants())
    state = RegistryBoard(f.client).state(done.round_id)
    assert state.result is not None
    documents = [state.result.document_digest, state.terms.document_digest]
    updates = [opening.content_digest for opening in state.reveals.values()]
    place.fund(STRANGER, ether=10)
    thief = f.client_of(STRANGER)
    folder = Path(place.work) / "thief"
    folder.mkdir()
    first_version(folder, state_of(small_model()), architecture="x")
    model = thief.publish(folder, "thiefs-model").model_id
    for digest in (*documents, *updates):
        _void_round_that_reveals(f, RegistryBoard(thief), model, digest)
    for path in f.store.folder.rglob("*"):
        os.utime(path, (time.time() - 7_200,) * 2)
    before = audit(place.client().connection, replay=Replay()).findings
    Pruning(place.client().connection).prune()
    assert all(f.store.has_block(Cid(RAW, digest)) for digest in documents)
    assert all(f.store.has_block(Cid(DAG_PB, digest)) for digest in updates)
    after = audit(place.client().connection, replay=Replay()).findings
    assert [found.subject for found in after] == [found.subject for found in before]


def _void_round_that_reveals(
    f: ChainFederation, board: RegistryBoard, model: bytes, digest: bytes
) -> None:
    """The stranger's own round: one of two seats taken, another's content revealed."""
    terms = replace(
        f.terms(),
        model_id=model,
        base_version=1,
        reward_budget=0,
        forfeit=0,
        reward_token="0x" + "0" * 40,
        minimum_participants=2,
        maximum_participants=2,
    )
    round_id = board.open_round(terms)
    opening = Opening(board.account, b"\1" * 32, digest, 1, b"\2" * 32)
    board.enrol(round_id)
    f.clock.wait_until(terms.enrolment_deadline)
    place = board.chain_id, board.rounds_address, round_id
    board.commit(round_id, commitment(*place, STRANGER.address, opening))
    f.clock.wait_until(terms.commit_deadline)
    board.reveal(round_id, STRANGER.address, opening)
    f.clock.wait_until(terms.reveal_deadline)
    board.void(round_id)
