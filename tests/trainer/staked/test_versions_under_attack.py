"""Versions that can't be compared, bases that no step leads on from: no lie settles by them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from chain_federation import undone
from staked_federation import ANSWER, CHEAT, MODEL, PEOPLE, StakedFederation, federation_on_a_chain

from registry.errors import ConfigError
from trainer.documents.results import result_document
from trainer.documents.terms_document import TermsDocument
from trainer.documents.version_folders import read_memory, read_version, write_version
from trainer.execution.execute import layout_of
from trainer.execution.version_roots import version_root
from trainer.plan.training_plan import LocalPlan
from trainer.staked.outcome import Draft, Outcomes
from trainer.staked.state import StakedState
from trainer.staked.watcher_actions import WatcherAction, WrongVersion
from trainer.types import AcceptedUpdate

PLAN = LocalPlan(1, 8, "sgd", "0.1", 3)


def watched(f: StakedFederation, round_id: bytes) -> list[WatcherAction]:
    """What a watcher does until no proposal stands."""
    watcher, done = f.watcher(), []
    for _ in range(40):
        done += watcher.step(round_id)
        if f.board().state(round_id).standing is None:
            return done
        f.clock.wait_until(f.clock.now() + ANSWER // 2)
    raise AssertionError("the lie stands")


def longer(tensors: dict[str, torch.Tensor], name: str) -> dict[str, torch.Tensor]:
    """One trained value more."""
    shape = tensors[name].shape
    return {**tensors, name: torch.zeros((shape[0] + 1, *shape[1:]))}


def halved(tensors: dict[str, torch.Tensor], name: str) -> dict[str, torch.Tensor]:
    """All of another type."""
    return {key: tensor.to(torch.bfloat16) for key, tensor in tensors.items()}


@pytest.mark.parametrize("lie", [longer, halved])
def test_f13_a_version_of_another_length_or_type_is_asked_for_in_vain(
    staked: StakedFederation, lie: object
) -> None:
    def change(state: StakedState, draft: Draft, made: Outcomes) -> Draft:
        honest, folder = (made.folder(state.round_id) / name for name in ("version", "lie"))
        document, tensors = made.terms_document(state), dict(read_version(honest))
        name = layout_of(tensors, document).names[-1]
        write_version(honest, folder, lie(tensors, name), [], state.round_id, read_memory(honest))  # type: ignore[operator]
        told = replace(draft.document, version_digest=made.keep(folder))
        return replace(draft, version_root=version_root(folder, document), document=told)

    round_id = staked.revealed()
    staked.proposer(CHEAT, change).propose(round_id)
    staked.certify_result(round_id)
    watched(staked, round_id)
    record = staked.owner.staked_rounds.record(round_id)
    assert record.proposals[0].fault == "withheld weights"


def test_f15_a_memory_in_a_round_of_weights_alone_is_proved_wrong(staked: StakedFederation) -> None:
    round_id = staked.revealed()
    remembers = staked.proposer(CHEAT, lambda s, d, m: replace(d, momentum_root=b"\x07" * 32))
    remembers.propose(round_id)
    (deed,) = watched(staked, round_id)
    assert isinstance(deed, WrongVersion)
    assert staked.owner.staked_rounds.record(round_id).proposals[0].fault == "wrong version"


@pytest.fixture
def heavy(tmp_path: Path) -> Iterator[StakedFederation]:
    """A federation whose server has momentum."""
    told = {"momentum": "0.9", "learning_rate": "0.5"}
    document = TermsDocument(strategy="fedavgm", strategy_parameters=told, plan=PLAN)
    with federation_on_a_chain(tmp_path, document) as made:
        yield made


@pytest.mark.parametrize("value", [1e300, float("inf"), float("nan"), 2.0**65])
def test_f15_a_base_that_no_step_leads_on_from_is_no_base(
    heavy: StakedFederation, tmp_path: Path, value: float
) -> None:
    momenta = np.zeros(heavy.stakes().vector_length)
    momenta[5] = value
    newest, base = heavy.owner.versions(MODEL)[-1], heavy.place.work / "first"
    folder = tmp_path / "second"
    parents = [newest.version_id]
    write_version(base, folder, read_version(base), parents, bytes(32), {"momentum": momenta})
    heavy.owner.publish(folder, MODEL)
    round_id = heavy.revealed()
    with pytest.raises(ConfigError, match="memory momentum: expected finite numbers"):
        heavy.outcomes(PEOPLE[0]).require_base(heavy.board().state(round_id))


@pytest.fixture
def scored(tmp_path: Path) -> Iterator[StakedFederation]:
    """A federation that scores on a set which nobody has."""
    document = TermsDocument(plan=PLAN, scoring="leave_one_out", evaluation=b"\x07" * 32)
    with federation_on_a_chain(tmp_path, document) as made:
        yield made


def test_a_validation_set_that_nobody_has_hides_no_wrong_weights(scored: StakedFederation) -> None:
    f = scored
    with undone(f.place.gateway):
        round_id = f.revealed()
        state, made = f.board().state(round_id), f.outcomes(CHEAT)
        f.clock.wait_until(state.slash_end)
        f.board(CHEAT).propose(round_id, made.store(state, unscored(state, made)))
        f.certify_result(round_id)
        (deed,) = watched(f, round_id)
        assert isinstance(deed, WrongVersion)


def unscored(state: StakedState, made: Outcomes) -> Draft:
    """Right sums under weights of all 666; nobody could work the scores out."""
    calculation = made.calculation(state)
    tree, numerators = calculation.tree(state.counted), calculation.numerators(state.counted)
    assert numerators is not None
    base, folder = made.base(state), made.folder(state.round_id) / "lie"
    document = made.terms_document(state)
    tensors = {name: torch.full_like(t, 666.0) for name, t in read_version(base).items()}
    write_version(base, folder, tensors, [], state.round_id)
    taken = []
    for leaf in state.counted:
        vector = calculation.vector(leaf)
        assert isinstance(vector, np.ndarray)
        words = leaf.participant, leaf.update_root, leaf.content_digest, leaf.weight
        taken.append(AcceptedUpdate(*words, vector))
    scores = {update.participant: update.weight for update in taken}
    top, digest = tree.top.numerators_root, made.keep(folder)
    told = result_document(state.round_id, top, digest, document.scoring, 0, taken, scores, [])
    return Draft(tree, numerators, told, version_root(folder, document), {})
