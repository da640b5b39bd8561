"""A round whose documents can't be used is told and passed over; the next one is joined."""

from __future__ import annotations

from dataclasses import replace
from hashlib import sha256
from typing import Any

import pytest
from memory_federation import Federation

from registry.errors import ConfigError, StoreUnavailable
from trainer.participant.round_loop import Failures, join_rounds
from trainer.plan.training_plan import LocalPlan
from trainer.ports import Clock
from trainer.training.local_training import LocalResult
from trainer.types import RoundTerms

BAD = {"garbage": b"garbage", "surrogate": b'{"a":"\\ud800"}', "list": b"[]", "missing": None}


def _named(federation: Federation, data: bytes | None) -> bytes:
    """Returns the digest of a text, stored unless nobody is to have it."""
    stored: bytes = (
        sha256(b"nobody's").digest() if data is None else federation.blobs.put_bytes(data)
    )
    return stored


def bad_terms(federation: Federation, data: bytes | None) -> RoundTerms:
    """Terms whose document is such a text."""
    return federation.terms(document_digest=_named(federation, data), minimum_participants=1)


def bad_list(federation: Federation, data: bytes | None) -> RoundTerms:
    """Terms whose allow-list is such a text."""
    document = replace(federation.document, allow_list=_named(federation, data))
    federation.blobs.put_bytes(document.to_json())
    return federation.terms(
        document_digest=document.digest, allow_list_root=b"\7" * 32, minimum_participants=1
    )


class Following(Clock):
    """Time that passes as an honest coordinator conducts rounds after the bad ones."""

    def __init__(self, federation: Federation) -> None:
        self._federation, self._coordinator = federation, federation.coordinator()
        self._open: bytes | None = None

    def now(self) -> int:
        """The federation's time."""
        return int(self._federation.clock.now())

    def wait_until(self, moment: int) -> None:
        """Acts for the coordinator."""
        if self._open is None:
            terms = self._federation.terms(minimum_participants=1, maximum_participants=1)
            self._open = self._coordinator.open(terms, self._federation.document)
        progress = self._coordinator.step(self._open)
        state = self._federation.board().state(self._open)
        if state.voided or state.finalised:
            self._open = None
        elif not progress.acted:
            self._federation.clock.wait_until(min(moment, progress.next.until))


def joined(federation: Federation, participant: Any = None) -> tuple[int, list[str]]:
    """Joins one round; returns how many were done, and what was told of others."""
    clock, told = Following(federation), []
    participant = participant or federation.participant(0)
    participant._context = replace(participant.context, clock=clock)
    count = join_rounds(
        participant,
        federation.model_id,
        1,
        10_000,
        failures=Failures(1, lambda state, why: told.append(f"round {state.number}: {why}")),
    )
    return count, told


@pytest.mark.parametrize("data", BAD)
@pytest.mark.parametrize("terms", [bad_terms, bad_list])
def test_bad_documents_cost_their_own_round(federation: Federation, terms: Any, data: str) -> None:
    bad = [federation.board().open_round(terms(federation, BAD[data])) for _ in range(2)]
    count, told = joined(federation)
    assert count == 1
    assert [line.partition(":")[0] for line in told] == ["round 1", "round 2"]
    named = "BlobNotFound" if BAD[data] is None else "can't be used"
    assert all(named in line for line in told)
    assert all(federation.board().state(round_id).enrolled == () for round_id in bad)


def nothing_to_train(federation: Federation) -> RoundTerms:
    """Terms whose patterns leave no parameter."""
    document = replace(federation.document, parameters=("nothing.*",))
    federation.blobs.put_bytes(document.to_json())
    return federation.terms(minimum_participants=1, document_digest=document.digest)


def no_base(federation: Federation) -> RoundTerms:
    """Terms whose base version is a folder without tensors."""
    folder = federation.work / "bad-base"
    folder.mkdir()
    (folder / "model.safetensors").write_bytes(b"no tensors")
    digest = federation.blobs.put_folder(folder)
    version = federation.ledger.add_version(federation.model_id, digest, bytes(32))
    return federation.terms(minimum_participants=1, base_version=version.number)


@pytest.mark.parametrize(
    ("terms", "what"), [(nothing_to_train, "terms document"), (no_base, "base version")]
)
def test_what_turns_out_bad_in_training_counts_as_a_failure(
    federation: Federation, terms: Any, what: str
) -> None:
    """Its seat is taken by then."""
    made = terms(federation)
    federation.blobs.put_bytes(federation.document.to_json())
    federation.board().open_round(made)
    clock, told = Following(federation), []
    participant = federation.participant(0)
    participant._context = replace(participant.context, clock=clock)
    failures = Failures(2, lambda state, why: told.append(why))
    count = join_rounds(participant, federation.model_id, 1, 10_000, failures=failures)
    assert (count, len(told)) == (1, 1)
    assert told[0].startswith(f"RoundError: the {what} of round 1 can't be used: ")


def test_what_is_wrong_here_ends_it_at_once(federation: Federation) -> None:
    def refuses(base: Any, plan: LocalPlan) -> LocalResult:
        raise ConfigError("--data: no such file")

    with pytest.raises(ConfigError, match="--data"):
        joined(federation, federation.participant(0, refuses))


def test_a_store_that_does_not_answer_is_no_round_s_fault(
    federation: Federation, monkeypatch: pytest.MonkeyPatch
) -> None:
    def mute(digest: bytes, limit: int) -> bytes:
        raise StoreUnavailable("no answer")

    federation.board().open_round(bad_terms(federation, b"garbage"))
    monkeypatch.setattr(federation.blobs, "get_bytes", mute)
    with pytest.raises(StoreUnavailable):
        joined(federation)
